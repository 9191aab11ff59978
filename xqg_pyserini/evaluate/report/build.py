"""From scores to a report: intervals, comparisons, the cost of typos."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from xqg_pyserini import __version__
from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.intervals import Bootstrap
from xqg_pyserini.evaluate.references import Reference
from xqg_pyserini.evaluate.report.model import GroupScore, Report
from xqg_pyserini.evaluate.resource_gap import ResourceGap, mean_severity, measure_resource_gap, typo_gain
from xqg_pyserini.evaluate.robustness import measure_robustness, measure_robustness_by_operator
from xqg_pyserini.evaluate.scores import ALL, By, Evaluation, Scores, split_evaluation, tiers_known
from xqg_pyserini.evaluate.significance import compare_groups
from xqg_pyserini.evaluate.student import Equivalence, check_equivalence, mean_difference
from xqg_pyserini.evaluate.typo_runs import PairedScores
from xqg_pyserini.languages import tier
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
    bootstrap: Bootstrap = field(default_factory=Bootstrap)


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
    baseline = options.baseline or evaluation.runs[0]
    if baseline not in evaluation.runs:
        raise unknown_name("run", baseline, list(evaluation.runs))
    if options.by and not any(evaluation.languages):
        raise InputError(f"scores by {options.by} need the language of every query: give topics that name it")
    groups = {ALL: evaluation} | split_evaluation(evaluation, options.by)
    systems = [run for run in evaluation.runs if run != baseline]
    margin = options.margin or (MARGIN if typos else None)
    return Report(
        evaluation=evaluation,
        baseline=baseline if systems else None,
        settings=_settings(evaluation, options, baseline, margin),
        scores=tuple(_group_scores(groups, options.bootstrap)),
        tiers=tuple(_group_scores(_tiers(evaluation), options.bootstrap)),
        comparisons=tuple(
            compare_groups(groups, baseline, options.test, options.correction, bootstrap=options.bootstrap)
        ),
        robustness=tuple(row for p in typos.values() for row in measure_robustness(p, options.by, options.bootstrap)),
        operators=tuple(
            row
            for p in typos.values()
            if p.operators is not None
            for row in measure_robustness_by_operator(p, options.bootstrap)
        ),
        gaps=_gaps(typos, baseline, systems, options.bootstrap),
        clean_costs=_clean_costs(evaluation, baseline, systems, margin, options.alpha) if margin else {},
        references=tuple(references),
        texts=texts or {},
        alpha=options.alpha,
    )


def _settings(
    evaluation: Evaluation, options: EvaluationOptions, baseline: str, margin: float | None
) -> dict[str, str]:
    bootstrap = options.bootstrap
    macro = {"mean over languages": f"{', '.join(sorted(evaluation.macro))}: scores, tests and intervals"}
    equivalence = {"margin of equivalence": f"{margin:g}"} if margin else {}
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
    return settings | equivalence | (macro if evaluation.macro else {}) | dict(evaluation.facts)


def _tiers(evaluation: Evaluation) -> dict[str, Evaluation]:
    """The queries of each tier, where every language is known and there is more than one tier."""
    if not tiers_known(evaluation.languages):
        return {}
    parts = split_evaluation(evaluation, "tier")
    return parts if len(parts) > 1 else {}


def _group_scores(groups: Mapping[str, Evaluation], bootstrap: Bootstrap) -> Iterable[GroupScore]:
    for name, group in groups.items():
        for run, metric in product(group.runs, group.metrics):
            values = group.of(run, metric)
            counted = int((~np.isnan(values)).sum())
            yield GroupScore(name, run, metric, counted, bootstrap.mean(values, group.strata(metric)))


def _gaps(
    typos: TypoRuns, baseline: str, systems: Sequence[str], bootstrap: Bootstrap
) -> dict[tuple[str, str, bool], ResourceGap]:
    """(run, metric, per severity) -> gap, where there are languages of both tiers."""
    found = {}
    for (run, metric), paired in typos.items():
        base = typos.get((baseline, metric))
        if run not in systems or base is None or not _both_tiers(paired.languages):
            continue
        gain = typo_gain(paired, base)
        found[run, metric, False] = measure_resource_gap(gain, paired.languages, bootstrap=bootstrap)
        if paired.severity is not None and _every_language_changed(severity := mean_severity(paired), paired.languages):
            found[run, metric, True] = measure_resource_gap(
                gain, paired.languages, severity=severity, bootstrap=bootstrap
            )
    return found


def _every_language_changed(severity: Scores, languages: Sequence[str]) -> bool:
    """Whether there is a gain per changed character in every language."""
    labels = np.array(languages)
    return all(np.nansum(severity[labels == language]) > 0 for language in set(languages))


def _both_tiers(languages: Sequence[str]) -> bool:
    return tiers_known(languages) and {"low", "high"} <= {tier(language) for language in set(languages)}


def _clean_costs(
    evaluation: Evaluation, baseline: str, systems: Sequence[str], margin: float, alpha: float
) -> dict[tuple[str, str], Equivalence]:
    costs = {}
    for run, metric in product(systems, evaluation.metrics):
        mine, base, strata = evaluation.of(run, metric), evaluation.of(baseline, metric), evaluation.strata(metric)
        if mean_difference(mine - base, strata).testable:
            costs[run, metric] = check_equivalence(mine, base, margin, alpha, strata)
    return costs
