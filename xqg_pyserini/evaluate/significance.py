"""Every run against a baseline: difference, p-value corrected for the number of comparisons, effect size."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from xqg_pyserini.evaluate.intervals import BOOTSTRAP, Bootstrap, Interval
from xqg_pyserini.evaluate.scores import ALL, Evaluation, Scores, mean_over, weights
from xqg_pyserini.evaluate.significance_tests import CORRECTIONS, SIGNIFICANCE_TESTS, check_test


@dataclass(frozen=True)
class Comparison:
    """One run against the baseline on one metric, over the queries that both count.

    Args:
        group: language, tier or ``all``.
        difference: run minus baseline in the overall score (a mean over languages for a macro-averaged metric),
            with its bootstrap interval.
        p_value: two-sided.
        p_adjusted: the same, corrected for the number of comparisons in its family.
        effect: Cohen's d of paired data: difference / standard deviation of the differences (languages weigh equally
            in both for a macro-averaged metric).
        wins: number of queries on which the run is better.
        losses: number of queries on which it is worse.
        queries: number of queries compared.
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


def compare_runs(
    evaluation: Evaluation,
    baseline: str,
    test: str = "fisher",
    correction: str = "holm",
    *,
    bootstrap: Bootstrap = BOOTSTRAP,
) -> dict[tuple[str, str], Comparison]:
    """Test each run against ``baseline``: (run, metric) -> comparison.

    Every test is of the overall score as reported: a mean over queries, or for a macro-averaged metric the mean over
    languages. ``fisher`` is Fisher's randomisation test, with differences weighted so that languages weigh equally;
    ``student`` the paired t-test, with languages as strata; ``tukey`` the honestly significant difference, which is for
    unpaired samples (conservative here), corrects for the number of runs by itself and refuses macro-averages.

    Args:
        test: one of ``SIGNIFICANCE_TESTS``.
        correction: one of ``CORRECTIONS``, over the runs compared on one metric.
        bootstrap: how intervals are made and what seeds the sign flips.

    Raises:
        InputError: the test cannot test one of the metrics.
        UnknownNameError: no such run, test or correction.
    """
    rows = compare_groups({ALL: evaluation}, baseline, test, correction, bootstrap=bootstrap)
    return {(row.run, row.metric): row for row in rows}


def compare_groups(
    groups: Mapping[str, Evaluation],
    baseline: str,
    test: str = "fisher",
    correction: str = "holm",
    *,
    bootstrap: Bootstrap = BOOTSTRAP,
) -> list[Comparison]:
    """``compare_runs`` within several groups of queries.

    The comparisons of one metric are one family for the correction: over the runs for all queries (group ``all``),
    over runs and groups for the parts.
    """
    adjust = CORRECTIONS.get(correction)
    rows = [row for name, group in groups.items() for row in _compare_one(name, group, baseline, test, bootstrap)]
    families = [(row.metric, row.group == ALL) for row in rows]
    for family in dict.fromkeys(families):
        places = [place for place, other in enumerate(families) if other == family]
        adjusted = adjust([rows[place].p_value for place in places])
        for place, p_adjusted in zip(places, adjusted, strict=True):
            rows[place] = replace(rows[place], p_adjusted=p_adjusted)
    return rows


def _compare_one(
    group: str, evaluation: Evaluation, baseline: str, test: str, bootstrap: Bootstrap
) -> list[Comparison]:
    evaluation.of(baseline, evaluation.metrics[0])  # a baseline that is no run is refused, also without other runs
    check_test(test, sorted(evaluation.macro))
    pairs = [(run, metric) for metric in evaluation.metrics for run in evaluation.runs if run != baseline]
    p_values = SIGNIFICANCE_TESTS.get(test).p_values(evaluation, baseline, pairs, bootstrap.seed) if pairs else []
    rows = []
    for (run, metric), p_value in zip(pairs, p_values, strict=True):
        difference = evaluation.of(run, metric) - evaluation.of(baseline, metric)
        strata = evaluation.strata(metric)
        row = Comparison(
            run=run,
            metric=metric,
            group=group,
            difference=bootstrap.mean(difference, strata),
            p_value=p_value,
            p_adjusted=p_value,
            effect=paired_effect(difference, strata),
            wins=int((difference > 0).sum()),
            losses=int((difference < 0).sum()),
            queries=int((~np.isnan(difference)).sum()),
        )
        rows.append(row)
    return rows


def paired_effect(difference: Scores, strata: tuple[str, ...] | None = None) -> float:
    """Cohen's d of paired differences ``(n,)``; 0 where all are 0, NaN below two values."""
    weight = weights(difference, strata)
    weight, counted = weight[weight > 0], difference[~np.isnan(difference)]
    if len(counted) < 2:
        return float("nan")
    mean = mean_over(difference, strata)
    if np.ptp(counted) == 0:
        return 0.0 if counted[0] == 0 else float(np.sign(counted[0])) * float("inf")
    variance = (weight * (counted - mean) ** 2).sum() / (1 - (weight**2).sum())
    return float(mean / np.sqrt(variance))
