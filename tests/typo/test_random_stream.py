from collections import Counter

from xqg_pyserini.typo.random_stream import RandomStream


def test_the_numbers_of_a_key_stay() -> None:
    """A change here is a change of every typo set made so far: say so in the changelog."""
    stream = RandomStream(7, "en", "q1", 0)
    assert [stream.random() for _ in range(10)][::9] == [0.559789135156869, 0.4346635731977482]


def test_numbers_are_uniform() -> None:
    numbers = [RandomStream(number).random() for number in range(4000)]
    assert 0 <= min(numbers) < 0.01
    assert 0.99 < max(numbers) < 1
    assert abs(sum(numbers) / 4000 - 0.5) < 0.02


def test_choices_follow_their_weights() -> None:
    stream = RandomStream("choices")
    ranked = Counter(stream.choose_ranked("abc") for _ in range(6000))
    for rank, name in enumerate("abc", 1):
        assert abs(ranked[name] / 6000 - 6 / 11 / rank) < 0.02
    weighted = Counter(stream.choose_weighted([1, 0, 3]) for _ in range(6000))
    assert weighted[1] == 0
    assert abs(weighted[2] / 6000 - 0.75) < 0.02
    first = Counter(stream.choose_position(5, 0.25) for _ in range(6000))
    assert sorted(first) == [0, 1, 2, 3, 4]
    assert abs(first[0] / 6000 - 0.25 / 4.25) < 0.02
    assert {stream.choose_position(1, 0.25) for _ in range(9)} == {0}
