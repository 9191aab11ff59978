"""Writing the texts of passages beside their vectors, so that a killed run can be resumed."""

from collections.abc import Iterable

import numpy as np

from xqg_pyserini.records import Passage
from xqg_pyserini.storage.index_directory import TEXTS
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.text_frames import FRAME, tables

#: A frame ends with this many passages or bytes of lines, whichever comes first. Measured on 8,800 passages of 940
#: bytes: 1.02 of the size of one frame of zstd's default level, a third of a millisecond to decompress.
FRAME_ROWS, FRAME_BYTES = 256, 1 << 18
_LEVEL = 6
#: What is known of the frames, kept beside the unfinished file.
_FRAMES = "texts.frames"


class TextsWriter:
    """Appends passages to the file of texts of an unfinished index.

    Only whole frames lie on the disk. A resumed run is given the passages of the frame that was not full once more:
    those from row ``rows`` to the writer's ``count``.

    Args:
        writer: the index that is being written; nothing has been added to it yet by this process.

    Attributes:
        rows: passages in whole frames.
    """

    def __init__(self, writer: IndexWriter) -> None:
        import zstandard

        self._texts, self._frames = writer.open_part(TEXTS), writer.open_part(_FRAMES)
        self._compress = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress
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
        self._texts.write(tables(self._written()))

    def _end_frame(self) -> None:
        packed = self._compress(b"".join(self._lines))
        self._texts.write(packed)
        self._frames.write(np.array((len(packed), self._size, len(self._lines)), FRAME).tobytes())
        self.rows += len(self._lines)
        self._lines.clear()
        self._size = 0

    def _written(self) -> np.ndarray:
        """The frames written so far; the stream stands behind them."""
        self._frames.seek(0)
        return np.frombuffer(self._frames.read(), FRAME)
