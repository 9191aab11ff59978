"""An estimate beside the run that follows: 20,000 passages are encoded, and augmented with generated queries.

The run takes the sample's passages, repeated, each with its words in another order, and the sample's queries, each with
a number, so that none is encoded once for two passages. The estimate is told how many tokens such queries have. The
target is a time within 25 % of the run, and the bytes of all but texts and queries exactly.
"""

import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import Any

from xqg_pyserini.encode import TextEncoder, encode_corpus
from xqg_pyserini.estimate import Estimate, MeasureOptions, Workload, estimate_stages, measure_machine
from xqg_pyserini.estimate.amounts import bytes_text, duration_text
from xqg_pyserini.estimate.measured_texts import MeasuredTexts
from xqg_pyserini.generate import QueryRow, StoreWriter
from xqg_pyserini.index import AugmentSource, augment_index
from xqg_pyserini.records import Passage
from xqg_pyserini.storage.index_directory import IndexLayout

#: Queries of all languages together; more would take an hour on two cores.
PER_PASSAGE, LANGUAGES = 4, 2
TARGET = 0.25

Row = tuple[str, str, str, str]


def shuffled(text: str, seed: int) -> str:
    """The words of a text in another order: as many tokens, and another text."""
    words = text.split(" ")
    random.Random(seed).shuffle(words)
    return " ".join(words)


def numbered(texts: Iterable[str]) -> Iterator[str]:
    """The texts, each with its number, so that no two are the same."""
    return (f"{text} {number}" for number, text in enumerate(texts))


def query_tokens(encoder: TextEncoder, queries: int) -> float:
    """Mean tokens of as many numbered queries."""
    settings = encoder.queries.settings
    texts = [
        settings.query_prefix + text for text in islice(numbered(MeasuredTexts(encoder, None, None).queries()), queries)
    ]
    return mean(map(len, encoder.queries.tokenise(texts, settings.query_max_length)))


def write_store(store: Path, encoder: TextEncoder, passages: int) -> None:
    """The generated queries of as many passages."""
    texts = numbered(MeasuredTexts(encoder, None, None).queries())
    with StoreWriter(store, {}) as writer:
        for row in range(passages):
            languages = (f"{language:02}" for language in range(LANGUAGES))
            writer.add(QueryRow(str(row), code, list(islice(texts, PER_PASSAGE // LANGUAGES))) for code in languages)
        writer.finish()


def seconds_of(work: Callable[[], Any]) -> float:
    """The time that a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compared(what: str, estimated: float, real: float, text: Callable[[float], str]) -> Row:
    """A row: the estimate, what came, and how far it was off, of what came."""
    target = f", target {TARGET:.0%}" if text is duration_text else ""
    return what, f"estimated {text(estimated)}", text(real), f"{estimated / real - 1:+.1%}{target}"


def run(passages: int = 20_000) -> list[Row]:
    """Rows (what, ours, peer, ratio or target): the estimate, the run, and the difference."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        encoder = TextEncoder("embedded")
        workload = Workload(passages, PER_PASSAGE, LANGUAGES)
        options = MeasureOptions(
            queries_per_passage=PER_PASSAGE,
            languages=LANGUAGES,
            query_tokens=query_tokens(encoder, passages * PER_PASSAGE),
            folder=folder,
        )
        start = time.perf_counter()
        machine = measure_machine(encoder, options)
        rows = [("measuring", duration_text(time.perf_counter() - start), "", "10 s and loading the encoder")]
        plain = MeasuredTexts(encoder, None, None).passages(passages)
        corpus = [Passage(one.doc_id, "", shuffled(one.text, row)) for row, one in enumerate(plain)]
        write_store(folder / "queries", encoder, passages)
        return rows + race(estimate_stages(workload, machine), encoder, corpus, folder)


def race(estimate: Estimate, encoder: TextEncoder, corpus: list[Passage], folder: Path) -> list[Row]:
    """The stages, run; loading the encoder, which is done, is left out of the estimate."""
    base, augmented = folder / "base", folder / "xqg"
    start = estimate.machine.start_seconds
    encode = (estimate.stage("encode").seconds or 0) - start
    augment = sum(stage.seconds or 0 for stage in estimate.stages if stage.stage.startswith("index augment")) - start
    real = seconds_of(lambda: encode_corpus(corpus, encoder, base))
    source = AugmentSource(base, [folder / "queries"], encoder)
    mixed = seconds_of(lambda: augment_index(source, augmented))
    files = [IndexLayout(augmented).index, IndexLayout(augmented).docid]
    return [
        compared("encode", encode, real, duration_text),
        compared("index augment", augment, mixed, duration_text),
        compared("base index", estimate.stage("encode").disk, size_of(IndexLayout(base).data_files()), bytes_text),
        compared("augmented index", estimate.stage("index augment, sums").disk, size_of(files), bytes_text),
        compared(
            "queries", estimate.stage("generate").disk, size_of([folder / "queries" / "queries.jsonl"]), bytes_text
        ),
    ]


def size_of(files: list[Path]) -> int:
    """Bytes of some files together."""
    return sum(path.stat().st_size for path in files)


if __name__ == "__main__":
    for row in run():
        print("  ".join(row))
