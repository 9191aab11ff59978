"""xQG: passage vectors mixed with the vectors of queries generated for them in other languages.

Zhuang, Shou and Zuccon, "Augmenting Passage Representations with Query Generation for Enhanced Cross-Lingual Dense
Retrieval", SIGIR 2023, arXiv 2305.03950. The index keeps its size and its format, and queries cost what they did.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from xqg_pyserini.errors import IndexFormatError, XqgError
from xqg_pyserini.index.components import ComponentsWriter
from xqg_pyserini.index.language_sums import BlockShape, LanguageSums
from xqg_pyserini.index.query_source import OpenedQueries, QueryCensus, QuerySelection, QuerySource
from xqg_pyserini.index.rules import RULES
from xqg_pyserini.index.text_queries import AugmentSource
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.docid_rows import DocidRows, check_docids
from xqg_pyserini.storage.index_directory import IndexLayout, IndexMeta, read_meta, stream_docids
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.jobs import input_state
from xqg_pyserini.storage.stored_vectors import StoredVectors

__all__ = ["AugmentOptions", "AugmentReport", "AugmentSource", "augment_index"]

#: Passages mixed together: enough for full batches of their queries, little enough to stay in memory.
ROWS_PER_BLOCK = 2048
#: Languages whose sums are held for that many passages; with more of them, blocks are smaller.
_LANGUAGES_PER_BLOCK = 8


@dataclass(frozen=True)
class AugmentOptions:
    """How generated queries are mixed in.

    Args:
        rule: a name in ``RULES``.
        alpha: weight of the queries, from 0 (nothing changes) to 1 (only queries are left).
        languages: languages to use; None uses all.
        weights: weight of the queries of a language against those of others, 1 where it is not named.
        max_queries: use only the first so many queries of each passage and language; None uses all.
        dtype: how vectors are stored, ``float32`` or ``float16``; None stores them as the base index does, or as
            ``float32`` where that is not flat.
        keep_components: write ``components.npy`` too (see ``components``), for explaining scores.
    """

    rule: str
    alpha: float
    languages: tuple[str, ...] | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    max_queries: int | None = None
    dtype: str | None = None
    keep_components: bool = False

    def check(self) -> None:
        """Raise XqgError for an unknown rule, an alpha outside [0, 1] or a weight that is not positive."""
        RULES.get(self.rule)
        if not 0 <= self.alpha <= 1:
            raise XqgError(f"alpha {self.alpha}: a number from 0 to 1 is needed")
        if self.max_queries is not None and self.max_queries < 1:
            raise XqgError(f"max_queries {self.max_queries}: at least 1 is needed")
        check_weights(self.weights)

    @property
    def selection(self) -> QuerySelection:
        """Which queries are used."""
        return QuerySelection(self.languages, self.max_queries)


def check_weights(weights: Mapping[str, float]) -> None:
    """Raise XqgError for a weight that is not positive and finite."""
    for lang, weight in weights.items():
        if not 0 < weight < float("inf"):
            raise XqgError(f"weight {lang}={weight}: a positive number is needed (leave a language out by languages)")


@dataclass(frozen=True)
class AugmentReport:
    """What an augmentation did to an index of ``passages`` passages; see ``QueryCensus``."""

    passages: int
    census: QueryCensus

    @property
    def without_queries(self) -> int:
        """Passages without queries, which keep their vector."""
        return self.passages - self.census.passages


def augment_index(
    source: QuerySource, output: Path, options: AugmentOptions, overwrite: bool = False, strict: bool = False
) -> AugmentReport:
    """Write the index of ``source`` anew, each vector mixed with those of its passage's generated queries.

    Passages without queries keep their vector. The result is a flat index, whatever the base index is. An interrupted
    run is continued by the same call; the finished index depends neither on interruptions nor on the order of the
    queries (but see ``max_queries``).

    Args:
        source: an index and queries: ``AugmentSource`` for texts, ``VectorSource`` for vectors.
        output: the index directory to write; appears only when it is complete.
        options: rule, alpha, languages, weights and more.
        overwrite: replace an index that is there.
        strict: queries of unknown passages are an error instead of a number in the report.

    Raises:
        XqgError: options out of range, or no generated query fits.
        InputError: ``strict`` and there are queries of unknown passages.
        OutputExistsError: ``output`` exists and may not be replaced.
        IndexFormatError: the base index is damaged, or changed while it was read.
    """
    options.check()
    base = StoredVectors(source.index)
    state = input_state(source.index)
    check_docids(stream_docids(source.index), base.header.count, str(IndexLayout(source.index).docid))
    rows = DocidRows(source.index, base.header.count)
    dtype = options.dtype or base.header.dtype
    job = {"stage": "augment", "index": state, **source.job(), **asdict(options)}
    with IndexWriter(output, base.header.dim, job, overwrite, base.header.metric, dtype) as writer:
        with source.open(rows, options.selection, writer.work) as queries:
            _check_census(queries.census, options, strict)
            _write_vectors(source.index, base, queries, options, writer)
        if input_state(source.index) != state:
            raise IndexFormatError(f"{source.index} changed while it was read: run the same command again")
        writer.finish(_meta(source, base, options, queries.census))
    return AugmentReport(base.header.count, queries.census)


def _check_census(census: QueryCensus, options: AugmentOptions, strict: bool) -> None:
    census.check(options.selection, strict)
    unused = sorted(set(options.weights) - set(census.languages))
    if unused:
        raise XqgError(f"weight for {', '.join(unused)}, but the queries used are in {', '.join(census.languages)}")


def _write_vectors(
    index: Path, base: StoredVectors, queries: OpenedQueries, options: AugmentOptions, writer: IndexWriter
) -> None:
    """Write the augmented vectors from where an interrupted run stopped."""
    shape = block_shape(base, queries.census)
    docids = islice(stream_docids(index), writer.count, None)
    components = _open_components(writer, queries.census, options)
    with progress(total=shape.passages, unit="passages", what="augment") as bar:
        bar.update(writer.count)
        blocks = base.blocks(shape.rows, writer.count)
        for vectors, sums in zip(blocks, queries.sums(shape, writer.count), strict=True):
            ids = _take(docids, len(vectors), index)
            mixed, factors = mix_block(vectors, sums, options)
            if components is not None:
                components.add(writer.count, sums, factors)
            writer.add(ids, mixed)
            bar.update(len(vectors))
    if components is not None:
        components.finish()


def block_shape(base: StoredVectors, census: QueryCensus) -> BlockShape:
    """Blocks of passages whose sums by language fit the same memory, whatever the number of languages."""
    languages = max(_LANGUAGES_PER_BLOCK, len(census.languages))
    rows = max(1, ROWS_PER_BLOCK * _LANGUAGES_PER_BLOCK // languages)
    return BlockShape(base.header.count, base.header.dim, rows)


def _open_components(writer: IndexWriter, census: QueryCensus, options: AugmentOptions) -> ComponentsWriter | None:
    if not options.keep_components:
        return None
    return ComponentsWriter(writer.open_part("components.npy"), writer.dim, tuple(census.languages))


def _take(docids: Iterator[str], count: int, index: Path) -> list[str]:
    ids = list(islice(docids, count))
    if len(ids) != count:
        raise IndexFormatError(f"{index} changed while it was read: run the same command again")
    return ids


def mix_block(vectors: np.ndarray, sums: LanguageSums, options: AugmentOptions) -> tuple[np.ndarray, np.ndarray]:
    """The mixed vectors of a block, ``(n, dim)``, and the factor of each language's sum, ``(languages, n)``.

    Rows without queries come out as they are, to the bit.
    """
    total, weights = sums.weighted(options.weights)
    mix = RULES.get(options.rule).mix(vectors, total, weights, options.alpha)
    mixed = vectors.copy()
    changed = mix.queries != 0
    mixed[changed] = mix.apply(vectors, total)[changed]
    by_language = np.array([[options.weights.get(lang, 1)] for lang in sums.languages], np.float32)
    return mixed, by_language * mix.queries


def _meta(source: QuerySource, base: StoredVectors, options: AugmentOptions, census: QueryCensus) -> IndexMeta:
    recorded = read_meta(source.index)
    return IndexMeta(
        dim=base.header.dim,
        count=base.header.count,
        metric=base.header.metric,
        encoder=source.recorded_encoder() or (recorded.encoder if recorded else None),
        augmentation={
            "rule": options.rule,
            "alpha": options.alpha,
            "languages": census.languages,
            "weights": dict(options.weights),
            "max_queries": options.max_queries,
            "queries": census.used,
            "augmented": census.passages,
            "base": recorded.files if recorded else {},
        },
    )
