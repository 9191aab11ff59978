"""All that a report shows, computed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from xqg_pyserini.evaluate.analysis.tier_difference import TierDifference
from xqg_pyserini.evaluate.intervals import Interval
from xqg_pyserini.evaluate.references import Reference
from xqg_pyserini.evaluate.robustness import Robustness
from xqg_pyserini.evaluate.scores import Evaluation
from xqg_pyserini.evaluate.significance import Comparison
from xqg_pyserini.evaluate.student import Equivalence


@dataclass(frozen=True)
class GroupScore:
    """The overall score of one run on one metric in one group of queries."""

    group: str
    run: str
    metric: str
    queries: int
    score: Interval


@dataclass(frozen=True)
class Report:
    """Everything that is written and shown.

    Args:
        evaluation: per-query scores.
        baseline: the run that the others are compared with; None with a single run.
        settings: how it was computed, for the record.
        scores: every group, run and metric; the group ``all`` comes first.
        tiers: every resource tier, run and metric; empty where languages are not known.
        comparisons: every group, run and metric against the baseline.
        robustness: cost of typos by language or tier; empty without typo runs.
        operators: cost of typos by typo operator; empty where that is not known.
        gaps: (run, metric) -> low- against high-resource gain over the baseline under typos.
        clean_costs: (run, metric) -> is the clean score equivalent to the baseline's? Empty where that was not tested.
        references: published rows, not re-run.
        texts: query id -> text, for the plots.
        alpha: level of significance.
    """

    evaluation: Evaluation
    baseline: str | None
    settings: Mapping[str, str]
    scores: tuple[GroupScore, ...]
    tiers: tuple[GroupScore, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    robustness: tuple[Robustness, ...] = ()
    operators: tuple[Robustness, ...] = ()
    gaps: Mapping[tuple[str, str, bool], TierDifference] = field(default_factory=dict)
    clean_costs: Mapping[tuple[str, str], Equivalence] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    alpha: float = 0.05

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups in the order in which they are shown."""
        return tuple(dict.fromkeys(row.group for row in self.scores))

    def score(self, group: str, run: str, metric: str) -> GroupScore:
        """One score; KeyError where it is not there."""
        return {(row.group, row.run, row.metric): row for row in self.scores}[group, run, metric]

    def comparison(self, group: str, run: str, metric: str) -> Comparison | None:
        """One comparison; None for the baseline itself."""
        return {(row.group, row.run, row.metric): row for row in self.comparisons}.get((group, run, metric))

    @property
    def warnings(self) -> list[str]:
        """What a reader must know before believing the scores."""
        found = []
        for run, covered in self.evaluation.coverage.items():
            if covered.missing:
                found.append(
                    f"run {run} has no passages for {len(covered.missing)} of {len(self.evaluation.query_ids)} queries "
                    f"({', '.join(covered.missing[:3])}{', …' if len(covered.missing) > 3 else ''}): they score 0, "
                    f"except in r@kt, whose authors do not count them"
                )
            if covered.unjudged:
                found.append(f"run {run} has {len(covered.unjudged)} queries without judgements: they are skipped")
        return found
