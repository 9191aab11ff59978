"""What turns a checkpoint into an encoder: pooling, length of vectors, prefixes, lengths of texts.

Settings are read from the checkpoint's own files, or given; never guessed from a name.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from xqg_pyserini.errors import EncoderMismatchError, InputError
from xqg_pyserini.files import read_json


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
        pooling: see ``Pooling``.
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

    def to_dict(self) -> dict[str, Any]:
        """As stored in an index's ``meta.json``."""
        return asdict(self) | {"pooling": str(self.pooling)}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """The settings in a ``meta.json``; keys of other things are skipped, missing ones get the default."""
        known = {field.name: raw[field.name] for field in fields(cls) if field.name in raw}
        if "pooling" in known:
            known["pooling"] = Pooling(known["pooling"])
        return cls(**known)

    def changed(self, options: Mapping[str, Any]) -> Self:
        """These settings with the options that are not None as overrides."""
        given = {key: value for key, value in options.items() if value is not None}
        if "pooling" in given:
            given["pooling"] = Pooling(given["pooling"])
        return replace(self, **given) if given else self


def read_settings(directory: Path) -> EncoderSettings:
    """The settings that a checkpoint directory states.

    A sentence-transformers directory states all of them. A plain Hugging Face or Tevatron checkpoint states none:
    it gets those of the xDR models of Zhuang et al. (2023), which are Tevatron's defaults: the first token's vector,
    not normalised, 32 tokens of a query and 128 of a passage, title and text joined by a space.

    Raises:
        InputError: the directory asks for something that is not supported (a dense layer, an unknown pooling).
    """
    if not (directory / "modules.json").is_file():
        return EncoderSettings()
    modules = _modules(directory)
    length = _max_length(directory)
    prompts = _prompts(directory)
    return EncoderSettings(
        pooling=_pooling(directory / modules["Pooling"] / "config.json"),
        normalize="Normalize" in modules,
        query_prefix=prompts.get("query", ""),
        passage_prefix=prompts.get("document", prompts.get("passage", "")),
        query_max_length=length,
        passage_max_length=length,
    )


def _modules(directory: Path) -> dict[str, str]:
    """Kind of module -> its folder; only the plain dual encoder (transformer, pooling, length) is supported."""
    path = directory / "modules.json"
    rows = read_json_list(path)
    modules = {str(row["type"]).rsplit(".", 1)[-1]: str(row.get("path", "")) for row in rows}
    unsupported = sorted(set(modules) - {"Transformer", "Pooling", "Normalize"})
    if unsupported or "Pooling" not in modules:
        raise InputError(f"modules {', '.join(modules)}: only Transformer, Pooling and Normalize are supported", path)
    return modules


def read_json_list(path: Path) -> list[dict[str, Any]]:
    """A JSON list of objects from a file; raises InputError when it is none."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise InputError(f"cannot be read: {error}", path) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError("a list of objects is needed", path)
    return rows


#: sentence-transformers' flag of each pooling.
POOLING_FLAGS = {
    "pooling_mode_cls_token": Pooling.CLS,
    "pooling_mode_mean_tokens": Pooling.MEAN,
    "pooling_mode_max_tokens": Pooling.MAX,
    "pooling_mode_lasttoken": Pooling.LAST,
}


def _pooling(path: Path) -> Pooling:
    raw = read_json(path)
    chosen = [key for key, value in raw.items() if key.startswith("pooling_mode_") and value is True]
    mode = raw.get("pooling_mode")
    if isinstance(mode, str) and mode in set(Pooling):
        return Pooling(mode)
    if len(chosen) != 1 or chosen[0] not in POOLING_FLAGS:
        raise InputError(f"pooling {chosen or mode!r}: one of {', '.join(Pooling)} is supported", path)
    return POOLING_FLAGS[chosen[0]]


def _prompts(directory: Path) -> dict[str, str]:
    path = directory / "config_sentence_transformers.json"
    return dict(read_json(path).get("prompts") or {}) if path.is_file() else {}


def _max_length(directory: Path) -> int:
    """``max_seq_length``; where it is missing, what the model has positions for, as sentence-transformers does."""
    path = directory / "sentence_bert_config.json"
    stated = read_json(path).get("max_seq_length") if path.is_file() else None
    if stated:
        return int(stated)
    return int(read_json(directory / "config.json").get("max_position_embeddings", 512))


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
            f"{'; '.join(different)}"
        )
