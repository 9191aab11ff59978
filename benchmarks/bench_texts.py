"""Texts beside the vectors: size against zstd of the whole corpus, reads of single passages, cost of writing.

The passages are those of XQuAD and MLQA in all languages, next to the repository (``../shared/data`` or
``$XQG_SHARED_DATA``). Reads and writes are measured on twenty copies of them, so that few reads fall into one frame.
"""

import gzip
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from xqg_pyserini.records import Passage
from xqg_pyserini.storage.docid_table import open_docid_table
from xqg_pyserini.storage.index_directory import TEXTS, IndexMeta
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.passage_texts import PassageTexts
from xqg_pyserini.storage.texts_writer import TextsWriter

DATA = Path(os.environ.get("XQG_SHARED_DATA", Path(__file__).resolve().parents[1].parent / "shared" / "data"))
COPIES, READS, IDS = 20, 1000, 1_000_000

Row = tuple[str, str, str, str]


def contexts() -> Iterator[tuple[str, str]]:
    """Title and text of every paragraph."""
    for path in sorted([*DATA.glob("xquad/*.json"), *DATA.glob("mlqa/*.json.gz")]):
        content = path.read_bytes()
        raw = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
        for article in raw["data"] if isinstance(raw, dict) else raw:
            for paragraph in article.get("paragraphs", [article]):
                yield article.get("title", ""), paragraph["context"]


def write(directory: Path, passages: list[Passage], texts: bool = True) -> np.ndarray:
    """Write an index of vectors of one value; returns processor seconds of this thread and of all."""
    start = processor_seconds()
    with IndexWriter(directory, 1, {}) as writer:
        stored = TextsWriter(writer) if texts else None
        for first in range(0, len(passages), 1024):
            chunk = passages[first : first + 1024]
            if stored:
                stored.add(chunk)
            writer.add([passage.doc_id for passage in chunk], np.ones((len(chunk), 1), np.float32))
        if stored:
            stored.finish()
        writer.finish(IndexMeta(1, len(passages)))
    return processor_seconds() - start


def processor_seconds() -> np.ndarray:
    """Of this thread, and of all threads of the process."""
    return np.array([time.thread_time(), time.process_time()])


def size_row(folder: Path, passages: list[Passage]) -> Row:
    """The file against one frame of the same lines."""
    import zstandard

    write(folder / "size", passages)
    path = folder / "size" / TEXTS
    with path.open("rb") as stream:
        lines = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True).read()
    ours, whole = path.stat().st_size, len(zstandard.ZstdCompressor().compress(lines))
    what = f"texts of {len(passages):,} passages, {len(lines) / 1e6:.1f} MB of JSON lines"
    return what, f"{ours / 1e6:.2f} MB", f"zstd of all lines {whole / 1e6:.2f} MB", f"{ours / whole:.2f}x size"


def write_row(folder: Path, passages: list[Passage]) -> Row:
    """What texts add: the thread that encodes waits for its own part alone, the other part runs beside it."""
    without = write(folder / "without", passages, texts=False)
    own, whole = (write(folder / "index", passages) - without) / len(passages)
    what = "writing texts, passages per processor second"
    share = f"{1000 * own:.1%} of the time of an encoder of 1,000 passages/s"
    return what, f"{1 / own:,.0f} in the thread that encodes", f"{1 / whole:,.0f} in all threads", share


def read_row(folder: Path) -> Row:
    """Single passages at random rows, the file opened first."""
    start = time.perf_counter()
    with PassageTexts(folder / "index" / TEXTS) as texts:
        for row in np.random.default_rng(1).integers(len(texts), size=READS):
            texts.passage(int(row))
    seconds = time.perf_counter() - start
    return f"{READS:,} passages at random rows of {len(texts):,}", f"{seconds:.2f} s", "", "target 1 s"


def docid_row(folder: Path) -> Row:
    """Ten ids among a million, with and without the table in the cache."""
    (folder / "ids").mkdir()
    (folder / "ids" / "docid").write_text("".join(f"doc{row}\n" for row in range(IDS)))
    os.environ["XQG_HOME"] = str(folder / "cache")

    def look_up() -> None:
        rows = open_docid_table(folder / "ids").look_up([f"doc{row}" for row in range(0, IDS, IDS // 10)])
        assert rows.tolist() == list(range(0, IDS, IDS // 10))

    first, second = timed(look_up), timed(look_up)
    return f"rows of ten among {IDS:,} docids", f"{1000 * second:.1f} ms", f"first call {first:.1f} s", ""


def timed(task: Callable[[], None]) -> float:
    """Seconds of a task."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def run() -> list[Row]:
    """Rows (what, ours, peer, ratio or target)."""
    passages = [Passage(f"p{i}", title, text) for i, (title, text) in enumerate(dict.fromkeys(contexts()))]
    copies = [Passage(f"{copy}-{docid}", title, text) for copy in range(COPIES) for docid, title, text in passages]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [size_row(folder, passages), write_row(folder, copies), read_row(folder), docid_row(folder)]


if __name__ == "__main__":
    for row in run():
        print("  ".join(row))
