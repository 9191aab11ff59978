"""Writing the texts of passages beside their vectors, so that a killed run can be resumed."""

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from xqg_pyserini.records import Passage
from xqg_pyserini.storage.index_directory import TEXTS
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.text_frames import FRAME, tables

#: A frame ends with this many passages or bytes of lines, whichever comes first. Measured on 8,800 passages of 940
#: bytes: 1.02 of the size of one frame of zstd's default level, a third of a millisecond to decompress.
FRAME_ROWS, FRAME_BYTES = 256, 1 << 18
_LEVEL = 6
#: Frames compressed while passages are encoded: as many as a chunk of passages is likely to fill.
_IN_FLIGHT = 4
#: What is known of the frames, kept beside the unfinished file.
_FRAMES = "texts.frames"


class _Packing(NamedTuple):
    """A frame that is being compressed: its bytes to be, those of its lines, and its number of passages."""

    packed: Future[bytes]
    unpacked: int
    rows: int


class TextsWriter:
    """Appends passages to the file of texts of an unfinished index; frames are compressed in another thread.

    Only whole frames lie on the disk. A resumed run is given the passages of the last frames once more: those from row
    ``rows`` to the writer's ``count``.

    Args:
        writer: the index that is being written; nothing has been added to it yet by this process.

    Attributes:
        rows: passages in the frames that are written.
    """

    def __init__(self, writer: IndexWriter) -> None:
        import zstandard

        self._texts, self._frames = writer.open_part(TEXTS), writer.open_part(_FRAMES)
        self._compress = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress
        self._pool = ThreadPoolExecutor(1)
        self._packing: deque[_Packing] = deque()
        self._lines: list[bytes] = []
        self._size = 0
        self.rows = int(self._written()["rows"].sum())

    def add(self, passages: Iterable[Passage]) -> None:
        """Append passages, before their vectors are added to the index."""
        from orjson import OPT_APPEND_NEWLINE, dumps

        for doc_id, title, text in passages:
            line = dumps({"docid": doc_id, "title": title, "text": text}, option=OPT_APPEND_NEWLINE)
            self._lines.append(line)
            self._size += len(line)
            if len(self._lines) == FRAME_ROWS or self._size >= FRAME_BYTES:
                self._end_frame()

    def finish(self) -> None:
        """Write what is left, and the tables; after the last vectors were added."""
        if self._lines:
            self._end_frame()
        while self._packing:
            self._write_frame()
        self._texts.write(tables(self._written()))
        self._pool.shutdown()

    def _end_frame(self) -> None:
        packed = self._pool.submit(self._compress, b"".join(self._lines))
        self._packing.append(_Packing(packed, self._size, len(self._lines)))
        self._lines.clear()
        self._size = 0
        if len(self._packing) > _IN_FLIGHT:
            self._write_frame()

    def _write_frame(self) -> None:
        frame = self._packing.popleft()
        packed = frame.packed.result()
        self._texts.write(packed)
        self._frames.write(np.array((len(packed), frame.unpacked, frame.rows), FRAME).tobytes())
        self.rows += frame.rows

    def _written(self) -> np.ndarray:
        """The frames written so far; the stream stands behind them."""
        if not self._frames.tell():
            return np.empty(0, FRAME)
        self._frames.seek(0)
        return np.frombuffer(self._frames.read(), FRAME)
