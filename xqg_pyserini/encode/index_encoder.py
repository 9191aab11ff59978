"""The query encoder of an index: the one that its ``meta.json`` records, unless options name another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xqg_pyserini.encode.settings import EncoderSettings, check_same, query_side
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import EncoderMismatchError, XqgError
from xqg_pyserini.storage.index_directory import read_meta
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


def load_query_encoder(directory: Path, choice: EncoderChoice | None = None) -> TextEncoder:
    """Load the encoder for the queries of an index.

    Without a name, the recorded encoder is loaded with its recorded settings; of an untied pair, the query encoder. A
    named encoder brings its own settings, which must be those recorded. Settings given as options count in both cases
    and are not compared.

    Args:
        directory: the index directory.
        choice: what the user said; None takes everything from the index.

    Returns:
        the encoder, which describes itself as what made the index (see ``TextEncoder.bind``).

    Raises:
        XqgError: neither the index nor the options name an encoder.
        EncoderMismatchError: the encoder does not fit; names each difference.
    """
    choice = choice or EncoderChoice()
    meta = read_meta(directory)
    recorded = dict(meta.encoder) if meta and meta.encoder else {}
    side = query_side(recorded)
    name = choice.name or side.get("name")
    if name is None:
        raise XqgError(f"{directory} records no encoder (it has no meta.json): give --encoder")
    given = {key: value for key, value in choice.settings.items() if value is not None}
    base = EncoderSettings.from_dict(side).to_dict() if recorded and choice.name is None else {}
    encoder = TextEncoder(
        str(name), {**base, **given}, choice.device, choice.batch_size, choice.threads, choice.backend
    )
    dim = read_dim(directory)
    if encoder.dim != dim:
        raise EncoderMismatchError(
            f"{directory}: vectors of {dim} dimensions, but encoder {name!r} makes {encoder.dim}: give the encoder "
            f"that made the index with --encoder"
        )
    check_same(
        {key: value for key, value in side.items() if key not in given}, encoder.describe_queries(), str(directory)
    )
    encoder.load_queries()
    if recorded:
        encoder.bind(recorded)
    return encoder
