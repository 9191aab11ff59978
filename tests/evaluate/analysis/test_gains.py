"""Gains by hand: seeds, conditions, collections, scales, units; and tables that do not fit."""

from dataclasses import replace
from math import log

import numpy as np
import pytest

from tests.evaluate.analysis.tables import table
from tests.evaluate.test_significance import evaluation
from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.evaluate import Contrast, gains_of_cells, gains_of_evaluations, gains_of_queries

CONTRAST = Contrast("arm", "control", "mrr@10")


def score(code: str, typos: int, arm: bool) -> float:
    """Control .6, .5, .3 with 0, 1, 3 typos; the arm has .1 more on clean queries and .02 more with each typo."""
    return 0.6 - 0.1 * typos + (0.1 + 0.02 * typos) * arm


def test_conditions_are_averaged() -> None:
    (found,) = gains_of_cells(table(score, ["yo"]), CONTRAST)
    assert found.mean == pytest.approx((0.12 + 0.16) / 2)
    assert (found.language, found.tier, found.collections) == ("yo", "low", ("ntrex",))
    assert found.base == pytest.approx((0.5 + 0.3) / 2)
    (one,) = gains_of_cells(table(score, ["yo"]), replace(CONTRAST, conditions=("natural-3",)))
    assert one.mean == pytest.approx(0.16)


def test_robustness_is_the_gain_beyond_that_on_clean_queries() -> None:
    (found,) = gains_of_cells(table(score, ["yo"]), replace(CONTRAST, effect="robustness"))
    assert found.mean == pytest.approx((0.02 + 0.06) / 2)
    with pytest.raises(InputError, match=r"robustness needs conditions with typos, and clean queries \(typos 0\)"):
        gains_of_cells(table(score, ["yo"], typos=(1, 3)), replace(CONTRAST, effect="robustness"))
    with pytest.raises(InputError, match="robustness needs conditions with typos"):
        gains_of_cells(table(score, ["yo"]), replace(CONTRAST, effect="robustness", conditions=("clean",)))


def test_seeds_are_averaged_before_the_scale_is_taken() -> None:
    cells = [
        cell
        for seed, shift in (("1", 0.0), ("2", 0.2))
        for cell in table(lambda _code, _typos, arm, shift=shift: 0.5 + shift * arm, ["yo"], typos=(1,), seed=seed)
    ]
    (found,) = gains_of_cells(cells, replace(CONTRAST, scale="logit"))
    assert found.mean == pytest.approx(log(0.6 / 0.4))


def test_scales() -> None:
    cells = table(lambda _code, _typos, arm: 0.9 if arm else 0.8, ["yo"], typos=(1,))
    means = {s: gains_of_cells(cells, replace(CONTRAST, scale=s))[0].mean for s in ("error-reduction", "logit")}
    assert means == pytest.approx({"error-reduction": 0.1 / 0.2, "logit": log(9) - log(4)})
    perfect = table(lambda _code, _typos, arm: 0.0 if arm else 1.0, ["yo"], typos=(1,))
    means = {s: gains_of_cells(perfect, replace(CONTRAST, scale=s))[0].mean for s in ("error-reduction", "logit")}
    # of 100 queries a score is taken to be 1 / 200 from 0 and from 1
    assert means == pytest.approx({"error-reduction": -200, "logit": -2 * log(199)})
    with pytest.raises(InputError, match=r"the scale 'logit' is for scores between 0 and 1, got -0\.2"):
        gains_of_cells(table(lambda *_: -0.2, ["yo"]), replace(CONTRAST, scale="logit"))


def test_units_of_severity() -> None:
    cells = [cell._replace(tokens=0.1 * cell.typos) for cell in table(score, ["yo"])]
    # a mean gain of .14 from 2 edits, 4% of the characters, 20% of the tokens
    for unit, expected in (("edits", 0.07), ("characters", 3.5), ("tokens", 0.7)):
        assert gains_of_cells(cells, replace(CONTRAST, per=unit))[0].mean == pytest.approx(expected)
    with pytest.raises(InputError, match="the column 'tokens' is empty for language 'yo'"):
        gains_of_cells(table(score, ["yo"]), replace(CONTRAST, per="tokens"))
    (clean,) = gains_of_cells(cells, replace(CONTRAST, per="edits", conditions=("clean",)))
    with pytest.raises(InputError, match="no query of language 'yo' was changed"):
        _ = clean.mean


