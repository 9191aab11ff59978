"""The vectors of an encoder's queries, kept on disk: no text is encoded twice, in this run or a later one."""

import fcntl
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import batched
from pathlib import Path
from typing import Any

import numpy as np

from xqg_pyserini.encode import EncoderSettings, TextEncoder
from xqg_pyserini.progress import progress

#: Texts encoded before their vectors are written: what a killed run loses at most.
_CHUNK = 2048
_KEY_BYTES = 16


class TextVectors:
    """An encoder of queries that remembers; it can be used wherever queries are encoded by a ``TextEncoder``.

    The texts are known by a BLAKE2b hash of 16 bytes (``keys``), the vectors lie one after the other (``vectors``,
    float32) and are mapped into memory. Several processes may add to one folder, one at a time.

    Args:
        folder: of this encoder alone: other weights or settings need another one.
        encoder: encodes the texts that are not there yet.
    """

    def __init__(self, folder: Path, encoder: TextEncoder) -> None:
        self.encoder = encoder
        self._keys, self._vectors, self._lock = folder / "keys", folder / "vectors", folder / "lock"
        self._rows: dict[bytes, int] = {}
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def batch_size(self) -> int:
        """That of the encoder."""
        return self.encoder.batch_size

    @property
    def settings(self) -> EncoderSettings:
        """Those of the encoder."""
        return self.encoder.settings

    def describe(self) -> Mapping[str, Any]:
        """What is recorded in an index's ``meta.json``."""
        return self.encoder.describe()

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """``(len(texts), dim) float32``, in the given order."""
        keys = [_key(text) for text in texts]
        if any(key not in self._rows for key in keys):
            self._add(dict(zip(keys, texts, strict=True)))
        rows = [self._rows[key] for key in keys]
        mapped = np.memmap(self._vectors, np.float32, "r").reshape(-1, self.encoder.dim)
        return np.asarray(mapped[rows])

    def _add(self, wanted: Mapping[bytes, str]) -> None:
        """Encode and write what is not there, by length, so that the same texts make the same batches."""
        with self._locked():
            self._read()
            missing = sorted({key: text for key, text in wanted.items() if key not in self._rows}.items(), key=_length)
            with progress(total=len(missing), unit="texts", what="encode") as bar:
                for chunk in batched(missing, _CHUNK):
                    self._append([key for key, _ in chunk], self.encoder.encode_queries([text for _, text in chunk]))
                    bar.update(len(chunk))

    def _read(self) -> None:
        """The rows of the texts that are there; what a killed process wrote of a chunk is cut off."""
        size = 4 * self.encoder.dim
        for path in (self._keys, self._vectors):
            path.touch()
        count = min(self._keys.stat().st_size // _KEY_BYTES, self._vectors.stat().st_size // size)
        for path, width in ((self._keys, _KEY_BYTES), (self._vectors, size)):
            with path.open("r+b") as stream:
                stream.truncate(count * width)
        raw = self._keys.read_bytes()
        self._rows = {raw[row * _KEY_BYTES : (row + 1) * _KEY_BYTES]: row for row in range(count)}

    def _append(self, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        # vectors first: a key without a vector would be a wrong answer
        for path, raw in ((self._vectors, vectors.tobytes()), (self._keys, b"".join(keys))):
            with path.open("ab") as stream:
                stream.write(raw)
        self._rows |= {key: len(self._rows) + place for place, key in enumerate(keys)}

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock.open("a") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()


def _length(item: tuple[bytes, str]) -> tuple[int, str]:
    return len(item[1]), item[1]
