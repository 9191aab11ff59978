"""Tests that were planned before looking, corrected as one family, and apart from them the exploratory ones.

The probability of any false claim among the planned tests is held at the level; an exploratory test, whose family
nobody fixed beforehand, can only raise a question. It is corrected over the exploratory tests, which are marked.
"""

from collections.abc import Mapping, Sequence
from math import isnan, nan
from typing import NamedTuple

from xqg_pyserini.evaluate.significance_tests import CORRECTIONS
from xqg_pyserini.registry import unknown_name


class CorrectedTest(NamedTuple):
    """One test with its p-value corrected within its family.

    Attributes:
        name: of the test.
        planned: whether it is one of the planned family, or exploratory.
        p_value: as the test gave it; NaN where the test had no outcome.
        p_adjusted: corrected; NaN likewise.
    """

    name: str
    planned: bool
    p_value: float
    p_adjusted: float


def correct_families(
    p_values: Mapping[str, float], planned: Sequence[str], correction: str = "holm"
) -> list[CorrectedTest]:
    """Correct the planned tests as one family and the others as another; planned ones come first, in their order.

    A test without an outcome (NaN, such as a model that could not be fitted) stays in its family and counts as p = 1,
    so that a failure makes no other test easier to pass.

    Args:
        p_values: test -> p-value.
        planned: the tests of the plan, every one of which must be there.
        correction: one of ``CORRECTIONS``.

    Raises:
        UnknownNameError: a planned test is not there, or no such correction.
    """
    if missing := [name for name in planned if name not in p_values]:
        raise unknown_name("planned test", missing[0], list(p_values))
    adjust = CORRECTIONS.get(correction)
    first = tuple(dict.fromkeys(planned))
    found = []
    for names in (first, [name for name in p_values if name not in first]):
        values = [p_values[name] for name in names]
        adjusted = adjust([1.0 if isnan(p) else p for p in values])
        found += [
            CorrectedTest(name, names is first, p, nan if isnan(p) else p_adjusted)
            for name, p, p_adjusted in zip(names, values, adjusted, strict=True)
        ]
    return found
