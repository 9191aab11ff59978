"""What a training run writes: a directory that our query encoders load, and peft or transformers too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xqg_pyserini import __version__
from xqg_pyserini.encode.adapter import CONFIG, KIND, META, VERSION, WEIGHTS
from xqg_pyserini.files import atomic_directory, atomic_file, write_json
from xqg_pyserini.train.log import Row, draw_log, write_log
from xqg_pyserini.train.student import Student

LOG, PLOT = "log.jsonl", "log.svg"

#: The names such a directory consists of; ``--overwrite`` replaces directories of these and no others.
OUTPUT_FILES = frozenset(
    {META, CONFIG, WEIGHTS, LOG, PLOT, "README.md", "config.json", "model.safetensors", "tokenizer.json",
     "tokenizer_config.json", "special_tokens_map.json", "modules.json", "1_Pooling", "2_Normalize",
     "sentence_bert_config.json", "config_sentence_transformers.json", "sentencepiece.bpe.model", "vocab.txt"}
)  # fmt: skip


@dataclass(frozen=True)
class Report:
    """What is written beside the weights.

    Attributes:
        base: name, settings and weights' fingerprint of the base encoder (``TextEncoder.describe``).
        recipe: see ``Recipe.to_dict``.
        data: how many queries of which languages.
        figures: the base's and the trained encoder's, on held-out queries.
        log: transformers' log.
    """

    base: Mapping[str, Any]
    recipe: Mapping[str, Any]
    data: Mapping[str, Any]
    figures: Mapping[str, Any]
    log: Sequence[Row]


def write_output(output: Path, student: Student, report: Report, overwrite: bool) -> None:
    """Write a trained query encoder's directory; it appears when it is complete.

    The factors of a LoRA are stored as float16: they are added to the base's weights in float32, and lose less there
    than a step of training changes.
    """
    with atomic_directory(output, overwrite, OUTPUT_FILES) as directory:
        if report.recipe["tuning"]["method"] == "lora":
            _write_lora(directory, student)
        else:
            _write_checkpoint(directory, student, report)
        write_log(directory / LOG, report.log)
        draw_log(directory / PLOT, report.log)
        meta = {"kind": KIND, "version": VERSION, "xqg_pyserini": __version__, "base": dict(report.base)}
        parts = {"data": report.data, "figures": report.figures, "recipe": report.recipe}
        write_json(directory / META, meta | parts)


def _write_lora(directory: Path, student: Student) -> None:
    from peft import get_peft_model_state_dict
    from safetensors.torch import save

    state = get_peft_model_state_dict(student.model)
    with atomic_file(directory / WEIGHTS, "wb") as stream:
        stream.write(save({name: tensor.half().contiguous() for name, tensor in state.items()}))
    config = student.model.peft_config["default"].to_dict() | {"inference_mode": True}
    write_json(directory / CONFIG, {key: sorted(v) if isinstance(v, set) else v for key, v in config.items()})


def _write_checkpoint(directory: Path, student: Student, report: Report) -> None:
    """A checkpoint that states its pooling, prefixes and lengths as sentence-transformers does."""
    student.model.save_pretrained(directory)
    student.tokenizer.save_pretrained(directory)
    settings = student.settings
    kinds = [("", "Transformer"), ("1_Pooling", "Pooling")] + [("2_Normalize", "Normalize")] * settings.normalize
    rows = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(kinds)
    ]
    _write_list(directory / "modules.json", rows)
    for path, _ in kinds[1:]:
        (directory / path).mkdir()
    pooling = {"word_embedding_dimension": report.base["dim"], "pooling_mode": str(settings.pooling)}
    write_json(directory / "1_Pooling" / "config.json", pooling)
    write_json(directory / "sentence_bert_config.json", {"max_seq_length": settings.query_max_length})
    prompts = {"query": settings.query_prefix, "document": settings.passage_prefix}
    write_json(directory / "config_sentence_transformers.json", {"prompts": prompts})


def _write_list(path: Path, rows: list[dict[str, Any]]) -> None:
    import json

    path.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
