"""Runs for a grid of augmentations from one pass through base vectors and generated queries, without rebuilding.

Every rule is a linear mix of a passage's vector and the sum of its queries' vectors (see ``rules``), so the score of a
mixed vector is the same mix of two inner products, which all settings of a set of languages share.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, product
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from xqg_pyserini.errors import XqgError
from xqg_pyserini.files import atomic_directory, read_json, write_json
from xqg_pyserini.index.exact_search import BestRows, ordered_hits
from xqg_pyserini.index.mixing import AugmentOptions, block_shape
from xqg_pyserini.index.query_counts import QuerySelection
from xqg_pyserini.index.query_source import LanguageSums, QuerySource
from xqg_pyserini.index.rules import RULES
from xqg_pyserini.index.text_queries import TextQueryEncoder
from xqg_pyserini.progress import progress
from xqg_pyserini.records import Query, Run
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
        # all digits of alpha: two runs must not share a name
        return f"{self.rule}_{str(float(self.alpha)).removesuffix('.0')}_{self.languages.name}"


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

    def points(self, found: Sequence[str]) -> list[SweepPoint]:
        """The base index and all settings, given the languages of the generated queries.

        Raises:
            XqgError: a language that no generated query is in, or none is left.
        """
        sets = [self._language_set(languages, found) for languages in self.language_sets]
        if self.leave_one_out:
            if len(found) < 2:
                raise XqgError(
                    f"leave-one-out needs queries in at least two languages, they are in: {', '.join(found)}"
                )
            sets += [LanguageSet(f"no-{out}", tuple(lang for lang in found if lang != out)) for out in found]
        settings = product(dict.fromkeys(sets), dict.fromkeys(self.rules), dict.fromkeys(self.alphas))
        return [BASE, *(SweepPoint(rule, alpha, languages) for languages, rule, alpha in settings)]

    @staticmethod
    def _language_set(languages: tuple[str, ...] | None, found: Sequence[str]) -> LanguageSet:
        if languages is None:
            return LanguageSet("all", tuple(found))
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
    k = max(1, min(topics.hits, base.header.count))
    best = {point: BestRows(len(topics.query_ids), k) for point in grid.points(tuple(queries.counts.languages))}
    shape = block_shape(base, queries.counts)
    with progress(total=shape.passages, unit="passages", what="sweep") as bar:
        for vectors, sums in zip(base.blocks(shape.rows), queries.sums(shape, shape.starts()), strict=True):
            _score(best, topics.vectors, grid.weights, vectors, sums)
            bar.update(len(vectors))
    return _runs(best, topics.query_ids, source.index)


def _score(
    best: Mapping[SweepPoint, BestRows],
    topics: np.ndarray,
    weights: Mapping[str, float],
    vectors: np.ndarray,
    sums: LanguageSums,
) -> None:
    """Score a block of passages for every point; those of one set of languages come one after the other."""
    passage_scores = topics @ vectors.T
    for languages, points in groupby(best, lambda point: point.languages):
        used = {lang: weights.get(lang, 1) if lang in languages.languages else 0 for lang in sums.languages}
        total, number = sums.weighted(used)
        query_scores = topics @ total.T
        for point in points:
            # the alpha of the base index is 0, which changes nothing under any rule
            mix = RULES.get(point.rule or "sum").mix(vectors, total, number, point.alpha)
            best[point].add(mix.passage * passage_scores + mix.queries * query_scores, sums.first_row)


def _runs(best: Mapping[SweepPoint, BestRows], query_ids: Sequence[str], index: Path) -> dict[SweepPoint, Run]:
    """The runs of all points, ties in the order of the passage ids."""
    found = {point: rows.finish() for point, rows in best.items()}
    wanted = {row for _, rows in found.values() for row in np.unique(rows).tolist()}
    docids = {row: docid for row, docid in enumerate(stream_docids(index)) if row in wanted}
    runs = {}
    for point, (scores, rows) in found.items():
        hits = [ordered_hits(one, its_rows, docids) for one, its_rows in zip(scores, rows, strict=True)]
        runs[point] = dict(zip(query_ids, hits, strict=True))
    return runs


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
