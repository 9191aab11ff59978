"""The speeds of this machine, measured in about ten seconds by running the stages themselves on little.

Encoding is measured by the encoder alone. What the stages do beside it (hashing, packing, writing, reading queries and
adding them up) is measured by running them with an encoder whose vectors are ready, so that an estimate adds both.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched, islice
from pathlib import Path
from typing import Any, cast

import numpy as np
import orjson

from xqg_pyserini.data import open_corpus
from xqg_pyserini.encode import TextEncoder, encode_corpus
from xqg_pyserini.estimate.machine import Machine
from xqg_pyserini.estimate.measured_generator import GeneratorOptions, generation_speed
from xqg_pyserini.estimate.measured_texts import MeasuredTexts, sample_passages
from xqg_pyserini.files import sync_directory
from xqg_pyserini.generate import QueryRow, StoreWriter
from xqg_pyserini.index import AugmentOptions, AugmentSource, augment_index
from xqg_pyserini.records import Passage
from xqg_pyserini.search import OpenedIndex
from xqg_pyserini.storage.index_directory import IndexLayout
from xqg_pyserini.storage.passage_texts import PassageTexts

#: Texts encoded first, whose time says how many fit the time that is left.
_FIRST = 32
#: Shares of the time for encoding passages and for encoding queries; the rest takes what it takes.
_SHARE = 0.35
#: Passages written, queries added up, queries searched.
_WRITTEN, _SUMMED, _SEARCHED = 20_000, 40_000, 1024
_HITS = 10
_DISK_BLOCK, _DISK_BLOCKS = 1 << 20, 128


@dataclass(frozen=True)
class MeasureOptions:
    """What is measured.

    Args:
        seconds: time for it, beside loading the encoder; a generator takes a third of it more.
        queries_per_passage: generated queries of a passage.
        languages: number of their languages.
        passage_tokens: mean tokens of a passage; None takes the texts of the sample collection as they are.
        query_tokens: mean tokens of a query.
        folder: where the indexes will be written, whose disk is measured.
        generator: the generator of queries to measure; None measures none.
    """

    seconds: float = 10.0
    queries_per_passage: float = 35
    languages: int = 7
    passage_tokens: float | None = None
    query_tokens: float | None = None
    folder: Path = field(default_factory=Path)
    generator: GeneratorOptions | None = None


def measure_machine(encoder: TextEncoder, options: MeasureOptions | None = None) -> Machine:
    """Measure this machine with an encoder; files of some 100 MB are written to the folder and deleted.

    Raises:
        EncoderNotFoundError, MissingExtraError: the encoder cannot be loaded.
        XqgError: the generator cannot be loaded.
    """
    options = options or MeasureOptions()
    start = time.perf_counter()
    encoder.load_passages()
    encoder.load_queries()
    loaded = time.perf_counter() - start
    texts = MeasuredTexts(encoder, options.passage_tokens, options.query_tokens)
    share = _SHARE * options.seconds
    passages = _texts_per_second(lambda number: encoder.encode_passages(texts.passages(number)), share)
    asked = texts.queries()
    queries = _texts_per_second(lambda number: encoder.encode_queries(list(islice(asked, number))), share)
    process = _most_memory()
    generated = generation_speed(options.generator, texts, share) if options.generator else 0.0
    with tempfile.TemporaryDirectory(dir=options.folder, prefix=".xqg-estimate.") as name:
        stages = _StageSpeeds(texts, encoder.dim, Path(name))
        read, written = stages.read(), stages.written()
        summed = stages.summed(options.queries_per_passage, options.languages)
        line, packed = stages.passage_sizes()
        return Machine(
            encoder=encoder.name,
            dim=encoder.dim,
            backend=encoder.backend,
            device=encoder.passages.runtime.device,
            passage_tokens=texts.passage_tokens,
            query_tokens=texts.query_tokens,
            passages_per_second=passages,
            queries_per_second=queries,
            read_per_second=read,
            written_per_second=written,
            summed_per_second=summed,
            written_bytes_per_second=_disk_speed(Path(name)),
            scores_per_second=stages.scores(),
            passage_bytes=line,
            packed_bytes=packed,
            query_bytes=texts.query_bytes,
            start_seconds=loaded,
            process_bytes=process,
            generator=options.generator.model if options.generator else "",
            generated_per_second=generated,
        )


def _texts_per_second(encode: Callable[[int], Any], seconds: float) -> float:
    """Texts encoded a second, over about as many seconds; the first few texts only tell how many fit."""
    first = seconds_of(lambda: encode(_FIRST))
    number = max(_FIRST, int(_FIRST * (seconds - first) / first))
    return number / seconds_of(lambda: encode(number))


def seconds_of(work: Callable[[], Any]) -> float:
    """The time that a call takes, in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class _ReadyVectors:
    """What the stages need of an encoder, without a model: random vectors of unit length."""

    batch_size = 64

    def __init__(self, dim: int) -> None:
        self.dim = dim
        vectors = np.random.default_rng(0).standard_normal((self.batch_size * 16, dim), dtype=np.float32)
        self._vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def describe(self) -> Mapping[str, Any]:
        return {"name": "none", "normalize": True}

    def encode_stream(self, passages: Iterable[Passage]) -> Iterator[tuple[tuple[Passage, ...], np.ndarray]]:
        for chunk in batched(passages, len(self._vectors)):
            yield chunk, self._vectors[: len(chunk)]

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return np.resize(self._vectors, (len(texts), self.dim))


