"""``xqg encode`` and the example, as a user runs them."""

import json
import os
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from tests.encode.test_corpus_index import files_of, vectors_of, write_corpus
from tests.tiny_encoder import make_tiny_encoder
from xqg_pyserini.encode.__main__ import main
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.storage.index_directory import TEXTS, read_meta, stream_docids

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "encode_for_pyserini.py"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus.jsonl", 30)


def test_encode(corpus: Path, tiny: Path, tmp_path: Path) -> None:
    done = run("--corpus", corpus, "--encoder", tiny, "--output", tmp_path / "ix", "--pooling", "mean")
    assert done.exit_code == 0, done.output
    assert "ix: 30 passages, 32 dimensions, " in done.output
    assert (tmp_path / "ix" / TEXTS).is_file()
    meta = read_meta(tmp_path / "ix")
    assert meta is not None
    assert meta.encoder == TextEncoder(str(tiny), {"pooling": "mean"}).describe()


def test_shards_dtype_and_pair(corpus: Path, tiny: Path, tmp_path: Path) -> None:
    other = make_tiny_encoder(tmp_path / "other", seed=1)
    for shard in ("1/2", "2/2"):
        done = run("--corpus", corpus, "--encoder", tiny, "--query-encoder", other, "--shard", shard, "--no-texts",
                   "--dtype", "float16", "--batch-tokens", 100,
                   "--output", tmp_path / shard.replace("/", "-"))  # fmt: skip
        assert done.exit_code == 0, done.output
    assert list(stream_docids(tmp_path / "2-2")) == [f"p{i}" for i in range(15, 30)]
    meta = json.loads((tmp_path / "2-2" / "meta.json").read_text())
    assert meta["encoder"]["query"]["name"] == str(other)
    assert np.isfinite(vectors_of(tmp_path / "1-2")).all()
    assert not (tmp_path / "1-2" / TEXTS).exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--shard", "3/2"], "shard '3/2': I/N is needed"),
        (["--backend", "tensor"], "unknown backend 'tensor'"),
        (["--device", "cuda:99"], "no device 'cuda:99'"),
        (["--encoder", "/nowhere/at/all"], "no encoder '/nowhere/at/all'"),
        (["--corpus", "/nowhere.jsonl"], "'/nowhere.jsonl' is neither an existing file nor a known data set"),
    ],
)
def test_mistakes_are_one_line(corpus: Path, tiny: Path, tmp_path: Path, options: list[str], message: str) -> None:
    done = run("--corpus", corpus, "--encoder", tiny, "--output", tmp_path / "ix", *options)
    assert done.exit_code == 2
    assert message in done.output
    assert len(done.output.strip().splitlines()) == 1
    assert not (tmp_path / "ix").exists()


def test_an_index_is_not_replaced_unasked(corpus: Path, tiny: Path, tmp_path: Path) -> None:
    arguments = ("--corpus", corpus, "--encoder", tiny, "--output", tmp_path / "ix")
    assert run(*arguments).exit_code == 0
    before = files_of(tmp_path / "ix")
    done = run(*arguments)
    assert done.exit_code == 2
    assert "exists: choose another name or give --overwrite" in done.output
    assert files_of(tmp_path / "ix") == before
    assert run(*arguments, "--overwrite").exit_code == 0


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_a_full_disk_is_one_line(corpus: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The docid file is put on a device that is always full."""
    from xqg_pyserini.storage import index_writer

    reopen = index_writer._reopen

    def full(path: Path, size: int) -> object:
        reopen(path, size).close()
        path.unlink()
        path.symlink_to("/dev/full")
        return path.open("wb")

    monkeypatch.setattr(index_writer, "_reopen", full)
    done = run("--corpus", corpus, "--encoder", tiny, "--output", tmp_path / "ix")
    assert done.exit_code == 2, done.output
    assert "No space left on device" in done.output
    assert not (tmp_path / "ix").exists()


def test_the_example(embedded: TextEncoder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = sys.argv
    try:
        sys.argv = [str(EXAMPLE), os.fspath(tmp_path / "ix")]
        runpy.run_path(str(EXAMPLE), run_name="__main__")
    finally:
        sys.argv = arguments
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 9
    # questions in three languages find the passage on the volcano they ask about
    assert all("volcanoes-" in line for line in lines if line.startswith("1 "))
