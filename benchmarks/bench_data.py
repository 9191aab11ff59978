"""Reading speed and memory: a TSV corpus of 100-word passages, generated queries, documents by id; ir_datasets too."""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.measuring import peak_megabytes

PASSAGES = 1_000_000
QUERIES = 500_000

Row = tuple[str, str, str, str]


def write_corpus(path: Path, passages: int) -> None:
    """A corpus like XOR-TyDi's: header, csv quoting, 100 words a passage, every tenth with quotes."""
    rng = random.Random(0)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 9))) for _ in range(5000)]
    texts = [" ".join(rng.choices(words, k=100)) for _ in range(997)]
    with path.open("w", encoding="utf-8") as stream:
        stream.write("id\ttext\ttitle\n")
        for number in range(passages):
            text = texts[number % len(texts)]
            if number % 10 == 0:
                text = f'"He said ""{text}"""'
            stream.write(f"{number}\t{text}\tPage {number // 7}\n")


def write_queries(path: Path, queries: int) -> None:
    """Generated queries, one a row."""
    with path.open("w", encoding="utf-8") as stream:
        for number in range(queries):
            row = {"docid": str(number // 5), "lang": "te", "text": f"ఒరెగాన్ రాష్ట్రంలోని అతిపెద్ద నగరం ఏది {number}"}
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")


def rate(read: Callable[[], Iterable[object]]) -> float:
    """Records a second of processor time: what else runs on the machine does not count."""
    start = time.process_time()
    count = sum(1 for _ in read())
    return count / (time.process_time() - start)


def measure(corpus_file: str) -> tuple[float, float, float]:
    """Passages a second read, passages a second checked, and peak memory in MB; run in a process of its own."""
    from xqg_pyserini.data import open_corpus

    corpus = open_corpus(corpus_file)
    read = rate(lambda: corpus)
    start = time.process_time()
    checked = corpus.check() / (time.process_time() - start)
    return read, checked, peak_megabytes()


def measure_irds(corpus_file: str) -> float:
    """Passages a second of ir_datasets' own TSV reader, which does not undo the quoting."""
    from ir_datasets.formats import TsvDocs
    from ir_datasets.util import LocalDownload

    class Doc(NamedTuple):
        doc_id: str
        text: str
        title: str

    return rate(TsvDocs(LocalDownload(corpus_file), Doc).docs_iter)


def measure_stores(folder: str, documents: int = 100_000) -> dict[str, list[float]]:
    """Documents a second of building, iterating and looking up, of our document store and of ir_datasets' own."""
    from ir_datasets.indices import PickleLz4FullStore

    from xqg_pyserini.data.catalog.docstore import SqliteDocstore
    from xqg_pyserini.data.catalog.handlers import TitledDoc

    def docs() -> Iterator[TitledDoc]:
        text = "a passage of a hundred words " * 17
        return (TitledDoc(str(number), f"Page {number}", text) for number in range(documents))

    wanted = [str(number * 7919 % documents) for number in range(min(documents, 5000))]
    ours = SqliteDocstore(Path(folder, "docs.sqlite"), docs, TitledDoc)
    theirs = PickleLz4FullStore(str(Path(folder, "docs.pklz4")), docs, TitledDoc, "doc_id", ["doc_id"])
    found = {}
    for name, store in (("ours", ours), ("theirs", theirs)):
        building = rate(lambda store=store: [store.build()]) * documents
        found[name] = [building, rate(lambda store=store: store), rate(lambda store=store: store.get_many_iter(wanted))]
    return found


def in_process(call: str, argument: Path) -> list[float]:
    """The result of ``call`` in a fresh process, so that memory is its own."""
    code = f"import json; from benchmarks.bench_data import *; print(json.dumps({call}({str(argument)!r})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    value = json.loads(done.stdout)
    return value if isinstance(value, list) else [value]


def run(passages: int = PASSAGES, queries: int = QUERIES) -> list[Row]:
    """Rows (what, ours, peer, ratio or target)."""
    from xqg_pyserini.data import read_generated_queries

    with tempfile.TemporaryDirectory() as folder:
        corpus_file, query_file = Path(folder, "corpus.tsv"), Path(folder, "queries.jsonl")
        write_corpus(corpus_file, passages)
        read, checked, memory = in_process("measure", corpus_file)
        peer = in_process("measure_irds", corpus_file)[0]
        write_queries(query_file, queries)
        generated = rate(lambda: read_generated_queries([query_file]))
        parsed = rate(lambda: map(json.loads, query_file.open(encoding="utf-8")))
        stores = measure_stores(folder, min(passages, 100_000))
    steps = zip(("stored", "iterated", "looked up"), stores["ours"], stores["theirs"], strict=True)
    return [
        ("TSV passages read per second", f"{read:,.0f}", f"ir_datasets {peer:,.0f}", f"{read / peer:.2f}x"),
        ("TSV passages checked per second", f"{checked:,.0f}", "target 100,000", f"{checked / 1e5:.1f}x"),
        (f"peak memory, {passages:,} passages", f"{memory:.0f} MB", "target 250 MB", f"{memory / 250:.2f}"),
        (
            "generated queries per second",
            f"{generated:,.0f}",
            f"json.loads {parsed:,.0f}",
            f"{generated / parsed:.2f}x",
        ),
        *(
            (f"documents {step} per second", f"{ours:,.0f}", f"pickled store {theirs:,.0f}", f"{ours / theirs:.2f}x")
            for step, ours, theirs in steps
        ),
    ]


if __name__ == "__main__":
    for row in run():
        print("  ".join(row))
