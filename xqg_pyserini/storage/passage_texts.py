"""Reading the texts of an index's passages: one frame is decompressed for a passage, whatever the file's size."""

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np

from xqg_pyserini.errors import IndexFormatError, XqgError
from xqg_pyserini.records import Passage
from xqg_pyserini.storage.docid_table import DocidTable, open_docid_table
from xqg_pyserini.storage.index_directory import IndexLayout, read_meta
from xqg_pyserini.storage.text_frames import damaged, read_frames

#: Frames kept decompressed, about a quarter of a megabyte each.
_FRAMES_KEPT = 8


def open_texts(directory: Path) -> "PassageTexts | None":
    """The texts of an index's passages; None where the index was written without them.

    Raises:
        IndexFormatError: the file of texts is damaged, or not of as many passages as ``meta.json`` says.
    """
    path = IndexLayout(directory).texts
    if not path.is_file():
        return None
    texts, meta = PassageTexts(path), read_meta(directory)
    if meta is not None and meta.count != len(texts):
        texts.close()
        raise IndexFormatError(f"{path}: texts of {len(texts)} passages, meta.json says {meta.count}")
    return texts


class PassageTexts:
    """The passages of an index by row. The file stays open, so that an index replaced meanwhile is read to its end.

    Args:
        path: a file that ``TextsWriter`` wrote; see ``text_frames`` for its form.

    Raises:
        IndexFormatError: the file is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stream = path.open("rb")
        try:
            self.frames = read_frames(self._stream, path)
        except IndexFormatError:
            self.close()
            raise
        self._offsets, self._rows = (
            np.concatenate([[0], np.cumsum(self.frames[name], dtype=np.int64)]) for name in ("packed", "rows")
        )
        self._table: DocidTable | None = None
        self._kept = lru_cache(_FRAMES_KEPT)(self._lines)

    def __len__(self) -> int:
        return int(self._rows[-1])

    def passage(self, row: int) -> Passage:
        """The passage of a row.

        Raises:
            XqgError: no such row.
            IndexFormatError: the frame of the passage is damaged.
        """
        if not 0 <= row < len(self):
            raise XqgError(f"row {row}: {self.path} holds the texts of {len(self)} passages, rows from 0")
        frame = int(np.searchsorted(self._rows, row, "right")) - 1
        return self._parsed(self._kept(frame)[row - int(self._rows[frame])], frame)

    def passages(self, rows: Sequence[int] | np.ndarray) -> list[Passage]:
        """The passages of some rows, in the order given; a frame that holds several of them is decompressed once."""
        found = {row: self.passage(row) for row in sorted(set(map(int, rows)))}
        return [found[int(row)] for row in rows]

    def row_of(self, docid: str) -> int:
        """The row of the passage with an id.

        Raises:
            XqgError: no passage has the id.
            IndexFormatError: the ids and the texts beside them are not of one index.
        """
        if self._table is None:
            self._table = open_docid_table(self.path.parent)
        row = int(self._table.look_up([docid])[0])
        if row < 0:
            raise XqgError(f"docid {docid!r}: {self.path.parent} holds no such passage")
        if row >= len(self) or self.passage(row).doc_id != docid:
            raise IndexFormatError(f"{self.path}: row {row} is not of passage {docid!r}; see `xqg index verify`")
        return row

    def __iter__(self) -> Iterator[Passage]:
        """All passages in row order."""
        for frame in range(len(self.frames)):
            yield from (self._parsed(line, frame) for line in self._lines(frame))

    def _lines(self, number: int) -> list[bytes]:
        """The JSON lines of a frame."""
        import zstandard

        frame = self.frames[number]
        packed = os.pread(self._stream.fileno(), int(frame["packed"]), int(self._offsets[number]))
        try:
            # a damaged header must not ask for more memory than the frame needs
            sound = zstandard.frame_content_size(packed) == frame["unpacked"]
            raw = zstandard.ZstdDecompressor().decompress(packed, allow_extra_data=False) if sound else b""
        except zstandard.ZstdError:
            sound = False
        lines = raw.splitlines() if sound else []
        if len(lines) != frame["rows"]:
            raise self._damaged(number)
        return lines

    def _parsed(self, line: bytes, frame: int) -> Passage:
        from orjson import JSONDecodeError, loads

        try:
            row = loads(line)
            return Passage(row["docid"], row["title"], row["text"])
        except (JSONDecodeError, KeyError, TypeError):
            raise self._damaged(frame) from None

    def _damaged(self, frame: int) -> IndexFormatError:
        rows = f"{self._rows[frame]} to {self._rows[frame + 1] - 1}"
        return damaged(self.path, f"the texts of rows {rows} cannot be read")

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
