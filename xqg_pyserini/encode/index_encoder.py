"""The query encoder of an index: the one that its ``meta.json`` records, unless options name another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from xqg_pyserini.encode.settings import EncoderSettings, check_same, query_side
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import EncoderMismatchError, XqgError
from xqg_pyserini.storage.index_directory import IndexMeta, read_meta
from xqg_pyserini.storage.stored_vectors import read_dim


@dataclass(frozen=True)
class EncoderChoice:
    """What a user said about the encoder.

    Args:
        name: ``embedded``, a checkpoint directory or hub id; None takes what the index records.
        settings: ``EncoderSettings`` fields that override all else; None values are ignored.
        device: a torch device.
        batch_size: largest number of texts encoded at once.
        threads: CPU threads; None leaves the library's own choice.
        backend: a name in ``BACKENDS``.
    """

    name: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    device: str = "cpu"
    batch_size: int = 64
    threads: int | None = None
    backend: str = "auto"


@dataclass(frozen=True)
class IndexRecord:
    """What finding the query encoder of an index needs of it, wherever its vectors lie.

    Args:
        place: names the index in messages.
        meta: what the index records; None for a plain Pyserini index.
        read_dim: reads the length of its vectors.
    """

    place: str
    meta: IndexMeta | None
    read_dim: Callable[[], int]

    @classmethod
    def of(cls, index: "Path | IndexRecord") -> "IndexRecord":
        """The record of an index directory; a record stays as it is."""
        return index if isinstance(index, IndexRecord) else cls(str(index), read_meta(index), partial(read_dim, index))

    def query_side(self) -> dict[str, Any]:
        """What is recorded of the encoder of queries; empty where nothing is."""
        return query_side(self.meta.encoder) if self.meta and self.meta.encoder else {}


def load_query_encoder(index: Path | IndexRecord, choice: EncoderChoice | None = None) -> TextEncoder:
    """Load the encoder for the queries of an index.

    Without a name, the recorded encoder is loaded with its recorded settings; of an untied pair, the query encoder. A
    named encoder brings its own settings, which must be those recorded. Settings given as options count in both cases
    and are not compared.

    Args:
        index: the index directory, or the record of another index.
        choice: what the user said; None takes everything from the index.

    Returns:
        the encoder, which describes itself as what made the index (see ``TextEncoder.bind``).

    Raises:
        XqgError: neither the index nor the options name an encoder.
        EncoderMismatchError: the encoder does not fit; names each difference.
    """
    choice, record = choice or EncoderChoice(), IndexRecord.of(index)
    side = record.query_side()
    name = choice.name or side.get("name")
    if name is None:
        raise XqgError(f"{record.place} records no encoder (it has no meta.json): give --encoder")
    given = {key: value for key, value in choice.settings.items() if value is not None}
    base = EncoderSettings.from_dict(side).to_dict() if side and choice.name is None else {}
    encoder = TextEncoder(
        str(name), {**base, **given}, choice.device, choice.batch_size, choice.threads, choice.backend
    )
    dim = record.read_dim()
    if encoder.dim != dim:
        raise EncoderMismatchError(
            f"{record.place}: vectors of {dim} dimensions, but encoder {name!r} makes {encoder.dim}: give the encoder "
            f"that made the index with --encoder"
        )
    check_same(
        {key: value for key, value in side.items() if key not in given}, encoder.describe_queries(), record.place
    )
    encoder.load_queries()
    if record.meta and record.meta.encoder:
        encoder.bind(dict(record.meta.encoder))
    return encoder
