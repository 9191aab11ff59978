"""Headroom: scales and matched languages by hand, and a gain that is nothing but headroom."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evaluate.analysis.tables import HIGH, LOW, table
from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate import Bootstrap, Contrast, LanguageGain, headroom, match_languages
from xqg_pyserini.evaluate.analysis.headroom import Survival

QUICK = Bootstrap(resamples=200)
CONTRAST = Contrast("arm", "control", "mrr@10", conditions=("natural-1",))


def gain(language: str, tier: str, base: float, mean: float) -> LanguageGain:
    return LanguageGain(language, tier, np.array([mean]), ("",), base)  # type: ignore[arg-type]


def test_pairs_by_hand() -> None:
    gains = [
        gain("yo", "low", 0.50, 0.20),
        gain("ha", "low", 0.52, 0.10),
        gain("bem", "low", 0.20, 0.90),  # nobody is as low
        gain("de", "high", 0.53, 0.05),
        gain("ar", "high", 0.56, 0.01),
        gain("hi", "mid", 0.52, 0.70),
    ]
    found = match_languages(gains, caliper=0.05, bootstrap=QUICK)
    # ha with de alone would be the nearest pair, but leaves yo without a partner
    assert [(pair.low, pair.high) for pair in found.pairs] == [("ha", "ar"), ("yo", "de")]
    assert [pair.distance for pair in found.pairs] == pytest.approx([0.04, 0.03])
    assert found.difference.estimate == pytest.approx((0.09 + 0.15) / 2)
    assert found.unmatched == ("bem",)
    # of the signs ++, +-, -+, -- two reach the sum
    assert found.p_value == found.smallest_p == pytest.approx(0.5)


def test_nothing_to_match() -> None:
    found = match_languages([gain("yo", "low", 0.2, 0.1), gain("de", "high", 0.9, 0.1)], bootstrap=QUICK)
    assert (found.pairs, found.unmatched, found.p_value, found.smallest_p) == ((), ("de", "yo"), 1, 1)
    assert np.isnan(found.difference.estimate)
    with pytest.raises(InputError, match="the caliper is a positive difference of scores, got 0"):
        match_languages([], caliper=0)
    with pytest.raises(InputError, match="matching needs the base score of every language, 'yo' has none"):
        match_languages([gain("yo", "low", np.nan, 0.1)])


BASES = st.lists(st.integers(0, 20), min_size=1, max_size=4)


@given(BASES, BASES)
@settings(max_examples=60)
def test_no_other_matching_has_more_pairs_or_as_many_nearer_ones(low: list[int], high: list[int]) -> None:
    gains = [gain(code, "low", base / 20, 0) for code, base in zip(LOW, low, strict=False)]
    gains += [gain(code, "high", base / 20, 0) for code, base in zip(HIGH, high, strict=False)]
    found = match_languages(gains, caliper=0.151, bootstrap=Bootstrap(2))
    short, long = sorted((low, high), key=len)
    every = [
        [abs(a - b) / 20 for a, b in zip(short, order, strict=True) if abs(a - b) <= 3]
        for order in permutations(long, len(short))
    ]
    best = min((-len(distances), sum(distances)) for distances in every)
    assert (-len(found.pairs), sum(pair.distance for pair in found.pairs)) == pytest.approx(best)


BASE = dict(zip(HIGH, np.linspace(0.60, 0.88, 8), strict=True)) | dict(
    zip(LOW, np.linspace(0.30, 0.65, 8), strict=True)
)


def test_a_gain_that_is_headroom_does_not_survive() -> None:
    cells = table(lambda code, _typos, arm: BASE[code] + 0.2 * (1 - BASE[code]) * arm)
    found = headroom(cells, CONTRAST, bootstrap=QUICK)
    assert found.scales["difference"].difference.estimate > 0.05
    assert found.scales["difference"].p_value < 0.01
    assert found.scales["error-reduction"].difference.estimate == pytest.approx(0)
    assert not found.survival["error-reduction"].significant
    assert len(found.matched.pairs) == 3
    assert abs(found.matched.difference.estimate) < 0.01
    assert not found.survival["matched"].possible


def test_a_gain_of_equal_odds_is_none_on_the_logit_scale() -> None:
    def score(code: str, typos: int, arm: bool) -> float:
        odds = BASE[code] / (1 - BASE[code]) * (2 if arm else 1)
        return odds / (1 + odds)

    found = headroom(table(score), CONTRAST, bootstrap=QUICK)
    assert found.scales["difference"].difference.estimate > 0
    assert found.scales["logit"].difference.estimate == pytest.approx(0)
    assert not found.survival["logit"].significant


def test_a_gain_beyond_headroom_survives() -> None:
    even = dict(zip(HIGH, np.linspace(0.5, 0.6, 8), strict=True)) | dict(
        zip(LOW, np.linspace(0.48, 0.6, 8), strict=True)
    )
    cells = table(lambda code, _typos, arm: even[code] + (0.2 if code in LOW else 0.05) * arm)
    found = headroom(cells, CONTRAST, bootstrap=QUICK)
    assert found.matched.unmatched == ()
    assert found.matched.p_value == pytest.approx(2 / 2**8)
    assert {str(outcome) for outcome in found.survival.values()} == {"survives"}


@pytest.mark.parametrize(
    ("survival", "said"),
    [
        (Survival(True, True, True, True), "survives"),
        (Survival(True, True, False, True), "keeps its sign, is not significant"),
        (Survival(True, True, False, False), "keeps its sign, is not significant (too few to be)"),
        (Survival(True, False, True, True), "does not survive: the sign is another"),
        (Survival(False, False, False, True), "not significant either"),
        (Survival(False, True, True, True), "significant only here"),
    ],
)
def test_conclusions_are_said(survival: Survival, said: str) -> None:
    assert str(survival) == said


def test_the_main_effect_must_be_there_to_survive() -> None:
    cells = table(lambda code, _, arm: BASE[code] + (0.06 if code in LOW else 0.05) * arm)
    found = headroom(cells, CONTRAST, bootstrap=QUICK)
    assert {name: outcome.sign for name, outcome in found.survival.items()} == {
        "error-reduction": False, "logit": False, "matched": True,
    }  # fmt: skip
    random = np.random.default_rng(1).normal(0, 0.03, 16)
    gains = dict(zip((*HIGH, *LOW), random, strict=True))
    nothing = headroom(table(lambda code, _, arm: BASE[code] + gains[code] * arm), CONTRAST, bootstrap=QUICK)
    assert not any(outcome.main for outcome in nothing.survival.values())
