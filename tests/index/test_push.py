"""Pushing an index into Milvus: what a collection holds, what is refused, what is never seen."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from tests.index.milvus_servers import lite, server_with_token
from tests.index.samples import make_index
from tests.search.indexes import make_index as make_plain
from tests.storage.texts import passages_of, write_index
from xqg_pyserini.errors import EncoderMismatchError, IndexFormatError, InputError, OutputExistsError, XqgError
from xqg_pyserini.index import MilvusPlace, PushOptions, push_index
from xqg_pyserini.index.__main__ import main
from xqg_pyserini.index.milvus import row_sender
from xqg_pyserini.index.milvus.milvus_place import parse_place, parse_uri
from xqg_pyserini.index.milvus.milvus_server import MilvusServer
from xqg_pyserini.index.milvus.row_sender import RowSender
from xqg_pyserini.records import Passage
from xqg_pyserini.storage.index_directory import read_meta
from xqg_pyserini.storage.stored_vectors import StoredVectors

ENCODER = {"name": "mine", "dim": 16, "pooling": "mean"}


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_sender, "ROWS", 16)


@pytest.fixture(scope="module")
def base_with_texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_index(tmp_path_factory.mktemp("base") / "index", encoder=ENCODER, texts=True)


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["push", *map(str, words)], catch_exceptions=False)


def error(*words: object) -> str:
    result = run(*words)
    assert result.exit_code == 2, result.output
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_a_collection_holds_the_index_and_is_replaced_in_one_step(base_with_texts: Path, tmp_path: Path) -> None:
    place = lite(tmp_path)
    options = ("--index", base_with_texts, "--to", f"milvus:{place.uri}", "--collection", place.collection)
    result = run(*options, "--parameter", "ef=128", "--build", "note=x")
    assert result.stdout == f"{place}: 60 passages, counted, 60 of them read back and compared\n"

    server = MilvusServer(place.uri)
    first = server.collection_of(place.collection)
    assert (first, server.count(place.collection)) == ("passages__1", 60)
    recorded, meta = server.recorded("passages__1"), read_meta(base_with_texts)
    assert meta is not None
    assert (recorded.meta.encoder, recorded.meta.dim, recorded.meta.files) == (ENCODER, 16, meta.files)
    assert (recorded.meta.storage, recorded.parameters) == ("FLAT", {"ef": 128})
    (row,) = server.rows(place.collection, [7], ["docid", "text", "vector"]).values()
    assert (row["docid"], row["text"]) == ("p7", "passage 7")
    assert np.array_equal(np.float32(row["vector"]), StoredVectors(base_with_texts).take(np.array([7]))[0])

    assert "exists: choose another --collection or give --overwrite" in error(*options)
    # what a push that was killed just after the switch would leave
    server.create("passages__0", 4, False, {})
    result = run(*options, "--overwrite", "--no-texts", "--index-type", "HNSW", "--build", "M=8")
    assert result.stdout.endswith("; replaces the collection that had the name\n")
    assert server.collections() == ["passages__2"]
    assert server.recorded("passages__2").fields == {"row", "docid", "vector"}


def test_running_searchers_never_meet_another_encoder(base_with_texts: Path, tmp_path: Path) -> None:
    place = lite(tmp_path)
    push_index(base_with_texts, place, PushOptions(texts=False))
    other = make_index(tmp_path / "other", encoder=ENCODER | {"pooling": "cls"})
    with pytest.raises(EncoderMismatchError, match="pooling 'cls' instead of 'mean'"):
        push_index(other, place, overwrite=True)


PUSH_UNTIL_KILLED = """
import os, signal, sys
from pathlib import Path
from xqg_pyserini.index import MilvusPlace, push_index
from xqg_pyserini.index.milvus import row_sender
row_sender.ROWS = 16
batches = row_sender.RowSender._batches
def killed(self, first):
    for number, batch in enumerate(batches(self, first)):
        yield batch[: len(batch) // 2] if number == 2 else batch
        if number == 2:
            os.kill(os.getpid(), signal.SIGKILL)
row_sender.RowSender._batches = killed
push_index(Path(sys.argv[1]), MilvusPlace(sys.argv[2], "passages"))
"""


def test_a_push_that_is_killed_is_not_seen_and_resumed(base_with_texts: Path, tmp_path: Path) -> None:
    """The process, and Milvus Lite with it, is killed when half of the third batch is there."""
    place = lite(tmp_path)
    killed = subprocess.run([sys.executable, "-c", PUSH_UNTIL_KILLED, base_with_texts, place.uri], check=False)
    assert killed.returncode == -9
    server = MilvusServer(place.uri)
    assert server.collection_of(place.collection) is None
    assert server.count("passages__1") == 40
    with pytest.raises(XqgError, match="'passages__1' is not a collection that `xqg index push` has completed"):
        server.collection_of("passages__1")

    other = make_index(tmp_path / "other", count=20)
    with pytest.raises(OutputExistsError, match=r"passages__1 holds an unfinished push \(index.*: finish it with the"):
        push_index(other, place)
    # an index type that the server does not know costs no row either
    with pytest.raises(XqgError, match=r"milvus\.db: Milvus: unknown index_type: 'DISKANN'"):
        push_index(base_with_texts, place, PushOptions("DISKANN"))
    report = push_index(base_with_texts, place)
    assert (report.passages, report.resumed, report.replaced) == (60, 60, False)
    docids = [server.rows(place.collection, [row], ["docid"])[row]["docid"] for row in (0, 39, 40, 59)]
    assert docids == ["p0", "p39", "p40", "p59"]


def test_what_a_server_got_wrong_is_found(base_with_texts: Path, tmp_path: Path) -> None:
    server, base = MilvusServer(lite(tmp_path).uri), StoredVectors(base_with_texts)
    sender = RowSender(server, "passages__1", base, PushOptions())
    sender.send(sender.open(overwrite=False))
    assert sender.check() == 60
    wrong = {"row": 5, "docid": "p5", "vector": [0.0] * 16, "title": "", "text": "passage 5"}
    server.client.upsert("passages__1", [wrong])
    with pytest.raises(XqgError, match="row 5 is not that of passage 'p5': push again with --overwrite"):
        sender.check()
    server.client.delete("passages__1", ids=[5])
    with pytest.raises(XqgError, match="holds 59 rows, the index 60"):
        sender.check()


def test_rows_that_cannot_be_sent(tmp_path: Path) -> None:
    long = write_index(tmp_path / "long", [*passages_of(3), Passage("long", "", "ä" * 40_000)])
    with pytest.raises(InputError, match=r"passage 'long': its text has 80000 bytes, a field of Milvus holds 65535"):
        push_index(long, lite(tmp_path))
    vectors = np.eye(3, 16, dtype=np.float32)
    vectors[1, 1] = np.nan
    with pytest.raises(IndexFormatError, match="the vector of passage 'd1' holds NaN or infinity"):
        push_index(make_plain(tmp_path / "nan", vectors), lite(tmp_path, "other"))


def test_a_token_is_sent_or_refused(base_with_texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with server_with_token(tmp_path, "root:secret") as uri:
        options = ("--index", base_with_texts, "--to", f"milvus:{uri}", "--collection", "passages", "--no-texts")
        assert f"error: {uri}: the server refuses the token: set XQG_MILVUS_TOKEN" in error(*options)
        monkeypatch.setenv("XQG_MILVUS_TOKEN", "root:secret")
        assert run(*options).exit_code == 0


@pytest.mark.parametrize(
    ("to", "collection", "message"),
    [
        (
            "http://localhost:1",
            "x",
            "'http://localhost:1': milvus:URI is needed, such as milvus:http://localhost:19530",
        ),
        ("milvus:http://localhost:1", "a-b", "collection 'a-b': a name is letters, digits and underscores"),
        ("milvus:http://user:word@localhost:1", "x", "http://localhost:1: no Milvus server answers there: start it"),
        ("milvus:nowhere/x.db", "x", "nowhere/x.db: Milvus: Open local milvus failed, dir: nowhere not exists"),
    ],
)
def test_mistakes_are_one_line(base_with_texts: Path, to: str, collection: str, message: str) -> None:
    line = error("--index", base_with_texts, "--to", to, "--collection", collection)
    assert message in line
    assert "word" not in line


def test_places() -> None:
    assert parse_place("milvus:http://h:1/db#name") == MilvusPlace("http://h:1/db", "name")
    assert parse_uri("milvus:~/x.db") == f"{Path.home()}/x.db"
    assert str(MilvusPlace("https://me:word@h", "name")) == "milvus:https://h#name"
    for text in ("milvus:#name", "milvus:x.db", "milvus:x.db#", "milvus:x.db#1a"):
        with pytest.raises(XqgError, match=r"milvus:URI|a name is"):
            parse_place(text)
