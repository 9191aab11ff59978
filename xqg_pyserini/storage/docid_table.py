"""The rows of passage ids in any order: a table of sorted hashes, twelve bytes a passage.

The table of a large index is built once in the cache and mapped into memory, so that looking up one id reads a few
pages of it. Indexes made out of each other have the same ids and share one table.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import batched
from pathlib import Path
from typing import NamedTuple

import numpy as np

from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.files import cache_home, sha256_of
from xqg_pyserini.storage.built_once import built_once
from xqg_pyserini.storage.index_directory import IndexLayout, read_meta, stream_docids

_BATCH = 8192
#: Bytes of ids from which on a table is kept: a hundred thousand of them are hashed in a fifth of a second.
CACHED_FROM = 1 << 20


def hashes_of(docids: Iterable[str]) -> np.ndarray:
    """Hashes of ids, ``(n,) uint64``."""
    return np.frombuffer(b"".join(blake2b(docid.encode(), digest_size=8).digest() for docid in docids), "<u8")


class DocidTable(NamedTuple):
    """Hashes of all ids in ascending order, ``(count,) uint64``, and the row of each, ``(count,) uint32``."""

    hashes: np.ndarray
    rows: np.ndarray

    def look_up(self, docids: Sequence[str]) -> np.ndarray:
        """The rows of ids, ``(len(docids),) int64``; -1 for an id that is not there.

        An unknown id has the hash of one of 18 million with a probability of one in 10¹².
        """
        if not len(self.hashes):
            return np.full(len(docids), -1)
        wanted = hashes_of(docids)
        at = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
        return np.where(self.hashes[at] == wanted, self.rows[at].astype(np.int64), -1)


def build_docid_table(directory: Path) -> DocidTable:
    """The table of an index directory's ids, in memory."""
    batches = batched(stream_docids(directory), _BATCH)
    hashes = np.concatenate([np.zeros(0, "<u8"), *map(hashes_of, batches)])
    order = np.argsort(hashes, kind="stable").astype(np.uint32)
    return DocidTable(hashes[order], order)


def open_docid_table(directory: Path) -> DocidTable:
    """The table of an index directory's ids; that of a large index is built once and mapped.

    Raises:
        IndexFormatError: the ids of a large index are not those that ``meta.json`` describes.
    """
    path = IndexLayout(directory).docid
    if path.stat().st_size < CACHED_FROM:
        return build_docid_table(directory)
    place = built_once(cache_home() / "docid-tables" / _key(directory), lambda target: _save(directory, target))
    return DocidTable(*(np.load(place / f"{name}.npy", mmap_mode="r") for name in DocidTable._fields))


def _save(directory: Path, target: Path) -> None:
    recorded, path = _recorded(directory), IndexLayout(directory).docid
    # indexes with sound ids must not find a table of others under their checksum
    if recorded and sha256_of(path) != recorded:
        raise IndexFormatError(f"{path} is not the file that meta.json describes: see `xqg index verify`")
    for name, values in build_docid_table(directory)._asdict().items():
        np.save(target / name, values)


def _recorded(directory: Path) -> str:
    """The recorded checksum of an index's ids; empty where there is none."""
    meta = read_meta(directory)
    return meta.files.get("docid", "") if meta else ""


def _key(directory: Path) -> str:
    """What tells the ids of indexes apart: their recorded checksum, else place, size and time of change of the file."""
    path = IndexLayout(directory).docid
    state = path.stat()
    place = f"{path.resolve()}\0{state.st_size}\0{state.st_mtime_ns}".encode()
    return _recorded(directory) or blake2b(place, digest_size=32).hexdigest()
