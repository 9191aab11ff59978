"""Runs for a grid of augmentations from one pass through base vectors and generated queries, without rebuilding.

Every rule is a linear mix of a passage's vector and the sum of its queries' vectors (see ``rules``), so the score of a
mixed vector is the same mix of two inner products, which all settings of a set of languages share.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from xqg_pyserini.errors import XqgError
from xqg_pyserini.files import atomic_directory, read_json, write_json
from xqg_pyserini.index.augment import AugmentOptions, block_shape
from xqg_pyserini.index.exact_search import BestRows
from xqg_pyserini.index.query_counts import QuerySelection
from xqg_pyserini.index.query_source import LanguageSums, QuerySource
from xqg_pyserini.index.rules import RULES
from xqg_pyserini.index.text_queries import TextQueryEncoder
from xqg_pyserini.progress import progress
from xqg_pyserini.records import Hit, Query, Run
from xqg_pyserini.storage.docid_rows import DocidRows
from xqg_pyserini.storage.index_directory import stream_docids
from xqg_pyserini.storage.stored_vectors import StoredVectors
from xqg_pyserini.trec import write_run

#: The file of a sweep's directory that says what each run is.
MANIFEST = "sweep.json"
KIND = "xqg-sweep"


class LanguageSet(NamedTuple):
    """Languages whose generated queries are used together, under a name."""

    name: str
    languages: tuple[str, ...]


class SweepPoint(NamedTuple):
    """One setting of an augmentation; ``rule`` is empty for the base index."""

    rule: str
    alpha: float
    languages: LanguageSet

    @property
    def name(self) -> str:
        """The name of the run: ``base``, or rule, alpha and languages, as in ``sum_0.01_no-te``."""
        if not self.rule:
            return "base"
        short = f"{self.alpha:g}"
        # six digits are not enough for every alpha, and two runs must not share a name
        return f"{self.rule}_{short if float(short) == self.alpha else repr(float(self.alpha))}_{self.languages.name}"


BASE = SweepPoint("", 0, LanguageSet("none", ()))


@dataclass(frozen=True)
class SweepGrid:
    """All combinations of rules, alphas and sets of languages; repeated values count once.

    Args:
        rules: names in ``RULES``.
        alphas: weights of the queries.
        language_sets: sets of languages to use; None means all languages of the generated queries.
        leave_one_out: also use all languages but one, for each language.
        weights: weight of the queries of a language; see ``AugmentOptions``.
    """

    rules: Sequence[str]
    alphas: Sequence[float]
    language_sets: Sequence[tuple[str, ...] | None] = (None,)
    leave_one_out: bool = False
    weights: Mapping[str, float] = field(default_factory=dict)

    def check(self) -> None:
        """Raise XqgError for a value that an augmentation would not take, or an empty grid."""
        if not (self.rules and self.alphas and self.language_sets):
            raise XqgError("a sweep needs at least one rule, one alpha and one set of languages")
        for rule, alpha in product(self.rules, self.alphas):
            AugmentOptions(rule, alpha, weights=self.weights).check()

    def sets(self, found: Sequence[str]) -> list[LanguageSet]:
        """The sets of languages, given the languages of the generated queries.

        Raises:
            XqgError: a language that no generated query is in, or none is left.
        """
        sets = [
            LanguageSet("all", tuple(found)) if languages is None else _named(languages, found)
            for languages in self.language_sets
        ]
        if self.leave_one_out:
            if len(found) < 2:
                raise XqgError(
                    f"leave-one-out needs queries in at least two languages, they are in: {', '.join(found)}"
                )
            sets += [LanguageSet(f"no-{out}", tuple(lang for lang in found if lang != out)) for out in found]
        return list(dict.fromkeys(sets))

    def points(self, languages: LanguageSet) -> Iterator[SweepPoint]:
        """The settings for one set of languages."""
        for rule, alpha in product(dict.fromkeys(self.rules), dict.fromkeys(self.alphas)):
            yield SweepPoint(rule, alpha, languages)


def _named(languages: tuple[str, ...], found: Sequence[str]) -> LanguageSet:
    missing = [lang for lang in languages if lang not in found]
    if missing or not languages:
        raise XqgError(f"no generated query in {', '.join(missing) or 'no language'}; found: {', '.join(found)}")
    chosen = tuple(sorted(set(languages)))
    return LanguageSet("+".join(chosen), chosen)


@dataclass(frozen=True)
class SweepTopics:
    """Queries to search with.

    Args:
        query_ids: their ids, no two the same.
        vectors: their vectors, ``(queries, dim) float32``.
        hits: number of passages to find for each.

    Raises:
        XqgError: two queries have one id.
    """

    query_ids: Sequence[str]
    vectors: np.ndarray
    hits: int = 100

    def __post_init__(self) -> None:
        query_id, number = Counter(self.query_ids).most_common(1)[0] if self.query_ids else ("", 0)
        if number > 1:
            raise XqgError(
                f"{number} queries have the id {query_id!r}, and a run holds one list of passages per id: sweep each "
                f"of the topics by itself, or give them ids of their own"
            )

    @classmethod
    def encoded(cls, queries: Sequence[Query], encoder: TextQueryEncoder, hits: int = 100) -> Self:
        """Topics whose texts are encoded as queries."""
        ids = [query.query_id for query in queries]
        return cls(ids, encoder.encode_queries([query.text for query in queries]), hits)


def sweep_index(
    source: QuerySource, topics: SweepTopics, grid: SweepGrid, max_queries: int | None = None
) -> dict[SweepPoint, Run]:
    """Search the base index and each augmentation of a grid, exactly; nothing is written.

    The scores are those of the indexes that ``augment_index`` would build, to within rounding.

    Args:
        source: base index and generated queries.
        topics: what to search for.
        grid: rules, alphas, sets of languages.
        max_queries: number of queries of each passage and language to use, the first ones; None uses all.

    Returns:
        a run for the base index (``BASE``) and each point of the grid.

    Raises:
        XqgError: a grid that is empty or out of range, an index whose metric is not the inner product, or no
            generated query that fits.
    """
    grid.check()
    base = StoredVectors(source.index)
    if base.header.metric != "inner_product":
        raise XqgError(f"{source.index}: metric {base.header.metric}; a sweep needs inner products")
    base.check_docids()
    rows = DocidRows(source.index, base.header.count)
    selection = QuerySelection(weights=grid.weights, max_queries=max_queries)
    selection.check()
    queries = source.open(rows, selection)
    queries.counts.check(selection)
    search = _GridSearch(topics, grid, grid.sets(tuple(queries.counts.languages)), base.header.count)
    shape = block_shape(base, queries.counts)
    with progress(total=shape.passages, unit="passages", what="sweep") as bar:
        for vectors, sums in zip(base.blocks(shape.rows), queries.sums(shape), strict=True):
            search.add(vectors, sums)
            bar.update(len(vectors))
    return search.runs(source.index)


class _GridSearch:
    """The best passages of every point of a grid so far."""

    def __init__(self, topics: SweepTopics, grid: SweepGrid, sets: list[LanguageSet], passages: int) -> None:
        self._topics, self._grid, self._sets = topics, grid, sets
        points = [BASE, *(point for languages in sets for point in grid.points(languages))]
        k = max(1, min(topics.hits, passages))
        self._best = {point: BestRows(len(topics.query_ids), k) for point in points}

    def add(self, vectors: np.ndarray, sums: LanguageSums) -> None:
        """Score a block of passages for every point."""
        passage_scores, first_row = self._topics.vectors @ vectors.T, sums.first_row
        self._best[BASE].add(passage_scores, first_row)
        for languages in self._sets:
            total, weights = sums.weighted(
                {lang: self._grid.weights.get(lang, 1) if lang in languages.languages else 0 for lang in sums.languages}
            )
            query_scores = self._topics.vectors @ total.T
            for point in self._grid.points(languages):
                mix = RULES.get(point.rule).mix(vectors, total, weights, point.alpha)
                self._best[point].add(mix.passage * passage_scores + mix.queries * query_scores, first_row)

    def runs(self, index: Path) -> dict[SweepPoint, Run]:
        """The runs of all points, ties in the order of the passage ids."""
        found = {point: best.sorted() for point, best in self._best.items()}
        wanted = {row for _, rows in found.values() for row in np.unique(rows).tolist()}
        docids = {row: docid for row, docid in enumerate(stream_docids(index)) if row in wanted}
        return {
            point: {
                query_id: _hits(row_scores, row, docids)
                for query_id, row_scores, row in zip(self._topics.query_ids, scores, rows, strict=True)
            }
            for point, (scores, rows) in found.items()
        }


def _hits(scores: np.ndarray, rows: np.ndarray, docids: dict[int, str]) -> list[Hit]:
    hits = [Hit(docids[row], score) for score, row in zip(scores.tolist(), rows.tolist(), strict=True) if row >= 0]
    return sorted(hits, key=lambda hit: (-hit.score, hit.doc_id))


def write_sweep(runs: dict[SweepPoint, Run], output: Path, facts: dict[str, Any], overwrite: bool = False) -> None:
    """Write the runs of a sweep as TREC files, and ``sweep.json``, which says what each of them is.

    Args:
        runs: what ``sweep_index`` found.
        output: the directory to write; appears only when it is complete.
        facts: what else to record, JSON values.
        overwrite: replace a sweep that is there.

    Raises:
        OutputExistsError: ``output`` exists and may not be replaced.
    """
    rows = [
        {"run": f"{point.name}.trec", "rule": point.rule, "alpha": point.alpha, "languages": point.languages.languages}
        for point in runs
    ]
    with atomic_directory(output, overwrite, sweep_files(output)) as directory:
        for point, run in runs.items():
            write_run(directory / f"{point.name}.trec", run.items(), point.name)
        write_json(directory / MANIFEST, {"kind": KIND, "version": 1, **facts, "runs": rows})


def sweep_files(output: Path) -> frozenset[str]:
    """The names of the files of the sweep in ``output``; only the manifest where there is none."""
    manifest = output / MANIFEST
    rows = read_json(manifest).get("runs", []) if manifest.is_file() else []
    return frozenset({MANIFEST, *(str(row["run"]) for row in rows)})
