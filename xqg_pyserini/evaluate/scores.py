"""What an evaluation is: one score for each run, metric and query; and its parts by language and tier."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from xqg_pyserini.errors import InputError
from xqg_pyserini.languages import tier
from xqg_pyserini.registry import unknown_name

By = Literal["language", "tier"]

#: Tiers in the order in which they are shown.
TIERS = ("high", "mid", "low")
#: The group of all queries.
ALL = "all"

#: Per-query scores, ``(n,) float64``; NaN where a metric does not count the query.
Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Coverage:
    """Which queries a run answered.

    ``missing`` are judged queries for which the run has no passage (they score 0); ``unjudged`` are queries of the
    run without judgements (they are skipped).
    """

    missing: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """Scores of several runs on one set of queries; the result of every evaluation, whatever the options.

    Args:
        query_ids: the queries, sorted.
        languages: the language of each query, ``""`` where unknown.
        scores: run -> metric -> ``(n,) float64`` in the order of ``query_ids``; NaN where a metric does not count
            a query (R@kt skips yes/no questions).
        coverage: run -> the queries it missed and those that have no judgements.
        macro: the metrics whose overall score is the unweighted mean over languages, not over queries.
        facts: what a reader must know to repeat the scores (which tokeniser ran, library versions).
    """

    query_ids: tuple[str, ...]
    languages: tuple[str, ...]
    scores: Mapping[str, Mapping[str, Scores]]
    coverage: Mapping[str, Coverage]
    macro: frozenset[str] = frozenset()
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def runs(self) -> tuple[str, ...]:
        """The names of the runs, in the order they were given."""
        return tuple(self.scores)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the metrics, in the order they were given."""
        return tuple(next(iter(self.scores.values()), {}))

    @property
    def means(self) -> dict[str, dict[str, float]]:
        """Run -> metric -> overall score."""
        return {run: {metric: self.mean(run, metric) for metric in self.metrics} for run in self.runs}

    def of(self, run: str, metric: str) -> Scores:
        """The ``(n,) float64`` scores of one run; raises UnknownNameError."""
        if run not in self.scores:
            raise unknown_name("run", run, list(self.runs))
        if metric not in self.scores[run]:
            raise unknown_name("metric", metric, list(self.metrics))
        return self.scores[run][metric]

    def mean(self, run: str, metric: str) -> float:
        """The overall score: over languages for a metric in ``macro``, else over the queries that count."""
        return mean_over(self.of(run, metric), self.strata(metric))

    def strata(self, metric: str) -> tuple[str, ...] | None:
        """The language of each query for a metric in ``macro``; None for a mean over queries."""
        return self.languages if metric in self.macro else None

    def only(self, *runs: str) -> "Evaluation":
        """The same evaluation with some of its runs; raises UnknownNameError."""
        if unknown := [run for run in runs if run not in self.scores]:
            raise unknown_name("run", unknown[0], list(self.runs))
        coverage = {run: covered for run, covered in self.coverage.items() if run in runs}
        return replace(self, scores={run: self.scores[run] for run in runs}, coverage=coverage)

    def select(self, keep: NDArray[np.bool_]) -> "Evaluation":
        """The same evaluation on the queries where the ``(n,)`` mask is true."""
        chosen = np.flatnonzero(keep)
        ids = tuple(self.query_ids[i] for i in chosen)
        inside = set(ids)
        return replace(
            self,
            query_ids=ids,
            languages=tuple(self.languages[i] for i in chosen),
            scores={run: {m: values[keep] for m, values in table.items()} for run, table in self.scores.items()},
            coverage={
                run: replace(c, missing=tuple(q for q in c.missing if q in inside)) for run, c in self.coverage.items()
            },
        )


def members_of(values: Scores, strata: Sequence[str] | None) -> list[NDArray[np.intp]]:
    """Positions of the values that are not NaN, for each stratum that has any; without strata all together."""
    counted = ~np.isnan(values)
    labels = np.zeros(len(values)) if strata is None else np.asarray(strata)
    groups = [np.flatnonzero(counted & (labels == label)) for label in np.unique(labels)]
    return [members for members in groups if len(members)]


def mean_over(values: Scores, strata: Sequence[str] | None = None) -> float:
    """The mean of what is not NaN, or the mean of the means of the strata; NaN where nothing is left."""
    means = [values[members].mean() for members in members_of(values, strata)]
    return float(np.mean(means)) if means else float("nan")


def weights(values: Scores, strata: Sequence[str] | None) -> Scores:
    """``(n,)`` weights of the values in ``mean_over``: they sum to 1, and are 0 for NaN."""
    found = np.zeros(len(values))
    groups = members_of(values, strata)
    for members in groups:
        found[members] = 1 / (len(groups) * len(members))
    return found


def sorted_ids(ids: Iterable[str]) -> tuple[str, ...]:
    """Query ids without repeats, sorted as text."""
    return tuple(sorted(set(ids)))


def group_masks(languages: Sequence[str], by: By | None) -> dict[str, NDArray[np.bool_]]:
    """Language or tier -> ``(n,)`` mask of its queries, in the order in which groups are shown; nothing for None.

    Raises:
        InputError: tiers of queries without a language.
        UnknownNameError: a language that has no known tier (of the classes of Joshi et al., 2020).
    """
    if by is None:
        return {}
    if by == "tier" and "" in languages:
        raise InputError("tiers need the language of every query: give topics that name it")
    labels = list(map(tier, languages)) if by == "tier" else languages
    names = [name for name in TIERS if name in labels] if by == "tier" else sorted(set(labels))
    return {name: np.array(labels) == name for name in names}


def split_evaluation(evaluation: Evaluation, by: By | None) -> dict[str, Evaluation]:
    """Language or tier -> its queries; nothing for None; raises what ``group_masks`` raises."""
    return {name: evaluation.select(mask) for name, mask in group_masks(evaluation.languages, by).items()}
