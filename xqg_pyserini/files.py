"""Writing that leaves either the whole file or nothing, JSON objects, and checksums."""

import contextlib
import ctypes
import gzip
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from xqg_pyserini.errors import InputError, OutputExistsError


def cache_home() -> Path:
    """Where built models and downloads are kept: ``$XQG_HOME``, else ``xqg_pyserini`` in the user's cache."""
    if chosen := os.environ.get("XQG_HOME"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "xqg_pyserini"


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync_directory(path: Path) -> None:
    """Make a rename inside ``path`` survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """An empty file beside ``path`` to write to, which gets that name when the block ends without an exception.

    The parent directory is made.

    Raises:
        OutputExistsError: ``path`` is a directory, or a folder above it is a file.
    """
    check_output_file(path, overwrite=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        temporary.chmod(0o666 & ~_umask())
        yield temporary
        os.fsync(handle)
        temporary.replace(path)
        sync_directory(path.parent)
    finally:
        os.close(handle)
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def atomic_file(path: str | Path, mode: str = "w") -> Iterator[IO[Any]]:
    """A file that appears under its name only when the block ends without an exception.

    ``path`` ending in ``.gz`` is compressed (without a time stamp, so that equal content is equal bytes).
    Text is UTF-8 with ``\\n`` line ends. The parent directory is made.

    Raises:
        OutputExistsError: ``path`` is a directory, or a folder above it is a file.
    """
    path = Path(path)
    with atomic_path(path) as temporary, contextlib.ExitStack() as stack:
        sink: Any = stack.enter_context(temporary.open("wb"))
        if path.suffix == ".gz":
            sink = stack.enter_context(gzip.GzipFile("", "wb", fileobj=sink, mtime=0))
        if "b" not in mode:
            sink = stack.enter_context(io.TextIOWrapper(sink, encoding="utf-8", newline="\n"))
        yield sink


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def check_output_file(path: Path, overwrite: bool) -> None:
    """Refuse an output file that is there already, or cannot be, before any work is done.

    Raises:
        OutputExistsError: the file exists and ``overwrite`` is not given, or the path is no place for a file.
    """
    _check_place(path)
    if path.is_dir():
        raise OutputExistsError(f"{path} is a directory; a file is to be written there: choose another name")
    if path.exists() and not overwrite:
        raise OutputExistsError(f"{path} exists: choose another name or give --overwrite")


def _check_place(path: Path) -> None:
    """Raise OutputExistsError where a folder above ``path`` is a file."""
    existing = next((parent for parent in path.absolute().parents if parent.exists()), Path("/"))
    if not existing.is_dir():
        raise OutputExistsError(f"{path} cannot be written: {existing} is a file; choose another name")


def check_output_directory(path: Path, overwrite: bool, replaceable: frozenset[str]) -> None:
    """Refuse an output directory that is there already, or cannot be, before any work is done.

    A directory that a crash left without its name while it was being replaced gets its name back first.

    Args:
        path: the directory to be written.
        overwrite: whether the user gave ``--overwrite``.
        replaceable: the file names that this kind of directory consists of; a directory holding anything
            else is never replaced, so that ``--overwrite`` cannot empty a home directory.

    Raises:
        OutputExistsError: there is something that may not be replaced, or a folder above is a file.
    """
    _check_place(path)
    _restore_replaced(path)
    if not path.exists():
        return
    if not path.is_dir():
        raise OutputExistsError(f"{path} is a file; a directory is to be written there: choose another name")
    foreign = sorted(entry.name for entry in path.iterdir() if entry.name not in replaceable)
    if foreign:
        raise OutputExistsError(
            f"{path} holds files of other kinds ({', '.join(foreign[:3])}) and is not replaced: choose another name"
        )
    if any(path.iterdir()) and not overwrite:
        raise OutputExistsError(f"{path} exists: choose another name or give --overwrite")


def replace_directory(temporary: Path, path: Path) -> None:
    """Put the finished directory ``temporary`` in the place of ``path``, both on one file system.

    Where the system can exchange two names in one step, a directory called ``path`` is there at every moment. Where
    it cannot, a crash may leave the old directory under another name; ``check_output_directory`` undoes that.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        temporary.replace(path)
    elif _exchange(temporary, path):
        shutil.rmtree(temporary)
    else:
        old = _replaced(path)
        path.replace(old)
        temporary.replace(path)
        shutil.rmtree(old)
    sync_directory(path.parent)


#: Of Linux' ``renameat2``: both names are relative to the working directory; exchange them.
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def _exchange(one: Path, other: Path) -> bool:
    """Exchange the names of two directories in one step; False where the system or the file system cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    names = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other))
    return bool(rename(*names, ctypes.c_uint(_RENAME_EXCHANGE)) == 0)


def _replaced(path: Path) -> Path:
    """Where a directory lies while another takes its name."""
    return path.parent / f".{path.name}.replaced"


def _restore_replaced(path: Path) -> None:
    """Undo a replacement that a crash interrupted, or finish it where only the old directory's removal is missing."""
    old = _replaced(path)
    if not old.is_dir():
        return
    if path.exists():
        shutil.rmtree(old)
    else:
        old.replace(path)


@contextlib.contextmanager
def atomic_directory(path: Path, overwrite: bool, replaceable: frozenset[str]) -> Iterator[Path]:
    """A directory that appears under its name only when the block ends without an exception.

    Yields the temporary directory to fill, beside the target. See ``check_output_directory`` for the arguments.
    """
    check_output_directory(path, overwrite, replaceable)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp"))
    try:
        temporary.chmod(0o777 & ~_umask())
        yield temporary
        replace_directory(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file; raises InputError when it is missing or no JSON object."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("no such file", path) from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"not JSON: {error}", path) from None
    if not isinstance(value, dict):
        raise InputError(f"a JSON object is needed, got {type(value).__name__}", path)
    return value


def write_json(path: Path, value: Any) -> None:
    """Write JSON, indented, keys in the given order."""
    with atomic_file(path) as stream:
        json.dump(value, stream, ensure_ascii=False, indent=2)
        stream.write("\n")
