"""The paired tests and the corrections for their number, by name; each is one registered function.

A test gives the two-sided p-value of each comparison of a run with the baseline on a metric. What it tests is the
overall score as it is reported: a mean over queries, or for a macro-averaged metric the mean over languages.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from xqg_pyserini.errors import InputError
from xqg_pyserini.registry import Registry

if TYPE_CHECKING:  # the names are choices of the command, whose --help loads no numpy
    from xqg_pyserini.evaluate.scores import Evaluation

#: ``(evaluation, baseline, (run, metric) pairs, seed) -> p-value of each pair``.
PairedTest = Callable[["Evaluation", str, Sequence[tuple[str, str]], int], Sequence[float]]
#: ``p-values -> corrected p-values``.
Correction = Callable[[Sequence[float]], list[float]]


@dataclass(frozen=True)
class SignificanceTest:
    """A paired test; ``macro`` says whether it can test a mean over languages."""

    p_values: PairedTest
    macro: bool = True


#: Paired significance tests by name.
SIGNIFICANCE_TESTS: Registry[SignificanceTest] = Registry("test")
#: Corrections of p-values for the number of comparisons, by name.
CORRECTIONS: Registry[Correction] = Registry("correction")


def check_test(name: str, macro: Sequence[str]) -> None:
    """Refuse a test that cannot test the macro-averaged metrics asked for.

    Raises:
        UnknownNameError: no such test.
        InputError: the message names the tests that can.
    """
    if not SIGNIFICANCE_TESTS.get(name).macro and macro:
        able = [other for other in SIGNIFICANCE_TESTS if SIGNIFICANCE_TESTS.get(other).macro]
        raise InputError(
            f"the test {name!r} compares means over queries, {', '.join(macro)} is a mean over languages: "
            f"use {' or '.join(able)}"
        )


def _fisher(evaluation: "Evaluation", baseline: str, pairs: Sequence[tuple[str, str]], seed: int) -> Sequence[float]:
    """Fisher's randomisation test; the differences are weighted so that their sum is the overall difference."""
    import numpy as np

    from xqg_pyserini.evaluate.randomisation import fisher
    from xqg_pyserini.evaluate.scores import weights

    columns = [evaluation.of(run, metric) - evaluation.of(baseline, metric) for run, metric in pairs]
    weighted = [c * weights(c, evaluation.strata(metric)) for c, (_, metric) in zip(columns, pairs, strict=True)]
    return [float(p) for p in fisher(np.column_stack(weighted), seed)]


def _student(evaluation: "Evaluation", baseline: str, pairs: Sequence[tuple[str, str]], _seed: int) -> Sequence[float]:
    """The paired t-test; for a macro-average with the languages as strata."""
    from xqg_pyserini.evaluate.student import student

    return [
        student(evaluation.of(run, metric) - evaluation.of(baseline, metric), evaluation.strata(metric))
        for run, metric in pairs
    ]


def _tukey(evaluation: "Evaluation", baseline: str, pairs: Sequence[tuple[str, str]], _seed: int) -> Sequence[float]:
    """SciPy's Tukey HSD over all runs: for unpaired samples, so conservative here; it corrects for runs by itself."""
    import numpy as np
    from scipy.stats import tukey_hsd

    found: dict[tuple[str, str], float] = {}
    for metric in dict.fromkeys(metric for _, metric in pairs):
        table = np.column_stack([evaluation.of(run, metric) for run in evaluation.runs])
        table = table[~np.isnan(table).any(axis=1)]
        spread = len(table) >= 2 and np.ptp(table, axis=0).max() > 0
        row = tukey_hsd(*table.T).pvalue[evaluation.runs.index(baseline)] if spread else np.ones(table.shape[1])
        found |= {(run, metric): float(p) for run, p in zip(evaluation.runs, row, strict=True)}
    return [found[pair] for pair in pairs]


def _multipletests(method: str, p_values: Sequence[float]) -> list[float]:
    from statsmodels.stats.multitest import multipletests

    return [float(p) for p in multipletests(p_values, method=method)[1]] if p_values else []


SIGNIFICANCE_TESTS.register("fisher")(SignificanceTest(_fisher))
SIGNIFICANCE_TESTS.register("student")(SignificanceTest(_student))
SIGNIFICANCE_TESTS.register("tukey")(SignificanceTest(_tukey, macro=False))

CORRECTIONS.register("holm")(partial(_multipletests, "holm"))
CORRECTIONS.register("bonferroni")(partial(_multipletests, "bonferroni"))
CORRECTIONS.register("bh")(partial(_multipletests, "fdr_bh"))
CORRECTIONS.register("none")(list)
