"""What a family of metrics is, and the registry of families.

A family is all metrics that are computed in one way and differ in a number of their name (``recall@10``,
``recall@100``). A new one is one file of this folder that ends in ``METRICS.register``.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from xqg_pyserini.evaluate.answers import AnswerSource
from xqg_pyserini.records import Run
from xqg_pyserini.registry import Registry, unknown_name
from xqg_pyserini.trec import Qrels

if TYPE_CHECKING:  # the names of metrics are shown by --help, which loads no numpy
    from numpy.typing import ArrayLike

Needs = Literal["judgements", "answers"]


@dataclass(frozen=True)
class ScoringTask:
    """What runs are scored against.

    Args:
        qrels: judgements; empty where every metric looks for answers.
        answers: queries with answers, and passages; None where no metric looks for answers.
        threads: CPU threads; None is all cores.
    """

    qrels: Qrels
    answers: AnswerSource | None = None
    threads: int | None = None

    def queries(self, needs: Needs) -> Collection[str]:
        """The queries for which there is what a metric needs."""
        return self.qrels if needs == "judgements" else self.source.queries

    @property
    def source(self) -> AnswerSource:
        """The answers; only for families that need them."""
        assert self.answers is not None
        return self.answers


class MetricFamily(ABC):
    """Metrics that are computed in one way.

    Class attributes:
        pattern: matches the whole name of each metric of the family, in lower case.
        examples: names for help and error messages.
        needs: what is read: ``judgements``, or ``answers`` (queries with answers, and the texts of passages).
        macro: whether the overall score is the mean over languages, as the authors of the metric define it.
        reads_titles: whether the option of reading titles (``AnswerSource.titles``) matters.
    """

    pattern: ClassVar[re.Pattern[str]]
    examples: ClassVar[Sequence[str]]
    needs: ClassVar[Needs] = "judgements"
    macro: ClassVar[bool] = False
    reads_titles: ClassVar[bool] = False

    @abstractmethod
    def scores(
        self, run: Run, names: Sequence[str], query_ids: Sequence[str], task: ScoringTask
    ) -> Mapping[str, "ArrayLike"]:
        """Score one run: metric -> a score for each query, NaN where the metric does not count the query.

        Args:
            run: query id -> hits in any order; it may lack queries.
            names: metrics of this family.
            query_ids: queries for which ``task`` has what the family needs.
            task: what the run is scored against.
        """

    def check(self) -> None:  # noqa: B027
        """Raise MissingExtraError where a package that the family needs is not installed."""

    def facts(self, task: ScoringTask) -> dict[str, str]:  # noqa: ARG002
        """What a reader must know to repeat the scores, such as the version of a library."""
        return {}


#: Name of the family -> family.
METRICS: Registry[MetricFamily] = Registry("family of metrics")


@dataclass(frozen=True)
class Metric:
    """A metric: its name and the family that computes it."""

    name: str
    family: MetricFamily


def parse_metrics(names: Iterable[str]) -> list[Metric]:
    """The metrics of several names in any case, without repeats, in the given order.

    Raises:
        UnknownNameError: no family has such a name; the message lists examples.
    """
    found = {}
    for name in map(str.lower, names):
        families = [family for family in map(METRICS.get, METRICS) if family.pattern.fullmatch(name)]
        if not families:
            raise unknown_name("metric", name, metric_examples())
        found[name] = Metric(name, families[0])
    return list(found.values())


def metric_examples() -> list[str]:
    """An example of every kind of name."""
    return [example for family in METRICS for example in METRICS.get(family).examples]
