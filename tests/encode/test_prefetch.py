"""Reading ahead in a thread."""

import threading
import time
from collections.abc import Iterator

import pytest

from xqg_pyserini.encode.prefetch import ahead


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "xqg-ahead"]


@pytest.mark.parametrize("number", [1, 3])
def test_same_items_in_order(number: int) -> None:
    assert list(ahead(range(100), number)) == list(range(100))
    assert list(ahead([], number)) == []
    assert not threads()


def test_items_are_made_while_one_is_used() -> None:
    made = []

    def items() -> Iterator[int]:
        for item in range(10):
            made.append(item)
            yield item

    stream = ahead(items())
    assert next(stream) == 0
    deadline = time.monotonic() + 10
    while len(made) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    # 0 is in use, 1 waits in the queue, 2 waits for its place there: no more
    assert made == [0, 1, 2]
    stream.close()
    assert not threads()


def test_an_error_comes_in_its_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("the third line is damaged")

    stream = ahead(items())
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

    assert list(ahead(items())) == [0, 1, 2, 3, 4]
    assert set(seen) == {"xqg-ahead"}
