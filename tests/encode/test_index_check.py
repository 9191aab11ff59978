"""A sample of an index's passages, encoded again."""

import json
import shutil
from pathlib import Path

import pytest

from tests.encode.test_text_encoder import TEXTS, passages
from tests.tiny_encoder import make_tiny_encoder
from xqg_pyserini.encode.corpus_index import Shard, encode_corpus
from xqg_pyserini.encode.index_check import check_index
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import IndexFormatError, InputError, XqgError

CORPUS = passages(TEXTS)


@pytest.fixture(scope="module")
def index(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("checked") / "ix"
    encode_corpus(CORPUS, TextEncoder(str(tiny), {"pooling": "mean", "passage_prefix": "p: "}), directory)
    return directory


def change_meta(source: Path, target: Path, **encoder: object) -> Path:
    directory = shutil.copytree(source, target)
    meta = json.loads((directory / "meta.json").read_text())
    (directory / "meta.json").write_text(json.dumps(meta | {"encoder": meta["encoder"] | encoder}))
    return directory


def test_sound(index: Path) -> None:
    check = check_index(index, CORPUS, sample=10)
    assert check.checked == 10
    assert check.lowest == pytest.approx(1, abs=1e-5)
    assert check.is_sound
    assert check_index(index, CORPUS, sample=1000).checked == len(CORPUS)


def test_a_shard_in_16_bits(tiny: Path, tmp_path: Path) -> None:
    encode_corpus(CORPUS, TextEncoder(str(tiny)), tmp_path / "ix", shard=Shard(2, 3), dtype="float16")
    check = check_index(tmp_path / "ix", CORPUS)
    assert check.is_sound
    assert check.checked == len(Shard(2, 3).rows(len(CORPUS)))


def test_another_encoder_shows(index: Path, tmp_path: Path) -> None:
    other = make_tiny_encoder(tmp_path / "other", seed=1)
    check = check_index(change_meta(index, tmp_path / "ix", name=str(other)), CORPUS)
    assert not check.is_sound
    assert check.lowest <= check.mean < 0.9


def test_changed_texts_show(index: Path) -> None:
    changed = [passage._replace(text="something else") if passage.doc_id == "3" else passage for passage in CORPUS]
    check = check_index(index, changed, sample=1000)
    assert not check.is_sound
    assert check.worst == "3"


def test_another_corpus(index: Path) -> None:
    with pytest.raises(InputError, match=r"passage '.*' is missing: another corpus, or a damaged index"):
        check_index(index, CORPUS[:2])


def test_what_cannot_be_checked(index: Path, tmp_path: Path) -> None:
    plain = shutil.copytree(index, tmp_path / "plain")
    (plain / "meta.json").unlink()
    with pytest.raises(XqgError, match="records no encoder"):
        check_index(plain, CORPUS)
    augmented = shutil.copytree(index, tmp_path / "augmented")
    meta = json.loads((augmented / "meta.json").read_text())
    (augmented / "meta.json").write_text(json.dumps(meta | {"augmentation": {"rule": "sum"}}))
    with pytest.raises(XqgError, match="is augmented: check the base index"):
        check_index(augmented, CORPUS)
    other = shutil.copytree(index, tmp_path / "hnsw")
    (other / "index").write_bytes(b"IHNf" + bytes(100))
    with pytest.raises(IndexFormatError, match="is not flat"):
        check_index(other, CORPUS)
