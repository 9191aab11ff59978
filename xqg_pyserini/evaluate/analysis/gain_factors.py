"""What goes with the gain of a language? Partial rank correlations over languages.

Spearman's partial correlation of the gain and one factor, given the others, is the partial correlation of their ranks:
``-P[i, j] / sqrt(P[i, i] * P[j, j])`` with the inverse P of the matrix of Spearman's correlations (Kim, "ppcor: An R
Package for a Fast Calculation to Semi-partial Correlation Coefficients", 2015). As only ranks matter, the size of a
language in CC-100 and its logarithm are the same factor.

The base score is part of the gain: where it was measured too low by chance, the gain is too high. So a negative
correlation with it is in part regression to the mean, the more the fewer queries a language has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan, nan

import numpy as np
from numpy.typing import NDArray

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.analysis.gains import LanguageGain
from xqg_pyserini.evaluate.intervals import BOOTSTRAP, Bootstrap, Interval
from xqg_pyserini.evaluate.scores import Scores
from xqg_pyserini.languages import language

#: Factors that are known of every language: its class (Joshi et al., 2020), the GiB of it in CC-100, whether its script
#: is Latin (1) or not (0), and the score of the control.
FACTORS = ("class", "cc100", "latin", "base")


@dataclass(frozen=True)
class Factor:
    """How one property of languages goes with their gain.

    Args:
        name: of the property.
        spearman: its rank correlation with the gain, with a bootstrap interval over languages.
        partial: the same, given the other factors; NaN where the ranks of the gains follow exactly from theirs.
        p_value: two-sided, of ``partial`` (t with n - 2 - other factors degrees of freedom).
        languages: how many were looked at.
    """

    name: str
    spearman: Interval
    partial: Interval
    p_value: float
    languages: int


def explain_gains(
    gains: Sequence[LanguageGain],
    *,
    covariates: Mapping[str, Mapping[str, float]] | None = None,
    factors: Sequence[str] | None = None,
    bootstrap: Bootstrap = BOOTSTRAP,
) -> list[Factor]:
    """Correlate the gains of languages, of all tiers, with what is known of the languages.

    Args:
        gains: one for each language.
        covariates: more factors, such as pieces per word: name -> language -> value.
        factors: which of ``FACTORS`` to look at beside them; None for those that are known and not the same for all of
            these languages.
        bootstrap: resamples of languages, seed and level.

    Raises:
        InputError: a factor is not known, is the same for every language or follows from the others, or there are too
            few languages for so many factors.
    """
    values = _factor_values(gains, factors, covariates or {})
    n, given = len(gains), len(values) - 1
    if not values:
        raise InputError("no factor is known that differs between these languages")
    if n < len(values) + 3:
        raise InputError(f"{len(values)} factors need {len(values) + 3} languages or more, got {n}")
    for name, column in values.items():
        if np.ptp(column) == 0:
            raise InputError(f"factor {name!r} is {column[0]:g} for every language: leave it out")
    table = np.array([[row.mean for row in gains], *values.values()])
    if np.linalg.matrix_rank(_spearman(table[1:]), tol=1e-9) < len(values):
        raise InputError(f"one of the factors {', '.join(values)} follows from the others: leave one out")
    chosen = np.random.default_rng(bootstrap.seed).integers(0, n, (bootstrap.resamples, n))
    resampled = _spearman(table[:, chosen].transpose(1, 0, 2))
    plain, partial = (matrix(_spearman(table)) for matrix in (_first_row, _partial_first_row))
    plains, partials = (matrix(resampled) for matrix in (_first_row, _partial_first_row))
    return [
        Factor(
            name,
            bootstrap.interval(float(plain[i]), plains[:, i]),
            bootstrap.interval(float(partial[i]), partials[:, i]),
            _p_value(float(partial[i]), n - 2 - given),
            n,
        )
        for i, name in enumerate(values)
    ]


def _factor_values(
    gains: Sequence[LanguageGain], factors: Sequence[str] | None, covariates: Mapping[str, Mapping[str, float]]
) -> dict[str, Scores]:
    """Factor -> ``(languages,)``."""
    known: dict[str, list[float]] = {
        "class": [language(row.language).joshi for row in gains],
        "cc100": [language(row.language).cc100_gib for row in gains],
        "latin": [float(language(row.language).script == "Latn") for row in gains],
        "base": [row.base for row in gains],
    }
    if factors is None:
        factors = [name for name, column in known.items() if np.ptp(column) > 0]
    if unknown := [name for name in factors if name not in known]:
        raise InputError(f"factor {unknown[0]!r} is none of {', '.join(FACTORS)}: give its values as a covariate")
    columns: dict[str, Sequence[float]] = {name: known[name] for name in factors}
    for name, given in covariates.items():
        by_code = {language(code).code: value for code, value in given.items()}
        columns[name] = [by_code.get(row.language, np.nan) for row in gains]
    for name, column in columns.items():
        if lacking := [row.language for row, value in zip(gains, column, strict=True) if not isfinite(value)]:
            raise InputError(f"factor {name!r} has no value for {', '.join(lacking)}")
    return {name: np.array(column, dtype=np.float64) for name, column in columns.items()}


def _spearman(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(..., variables, n)`` -> ``(..., variables, variables)`` correlations of ranks; NaN for a constant variable."""
    from scipy.stats import rankdata

    ranks = rankdata(table, axis=-1)
    centred = ranks - ranks.mean(axis=-1, keepdims=True)
    lengths = np.sqrt((centred**2).sum(axis=-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        found: NDArray[np.float64] = (centred @ np.swapaxes(centred, -1, -2)) / (
            lengths[..., :, None] * lengths[..., None, :]
        )
    return found


def _first_row(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(..., factors)`` correlations of the first variable, the gain, with the others."""
    return matrix[..., 0, 1:]


def _partial_first_row(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(..., factors)`` partial correlations of the first variable with each other; NaN where there is no inverse."""
    usable = np.isfinite(matrix).all(axis=(-1, -2))
    usable &= np.linalg.matrix_rank(np.where(usable[..., None, None], matrix, 0), tol=1e-9) == matrix.shape[-1]
    inverse = np.linalg.inv(np.where(usable[..., None, None], matrix, np.eye(matrix.shape[-1])))
    diagonal = np.diagonal(inverse, axis1=-2, axis2=-1)
    found = -inverse[..., 0, 1:] / np.sqrt(diagonal[..., :1] * diagonal[..., 1:])
    return np.where(usable[..., None], found, np.nan)


def _p_value(correlation: float, degrees: int) -> float:
    from scipy.stats import t

    if not abs(correlation) < 1:
        return nan if isnan(correlation) else 0.0
    return float(2 * t.sf(abs(correlation) * np.sqrt(degrees / (1 - correlation**2)), degrees))
