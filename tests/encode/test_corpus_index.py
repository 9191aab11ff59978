"""From a corpus to an index directory: the right rows, in parts, whatever happens on the way."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from pathlib import Path

import numpy as np
import pytest

from xqg_pyserini.encode.corpus_index import Shard, encode_corpus
from xqg_pyserini.encode.fingerprint import corpus_hash
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import IndexFormatError, InputError, OutputExistsError, XqgError
from xqg_pyserini.records import Passage
from xqg_pyserini.storage import texts_writer
from xqg_pyserini.storage.flat_file import open_vectors, read_header
from xqg_pyserini.storage.index_directory import read_meta, stream_docids
from xqg_pyserini.storage.index_writer import work_directory
from xqg_pyserini.storage.passage_texts import open_texts

CORPUS = [Passage(f"p{i}", f"Title {i}" if i % 3 else "", f"text number {i} " * (1 + i % 5)) for i in range(90)]


def vectors_of(directory: Path) -> np.ndarray:
    header = read_header(directory / "index")
    assert header is not None
    return np.array(open_vectors(directory / "index", header), np.float32)


def files_of(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.fixture(scope="module")
def encoder(tiny: Path) -> TextEncoder:
    # chunks of 32 passages
    return TextEncoder(str(tiny), batch_size=2, threads=1)


def test_rows_are_the_passages(encoder: TextEncoder, tmp_path: Path) -> None:
    meta = encode_corpus(CORPUS, encoder, tmp_path / "ix", "mine")
    assert list(stream_docids(tmp_path / "ix")) == [passage.doc_id for passage in CORPUS]
    np.testing.assert_allclose(vectors_of(tmp_path / "ix"), encoder.encode_passages(CORPUS), atol=1e-6)
    assert (meta.count, meta.dim, meta.encoder) == (90, 32, encoder.describe())
    read = read_meta(tmp_path / "ix")
    assert read is not None
    assert read.encoder == encoder.describe()


def test_float16(encoder: TextEncoder, tmp_path: Path) -> None:
    encode_corpus(CORPUS, encoder, tmp_path / "ix", dtype="float16")
    np.testing.assert_allclose(vectors_of(tmp_path / "ix"), encoder.encode_passages(CORPUS), rtol=1e-3, atol=1e-3)
    assert (tmp_path / "ix" / "index").stat().st_size < 90 * 32 * 2 + 200


@pytest.mark.parametrize("of", [2, 4, 7])
def test_shards_in_order_are_the_corpus(encoder: TextEncoder, tmp_path: Path, of: int) -> None:
    for number in range(1, of + 1):
        encode_corpus(CORPUS, encoder, tmp_path / str(number), shard=Shard(number, of))
    parts = [tmp_path / str(number) for number in range(1, of + 1)]
    assert [docid for part in parts for docid in list(stream_docids(part))] == [passage.doc_id for passage in CORPUS]
    np.testing.assert_allclose(
        np.concatenate([vectors_of(part) for part in parts]), encoder.encode_passages(CORPUS), atol=1e-5
    )


def test_shards_of_few_passages(encoder: TextEncoder, tmp_path: Path) -> None:
    assert [list(Shard(number, 3).rows(4)) for number in (1, 2, 3)] == [[0], [1], [2, 3]]
    with pytest.raises(InputError, match="shard 1/4 of mine is empty: it has 3 passages"):
        encode_corpus(CORPUS[:3], encoder, tmp_path / "ix", "mine", shard=Shard(1, 4))
    with pytest.raises(InputError, match="shard 1/1 of the corpus is empty: it has 0 passages"):
        encode_corpus([], encoder, tmp_path / "ix")


@pytest.mark.parametrize("text", ["", "2", "0/4", "5/4", "-1/4", "a/b", "1/0", "1/2/3"])
def test_shards_that_are_none(text: str) -> None:
    with pytest.raises(XqgError, match=rf"shard '{text}': I/N is needed, such as 1/4, with I from 1 to N"):
        Shard.parse(text)


class Dummy:
    """An encoder without a model: a vector says which passage it is of."""

    dim, batch_size = 16, 8

    def __init__(self, fail_at: str = "") -> None:
        self.fail_at = fail_at

    def describe(self) -> dict[str, object]:
        return {"name": "dummy"}

    def encode_stream(self, passages: Iterable[Passage]) -> Iterator[tuple[Sequence[Passage], np.ndarray]]:
        for chunk in batched(passages, self.batch_size):
            if any(passage.doc_id == self.fail_at for passage in chunk):
                raise KeyboardInterrupt
            yield chunk, np.array([[hash(p.text) % 1000 + j for j in range(self.dim)] for p in chunk], np.float32)


def interrupt(corpus: list[Passage], output: Path, at: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        encode_corpus(corpus, Dummy(fail_at=at), output, "mine")


@pytest.mark.parametrize("changed", [
    [*CORPUS[:10], Passage("p10", "", "another text"), *CORPUS[11:]],
    [*CORPUS[:80], Passage("p80", "", "another text, not reached yet"), *CORPUS[81:]],
    [*CORPUS, Passage("p90", "", "one more")],
    CORPUS[:60],
    [CORPUS[1], CORPUS[0], *CORPUS[2:]],
])  # fmt: skip
def test_another_corpus_is_not_continued(tmp_path: Path, changed: list[Passage]) -> None:
    interrupt(CORPUS, tmp_path / "ix", "p50")
    with pytest.raises(OutputExistsError, match=r"unfinished work with other options \(passages: '90 passages, "):
        encode_corpus(changed, Dummy(), tmp_path / "ix", "mine")
    encode_corpus(changed, Dummy(), tmp_path / "ix", "mine", overwrite=True)
    assert list(stream_docids(tmp_path / "ix")) == [passage.doc_id for passage in changed]


def test_an_interrupted_run_is_continued(tmp_path: Path) -> None:
    encode_corpus(CORPUS, Dummy(), tmp_path / "whole", "mine")
    for at in ("p20", "p55"):
        interrupt(CORPUS, tmp_path / "ix", at)
        assert not (tmp_path / "ix").exists()
    encode_corpus(CORPUS, Dummy(), tmp_path / "ix", "mine")
    assert files_of(tmp_path / "ix") == files_of(tmp_path / "whole")
    assert not work_directory(tmp_path / "ix").exists()


def texts_of(directory: Path) -> list[Passage]:
    texts = open_texts(directory)
    assert texts is not None
    with texts:
        return list(texts)


@pytest.mark.parametrize("rows", [1, 7, 8, 16, 30])
def test_texts_of_an_interrupted_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """Frames end before, at and after the passages whose vectors are there."""
    monkeypatch.setattr(texts_writer, "FRAME_ROWS", rows)
    encode_corpus(CORPUS, Dummy(), tmp_path / "whole", "mine")
    assert texts_of(tmp_path / "whole") == CORPUS
    for at in ("p3", "p20", "p55", "p56", "p89"):
        interrupt(CORPUS, tmp_path / "ix", at)
    encode_corpus(CORPUS, Dummy(), tmp_path / "ix", "mine")
    assert files_of(tmp_path / "ix") == files_of(tmp_path / "whole")


def test_texts_of_a_shard(tmp_path: Path) -> None:
    encode_corpus(CORPUS, Dummy(), tmp_path / "ix", shard=Shard(2, 4))
    assert texts_of(tmp_path / "ix") == CORPUS[22:45]
    assert set(files_of(tmp_path / "ix")) == {"index", "docid", "texts.jsonl.zst", "meta.json"}


def test_an_index_without_texts(tmp_path: Path) -> None:
    encode_corpus(CORPUS, Dummy(), tmp_path / "ix", "mine", texts=False)
    assert set(files_of(tmp_path / "ix")) == {"index", "docid", "meta.json"}
    interrupt(CORPUS, tmp_path / "other", "p50")
    with pytest.raises(OutputExistsError, match=r"unfinished work with other options \(texts: True, now False\)"):
        encode_corpus(CORPUS, Dummy(), tmp_path / "other", "mine", texts=False)


def test_an_iterator_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="mine changed meanwhile: 0 of 90 passages came"):
        encode_corpus(iter(CORPUS), Dummy(), tmp_path / "ix", "mine")
    assert not (tmp_path / "ix").exists()


def test_vectors_that_are_no_numbers_name_their_passage(tiny: Path, tmp_path: Path) -> None:
    """A checkpoint whose training diverged."""
    from safetensors.torch import load_file, save_file

    directory = shutil.copytree(tiny, tmp_path / "diverged")
    tensors = load_file(directory / "model.safetensors")
    tensors["encoder.layer.1.output.dense.weight"][:] = float("nan")
    save_file(tensors, directory / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(IndexFormatError, match="the vector of passage 'p0' holds NaN or infinity"):
        encode_corpus(CORPUS, TextEncoder(str(directory), threads=1), tmp_path / "ix")
    assert not (tmp_path / "ix").exists()
    assert not work_directory(tmp_path / "ix").exists()


def test_corpus_hash_tells_fields_apart() -> None:
    count, digest = corpus_hash([Passage("1", "ab", "c")])
    assert count == 1
    assert corpus_hash(iter([Passage("1", "ab", "c")])) == (1, digest)
    others = [[Passage("1", "a", "bc")], [Passage("1a", "b", "c")], [Passage("1", "ab", "c")] * 2, []]
    digests = {corpus_hash(other)[1] for other in others}
    assert len(digests) == 4
    assert digest not in digests


def write_corpus(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8") as stream:
        for i in range(count):
            stream.write(json.dumps({"id": f"p{i}", "contents": f"text {i} " + "abc " * (i % 23)}) + "\n")
    return path


def test_killed_at_ten_moments_the_index_is_byte_identical(tiny: Path, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus.jsonl", 600)
    script = [sys.executable, "-m", "tests.encode.kill_and_resume", str(corpus), str(tiny), str(tmp_path)]
    done = subprocess.run(script, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert len(counts) == 10
    assert counts == sorted(counts)
    # not all kills fell into the same chunk
    assert len(set(counts)) > 3
    assert 0 < counts[-1] < 600
    assert files_of(tmp_path / "killed") == files_of(tmp_path / "whole")
    assert len(list(stream_docids(tmp_path / "whole"))) == 600


_PEAK = """
import resource, sys
from pathlib import Path
from xqg_pyserini.encode.corpus_index import encode_corpus
from xqg_pyserini.records import Passage
from tests.encode.test_corpus_index import Dummy
class Corpus:
    def __iter__(self):
        return (Passage(f"p{i}", "", f"text {i}") for i in range(int(sys.argv[1])))
encode_corpus(Corpus(), Dummy(), Path(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_corpus(tmp_path: Path) -> None:
    peaks = []
    for count in (1_000, 40_000):
        done = subprocess.run([sys.executable, "-c", _PEAK, str(count), str(tmp_path / str(count))], check=True,
                              capture_output=True, text=True)  # fmt: skip
        peaks.append(int(done.stdout))
    # 40,000 vectors of 16 values would be 2.5 MB, their texts and ids 8 MB
    assert peaks[1] - peaks[0] < 2_000, peaks
