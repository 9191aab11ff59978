"""The files with which a checkpoint states its settings to sentence-transformers, and to ``read_settings``."""

import json
from pathlib import Path

from xqg_pyserini.encode.settings import POOLING_FLAGS, EncoderSettings


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
    _write(directory / "modules.json", modules)
    for path, _ in kinds[1:]:
        (directory / path).mkdir()
    flags = {flag: pooling is settings.pooling for flag, pooling in POOLING_FLAGS.items()}
    _write(directory / "1_Pooling" / "config.json", {"word_embedding_dimension": dim, **flags})
    _write(directory / "sentence_bert_config.json", {"max_seq_length": max_length, "do_lower_case": False})
    prompts = {"query": settings.query_prefix, "document": settings.passage_prefix}
    _write(directory / "config_sentence_transformers.json", {"prompts": prompts, "default_prompt_name": None})


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
