"""What turns a checkpoint into an encoder: pooling, length of vectors, prefixes, lengths of texts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, Self

from xqg_pyserini.errors import EncoderMismatchError


class Pooling(StrEnum):
    """How token vectors become one vector."""

    CLS = "cls"
    MEAN = "mean"
    MAX = "max"
    LAST = "last"


@dataclass(frozen=True)
class EncoderSettings:
    """Everything beside the weights that the vectors depend on.

    Args:
        pooling: see ``Pooling``; its name will do.
        normalize: whether vectors are scaled to unit length.
        query_prefix: text put before every query.
        passage_prefix: text put before every passage.
        query_max_length: tokens kept of a query, special tokens included.
        passage_max_length: tokens kept of a passage, special tokens included.
        separator: text between title and text of a passage that has both.
    """

    pooling: Pooling = Pooling.CLS
    normalize: bool = False
    query_prefix: str = ""
    passage_prefix: str = ""
    query_max_length: int = 32
    passage_max_length: int = 128
    separator: str = " "

    def __post_init__(self) -> None:
        object.__setattr__(self, "pooling", Pooling(self.pooling))

    def to_dict(self) -> dict[str, Any]:
        """As stored in an index's ``meta.json``."""
        return asdict(self) | {"pooling": str(self.pooling)}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """The settings in a ``meta.json``; keys of other things are skipped, missing ones get the default."""
        return cls(**{field.name: raw[field.name] for field in fields(cls) if field.name in raw})

    def changed(self, options: Mapping[str, Any]) -> Self:
        """These settings with the options that are not None as overrides."""
        return replace(self, **{key: value for key, value in options.items() if value is not None})


#: What decides whether query vectors belong into an index.
_COMPARED = ("dim", "pooling", "normalize", "query_prefix", "weights")


def query_side(recorded: Mapping[str, Any]) -> dict[str, Any]:
    """What a ``meta.json`` says about the encoder of queries: of an untied pair, the query encoder's facts."""
    side = {key: value for key, value in recorded.items() if key != "query"}
    return side | dict(recorded.get("query") or {})


def check_same(recorded: Mapping[str, Any], used: Mapping[str, Any], what: str) -> None:
    """Refuse a query encoder whose settings or weights are not those recorded in an index.

    Only what changes the meaning of query vectors counts: pooling, normalisation, prefix, vector length, weights.

    Args:
        recorded: see ``query_side``.
        used: see ``TextEncoder.describe_queries``.
        what: the index, for the message.

    Raises:
        EncoderMismatchError: names each difference.
    """
    different = [
        f"{key} {used[key]!r} instead of {recorded[key]!r}"
        for key in _COMPARED
        if key in recorded and key in used and recorded[key] != used[key]
    ]
    if different:
        raise EncoderMismatchError(
            f"{what}: encoder {used.get('name')!r} does not fit the index, made with {recorded.get('name')!r}: "
            f"{'; '.join(different)}. For an index of its own: xqg encode --corpus CORPUS --encoder {used.get('name')} "
            f"--output DIR"
        )