class _StageSpeeds:
    """The stages without a model, in a folder of their own.

    Args:
        texts: what is written and mixed in.
        dim: length of the vectors.
        folder: where it is written.
    """

    def __init__(self, texts: MeasuredTexts, dim: int, folder: Path) -> None:
        self._texts, self._folder = texts, folder
        self._encoder = _ReadyVectors(dim)
        self._corpus, self._base = folder / "corpus.jsonl", folder / "base"

    def read(self) -> float:
        """Passages of a JSONL file that are read and checked a second; the first of the measurements."""
        with self._corpus.open("wb") as stream:
            for passage in self._texts.passages(_WRITTEN):
                stream.write(orjson.dumps({"id": passage.doc_id, "contents": passage.text}) + b"\n")
        return _WRITTEN / seconds_of(open_corpus(self._corpus).check)

    def written(self) -> float:
        """Passages of that file that ``encode_corpus`` writes a second."""
        corpus = open_corpus(self._corpus)
        return _WRITTEN / seconds_of(lambda: self._write(corpus, self._base))

    def _write(self, passages: Iterable[Passage], output: Path) -> None:
        encode_corpus(passages, cast(TextEncoder, self._encoder), output)

    def summed(self, per_passage: float, languages: int) -> float:
        """Queries that ``augment_index`` reads and adds up a second; 0 queries per passage are measured as one."""
        per_language = max(1, round(per_passage / languages))
        passages = max(1, _SUMMED // (languages * per_language))
        base, store = self._folder / "augmented-base", self._folder / "queries"
        self._write(self._texts.passages(passages), base)
        used = self._write_store(store, passages, languages, per_language)
        source = AugmentSource(base, [store], self._encoder)
        output = self._folder / "augmented"
        return used / seconds_of(lambda: augment_index(source, output, AugmentOptions(rule="mean-norm")))

    def _write_store(self, store: Path, passages: int, languages: int, per_language: int) -> int:
        """Write as many generated queries, no two the same; returns their number."""
        texts = (f"{text} {number}" for number, text in enumerate(self._texts.queries()))
        rows = [
            QueryRow(str(row), f"{language:02}", list(islice(texts, per_language)))
            for row in range(passages)
            for language in range(languages)
        ]
        with StoreWriter(store, {}) as writer:
            writer.add(rows)
            writer.finish()
        return len(rows) * per_language

    def scores(self) -> float:
        """Inner products a second of an exact search for many queries at once."""
        index = OpenedIndex(self._base)
        queries = self._encoder.encode_queries([""] * _SEARCHED)
        return _SEARCHED * index.count / seconds_of(lambda: list(index.search(queries, _HITS)))

    def passage_sizes(self) -> tuple[float, float]:
        """Bytes of the JSON line of a passage without its id, and compressed, on average.

        Texts are packed with others of their frame, and repeated ones too well: the share is that of the sample.
        """
        once = [Passage(str(row), "", text) for row, text in enumerate(sample_passages())]
        lines, packed = self._frame_sizes(once, self._folder / "sample")
        written = self._texts.passages(len(once))
        line = self._frame_sizes(written, self._folder / "lengths")[0] - sum(len(one.doc_id) for one in written)
        return line / len(once), line / len(once) * packed / lines

    def _frame_sizes(self, passages: list[Passage], index: Path) -> tuple[int, int]:
        """Bytes of the lines of passages, and of their frames."""
        self._write(passages, index)
        with PassageTexts(IndexLayout(index).texts) as texts:
            return int(texts.frames["unpacked"].sum()), int(texts.frames["packed"].sum())


def _disk_speed(folder: Path) -> float:
    """Bytes a second that are written and synced."""
    block = os.urandom(_DISK_BLOCK)

    def write() -> None:
        with (folder / "block").open("wb") as stream:
            for _ in range(_DISK_BLOCKS):
                stream.write(block)
            stream.flush()
            os.fsync(stream.fileno())
        sync_directory(folder)

    return _DISK_BLOCK * _DISK_BLOCKS / seconds_of(write)


def _most_memory() -> int:
    """The most memory that this process has held, in bytes."""
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale
