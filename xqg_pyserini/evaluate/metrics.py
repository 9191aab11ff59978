"""The names of metrics and what they ask for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from xqg_pyserini.registry import unknown_name

Kind = Literal["ranked", "tokens", "tokens-corrected", "has-answer"]

#: ranx's names.
_RANKED = [
    "hits", "hit_rate", "precision", "recall", "f1", "r-precision", "mrr", "map", "dcg", "dcg_burges", "ndcg",
    "ndcg_burges", "bpref",
]  # fmt: skip
_RANKED_NAME = re.compile(rf"(?:{'|'.join(map(re.escape, _RANKED))})(?:@[1-9]\d*)?(?:-l\d+)?|rbp\.\d+")
_TOKENS_NAME = re.compile(r"r@([1-9]\d*)kt(-corrected)?")
_HAS_ANSWER_NAME = re.compile(r"answer_recall@([1-9]\d*)")

#: For messages: one example of each form.
FORMS = [*(f"{name}@10" for name in _RANKED), "rbp.95", "r@2kt", "r@2kt-corrected", "answer_recall@100"]


@dataclass(frozen=True)
class Metric:
    """A metric by name.

    ``cut`` is a token budget for ``tokens`` kinds and a rank for ``has-answer``; ranx reads its own from the name.
    """

    name: str
    kind: Kind
    cut: int = 0

    @property
    def needs_answers(self) -> bool:
        """Whether answers and passages are read instead of judgements."""
        return self.kind != "ranked"

    @property
    def macro(self) -> bool:
        """Whether the overall figure is the mean over languages, as the metric's authors define it."""
        return self.needs_answers


def metric(name: str) -> Metric:
    """The metric of a name, in any case.

    Raises:
        UnknownNameError: no such form; the message lists one example of each.
    """
    name = name.lower()
    if found := _TOKENS_NAME.fullmatch(name):
        return Metric(name, "tokens-corrected" if found[2] else "tokens", 1000 * int(found[1]))
    if found := _HAS_ANSWER_NAME.fullmatch(name):
        return Metric(name, "has-answer", int(found[1]))
    if _RANKED_NAME.fullmatch(name):
        return Metric(name, "ranked")
    raise unknown_name("metric", name, FORMS)


def parse_metrics(names: Iterable[str]) -> list[Metric]:
    """The metrics of several names, without repeats, in the given order."""
    return list({(found := metric(name)).name: found for name in names}.values())
