from math import isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate import measure_hubness
from xqg_pyserini.records import Hit, Run


def run_of(*rankings: str) -> Run:
    """A run with a ranking of passages, one letter each, per query."""
    return {f"q{n}": [Hit(doc_id, -float(i)) for i, doc_id in enumerate(docs)] for n, docs in enumerate(rankings)}


def test_by_hand() -> None:
    # the 2-occurrence is 3 for a, 2 for b, 1 for c and 0 for two passages; their mean is 1.2
    found = measure_hubness(run_of("abc", "abx", "ca", ""), passages=5, k=2)
    deviations = [x - 1.2 for x in (3, 2, 1, 0, 0)]
    second, third = (sum(x**power for x in deviations) / 5 for power in (2, 3))
    assert found.skew == pytest.approx(third / second**1.5)
    assert found[:2] == (3, 2)
    assert (found.most, found.first_hub) == (3, "a")
    assert found.unseen == pytest.approx(2 / 5)
    assert found.first_hub_share == pytest.approx(2 / 3)


def test_one_hub_and_no_hub() -> None:
    hub = measure_hubness(run_of(*["h"] * 100), passages=101, k=1)
    assert hub.skew > 9
    assert hub.first_hub_share == 1
    even = measure_hubness(run_of("b", "a"), passages=2, k=1)
    assert isnan(even.skew)
    assert (even.first_hub, even.first_hub_share) == ("a", 0.5)


@given(
    st.lists(st.text("abcdefgh", max_size=6).map(lambda t: "".join(dict.fromkeys(t))), min_size=1), st.integers(1, 4)
)
@settings(max_examples=50)
def test_skewness_is_scipys(rankings: list[str], k: int) -> None:
    from scipy.stats import skew

    if not any(rankings):
        return
    found = measure_hubness(run_of(*rankings), passages=12, k=k)
    counts = [sum(letter in ranking[:k] for ranking in rankings) for letter in "abcdefghijkl"]
    if len(set(counts)) > 1:
        assert found.skew == pytest.approx(skew(counts))
    assert found.most == max(counts)


@pytest.mark.parametrize(
    ("run", "passages", "k", "message"),
    [
        ({}, 5, 10, "needs queries with hits and k of 1 or more: got 0 and k=10"),
        (run_of("a"), 5, 0, "got 1 and k=0"),
        (run_of("abc"), 2, 10, "the run has 3 passages where the collection is said to have 2"),
    ],
)
def test_bad_input(run: Run, passages: int, k: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        measure_hubness(run, passages, k)
