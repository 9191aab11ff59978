"""xQG: passage vectors mixed with the vectors of queries generated for them in other languages.

Zhuang, Shou and Zuccon, "Augmenting Passage Representations with Query Generation for Enhanced Cross-Lingual Dense
Retrieval", SIGIR 2023, arXiv 2305.03950. The index keeps its size and its format, and searching it costs no more.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, override

import numpy as np

from xqg_pyserini.errors import IndexFormatError, XqgError
from xqg_pyserini.index.components import ComponentsWriter
from xqg_pyserini.index.query_counts import QueryCounts, QuerySelection
from xqg_pyserini.index.query_source import BlockShape, LanguageSums, OpenedQueries, QuerySource
from xqg_pyserini.index.rules import RULES, default_rule
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.carried_texts import carry_texts
from xqg_pyserini.storage.docid_rows import DocidRows
from xqg_pyserini.storage.index_directory import IndexMeta, check_index_output
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.jobs import input_state
from xqg_pyserini.storage.stored_vectors import StoredVectors

#: Passages mixed together: enough for full batches of their queries, little enough to stay in memory.
ROWS_PER_BLOCK = 2048
#: Languages whose sums are held for that many passages; with more of them, blocks are smaller.
_LANGUAGES_PER_BLOCK = 8


@dataclass(frozen=True)
class AugmentOptions(QuerySelection):
    """How generated queries are mixed in; which ones, see ``QuerySelection``.

    Args:
        rule: a name in ``RULES``; None chooses by the encoder (see ``default_rule``).
        alpha: weight of the queries, from 0 (nothing changes) to 1 (only queries count); None takes the rule's.
        dtype: how vectors are stored, ``float32`` or ``float16``; None stores them as the base index does, or as
            ``float32`` where that is not flat.
        keep_components: write ``components.npy`` too (see ``components``), for explaining scores.
    """

    rule: str | None = None
    alpha: float | None = None
    dtype: str | None = None
    keep_components: bool = False

    @override
    def check(self) -> None:
        """Raise XqgError for an unknown rule, a value out of range or values that exclude each other."""
        super().check()
        if self.rule is not None:
            RULES.get(self.rule)
        if self.alpha is not None and not 0 <= self.alpha <= 1:
            raise XqgError(f"alpha {self.alpha}: a number from 0 to 1 is needed")
        if self.alpha == 0 and self.keep_components:
            raise XqgError("alpha 0: the queries change no vector, so there are no components to keep")

    def mixer(self, encoder: Mapping[str, Any] | None) -> "QueryMixer":
        """The rule, alpha and weights, those that are None chosen by what is recorded of the encoder.

        Raises:
            XqgError: the rule is None and nothing is recorded.
        """
        if self.rule is None and not encoder:
            raise XqgError("the index records no encoder, so no rule follows from it: give --rule")
        rule = self.rule or default_rule(bool((encoder or {}).get("normalize")))
        return QueryMixer(rule, RULES.get(rule).default_alpha if self.alpha is None else self.alpha, self.weights)


@dataclass(frozen=True)
class QueryMixer:
    """A rule with its alpha and the weights of languages; see ``AugmentOptions``."""

    rule: str
    alpha: float
    weights: Mapping[str, float]

    def mix(self, vectors: np.ndarray, sums: LanguageSums) -> tuple[np.ndarray, np.ndarray]:
        """The mixed vectors of a block, ``(n, dim)``, and the factor of each language's sum, ``(languages, n)``.

        Rows without queries keep their bits.
        """
        total, weights = sums.weighted(self.weights)
        mix = RULES.get(self.rule).mix(vectors, total, weights, self.alpha)
        mixed = vectors.copy()
        changed = mix.queries != 0
        mixed[changed] = mix.apply(vectors, total)[changed]
        by_language = np.array([[self.weights.get(lang, 1)] for lang in sums.languages], np.float32)
        return mixed, by_language * mix.queries


@dataclass(frozen=True)
class AugmentReport:
    """What an augmentation did to an index of ``passages`` passages, with the rule and the alpha it used."""

    passages: int
    counts: QueryCounts
    rule: str
    alpha: float

    @property
    def without_queries(self) -> int:
        """Passages without queries, which keep their vector."""
        return self.passages - self.counts.passages

    def warnings(self) -> list[str]:
        """Sentences on passages without queries and on skipped queries."""
        kept = [f"{self.without_queries} passages have no queries and keep their vectors"]
        return (kept if self.without_queries else []) + self.counts.warnings()

    def __str__(self) -> str:
        return (
            f"{self.counts.passages} of {self.passages} passages augmented with {self.counts.used} queries in "
            f"{len(self.counts.languages)} languages (rule {self.rule}, alpha {self.alpha:g})"
        )


def augment_index(
    source: QuerySource,
    output: Path,
    options: AugmentOptions | None = None,
    overwrite: bool = False,
    strict: bool = False,
) -> AugmentReport:
    """Write the index of ``source`` anew, each vector mixed with those of its passage's generated queries.

    Passages without queries keep their vector. The result is a flat index, whatever the base index is, and has the
    passages' texts where the base index has them. The same call resumes an interrupted run; the finished index depends
    neither on interruptions nor on the order of the queries (but see ``max_queries``).

    Args:
        source: an index and queries: ``AugmentSource`` for texts, ``VectorSource`` for vectors.
        output: the index directory to write; appears only when it is complete.
        options: rule, alpha, languages, weights and more; None takes the defaults.
        overwrite: replace an index that is there.
        strict: queries of unknown passages are an error instead of a number in the report.

    Raises:
        XqgError: options out of range, or no generated query fits.
        InputError: ``strict`` and there are queries of unknown passages.
        OutputExistsError: ``output`` exists and may not be replaced, or is read.
        IndexFormatError: the base index is damaged, or changed while it was read.
    """
    options = options or AugmentOptions()
    options.check()
    check_index_output(output, overwrite, source.inputs)
    base = StoredVectors(source.index)
    recorded = base.recorded()
    encoder = source.recorded_encoder() or recorded.encoder
    mixer = options.mixer(encoder)
    state = input_state(source.index)
    base.check_docids()
    rows = DocidRows(source.index, base.header.count)
    job = {"stage": "augment", "index": state, **source.job(), **asdict(options), **asdict(mixer)}
    dtype = options.dtype or base.header.dtype
    with IndexWriter(output, base.header.dim, job, overwrite, base.header.metric, dtype) as writer:
        carry_texts(source.index, writer.work)
        queries = source.open(rows, options, writer.work)
        counts = queries.counts
        counts.check(options, strict)
        components = None
        if options.keep_components:
            components = ComponentsWriter(writer.open_part("components.npy"), writer.dim, counts.languages)
        _write_vectors(base, queries, mixer, writer, components)
        if input_state(source.index) != state:
            raise IndexFormatError(f"{source.index} changed while it was read: run the same command again")
        augmentation = {
            **asdict(mixer),
            "languages": counts.languages,
            "max_queries": options.max_queries,
            **source.recorded_weights(),
            "queries": counts.used,
            "augmented": counts.passages,
            "base": recorded.files,
        }
        writer.finish(IndexMeta(writer.dim, base.header.count, base.header.metric, encoder, augmentation))
    return AugmentReport(base.header.count, counts, mixer.rule, mixer.alpha)


def _write_vectors(
    base: StoredVectors,
    queries: OpenedQueries,
    mixer: QueryMixer,
    writer: IndexWriter,
    components: ComponentsWriter | None,
) -> None:
    """Write the augmented vectors from where an interrupted run stopped."""
    shape = block_shape(base, queries.counts)
    with progress(total=shape.passages, unit="passages", what="augment") as bar:
        bar.update(writer.count)
        blocks = base.passages(shape.rows, writer.count)
        for (docids, vectors), sums in zip(blocks, queries.sums(shape, writer.count), strict=True):
            mixed, factors = mixer.mix(vectors, sums)
            if components is not None:
                components.add(sums, factors)
            writer.add(docids, mixed)
            bar.update(len(docids))
    if components is not None:
        components.finish()


def block_shape(base: StoredVectors, counts: QueryCounts) -> BlockShape:
    """Blocks of passages whose sums by language fit the same memory, whatever the number of languages."""
    languages = max(_LANGUAGES_PER_BLOCK, len(counts.languages))
    rows = max(1, ROWS_PER_BLOCK * _LANGUAGES_PER_BLOCK // languages)
    return BlockShape(base.header.count, base.header.dim, rows)
