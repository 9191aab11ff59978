"""Fingerprints: of a checkpoint's weights and of a corpus."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from xqg_pyserini.records import Passage

_PIECES = 256
_PIECE_BYTES = 4096


def weights_hash(directory: Path) -> str:
    """A fingerprint of the checkpoint's weights: SHA-256 over its safetensors files' names, sizes and samples.

    256 pieces of 4 KiB spread evenly over each file are read: any training step changes nearly all of a matrix, so
    two trained models differ in some piece, and gigabytes need not be read whenever a search starts.
    """
    digest = hashlib.sha256()
    for path in sorted(directory.glob("*.safetensors")):
        size = path.stat().st_size
        digest.update(f"{path.name} {size}\n".encode())
        with path.open("rb") as stream:
            for piece in range(_PIECES):
                stream.seek(size * piece // _PIECES)
                digest.update(stream.read(_PIECE_BYTES))
    return digest.hexdigest()


def corpus_hash(passages: Iterable[Passage]) -> tuple[int, str]:
    """The number of passages and a fingerprint (BLAKE2b) of their ids, titles and texts, in their order."""
    digest = hashlib.blake2b(digest_size=16)
    count = 0
    for passage in passages:
        count += 1
        # lengths go in too: "ab", "c" and "a", "bc" are different passages
        for field in passage:
            raw = field.encode("utf-8", "surrogatepass")
            digest.update(len(raw).to_bytes(8, "little"))
            digest.update(raw)
    return count, digest.hexdigest()
