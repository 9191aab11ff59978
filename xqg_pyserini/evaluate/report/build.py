"""From scores to a report: intervals, comparisons, the cost of typos."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from xqg_pyserini import __version__
from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.equivalence import Equivalence, equivalence
from xqg_pyserini.evaluate.groups import By, by_tier, known, split
from xqg_pyserini.evaluate.intervals import Bootstrap
from xqg_pyserini.evaluate.references import Reference
from xqg_pyserini.evaluate.report.model import GroupScore, Report
from xqg_pyserini.evaluate.resource_gap import ResourceGap, mean_severity, resource_gap, typo_gain
from xqg_pyserini.evaluate.robustness import PairedScores, robustness, robustness_by_operator
from xqg_pyserini.evaluate.scores import Evaluation, Scores
from xqg_pyserini.evaluate.significance import Correction, Test, compare_groups, strata
from xqg_pyserini.languages import tier
from xqg_pyserini.registry import unknown_name


@dataclass(frozen=True)
class Options:
    """How runs are compared.

    Args:
        baseline: name of the run to compare with; the first run where left out.
        test: ``fisher``, ``student`` or ``tukey``.
        correction: ``holm``, ``bonferroni``, ``bh`` or ``none``, over the runs and groups of one metric.
        by: figures for each language or tier too.
        alpha: level of significance.
        margin: difference on clean queries that counts as none (0.01 is one point).
        bootstrap: resamples, seed and level of the intervals.
    """

    baseline: str | None = None
    test: Test = "fisher"
    correction: Correction = "holm"
    by: By | None = None
    alpha: float = 0.05
    margin: float = 0.01
    bootstrap: Bootstrap = field(default_factory=Bootstrap)


#: (run, metric) -> clean and typo scores.
TypoRuns = Mapping[tuple[str, str], PairedScores]


def build_report(
    evaluation: Evaluation,
    options: Options | None = None,
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
    options, typos = options or Options(), typos or {}
    baseline = options.baseline or evaluation.runs[0]
    if baseline not in evaluation.runs:
        raise unknown_name("run", baseline, list(evaluation.runs))
    if options.by and not any(evaluation.langs):
        raise InputError(f"figures by {options.by} need the language of every query: give topics that name it")
    groups = split(evaluation, options.by)
    rivals = [run for run in evaluation.runs if run != baseline]
    return Report(
        evaluation=evaluation,
        baseline=baseline if rivals else None,
        settings=_settings(evaluation, options, baseline),
        scores=tuple(_group_scores(groups, options.bootstrap)),
        tiers=tuple(_group_scores(_tiers(evaluation), options.bootstrap)),
        comparisons=tuple(
            compare_groups(groups, baseline, options.test, options.correction, bootstrap=options.bootstrap)
        ),
        robustness=tuple(row for p in typos.values() for row in robustness(p, options.by, options.bootstrap)),
        operators=tuple(
            row
            for p in typos.values()
            if p.operators is not None
            for row in robustness_by_operator(p, options.bootstrap)
        ),
        gaps=_gaps(typos, baseline, rivals, options.bootstrap),
        clean_costs=_clean_costs(evaluation, baseline, rivals, options),
        references=tuple(references),
        texts=texts or {},
        alpha=options.alpha,
    )


def _settings(evaluation: Evaluation, options: Options, baseline: str) -> dict[str, str]:
    bootstrap = options.bootstrap
    return {
        "xqg_pyserini": __version__,
        "queries": str(len(evaluation.query_ids)),
        "baseline": baseline,
        "test": f"{options.test}, two-sided",
        "correction": f"{options.correction}, for each metric: over runs, and over runs and groups",
        "alpha": f"{options.alpha:g}",
        "intervals": f"bootstrap percentile, {bootstrap.level:.0%}, {bootstrap.resamples} resamples",
        "seed": str(bootstrap.seed),
        "margin of equivalence": f"{options.margin:g}",
    } | dict(evaluation.facts)


def _tiers(evaluation: Evaluation) -> dict[str, Evaluation]:
    """The queries of each tier, where every language is known and there is more than one tier."""
    if not all(known(lang) for lang in set(evaluation.langs)):
        return {}
    parts = by_tier(evaluation)
    return parts if len(parts) > 1 else {}


def _group_scores(groups: Mapping[str, Evaluation], bootstrap: Bootstrap) -> Iterable[GroupScore]:
    for name, group in groups.items():
        for run, metric in product(group.runs, group.metrics):
            values = group.of(run, metric)
            counted = int((~np.isnan(values)).sum())
            yield GroupScore(name, run, metric, counted, bootstrap.mean(values, strata(group, metric)))


def _gaps(
    typos: TypoRuns, baseline: str, rivals: Sequence[str], bootstrap: Bootstrap
) -> dict[tuple[str, str, bool], ResourceGap]:
    """(run, metric, per severity) -> gap, where the languages fall into both classes."""
    found = {}
    for (run, metric), paired in typos.items():
        base = typos.get((baseline, metric))
        if run not in rivals or base is None or not _both_classes(paired.langs):
            continue
        gain = typo_gain(paired, base)
        found[run, metric, False] = resource_gap(gain, paired.langs, bootstrap=bootstrap)
        if paired.severity is not None and _every_language_changed(severity := mean_severity(paired), paired.langs):
            found[run, metric, True] = resource_gap(gain, paired.langs, severity=severity, bootstrap=bootstrap)
    return found


def _every_language_changed(severity: Scores, langs: Sequence[str]) -> bool:
    """Whether there is a gain per changed character in every language."""
    labels = np.array(langs)
    return all(np.nansum(severity[labels == lang]) > 0 for lang in set(langs))


def _both_classes(langs: Sequence[str]) -> bool:
    return all(map(known, set(langs))) and {"low", "high"} <= {tier(lang) for lang in set(langs)}


def _clean_costs(
    evaluation: Evaluation, baseline: str, rivals: Sequence[str], options: Options
) -> dict[tuple[str, str], Equivalence]:
    costs = {}
    for run, metric in product(rivals, evaluation.metrics):
        mine, base = evaluation.of(run, metric), evaluation.of(baseline, metric)
        if (~np.isnan(mine - base)).sum() >= 2:
            costs[run, metric] = equivalence(mine, base, options.margin, options.alpha)
    return costs
