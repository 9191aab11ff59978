"""Paired tests of every run against a baseline, corrected for their number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from xqg_pyserini.evaluate.intervals import Bootstrap, Interval
from xqg_pyserini.evaluate.randomisation import fisher
from xqg_pyserini.evaluate.scores import Evaluation, Scores
from xqg_pyserini.registry import unknown_name

Test = Literal["fisher", "student", "tukey"]
Correction = Literal["holm", "bonferroni", "bh", "none"]

#: The group of all queries.
ALL = "all"
#: The names under which statsmodels knows the corrections.
_STATSMODELS = {"holm": "holm", "bonferroni": "bonferroni", "bh": "fdr_bh"}


@dataclass(frozen=True)
class Comparison:
    """One run against the baseline on one metric, over the queries that both count.

    Args:
        run: name of the run.
        metric: name of the metric.
        group: language, tier or ``all``.
        difference: run minus baseline in the overall figure (a mean over languages for a macro-averaged metric),
            with its bootstrap interval.
        p_value: two-sided.
        p_adjusted: the same, corrected for the number of comparisons in its family.
        effect: Cohen's d of paired data: mean difference / standard deviation of the differences.
        wins, losses: queries on which the run is better, worse.
        queries: how many were compared.
    """

    run: str
    metric: str
    group: str
    difference: Interval
    p_value: float
    p_adjusted: float
    effect: float
    wins: int
    losses: int
    queries: int

    def significant(self, alpha: float = 0.05) -> bool:
        """Whether the corrected p-value is below ``alpha``."""
        return self.p_adjusted < alpha


def compare(
    evaluation: Evaluation,
    baseline: str,
    test: Test = "fisher",
    correction: Correction = "holm",
    *,
    bootstrap: Bootstrap | None = None,
) -> dict[tuple[str, str], Comparison]:
    """Test each run against ``baseline``: (run, metric) -> comparison.

    ``fisher`` is Fisher's randomisation test of the overall figure; ``student`` (paired t) and ``tukey`` (honestly
    significant difference, for unpaired samples: conservative here, and correcting for the number of runs by itself)
    are ranx's and test the mean over queries.

    Args:
        evaluation: the scores.
        baseline: name of a run.
        test: which test.
        correction: Holm, Bonferroni or Benjamini-Hochberg over the runs compared on one metric.
        bootstrap: how intervals are made and what seeds the sign flips.

    Raises:
        UnknownNameError: no such run, test or correction.
    """
    rows = compare_groups({ALL: evaluation}, baseline, test, correction, bootstrap=bootstrap)
    return {(row.run, row.metric): row for row in rows}


def compare_groups(
    groups: Mapping[str, Evaluation],
    baseline: str,
    test: Test = "fisher",
    correction: Correction = "holm",
    *,
    bootstrap: Bootstrap | None = None,
) -> list[Comparison]:
    """``compare`` within several groups of queries.

    The comparisons of one metric are one family for the correction: over the runs for all queries (group ``all``),
    over runs and groups for the parts.
    """
    if test not in get_args(Test):
        raise unknown_name("test", test, list(get_args(Test)))
    if correction not in get_args(Correction):
        raise unknown_name("correction", correction, list(get_args(Correction)))
    bootstrap = bootstrap or Bootstrap()
    rows = [row for name, group in groups.items() for row in _compare_one(name, group, baseline, test, bootstrap)]
    return _corrected(rows, correction)


def _compare_one(
    group: str, evaluation: Evaluation, baseline: str, test: Test, bootstrap: Bootstrap
) -> list[Comparison]:
    pairs = [(run, metric) for metric in evaluation.metrics for run in evaluation.runs if run != baseline]
    columns = [evaluation.of(run, metric) - evaluation.of(baseline, metric) for run, metric in pairs]
    if not columns:
        evaluation.of(baseline, evaluation.metrics[0])  # a baseline that is no run is refused here too
        return []
    if test == "fisher":
        weighted = [c * _weights(c, evaluation, metric) for c, (_, metric) in zip(columns, pairs, strict=True)]
        p_values = fisher(np.column_stack(weighted), bootstrap.seed)
    elif test == "student":
        p_values = np.array([_student(evaluation, run, baseline, metric) for run, metric in pairs])
    else:
        p_values = np.array([_tukey(evaluation, run, baseline, metric) for run, metric in pairs])
    return [
        _row(pair, group, column, float(p), bootstrap.mean(column, strata(evaluation, pair[1])))
        for pair, column, p in zip(pairs, columns, p_values, strict=True)
    ]


def strata(evaluation: Evaluation, metric: str) -> tuple[str, ...] | None:
    """The languages over which a metric's overall figure is averaged; None for a mean over queries."""
    return evaluation.langs if metric in evaluation.macro else None