def test_collections_weigh_equally_and_variants_are_one_language() -> None:
    cells = [
        *table(lambda _code, _typos, arm: 0.1 * arm, ["zh"], collection="xquad"),
        *table(lambda code, _typos, arm: {"zh_cn": 0.3, "zh_tw": 0.5}[code] * arm, ["zh_cn", "zh_tw"]),
    ]
    (found,) = gains_of_cells(cells, CONTRAST)
    assert found.collections == ("ntrex", "xquad")
    assert found.gain == pytest.approx([0.4, 0.1])
    assert found.mean == pytest.approx(0.25)


def test_arms_of_several_systems_are_to_be_selected() -> None:
    cells = [
        *table(score, ["yo"]),
        *[cell._replace(system="other") for cell in table(score, ["yo"], arm="arm") if cell.system == "arm"],
    ]
    assert gains_of_cells(cells, CONTRAST)[0].mean == pytest.approx(0.14)
    with pytest.raises(InputError, match="arm 'arm' has the systems 'arm' and 'other' on ntrex, language 'yo'"):
        gains_of_cells(cells, replace(CONTRAST, column="arm"))


def test_holes_in_the_table_are_named() -> None:
    cells = table(score, ["yo", "de"])
    hole = [c for c in cells if (c.system, c.language, c.typos) != ("control", "de", 3)]
    with pytest.raises(InputError, match="system 'control' has no cell of ntrex, language 'de', condition 'natural-3'"):
        gains_of_cells(hole, CONTRAST)
    seeds = [*table(score, ["yo", "de"], seed="1"), *table(score, ["yo"], seed="2")]
    with pytest.raises(InputError, match="system 'arm' lacks the seed '2' of ntrex, de, natural-1"):
        gains_of_cells(seeds, CONTRAST)
    with pytest.raises(InputError, match="no cell is of queries with typos: name the conditions"):
        gains_of_cells(table(score, ["yo"], typos=(0,)), CONTRAST)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arm": "arms"}, r"unknown system 'arms' \(did you mean 'arm'"),
        ({"metric": "mrr"}, "unknown metric 'mrr'"),
        ({"conditions": ("natural-2",)}, "unknown condition 'natural-2'"),
    ],
)
def test_unknown_names(change: dict[str, str], message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        gains_of_cells(table(score, ["yo"]), replace(CONTRAST, **change))


def test_an_arm_is_not_its_own_control() -> None:
    with pytest.raises(InputError, match="the arm and its control are both 'arm'"):
        gains_of_cells(table(score, ["yo"]), replace(CONTRAST, control="arm"))


def test_queries_of_evaluations() -> None:
    first = evaluation(False, ("yo", "yo", "de"), a=np.array([0.5, 1, 0]), b=np.array([1, 1, 0.5]), c=np.zeros(3))
    second = evaluation(False, ("de",), a=np.array([0.5]), b=np.array([0.5]), c=np.array([0.25]))
    german, yoruba = gains_of_evaluations({"x": first, "y": second}, "m", ["a", "b"], ["c"])
    assert german.collections == ("x", "y")
    assert german.gain == pytest.approx([0.25, 0.25])
    assert german.base == pytest.approx(0.125)
    assert yoruba.gain == pytest.approx([0.75, 1])
    severity = {"x": np.array([0.1, 0.3, 0.1]), "y": np.array([0.3])}
    per = gains_of_evaluations({"x": first, "y": second}, "m", ["a"], ["c"], severity=severity)
    assert per[1].mean == pytest.approx(0.75 / 0.2)


def test_queries_without_a_gain_are_skipped() -> None:
    (found,) = gains_of_queries(np.array([np.nan, 0.5, np.nan]), ["yo", "yo", "de"], base=np.array([0.1, 0.2, 0.3]))
    assert (found.language, found.mean, found.base) == ("yo", 0.5, 0.2)
