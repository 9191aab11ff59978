"""Lines of large files as bytes, plain, ``.gz`` or ``.zst``, with file and line in every error.

Bytes, because the JSON parser takes them as they are: decoding hundreds of thousands of lines a second into text
first would cost as much as parsing them.
"""

import contextlib
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from xqg_pyserini.errors import InputError

_BUFFER = 1 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

#: Suffixes of compressed files; they are passed over when a format is read off a file's name.
COMPRESSED = (".gz", ".zst")


def format_suffix(path: Path) -> str:
    """The suffix that says the format: ``topics.tsv.gz`` -> ``.tsv``, ``shard_0.jsonl.zst`` -> ``.jsonl``."""
    return (path.with_suffix("") if path.suffix.lower() in COMPRESSED else path).suffix.lower()


@contextlib.contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading bytes, decompressed by its suffix.

    Raises:
        InputError: the file is missing, a directory, not readable, or (while it is read) a damaged archive.
    """
    try:
        with contextlib.ExitStack() as stack:
            yield _decompressed(path, stack)
    except FileNotFoundError:
        raise InputError("no such file", path) from None
    except IsADirectoryError:
        raise InputError("is a directory, a file is needed", path) from None
    except EOFError:
        raise InputError("the archive ends too early (a broken download or copy?): get it again", path) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"is no sound gzip archive ({error}): get it again", path) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error}", path) from None


def _decompressed(path: Path, stack: contextlib.ExitStack) -> IO[bytes]:
    suffix = path.suffix.lower()
    if suffix == ".gz":
        return stack.enter_context(io.BufferedReader(gzip.open(path, "rb"), _BUFFER))
    raw = stack.enter_context(path.open("rb", buffering=_BUFFER))
    if suffix == ".zst":
        return stack.enter_context(io.BufferedReader(_ZstdStream(raw, path), _BUFFER))
    return raw


class _ZstdStream(io.RawIOBase):
    """Zstandard frames as a raw stream whose damage shows as InputError, a truncated end included."""

    def __init__(self, raw: IO[bytes], path: Path) -> None:
        import zstandard

        self._raw, self._path = raw, path
        self._damage = zstandard.ZstdError
        self._new_frame: Any = zstandard.ZstdDecompressor().decompressobj
        self._frame = self._new_frame()
        self._left = b""
        self._begun = False

    def readable(self) -> bool:
        """True: this is a stream to read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` with decompressed bytes; 0 at the end of the last frame."""
        while not self._left:
            block = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame, self._begun = self._new_frame(), False
            block = block or self._raw.read(1 << 17)
            if not block:
                if self._begun:
                    raise InputError("the archive ends too early (a broken download or copy?)", self._path)
                return 0
            self._begun = True
            self._left = self._decompress(block)
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size

    def _decompress(self, block: bytes) -> bytes:
        try:
            out: bytes = self._frame.decompress(block)
        except self._damage as error:
            raise InputError(f"is no sound zstd archive ({error}): get it again", self._path) from None
        return out


def json_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield ``(line from 1, object)`` of a JSON-lines file; blank lines are passed over.

    Raises:
        InputError: a line does not parse or is no JSON object, or the file cannot be read.
    """
    from orjson import JSONDecodeError, loads

    with open_bytes(path) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                row = loads(line)
            except JSONDecodeError as error:
                if not line.strip():
                    continue
                if number > 1 or not line.startswith(_BYTE_ORDER_MARK):
                    raise InputError(_not_json(line, error), path, number) from None
                row = loads(line[len(_BYTE_ORDER_MARK) :])
            if type(row) is not dict:
                raise InputError(f"a JSON object is needed, got {type(row).__name__}", path, number)
            yield number, row


def _not_json(line: bytes, error: Exception) -> str:
    head = line[:200].lstrip().lower()
    if head.startswith((b"<!doctype", b"<html")):
        return "a web page (HTML), not JSON lines: the download got an error page; get the file again"
    return f"not JSON: {error}"
