"""Partial rank correlations: by hand, against SciPy and statsmodels, known factors found, none made up."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from tests.evaluate.analysis.tables import HIGH, LOW
from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate import Bootstrap, LanguageGain, explain_gains
from xqg_pyserini.languages import LANGUAGES, language, tier

QUICK = Bootstrap(resamples=200)
CODES = [one.code for one in LANGUAGES if "_" not in one.code][:40]


def gains_of(values: np.ndarray, codes: Sequence[str], base: np.ndarray | None = None) -> list[LanguageGain]:
    scores = np.zeros(len(codes)) if base is None else base
    return [
        LanguageGain(code, tier(code), np.array([value]), ("",), float(score))
        for code, value, score in zip(codes, values, scores, strict=True)
    ]


def test_two_factors_by_hand() -> None:
    codes = ["ar", "de", "es", "ja", "yo"]
    gains = gains_of(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), codes)
    x, y = (dict(zip(codes, values, strict=True)) for values in ([2, 1, 4, 3, 5], [1, 2, 3, 5, 4]))
    first, second = explain_gains(gains, covariates={"x": x, "y": y}, factors=(), bootstrap=QUICK)
    # Spearman's: 1 - 6 sum(d^2) / (n (n^2 - 1)): gain-x .8, gain-y .9, x-y with d = 1, -1, 1, -2, 1 is .6
    assert (first.spearman.estimate, second.spearman.estimate) == pytest.approx((0.8, 0.9))
    assert first.partial.estimate == pytest.approx((0.8 - 0.9 * 0.6) / np.sqrt((1 - 0.9**2) * (1 - 0.6**2)))
    assert second.partial.estimate == pytest.approx((0.9 - 0.8 * 0.6) / np.sqrt((1 - 0.8**2) * (1 - 0.6**2)))
    assert (first.name, first.languages) == ("x", 5)


def test_one_factor_is_scipys_spearman() -> None:
    rng = np.random.default_rng(0)
    values, x = rng.normal(0, 1, 12), rng.integers(0, 5, 12)
    codes = (*HIGH[:6], *LOW[:6])
    covariates = {"x": dict(zip(codes, x.tolist(), strict=True))}
    (found,) = explain_gains(gains_of(values, codes), covariates=covariates, factors=(), bootstrap=QUICK)
    scipys = stats.spearmanr(values, x)
    assert found.partial.estimate == found.spearman.estimate == pytest.approx(scipys.statistic)
    assert found.p_value == pytest.approx(scipys.pvalue)


def test_partial_correlation_is_that_of_residuals_of_ranks() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(1)
    base = rng.uniform(0.2, 0.9, len(CODES))
    values = rng.normal(0, 1, len(CODES))
    found = {row.name: row for row in explain_gains(gains_of(values, CODES, base), bootstrap=QUICK)}
    assert list(found) == ["class", "cc100", "latin", "base"]
    languages = [language(code) for code in CODES]
    columns = {
        "class": [one.joshi for one in languages],
        "cc100": [np.log10(one.cc100_gib + 1) for one in languages],
        "latin": [one.script == "Latn" for one in languages],
        "base": base,
    }
    ranks = {name: stats.rankdata(column) for name, column in columns.items()}
    for name in columns:
        others = sm.add_constant(np.column_stack([ranks[other] for other in ranks if other != name]))
        residuals = [sm.OLS(y, others).fit().resid for y in (stats.rankdata(values), ranks[name])]
        assert found[name].partial.estimate == pytest.approx(stats.pearsonr(*residuals).statistic)
        # the t of the factor in the regression on all factors
        all_ranks = sm.add_constant(np.column_stack([ranks[name], others[:, 1:]]))
        assert found[name].p_value == pytest.approx(sm.OLS(stats.rankdata(values), all_ranks).fit().pvalues[1])


def test_the_factor_that_matters_is_found_and_its_companion_is_not() -> None:
    """The gain follows x; z follows x, too, so that its plain correlation is high and its partial one is not."""
    rng = np.random.default_rng(2)
    x = rng.normal(0, 1, len(CODES))
    covariates = {
        name: dict(zip(CODES, column.tolist(), strict=True))
        for name, column in (("x", x), ("z", x + rng.normal(0, 0.5, len(CODES))))
    }
    gains = gains_of(x + rng.normal(0, 0.3, len(CODES)), CODES)
    first, second = explain_gains(gains, covariates=covariates, factors=(), bootstrap=Bootstrap(1_000))
    assert first.partial.low > 0.5
    assert second.spearman.low > 0.3
    assert second.partial.low < 0 < second.partial.high


def test_p_is_uniform_without_an_effect() -> None:
    rng = np.random.default_rng(3)
    codes = (*HIGH, *LOW)
    found = [
        explain_gains(gains_of(rng.normal(0, 1, 16), codes), factors=("class", "latin"), bootstrap=Bootstrap(2))
        for _ in range(300)
    ]
    assert stats.kstest([rows[0].p_value for rows in found], "uniform").pvalue > 0.001


def test_bad_input() -> None:
    codes = (*HIGH, *LOW)
    gains = gains_of(np.arange(16.0), codes)
    with pytest.raises(InputError, match="factor 'speakers' is none of class, cc100, latin, base"):
        explain_gains(gains, factors=["speakers"])
    with pytest.raises(InputError, match="factor 'base' is 0 for every language: leave it out"):
        explain_gains(gains, factors=["class", "base"])
    assert [row.name for row in explain_gains(gains, bootstrap=QUICK)] == ["class", "cc100", "latin"]
    with pytest.raises(InputError, match="factor 'x' has no value for ar, de"):
        explain_gains(gains, covariates={"x": dict.fromkeys(codes[2:], 1.0)}, factors=())
    with pytest.raises(InputError, match="no factor is known that differs between these languages"):
        explain_gains(gains_of(np.arange(4.0), ["de", "de", "de", "de"]))
    with pytest.raises(InputError, match="2 factors need 5 languages or more, got 4"):
        explain_gains(gains[:4], factors=("class", "latin"))
    twice = {code: 2.0 * language(code).joshi for code in codes}
    with pytest.raises(InputError, match="one of the factors class, twice follows from the others"):
        explain_gains(gains, factors=["class"], covariates={"twice": twice})
