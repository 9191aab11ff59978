"""Query encoders that are served: those that the indexes record, and others by name; each loaded once."""

import json
import threading
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from xqg_pyserini.encode.index_encoder import EncoderChoice, IndexRecord, load_query_encoder
from xqg_pyserini.encode.settings import EncoderSettings, check_same
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import EncoderMismatchError, XqgError
from xqg_pyserini.rewrite.corrected_queries import average_variants
from xqg_pyserini.serve.server_settings import ServerSettings

#: What two indexes must record alike for their queries to be encoded by one encoder.
_SHARED = ("name", "weights", "dim", *(field.name for field in fields(EncoderSettings)))


class ServedEncoder:
    """A query encoder under the name by which requests choose it.

    Attributes:
        name: unique on this server; never a path.
        encoder: the loaded encoder.
    """

    def __init__(self, name: str, encoder: TextEncoder) -> None:
        self.name, self.encoder = name, encoder

    def encode(self, groups: Sequence[Sequence[str]]) -> list[np.ndarray]:
        """Vectors of queries, each ``(dim,) float32``; one with several variants gets their average.

        What is asked twice is encoded once: systems that are compared ask for the same query.
        """
        different = list(dict.fromkeys(map(tuple, groups)))
        vectors = dict(zip(different, average_variants(self.encoder, different), strict=True))
        return [vectors[tuple(group)] for group in groups]

    def fits(self, index: Path | IndexRecord) -> bool:
        """Whether the encoder's query vectors belong into an index."""
        record = IndexRecord.of(index)
        if self.encoder.dim != record.read_dim():
            return False
        try:
            check_same(record.query_side(), self.encoder.describe_queries(), record.place)
        except EncoderMismatchError:
            return False
        return True


class EncoderPool:
    """The encoders of a server. May be used from several threads.

    Args:
        settings: names the further encoders; backend and threads of all.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._own: dict[str, ServedEncoder] = {}
        self.by_name: dict[str, ServedEncoder] = {}

    def load_named(self, indexes: Sequence[Path | IndexRecord]) -> None:
        """Load the encoders that were given by name.

        Raises:
            EncoderMismatchError: one fits none of the indexes.
        """
        for name, source in self._settings.encoders:
            encoder = self._fitting(source, indexes)
            self.by_name[name] = ServedEncoder(name, encoder)

    def of_index(self, index: Path | IndexRecord) -> ServedEncoder:
        """The encoder that an index records; where it records none, the first named one that fits.

        Raises:
            XqgError: there is none.
        """
        record = IndexRecord.of(index)
        side = record.query_side()
        if not side.get("name"):
            return self._first_fitting(record)
        with self._lock:
            key = json.dumps({name: side.get(name) for name in _SHARED}, sort_keys=True)
            if key not in self._own:
                served = ServedEncoder(self._free_name(side["name"]), load_query_encoder(record, self._choice()))
                self._own[key] = self.by_name[served.name] = served
            return self._own[key]

    def fitting(self, index: Path | IndexRecord) -> list[ServedEncoder]:
        """The encoders whose vectors belong into an index."""
        return [served for served in list(self.by_name.values()) if served.fits(index)]

    def _first_fitting(self, record: IndexRecord) -> ServedEncoder:
        if fitting := self.fitting(record):
            return fitting[0]
        raise XqgError(f"{record.place} records no encoder (it has no meta.json): give --query-encoder")

    def _fitting(self, source: str, indexes: Sequence[Path | IndexRecord]) -> TextEncoder:
        """The encoder, checked against the first of the indexes that it fits."""
        for number, index in enumerate(indexes, start=1):
            try:
                return load_query_encoder(index, self._choice(source))
            except EncoderMismatchError:
                if number == len(indexes):
                    raise
        raise AssertionError("no index is served")

    def _choice(self, source: str | None = None) -> EncoderChoice:
        return EncoderChoice(source, threads=self._settings.threads, backend=self._settings.backend)

    def _free_name(self, recorded: str) -> str:
        """A name that no other encoder has: that which was recorded, of a path the last part."""
        path = Path(recorded).expanduser()
        is_path = path.is_absolute() or recorded[0] in ".~" or path.is_dir()
        wanted, number = path.name if is_path else recorded, 1
        name = wanted
        while name in self.by_name:
            number += 1
            name = f"{wanted}-{number}"
        return name
