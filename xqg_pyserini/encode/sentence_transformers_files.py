"""The files in which a checkpoint states its settings, as sentence-transformers writes them.

Settings are read from these files, or given; never guessed from a name.
"""

import json
from pathlib import Path
from typing import Any

from xqg_pyserini.encode.settings import EncoderSettings, Pooling
from xqg_pyserini.errors import InputError
from xqg_pyserini.files import read_json, write_json

_MODULES, _LENGTH, _PROMPTS = "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json"
#: The flag of each pooling in the pooling module's ``config.json``.
_POOLING_FLAGS = {
    "pooling_mode_cls_token": Pooling.CLS,
    "pooling_mode_mean_tokens": Pooling.MEAN,
    "pooling_mode_max_tokens": Pooling.MAX,
    "pooling_mode_lasttoken": Pooling.LAST,
}


def read_settings(directory: Path) -> EncoderSettings:
    """The settings that a checkpoint directory states.

    A sentence-transformers directory states all of them. A plain Hugging Face or Tevatron checkpoint states none:
    it gets those of the xDR models of Zhuang et al. (2023), which are Tevatron's defaults: the first token's vector,
    not normalised, 32 tokens of a query and 128 of a passage, title and text joined by a space.

    Raises:
        InputError: the directory asks for something that is not supported (a dense layer, an unknown pooling).
    """
    if not (directory / _MODULES).is_file():
        return EncoderSettings()
    modules = _read_modules(directory / _MODULES)
    prompts = _read_optional(directory / _PROMPTS).get("prompts") or {}
    length = _read_optional(directory / _LENGTH).get("max_seq_length")
    if not length:  # sentence-transformers, too, keeps what the model has positions for
        length = read_json(directory / "config.json").get("max_position_embeddings", 512)
    return EncoderSettings(
        pooling=_read_pooling(directory / modules["Pooling"] / "config.json"),
        normalize="Normalize" in modules,
        query_prefix=prompts.get("query", ""),
        passage_prefix=prompts.get("document", prompts.get("passage", "")),
        query_max_length=int(length),
        passage_max_length=int(length),
    )


def _read_optional(path: Path) -> dict[str, Any]:
    return read_json(path) if path.is_file() else {}


def _read_modules(path: Path) -> dict[str, str]:
    """Kind of module -> its folder; only the plain dual encoder (transformer, pooling, length) is supported."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        modules = {row["type"].rsplit(".", 1)[-1]: row.get("path", "") for row in rows}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"cannot be read: {type(error).__name__}: {error}", path) from None
    if set(modules) - {"Transformer", "Pooling", "Normalize"} or "Pooling" not in modules:
        raise InputError(f"modules {', '.join(modules)}: only Transformer, Pooling and Normalize are supported", path)
    return modules


def _read_pooling(path: Path) -> Pooling:
    raw = read_json(path)
    mode = raw.get("pooling_mode")
    if isinstance(mode, str) and mode in set(Pooling):
        return Pooling(mode)
    chosen = [key for key, value in raw.items() if key.startswith("pooling_mode_") and value is True]
    if len(chosen) != 1 or chosen[0] not in _POOLING_FLAGS:
        raise InputError(f"pooling {chosen or mode!r}: one of {', '.join(Pooling)} is supported", path)
    return _POOLING_FLAGS[chosen[0]]


def write_sentence_transformers_files(directory: Path, settings: EncoderSettings, dim: int, max_length: int) -> None:
    """Write modules, pooling, prompts and length into an existing checkpoint directory.

    Args:
        directory: of the checkpoint.
        settings: pooling, normalisation and prefixes are taken from them.
        dim: length of the vectors.
        max_length: tokens kept of a text; sentence-transformers has one number for queries and passages.
    """
    kinds = [("", "Transformer"), ("1_Pooling", "Pooling")] + [("2_Normalize", "Normalize")] * settings.normalize
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(kinds)
    ]
    write_json(directory / _MODULES, modules)
    for path, _ in kinds[1:]:
        (directory / path).mkdir()
    flags = {flag: pooling is settings.pooling for flag, pooling in _POOLING_FLAGS.items()}
    write_json(directory / "1_Pooling" / "config.json", {"word_embedding_dimension": dim, **flags})
    write_json(directory / _LENGTH, {"max_seq_length": max_length, "do_lower_case": False})
    prompts = {"query": settings.query_prefix, "document": settings.passage_prefix}
    write_json(directory / _PROMPTS, {"prompts": prompts, "default_prompt_name": None})
