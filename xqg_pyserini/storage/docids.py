"""The passage ids of an index by row, without holding them: a table of offsets, and reads of the file."""

import os
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import overload, override

import numpy as np

from xqg_pyserini.errors import IndexFormatError

#: Lines from one offset of the table to the next: half a byte of memory a passage.
_STEP = 16
_BLOCK = 1 << 22
#: Rows looked up at once: what is read for them is a few megabytes.
_ROWS = 8192


class DocidSequence(Sequence[str]):
    """Passage ids in row order that are read when they are asked for."""

    @abstractmethod
    def take(self, rows: np.ndarray) -> np.ndarray:
        """The ids of rows, ``(len(rows),) object`` of ``str``, in the order given; each row must be one of the index.

        An array, because a list of a million ids would be walked again and again by the garbage collector.
        """

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    @override
    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return list(self.take(np.arange(*row.indices(len(self)))))
        at = row + len(self) if row < 0 else row
        if not 0 <= at < len(self):
            raise IndexError(f"row {row} of {len(self)} docids")
        docid: str = self.take(np.array([at]))[0]
        return docid


class Docids(DocidSequence):
    """The lines of a ``docid`` file as a sequence, half a byte of memory each.

    The file is held open: ids stay those of one and the same index when its directory is replaced meanwhile.

    Args:
        path: the ``docid`` file.

    Raises:
        IndexFormatError: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise IndexFormatError(f"{path}: cannot be read: {error.strerror}") from None
        # offsets of every 16th line, and where the file ends
        self._offsets, self._count, self._size = _scan(self._file.fileno())

    @override
    def __len__(self) -> int:
        return self._count

    @override
    def __iter__(self) -> Iterator[str]:
        groups = _ROWS // _STEP
        for first in range(0, len(self._offsets), groups):
            yield from self._lines(first, min(first + groups, len(self._offsets)))

    @override
    def take(self, rows: np.ndarray) -> np.ndarray:
        found = np.empty(len(rows), object)
        order = np.argsort(rows)
        for start in range(0, len(rows), _ROWS):
            places = order[start : start + _ROWS]
            found[places] = self._ascending(rows[places])
        return found

    def _ascending(self, rows: np.ndarray) -> list[str]:
        """The ids of rows in ascending order."""
        groups, places = np.unique(rows // _STEP, return_inverse=True)
        # neighbours are read together
        begins = np.flatnonzero(np.diff(groups, prepend=-2) != 1)
        runs = zip(groups[begins].tolist(), groups[np.append(begins[1:], len(groups)) - 1].tolist(), strict=True)
        raw = b"".join([self._read(first, last + 1) for first, last in runs])
        ends = np.flatnonzero(np.frombuffer(raw, np.uint8) == ord("\n"))
        lines = places * _STEP + rows % _STEP
        spans = zip((np.append(-1, ends)[lines] + 1).tolist(), ends[lines].tolist(), strict=True)
        if raw.isascii() and rows[0]:
            text = raw.decode("ascii")
            return [text[begin:end].rstrip() for begin, end in spans]
        return self._decoded([raw[begin:end] for begin, end in spans], rows)

    @override
    def index(self, docid: str, start: int = 0, stop: int | None = None) -> int:
        """The row of an id, by one scan of the file: a fraction of a second for tens of millions.

        Raises:
            ValueError: the index does not hold it.
        """
        stop = len(self) if stop is None else stop
        for offset in _occurrences(self._file.fileno(), docid.encode()):
            group = int(np.searchsorted(self._offsets, offset, "right")) - 1
            lines = self._lines(group, group + 1)
            if docid in lines and start <= (row := group * _STEP + lines.index(docid)) < stop:
                return row
        raise ValueError(f"{docid!r} is no docid of {self.path}")

    @override
    def __contains__(self, docid: object) -> bool:
        try:
            return isinstance(docid, str) and self.index(docid) >= 0
        except ValueError:
            return False

    def _lines(self, first: int, last: int) -> list[str]:
        """The ids of the groups from ``first`` up to ``last``, which is not among them."""
        lines = self._read(first, last).split(b"\n")[:-1]
        return self._decoded(lines, range(first * _STEP, first * _STEP + len(lines)))

    def _read(self, first: int, last: int) -> bytes:
        """Whole lines of groups, with their ends."""
        begin = int(self._offsets[first])
        end = int(self._offsets[last]) if last < len(self._offsets) else self._size
        raw = os.pread(self._file.fileno(), end - begin, begin)
        return raw if raw.endswith(b"\n") else raw + b"\n"

    def _decoded(self, lines: Sequence[bytes], rows: Sequence[int] | np.ndarray) -> list[str]:
        try:
            ids = [line.decode().rstrip() for line in lines]
        except UnicodeDecodeError:
            raise IndexFormatError(f"{self.path}: not UTF-8, at row {rows[0]} (from 0) or later") from None
        # Windows tools put a byte order mark there
        if ids and rows[0] == 0:
            ids = [docid.removeprefix("\ufeff") for docid in ids]
        return ids


class JoinedDocids(DocidSequence):
    """The ids of several indexes, one after the other.

    Args:
        parts: the ids of each.
    """

    def __init__(self, parts: Sequence[Docids]) -> None:
        self.parts = parts
        self._starts = list(accumulate(map(len, parts), initial=0))

    @override
    def __len__(self) -> int:
        return self._starts[-1]

    @override
    def __iter__(self) -> Iterator[str]:
        for part in self.parts:
            yield from part

    @override
    def take(self, rows: np.ndarray) -> np.ndarray:
        numbers = np.searchsorted(self._starts, rows, "right") - 1
        found = np.empty(len(rows), object)
        for number, part in enumerate(self.parts):
            mine = numbers == number
            found[mine] = part.take(rows[mine] - self._starts[number])
        return found

    @override
    def index(self, docid: str, start: int = 0, stop: int | None = None) -> int:
        """The row of an id; raises ValueError where no part holds it."""
        stop = len(self) if stop is None else stop
        for first, part in zip(self._starts, self.parts, strict=False):
            if docid in part and start <= (row := first + part.index(docid)) < stop:
                return row
        raise ValueError(f"{docid!r} is no docid of {', '.join(str(part.path) for part in self.parts)}")

    @override
    def __contains__(self, docid: object) -> bool:
        return any(docid in part for part in self.parts)


def _scan(handle: int) -> tuple[np.ndarray, int, int]:
    """Offsets of every 16th line, number of lines, and length of a file."""
    offsets, count, position, ends_line = [np.zeros(1, np.int64)], 0, 0, True
    while block := os.pread(handle, _BLOCK, position):
        ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
        # the line after the n-th line end of the file has number n
        offsets.append(position + 1 + ends[(-count - 1) % _STEP :: _STEP].astype(np.int64))
        count, position = count + len(ends), position + len(block)
        ends_line = block.endswith(b"\n")
    every = np.concatenate(offsets)
    total = count + (not ends_line)
    return every[: -(-total // _STEP)], total, position


def _occurrences(handle: int, docid: bytes) -> Iterator[int]:
    """Offsets of the lines of a file that begin with a docid; it may be longer than the docid."""
    needle, position, kept = b"\n" + docid, -1, b"\n"
    while block := os.pread(handle, _BLOCK, position + len(kept)):
        window = kept + block
        at = window.find(needle)
        while at >= 0:
            yield max(0, position + at + 1)
            at = window.find(needle, at + 1)
        # what may be the beginning of an occurrence is searched again with the next block
        keep = min(len(needle) - 1, len(window))
        position, kept = position + len(window) - keep, window[len(window) - keep :]
