"""The mixed model: statsmodels' own fit, known effects recovered, no effect not found, and fits that are none."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from tests.evaluate.analysis.tables import HIGH, LOW, table
from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.evaluate import Cell, Contrast, mixed_model
from xqg_pyserini.evaluate.analysis.mixed_model import INTERCEPTS, MAXIMAL

CONTRAST = Contrast("arm", "control", "mrr@10")


def simulated(
    seed: int, gap: float = 0.0, slopes: float = 0.03, languages: int = 6, collections: Sequence[str] = ("a", "b")
) -> list[Cell]:
    """Scores that fall by .05 with each typo; languages differ in level, fall and gain (by ``slopes``).

    ``gap`` is what low-resource languages gain more with each typo.
    """
    rng = np.random.default_rng(seed)
    codes = (*HIGH[:languages], *LOW[:languages])
    own = {code: rng.normal(0, (0.1, slopes, slopes / 2, slopes / 3)) for code in codes}
    noise = iter(rng.normal(0, 0.02, 10_000))

    def score(code: str, typos: int, arm: bool) -> float:
        level, gain, fall, gain_per_typo = own[code]
        per_typo = fall - 0.05 + arm * (gain_per_typo + gap * (code in LOW))
        return 0.6 + level + arm * gain + typos * per_typo + next(noise)

    shifts = rng.normal(0, 0.1, len(collections))
    return [
        cell._replace(value=cell.value + shift)
        for name, shift in zip(collections, shifts, strict=True)
        for cell in table(score, codes, collection=name)
    ]


def test_is_the_fit_of_statsmodels() -> None:
    from statsmodels.formula.api import mixedlm

    cells = simulated(1)
    frame = pd.DataFrame(cells)
    frame["low"], frame["method"] = frame["tier"] == "low", frame["system"] == "arm"
    components = {"language": "0 + C(language)", "collection": "0 + C(collection)"}
    theirs = mixedlm(
        "value ~ low * typos * method", frame.astype({"low": int, "method": int}), groups=np.ones(len(frame)),
        vc_formula=components,
    ).fit()  # fmt: skip
    ours = mixed_model(cells, CONTRAST, random=INTERCEPTS)
    assert (ours.status, ours.observations, ours.levels) == ("fitted", len(cells), {"language": 12, "collection": 2})
    for name, theirs_name in (("intercept", "Intercept"), ("low:typos:arm", "low:typos:method")):
        term = ours.term(name)
        assert term.estimate.estimate == pytest.approx(theirs.fe_params[theirs_name])
        assert term.error == pytest.approx(theirs.bse_fe[theirs_name], rel=1e-4)
        assert term.p_value == pytest.approx(theirs.pvalues[theirs_name], rel=1e-3)
        assert term.estimate.high == pytest.approx(term.estimate.estimate + 1.959964 * term.error)
    assert [ours.variances[name] for name in sorted(INTERCEPTS)] == pytest.approx(theirs.vcomp, rel=1e-2)


def test_a_balanced_contrast_by_hand() -> None:
    """With all cells there, the estimate is the difference in differences of slopes over languages."""
    cells = simulated(2, gap=0.05)
    value = {(c.system, c.collection, c.language, c.typos): c.value for c in cells}

    def slope_of_gain(code: str) -> float:
        gains = [
            np.mean([value["arm", name, code, n] - value["control", name, code, n] for name in ("a", "b")])
            for n in (0, 1, 3)
        ]
        return float(np.polyfit((0, 1, 3), gains, 1)[0])

    by_hand = np.mean([slope_of_gain(code) for code in LOW[:6]]) - np.mean([slope_of_gain(code) for code in HIGH[:6]])
    assert mixed_model(cells, CONTRAST, random=INTERCEPTS).term("low:typos:arm").estimate.estimate == pytest.approx(
        by_hand
    )


def test_a_known_effect_is_found_and_covered() -> None:
    terms = [
        model.term("low:typos:arm")
        for seed in range(12)
        if (model := mixed_model(simulated(seed, gap=0.04), CONTRAST, reduce=True)).status == "fitted"
    ]
    assert len(terms) >= 10
    assert all(term.p_value < 0.05 for term in terms)
    assert sum(term.estimate.low < 0.04 < term.estimate.high for term in terms) >= len(terms) - 2


def test_without_an_effect_slopes_keep_the_level_and_intercepts_do_not() -> None:
    """What languages gain differs by .03, whatever their tier: 40 experiments with 12 languages."""
    p_values: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(40):
        cells = simulated(seed + 100, languages=6)
        for slopes in (True, False):
            random = ("language", "collection", "language:arm") if slopes else INTERCEPTS
            model = mixed_model(cells, CONTRAST, random=random)
            p_values[slopes] += [model.term("low:arm").p_value] if model.status == "fitted" else []
    assert len(p_values[True]) >= 35
    with_slopes, intercepts = (np.mean(np.array(p_values[slopes]) < 0.05) for slopes in (True, False))
    # the normal distribution that Wald's test uses gives about .08 with 12 languages
    assert with_slopes <= 0.15
    assert intercepts >= with_slopes + 0.05


def test_a_fit_that_is_none_has_no_estimates() -> None:
    """Languages that gain alike: the variances of their slopes are at 0, so the largest model has no fit."""
    cells = simulated(5, slopes=0.0)
    found = mixed_model(cells, CONTRAST)
    assert found.status in {"singular", "not converged"}
    assert found.terms == ()
    with pytest.raises(InputError, match=f"the mixed model is {found.status}: it has no estimates"):
        found.term("low:arm")
    reduced = mixed_model(cells, CONTRAST, reduce=True)
    assert reduced.status == "fitted"
    assert reduced.left_out
    assert "language" not in reduced.left_out
    assert set(reduced.variances) == {*MAXIMAL, "residual"} - set(reduced.left_out)


def test_collections_that_do_not_differ_are_on_the_boundary() -> None:
    cells = [c._replace(collection=name) for name in "ab" for c in simulated(6, collections=["a"])]
    found = mixed_model(cells, CONTRAST, random=INTERCEPTS)
    assert found.status in {"singular", "not converged"}
    assert found.boundary == ("collection",)
    assert mixed_model(cells, CONTRAST, random=INTERCEPTS, reduce=True).left_out == ("collection",)


def test_one_collection_has_no_variance_and_the_middle_tier_has_terms() -> None:
    cells = [
        *simulated(7, collections=["a"]),
        *table(
            lambda code, typos, arm: 0.5 + 0.01 * len(code) + 0.1 * arm - 0.02 * typos, ["bn", "th"], collection="a"
        ),
    ]
    found = mixed_model(cells, CONTRAST, random=INTERCEPTS)
    assert set(found.variances) == {"language", "residual"}
    assert {"mid", "low", "mid:typos:arm"} <= {term.name for term in found.terms}


def test_bad_input() -> None:
    with pytest.raises(InputError, match="cells of high and of another tier are needed"):
        mixed_model([cell for cell in simulated(8) if cell.tier == "low"], CONTRAST)
    with pytest.raises(InputError, match="needs two numbers of typos"):
        mixed_model([cell for cell in simulated(8) if cell.typos == 1], CONTRAST)
    with pytest.raises(InputError, match="needs two languages of each tier, got 2 languages in all"):
        mixed_model(simulated(8, languages=1), CONTRAST)
    with pytest.raises(InputError, match="needs a random effect of a factor with two levels or more"):
        mixed_model(simulated(8, collections=["a"]), CONTRAST, random=["collection"])
    with pytest.raises(UnknownNameError, match="unknown random effect 'arm'; known: language, collection, "):
        mixed_model(simulated(8), CONTRAST, random=["arm"])  # type: ignore[list-item]
    with pytest.raises(UnknownNameError, match="unknown term 'high'"):
        mixed_model(simulated(8), CONTRAST, random=INTERCEPTS).term("high")


def test_chosen_conditions_stay_with_clean_queries() -> None:
    found = mixed_model(simulated(9), Contrast("arm", "control", "mrr@10", ("natural-1",)), random=INTERCEPTS)
    assert found.observations == 2 * 12 * 2 * 2
    assert not any(math.isnan(term.p_value) for term in found.terms)
