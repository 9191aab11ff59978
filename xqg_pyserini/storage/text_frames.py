"""The form of a file of passage texts: frames of zstd, and tables at the end that say where each begins.

``texts.jsonl.zst`` holds a JSON line for each passage, ``{"docid", "title", "text"}``, in row order. A few hundred
lines make a frame that is decompressed by itself, with zstd's own checksum. The file is in the seekable format of zstd
(``contrib/seekable_format`` of its repository): the last frame, which decompression skips, lists the sizes of all
others. Before it stands another such frame with the number of passages of each, because frames of unequal length come
out of a merge. Hence ``zstdcat`` gives the corpus back, and whatever reads the seekable format finds its frames.
"""

import os
import struct
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from xqg_pyserini.errors import IndexFormatError

#: What is known of a frame: its bytes in the file, those of its lines, and its number of passages.
FRAME = np.dtype([("packed", "<u4"), ("unpacked", "<u4"), ("rows", "<u4")])

# magic number and length of a frame that decompression skips
_SKIPPABLE = struct.Struct("<II")
_ROWS_MAGIC, _SEEK_MAGIC = 0x184D2A50, 0x184D2A5E
# what the rows are of, and a CRC-32 of both tables
_ROWS_HEAD = struct.Struct("<8sI")
_ROWS_TAG = b"xqg rows"
_ROWS_START = _SKIPPABLE.size + _ROWS_HEAD.size
# number of frames, flags (none), magic number
_SEEK_END = struct.Struct("<IBI")
_SEEKABLE = 0x8F92EAB1
_ENTRY = np.dtype([("packed", "<u4"), ("unpacked", "<u4")])


def tables(frames: np.ndarray) -> bytes:
    """The end of a file of texts: the rows of its frames and the seek table.

    Args:
        frames: the frames in the order of the file, ``(n,)`` of ``FRAME``.
    """
    rows = frames["rows"].tobytes()
    entries = np.zeros(len(frames) + 1, _ENTRY)
    entries["packed"][:-1], entries["unpacked"][:-1] = frames["packed"], frames["unpacked"]
    entries["packed"][-1] = _ROWS_START + len(rows)
    seek = entries.tobytes()
    return b"".join((
        _SKIPPABLE.pack(_ROWS_MAGIC, _ROWS_HEAD.size + len(rows)),
        _ROWS_HEAD.pack(_ROWS_TAG, zlib.crc32(rows, zlib.crc32(seek))),
        rows,
        _SKIPPABLE.pack(_SEEK_MAGIC, len(seek) + _SEEK_END.size),
        seek,
        _SEEK_END.pack(len(entries), 0, _SEEKABLE),
    ))  # fmt: skip


def read_frames(stream: IO[bytes], path: Path) -> np.ndarray:
    """The frames of an opened file of texts, ``(n,)`` of ``FRAME``.

    Raises:
        IndexFormatError: the file is cut off, or its tables are damaged.
    """
    size = os.fstat(stream.fileno()).st_size
    number = _number_of_entries(os.pread(stream.fileno(), _SEEK_END.size, max(0, size - _SEEK_END.size)))
    rows_end = _ROWS_START + 4 * (number - 1)
    length = rows_end + _SKIPPABLE.size + number * _ENTRY.itemsize + _SEEK_END.size
    if number and length <= size:
        found = os.pread(stream.fileno(), length, size - length)
        entries = np.frombuffer(found, _ENTRY, number - 1, rows_end + _SKIPPABLE.size)
        frames = np.empty(number - 1, FRAME)
        frames["packed"], frames["unpacked"] = entries["packed"], entries["unpacked"]
        frames["rows"] = np.frombuffer(found, "<u4", number - 1, _ROWS_START)
        if found == tables(frames) and frames["packed"].sum(dtype=np.int64) == size - length:
            return frames
    raise damaged(path, "the tables at its end are missing or damaged")


def _number_of_entries(end: bytes) -> int:
    """The number of frames that the end of a seek table gives; 0 where it is no such end."""
    number, _, magic = _SEEK_END.unpack(end) if len(end) == _SEEK_END.size else (0, 0, 0)
    return number if magic == _SEEKABLE else 0


def damaged(path: Path, reason: str) -> IndexFormatError:
    """The error for a file of texts that cannot be used."""
    return IndexFormatError(f"{path}: {reason}: the file was cut off or changed, copy the index directory again")
