"""xQG: passage vectors mixed with the vectors of queries generated for them in other languages.

Zhuang, Shou and Zuccon, "Augmenting Passage Representations with Query Generation for Enhanced Cross-Lingual Dense
Retrieval", SIGIR 2023, arXiv 2305.03950. The index keeps its size and its format, and queries cost what they did.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from xqg_pyserini.errors import InputError, XqgError
from xqg_pyserini.files import read_lines
from xqg_pyserini.index.base_vectors import BaseVectors
from xqg_pyserini.index.docid_rows import DocidRows
from xqg_pyserini.index.row_queries import OpenQueries, QueryCensus, RowQueries, RowQuery
from xqg_pyserini.index.rules import RULES
from xqg_pyserini.index_writer import IndexWriter
from xqg_pyserini.layouts import IndexLayout, IndexMeta, read_meta
from xqg_pyserini.progress import progress

#: Encodes texts as queries: texts -> ``(n, dim) float32``.
EncodeQueries = Callable[[Sequence[str]], np.ndarray]

#: Passages whose queries are encoded together: enough for full batches, little enough to stay in memory.
_ROWS_PER_BLOCK = 2048


@dataclass(frozen=True)
class AugmentOptions:
    """How generated queries are mixed in.

    Args:
        rule: a name in ``RULES``.
        alpha: weight of the queries, from 0 (nothing changes) to 1 (only queries are left).
        languages: languages to use; None uses all.
    """

    rule: str
    alpha: float
    languages: tuple[str, ...] | None = None

    def check(self) -> None:
        """Raise XqgError for an unknown rule or an alpha outside [0, 1]."""
        RULES.get(self.rule)
        if not 0 <= self.alpha <= 1:
            raise XqgError(f"alpha {self.alpha}: a number from 0 to 1 is needed")


@dataclass(frozen=True)
class AugmentReport:
    """What an augmentation did to an index of ``passages`` passages; see ``QueryCensus``."""

    passages: int
    census: QueryCensus


@dataclass(frozen=True)
class AugmentSource:
    """What an augmentation reads: an index directory, generated queries, and the encoder for them.

    ``name`` says which queries they are (a run with others is not continued). ``encoder`` is what ``meta.json``
    records of the encoder; None keeps what the index records.
    """

    index: Path
    queries: OpenQueries
    encode: EncodeQueries
    name: str = ""
    encoder: Mapping[str, object] | None = None


def augment_index(
    source: AugmentSource, output: Path, options: AugmentOptions, overwrite: bool = False, strict: bool = False
) -> AugmentReport:
    """Write the index of ``source`` anew, each vector mixed with those of its passage's generated queries.

    Passages without queries keep their vector. The result is a flat index, whatever the base index is.

    Args:
        source: index, queries and encoder.
        output: the index directory to write; appears only when it is complete.
        options: rule, alpha, languages.
        overwrite: replace an index that is there.
        strict: queries of unknown passages are an error instead of a number in the report.

    Raises:
        XqgError: options out of range, or no generated query fits.
        InputError: ``strict`` and there are queries of unknown passages.
        OutputExistsError: ``output`` exists and may not be replaced.
    """
    options.check()
    base = BaseVectors(source.index)
    rows = _docid_rows(source.index, base.header.count)
    with IndexWriter(output, base.header.dim, _job(source, options), overwrite, base.header.metric) as writer:
        with RowQueries(source.queries, rows, options.languages, scratch=writer.work) as queries:
            _check_census(queries.census, strict, options)
            _write_vectors(base, queries, source, options, writer)
        writer.finish(_meta(source, base, options, queries.census))
    return AugmentReport(base.header.count, queries.census)


def _job(source: AugmentSource, options: AugmentOptions) -> dict[str, Any]:
    """What an interrupted augmentation must have in common with the one that continues it."""
    size = IndexLayout(source.index).index.stat()
    return {
        "stage": "augment",
        "index": [str(source.index.resolve()), size.st_size, size.st_mtime_ns],
        "queries": source.name,
        "encoder": dict(source.encoder) if source.encoder else None,
        **asdict(options),
    }


def _docid_rows(directory: Path, count: int) -> DocidRows:
    path = IndexLayout(directory).docid
    rows = DocidRows((line.rstrip() for _, line in read_lines(path)), str(path))
    if len(rows) != count:
        raise InputError(f"{len(rows)} docids for {count} vectors", path)
    return rows


def _check_census(census: QueryCensus, strict: bool, options: AugmentOptions) -> None:
    if strict and census.unknown:
        raise InputError(
            f"{census.unknown} generated queries of passages that the index does not hold, for example "
            f"{', '.join(census.unknown_examples)}; without --strict they are left out"
        )
    if not census.used:
        languages = "any language" if options.languages is None else " or ".join(options.languages)
        raise XqgError(
            f"no generated query in {languages} belongs to a passage of the index "
            f"({census.unknown} of unknown passages, {census.other_languages} in other languages)"
        )


def _write_vectors(
    base: BaseVectors, queries: RowQueries, source: AugmentSource, options: AugmentOptions, writer: IndexWriter
) -> None:
    """Write the augmented vectors from where an interrupted run stopped."""
    docids = (line.rstrip() for _, line in read_lines(IndexLayout(source.index).docid))
    done = writer.count
    with progress(total=base.header.count, unit="passages", what="augment") as bar:
        for vectors, block in zip(
            base.blocks(_ROWS_PER_BLOCK), _by_block(iter(queries), base.header.count), strict=True
        ):
            ids = list(islice(docids, len(vectors)))
            start = bar.n
            bar.update(len(vectors))
            if start < done:
                continue
            _augment_block(vectors, start, block, source.encode, options)
            writer.add(ids, vectors)


def _by_block(queries: Iterator[RowQuery], count: int) -> Iterator[list[RowQuery]]:
    """Split queries in row order into the blocks of passages they belong to; empty lists for blocks without."""
    waiting = next(queries, None)
    for end in range(_ROWS_PER_BLOCK, count + _ROWS_PER_BLOCK, _ROWS_PER_BLOCK):
        block = []
        while waiting is not None and waiting.row < end:
            block.append(waiting)
            waiting = next(queries, None)
        yield block


def _augment_block(
    vectors: np.ndarray, first_row: int, queries: list[RowQuery], encode: EncodeQueries, options: AugmentOptions
) -> None:
    """Mix the queries into the block ``vectors`` in place; rows without queries are left as they are."""
    if not queries:
        return
    rows = np.array([query.row for query in queries]) - first_row
    sums = np.zeros_like(vectors)
    np.add.at(sums, rows, encode_once([query.text for query in queries], encode))
    counts = np.bincount(rows, minlength=len(vectors)).astype(np.float32)
    has = counts > 0
    rule = RULES.get(options.rule)
    vectors[has] = rule.aggregate(vectors[has], sums[has], counts[has], options.alpha)


def encode_once(texts: list[str], encode: EncodeQueries) -> np.ndarray:
    """Vectors of texts, ``(len(texts), dim)``; a text that stands several times is encoded once."""
    distinct = list(dict.fromkeys(texts))
    vectors = encode(distinct)
    if len(distinct) == len(texts):
        return vectors
    place = {text: i for i, text in enumerate(distinct)}
    return vectors[[place[text] for text in texts]]


def _meta(source: AugmentSource, base: BaseVectors, options: AugmentOptions, census: QueryCensus) -> IndexMeta:
    recorded = read_meta(source.index)
    encoder = source.encoder or (recorded.encoder if recorded else None)
    return IndexMeta(
        dim=base.header.dim,
        count=base.header.count,
        metric=base.header.metric,
        encoder=dict(encoder) if encoder else None,
        augmentation={
            "rule": options.rule,
            "alpha": options.alpha,
            "languages": dict(sorted(census.languages.items())),
            "queries": census.used,
            "augmented": census.passages,
            "base": recorded.files if recorded else {},
        },
    )
