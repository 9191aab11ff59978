"""How generated queries are mixed into the vectors of a block of passages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, override

import numpy as np

from xqg_pyserini.errors import XqgError
from xqg_pyserini.index.components import ComponentsWriter
from xqg_pyserini.index.query_counts import QueryCounts, QuerySelection
from xqg_pyserini.index.query_source import BlockShape, LanguageSums
from xqg_pyserini.index.rules import RULES, default_rule
from xqg_pyserini.storage.index_writer import IndexWriter
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


def block_shape(base: StoredVectors, counts: QueryCounts) -> BlockShape:
    """Blocks of passages whose sums by language fit the same memory, whatever the number of languages."""
    languages = max(_LANGUAGES_PER_BLOCK, len(counts.languages))
    rows = max(1, ROWS_PER_BLOCK * _LANGUAGES_PER_BLOCK // languages)
    return BlockShape(base.header.count, base.header.dim, rows)


def write_blocks(
    blocks: Iterable[tuple[tuple[Sequence[str], np.ndarray], LanguageSums]],
    mixer: QueryMixer,
    writer: IndexWriter,
    components: ComponentsWriter | None,
    advance: Callable[[int], object] = lambda _: None,
) -> None:
    """Mix blocks of passages and write them.

    Args:
        blocks: ids and vectors of passages, with the sums of their queries.
        mixer: how they are mixed.
        writer: the index, and
        components: where each language's share is kept, if it is.
        advance: called with the number of passages of each block.
    """
    for (docids, vectors), sums in blocks:
        mixed, factors = mixer.mix(vectors, sums)
        if components is not None:
            components.add(sums, factors)
        writer.add(docids, mixed)
        advance(len(docids))
    if components is not None:
        components.finish()