def _weights(column: Scores, evaluation: Evaluation, metric: str) -> Scores:
    """``(n,)``: 1, or for a macro-averaged metric what makes the languages weigh the same."""
    labels = strata(evaluation, metric)
    if labels is None:
        return np.ones(len(column))
    counted = ~np.isnan(column)
    sizes = {lang: int((counted & (np.array(labels) == lang)).sum()) for lang in set(labels)}
    return np.array([1 / max(sizes[lang], 1) for lang in labels])


def _row(pair: tuple[str, str], group: str, column: Scores, p_value: float, difference: Interval) -> Comparison:
    run, metric = pair
    counted = column[~np.isnan(column)]
    return Comparison(
        run=run,
        metric=metric,
        group=group,
        difference=difference,
        p_value=p_value,
        p_adjusted=p_value,
        effect=paired_effect(counted),
        wins=int((counted > 0).sum()),
        losses=int((counted < 0).sum()),
        queries=len(counted),
    )


def paired_effect(differences: Scores) -> float:
    """Cohen's d of paired differences ``(n,)``; 0 where all are 0, NaN below two values."""
    if len(differences) < 2:
        return float("nan")
    spread = differences.std(ddof=1)
    if spread == 0:
        return 0.0 if differences[0] == 0 else float(np.sign(differences[0])) * float("inf")
    return float(differences.mean() / spread)


def _student(evaluation: Evaluation, run: str, baseline: str, metric: str) -> float:
    from ranx.statistical_tests import paired_student_t_test

    control, treatment = evaluation.of(baseline, metric), evaluation.of(run, metric)
    both = ~(np.isnan(control) | np.isnan(treatment))
    if both.sum() < 2 or np.array_equal(control[both], treatment[both]):
        return 1.0
    return float(paired_student_t_test(control[both], treatment[both])[0])


def _tukey(evaluation: Evaluation, run: str, baseline: str, metric: str) -> float:
    from ranx.statistical_tests.tukey_hsd_test import tukey_hsd_test

    table = np.column_stack([evaluation.of(name, metric) for name in evaluation.runs])
    table = table[~np.isnan(table).any(axis=1)]
    if len(table) < 2 or np.ptp(table, axis=0).max() == 0:
        return 1.0
    rows = tukey_hsd_test(list(evaluation.runs), list(table.T), max_p=0.05)
    return next(float(row["p-value"]) for row in rows if (row["control"], row["treatment"]) == (baseline, run))


def _corrected(rows: list[Comparison], correction: Correction) -> list[Comparison]:
    if correction == "none":
        return rows
    adjusted = dict.fromkeys(range(len(rows)), 1.0)
    families = {(row.metric, row.group == ALL) for row in rows}
    for family in sorted(families):
        places = [place for place, row in enumerate(rows) if (row.metric, row.group == ALL) == family]
        adjusted |= dict(zip(places, adjust([rows[place].p_value for place in places], correction), strict=True))
    return [replace(row, p_adjusted=adjusted[place]) for place, row in enumerate(rows)]


def adjust(p_values: Sequence[float], correction: Correction) -> list[float]:
    """P-values corrected for their number, by statsmodels."""
    if correction == "none" or not p_values:
        return list(p_values)
    from statsmodels.stats.multitest import multipletests

    return [float(p) for p in multipletests(p_values, method=_STATSMODELS[correction])[1]]
