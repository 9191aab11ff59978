"""Reading the rows of a stream shard by shard, without beginning anew for each."""

from collections.abc import Callable, Iterator
from itertools import islice


class ForwardReader[T]:
    """Gives runs of rows of a stream that can only be read forward; an earlier run opens it again.

    Args:
        open: opens the stream at row 0.
    """

    def __init__(self, open: Callable[[], Iterator[T]]) -> None:
        self._open = open
        self._stream: Iterator[T] = iter(())
        self._row: int | None = None

    def rows(self, rows: range) -> Iterator[T]:
        """Yield the items of some rows, fewer where the stream ends; an earlier run is not read any more."""
        if self._row is None or self._row > rows.start:
            self._stream, self._row = self._open(), 0
        skipped = islice(self._stream, rows.start - self._row)
        # where this run is given up, the next one opens the stream again
        self._row = None
        for _ in skipped:
            pass
        yield from islice(self._stream, len(rows))
        self._row = rows.stop
