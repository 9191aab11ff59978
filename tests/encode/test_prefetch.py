"""Prefetching in a thread."""

import threading
from collections.abc import Iterator

import pytest

from xqg_pyserini.encode.prefetch import prefetch


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("xqg-prefetch")]


@pytest.mark.parametrize("number", [1, 3])
def test_same_items_in_order(number: int) -> None:
    assert list(prefetch(range(100), number)) == list(range(100))
    assert list(prefetch([], number)) == []
    assert not threads()


def test_items_are_made_while_one_is_used() -> None:
    made, third = [], threading.Event()

    def items() -> Iterator[int]:
        for item in range(10):
            made.append(item)
            if item == 2:
                third.set()
            yield item

    stream = prefetch(items())
    assert next(stream) == 0
    assert third.wait(60)
    stream.close()
    assert not threads()
    # 0 was in use, 1 waited in the queue, 2 waited for its place there: no more were made
    assert made == [0, 1, 2]


def test_an_error_comes_in_its_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("the third line is damaged")

    stream = prefetch(items())
    assert next(stream) == 1
    with pytest.raises(ValueError, match="the third line is damaged"):
        next(stream)
    assert not threads()


def test_the_iterable_lives_in_one_thread() -> None:
    seen = []

    def items() -> Iterator[int]:
        for item in range(5):
            seen.append(threading.current_thread().name)
            yield item

    assert list(prefetch(items())) == [0, 1, 2, 3, 4]
    assert len(set(seen)) == 1 and seen[0].startswith("xqg-prefetch")
