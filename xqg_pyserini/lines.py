"""Lines of text and JSON files, plain, ``.gz`` or ``.zst``, with the file, and the line where it is known, in errors.

Lines are read as bytes, because the JSON parser takes them like that: decoding hundreds of thousands of lines a second
into text first would cost as much as parsing them.
"""

import contextlib
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from xqg_pyserini.errors import InputError

_BUFFER = 1 << 20
_ZSTD_BLOCK = 1 << 17

#: Suffixes of compressed files; the format of a file is told by the suffix before them.
COMPRESSED = (".gz", ".zst")


def format_suffix(path: Path) -> str:
    """The suffix that says the format: ``topics.tsv.gz`` -> ``.tsv``, ``shard_0.jsonl.zst`` -> ``.jsonl``."""
    return (path.with_suffix("") if path.suffix.lower() in COMPRESSED else path).suffix.lower()


@contextlib.contextmanager
def open_lines(path: str | Path) -> Iterator[Iterator[bytes]]:
    """The lines of a file with their ends, decompressed by the file's suffix.

    Raises:
        InputError: the file is missing, a directory, not readable, or (while it is read) a damaged archive.
    """
    path = Path(path)
    try:
        if path.suffix.lower() == ".gz":
            with gzip.open(path, "rb") as packed, io.BufferedReader(packed, _BUFFER) as lines:
                yield lines
        else:
            with path.open("rb", buffering=_BUFFER) as raw:
                yield _zstd_lines(raw, path) if path.suffix.lower() == ".zst" else raw
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


def _zstd_lines(raw: IO[bytes], path: Path) -> Iterator[bytes]:
    rest = b""
    for block in _zstd_blocks(raw, path):
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            yield line + b"\n"
    if rest:
        yield rest


def _zstd_blocks(raw: IO[bytes], path: Path) -> Iterator[bytes]:
    """Decompress frame after frame; ``zstandard``'s own stream reader is silent about a frame that is cut off."""
    import zstandard

    frame = None
    try:
        while block := raw.read(_ZSTD_BLOCK):
            while block:
                if frame is None or frame.eof:
                    frame = zstandard.ZstdDecompressor().decompressobj()
                yield frame.decompress(block)
                block = frame.unused_data
    except zstandard.ZstdError as error:
        raise InputError(f"is no sound zstd archive ({error}): get it again", path) from None
    if frame is not None and not frame.eof:
        raise EOFError


def read_lines(path: str | Path) -> Iterator[tuple[int, str]]:
    """Yield ``(line number from 1, line without its end)`` of a UTF-8 text file.

    Raises:
        InputError: the file is missing, unreadable, damaged or not UTF-8.
    """
    number = 0
    with open_lines(path) as lines:
        try:
            for number, raw in enumerate(lines, start=1):
                # utf-8-sig only on the first line: Windows tools put a byte order mark there
                yield number, raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise InputError(f"not UTF-8: {error.reason} at byte {error.start} of the line", path, number) from None


def read_jsonl(path: str | Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield ``(line number from 1, object)`` of a JSON-lines file; blank lines are skipped.

    Raises:
        InputError: a line does not parse or is no JSON object, or the file cannot be read.
    """
    from orjson import JSONDecodeError, loads

    with open_lines(path) as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = loads(line)
            except JSONDecodeError:
                if not line.strip():
                    continue
                row = _unusual_row(line, path, number)
            if type(row) is not dict:
                raise InputError(f"a JSON object is needed, got {type(row).__name__}", path, number)
            yield number, row


def field_name(row: dict[str, Any], names: tuple[str, ...], path: str | Path, number: int) -> str:
    """The first of ``names`` that ``row`` has.

    Raises:
        InputError: it has none (file and line are named).
    """
    for name in names:
        if name in row:
            return name
    wanted, got = " or ".join(map(repr, names)), ", ".join(map(repr, row)) or "none"
    raise InputError(f"a field {wanted} is needed, got {got}", path, number)


def _unusual_row(line: bytes, path: str | Path, number: int) -> Any:
    """What Python's parser makes of a line that orjson refuses: NaN and a byte order mark are accepted.

    Half of a surrogate pair is not: such a text could not be written again.
    """
    try:
        row = json.loads(line)
        json.dumps(row, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        if line[:200].lstrip().lower().startswith((b"<!doctype", b"<html")):
            message = "a web page (HTML), not JSON lines: the download got an error page; get the file again"
        else:
            message = f"not JSON: {error.msg} at column {error.colno}"
        raise InputError(message, path, number) from None
    except UnicodeError as error:
        raise InputError(f"not JSON: {error}", path, number) from None
    return row
