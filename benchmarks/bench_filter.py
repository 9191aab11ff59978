"""Filtering generated queries: without a round trip, with one beside the search of the same queries, and memory."""

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measuring import peak_of
from xqg_pyserini.data import open_corpus, read_topics
from xqg_pyserini.encode import TextEncoder, encode_corpus
from xqg_pyserini.generate import FilterOptions, QueryRow, RoundTrip, StoreWriter, Tools, filter_store
from xqg_pyserini.generate.filters.base import DEPTH
from xqg_pyserini.records import Query
from xqg_pyserini.search import OpenedIndex, search_queries

LANGUAGES = ("ar", "bn", "fi", "ja", "ko", "ru", "te")
#: Passages of the store that is filtered without a round trip, each with five queries in a language in Latin script.
PASSAGES, QUERIES = 4_000, 5
#: Queries searched, each text once.
SEARCHED = 2_000
SIZES = (5_000, 50_000)

Row = tuple[str, str, str, str]


def write_store(directory: Path, passages: int) -> Path:
    """A store of Finnish questions of the sample in ever other orders, five for each passage."""
    texts = [query.text.split() for query in read_topics("xqg-sample/fi")]
    with StoreWriter(directory, {"backend": "bench"}) as writer:
        for number in range(passages):
            words = [texts[(number + i) % len(texts)] + texts[(number * 7 + i) % len(texts)] for i in range(QUERIES)]
            writer.add([QueryRow(str(number), "fi", [" ".join(one) for one in words])])
        writer.finish()
    return directory


def filter_new_store(directory: Path, passages: int) -> float:
    """Seconds that the filters without index take on a new store."""
    store = write_store(directory, passages)
    start = time.perf_counter()
    filter_store(store, FilterOptions(("length", "language", "unfinished", "duplicate")))
    return time.perf_counter() - start


def bench_round_trip(folder: Path) -> Row:
    """Queries a second of the round trip, and of ``search_queries`` with as many hits."""
    encoder = TextEncoder("embedded")
    encode_corpus(open_corpus("xqg-sample"), encoder, folder / "index")
    passages = [passage.doc_id for passage in open_corpus("xqg-sample")]
    questions = [query for language in LANGUAGES for query in read_topics(f"xqg-sample/{language}")]
    doc_ids = [passages[number % len(passages)] for number in range(SEARCHED)]
    texts = [f"{questions[number % len(questions)].text} {number}" for number in range(SEARCHED)]
    round_trip = RoundTrip(folder / "index", encoder)
    encoder.encode_queries(texts[:64])
    start = time.perf_counter()
    with StoreWriter(folder / "store", {"backend": "bench"}) as writer:
        writer.add(QueryRow(doc_id, "fi", [text]) for doc_id, text in zip(doc_ids, texts, strict=True))
        writer.finish()
    filter_store(folder / "store", FilterOptions(("round-trip",)), Tools(round_trip=round_trip))
    ours = time.perf_counter() - start
    start = time.perf_counter()
    queries = [Query(str(number), text) for number, text in enumerate(texts)]
    for _ in search_queries(queries, OpenedIndex(folder / "index"), encoder, DEPTH):
        pass
    theirs = time.perf_counter() - start
    what = "round trip, store written and filtered: queries/s (peer: search_queries)"
    return what, f"{SEARCHED / ours:,.0f}", f"{SEARCHED / theirs:,.0f}", f"{theirs / ours:.2f}x (1)"


def run() -> list[Row]:
    """Rows (what, ours, peer, ratio or target)."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = filter_new_store(Path(folder) / "store", PASSAGES)
        speed = PASSAGES * QUERIES / seconds
        rows = [("length, language, unfinished, duplicate: queries/s", f"{speed:,.0f}", "-", ">= 5,000")]
        rows.append(bench_round_trip(Path(folder) / "round-trip"))
        code = "import sys, pathlib; from benchmarks.bench_filter import filter_new_store as f; "
        code += "f(pathlib.Path(sys.argv[1]), int(sys.argv[2]))"
        peaks = [peak_of([sys.executable, "-c", code, f"{folder}/{size}", str(size)]) for size in SIZES]
        what = f"peak memory, {SIZES[1] * QUERIES:,} queries (peer: {SIZES[0] * QUERIES:,})"
        rows.append((what, f"{peaks[1]:.0f} MB", f"{peaks[0]:.0f} MB", f"{peaks[1] / peaks[0]:.2f}x (flat)"))
    return rows
