"""From scores to a report: intervals, comparisons, the cost of typos."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from xqg_pyserini import __version__
from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.evaluate.analysis.gains import gains_of_queries
from xqg_pyserini.evaluate.analysis.tier_difference import TierDifference, tier_difference
from xqg_pyserini.evaluate.intervals import BOOTSTRAP, Bootstrap
from xqg_pyserini.evaluate.references import Reference
from xqg_pyserini.evaluate.report.model import GroupScore, Report
from xqg_pyserini.evaluate.robustness import measure_robustness, measure_robustness_by_operator
from xqg_pyserini.evaluate.scores import ALL, By, Evaluation, split_evaluation
from xqg_pyserini.evaluate.significance import compare_groups
from xqg_pyserini.evaluate.student import Equivalence, check_equivalence, mean_difference
from xqg_pyserini.evaluate.typo_runs import PairedScores, mean_severity, typo_gain
from xqg_pyserini.registry import unknown_name

#: Difference of clean scores that counts as none: one point.
MARGIN = 0.01


@dataclass(frozen=True)
class EvaluationOptions:
    """How runs are compared.

    Args:
        baseline: name of the run to compare with; by default the first run.
        test: one of ``SIGNIFICANCE_TESTS``.
        correction: one of ``CORRECTIONS``, over the runs and groups of one metric.
        by: scores for each language or tier too.
        alpha: level of significance.
        margin: difference on clean queries that counts as none (0.01 is one point); by default 0.01 where there are
            typo runs, else equivalence is not tested.
        bootstrap: resamples, seed and level of the intervals.
    """

    baseline: str | None = None
    test: str = "fisher"
    correction: str = "holm"
    by: By | None = None
    alpha: float = 0.05
    margin: float | None = None
    bootstrap: Bootstrap = BOOTSTRAP


#: (run, metric) -> clean and typo scores.
TypoRuns = Mapping[tuple[str, str], PairedScores]


def build_report(
    evaluation: Evaluation,
    options: EvaluationOptions | None = None,
    *,
    typos: TypoRuns | None = None,
    references: Sequence[Reference] = (),
    texts: Mapping[str, str] | None = None,
) -> Report:
    """Compute everything that a report shows.

    Raises:
        UnknownNameError: the baseline is no run, or a language has no tier.
        InputError: groups are asked for and the languages of the queries are not known.
    """
    options, typos = options or EvaluationOptions(), typos or {}
    baseline, bootstrap = options.baseline or evaluation.runs[0], options.bootstrap
    if baseline not in evaluation.runs:
        raise unknown_name("run", baseline, list(evaluation.runs))
    if options.by and not any(evaluation.languages):
        raise InputError(f"scores by {options.by} need the language of every query: give topics that name it")
    groups = {ALL: evaluation} | split_evaluation(evaluation, options.by)
    systems = [run for run in evaluation.runs if run != baseline]
    margin = options.margin or (MARGIN if typos else None)
    with_edits = [paired for paired in typos.values() if paired.operators is not None]
    return Report(
        evaluation=evaluation,
        baseline=baseline if systems else None,
        settings=_settings(evaluation, options, baseline, margin),
        scores=_group_scores(groups, bootstrap),
        tiers=_group_scores(_tiers(evaluation), bootstrap),
        comparisons=tuple(compare_groups(groups, baseline, options.test, options.correction, bootstrap=bootstrap)),
        robustness=tuple(row for p in typos.values() for row in measure_robustness(p, options.by, bootstrap)),
        operators=tuple(row for p in with_edits for row in measure_robustness_by_operator(p, bootstrap)),
        gaps=_gaps(typos, baseline, systems, bootstrap),
        clean_costs=_clean_costs(evaluation, baseline, systems, margin, options.alpha) if margin else {},
        references=tuple(references),
        texts=texts or {},
        alpha=options.alpha,
    )


def _settings(
    evaluation: Evaluation, options: EvaluationOptions, baseline: str, margin: float | None
) -> dict[str, str]:
    bootstrap = options.bootstrap
    settings = {
        "xqg_pyserini": __version__,
        "queries": str(len(evaluation.query_ids)),
        "baseline": baseline,
        "test": f"{options.test}, two-sided",
        "correction": f"{options.correction}, for each metric: over runs, and over runs and groups",
        "alpha": f"{options.alpha:g}",
        "intervals": f"bootstrap percentile, {bootstrap.level:.0%}, {bootstrap.resamples} resamples",
        "seed": str(bootstrap.seed),
    }
    if margin:
        settings["margin of equivalence"] = f"{margin:g}"
    if evaluation.macro:
        settings["mean over languages"] = f"{', '.join(sorted(evaluation.macro))}: scores, tests and intervals"
    return settings | dict(evaluation.facts)


def _tiers(evaluation: Evaluation) -> dict[str, Evaluation]:
    """The queries of each tier, where every language is known and there is more than one tier."""
    try:
        parts = split_evaluation(evaluation, "tier")
    except (InputError, UnknownNameError):
        return {}
    return parts if len(parts) > 1 else {}


def _group_scores(groups: Mapping[str, Evaluation], bootstrap: Bootstrap) -> tuple[GroupScore, ...]:
    return tuple(
        GroupScore(name, run, metric, int((~np.isnan(values)).sum()), bootstrap.mean(values, group.strata(metric)))
        for name, group in groups.items()
        for run, table in group.scores.items()
        for metric, values in table.items()
    )


def _gaps(
    typos: TypoRuns, baseline: str, systems: Sequence[str], bootstrap: Bootstrap
) -> dict[tuple[str, str, bool], TierDifference]:
    """(run, metric, per severity) -> gap, where there is a gain in languages of both tiers."""
    found = {}
    for (run, metric), paired in typos.items():
        base = typos.get((baseline, metric))
        if run not in systems or base is None:
            continue
        for severity in [None] if paired.severity is None else [None, mean_severity(paired)]:
            with contextlib.suppress(InputError, UnknownNameError):  # what these languages or edits do not allow
                gains = gains_of_queries(typo_gain(paired, base), paired.languages, severity=severity)
                found[run, metric, severity is not None] = tier_difference(gains, bootstrap=bootstrap)
    return found


def _clean_costs(
    evaluation: Evaluation, baseline: str, systems: Sequence[str], margin: float, alpha: float
) -> dict[tuple[str, str], Equivalence]:
    costs = {}
    for run, metric in product(systems, evaluation.metrics):
        mine, base, strata = evaluation.of(run, metric), evaluation.of(baseline, metric), evaluation.strata(metric)
        if mean_difference(mine - base, strata).testable:
            costs[run, metric] = check_equivalence(mine, base, margin, alpha, strata)
    return costs
