"""Paired tests of every run against a baseline."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from xqg_pyserini.evaluate.scores import Evaluation, Scores

Test = Literal["fisher", "student", "tukey"]

#: Random sign flips of Fisher's test.
PERMUTATIONS = 10_000


@dataclass(frozen=True)
class Comparison:
    """One run against the baseline on one metric.

    ``difference`` is run minus baseline over the ``queries`` that both count; ``p_value`` is two-sided and, in
    ``p_adjusted``, corrected for the number of comparisons.
    """

    run: str
    metric: str
    difference: float
    p_value: float
    p_adjusted: float
    queries: int


def compare(
    evaluation: Evaluation, baseline: str, test: Test = "fisher", *, seed: int = 0
) -> dict[tuple[str, str], Comparison]:
    """Test each run against ``baseline``: (run, metric) -> comparison.

    Raises:
        UnknownNameError: the baseline is none of the runs.
    """
    table = {}
    for run in evaluation.runs:
        for metric in evaluation.metrics if run != baseline else ():
            difference = evaluation.of(run, metric) - evaluation.of(baseline, metric)
            difference = difference[~np.isnan(difference)]
            p = fisher(difference, seed)
            mean = float(difference.mean()) if len(difference) else float("nan")
            table[run, metric] = Comparison(run, metric, mean, p, p, len(difference))
    return table


def fisher(difference: Scores, seed: int = 0, permutations: int = PERMUTATIONS) -> float:
    """Two-sided p-value of Fisher's randomisation test on paired differences ``(n,)``."""
    if len(difference) == 0 or not difference.any():
        return 1.0
    rng = np.random.default_rng(seed)
    observed = abs(difference.sum()) * (1 - 1e-9)
    extreme = 0
    for start in range(0, permutations, 500):
        size = min(500, permutations - start)
        signs = rng.integers(0, 2, (size, len(difference)), dtype=np.int8) * 2 - 1
        extreme += int((np.abs(signs @ difference) >= observed).sum())
    return (extreme + 1) / (permutations + 1)
