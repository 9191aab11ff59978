"""What a training run writes: a directory that our encoders load, and peft or transformers too."""

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xqg_pyserini import __version__
from xqg_pyserini.encode.adapter import CONFIG, DUAL_KIND, KIND, META, VERSION, WEIGHTS
from xqg_pyserini.encode.sentence_transformers_files import write_sentence_transformers_files
from xqg_pyserini.files import atomic_directory, atomic_file, write_json
from xqg_pyserini.train.student_encoder import StudentEncoder

logger = logging.getLogger(__name__)

#: What transformers logged, each row with its ``step``.
Log = Sequence[Mapping[str, Any]]

_LOG, _PLOT = "log.jsonl", "log.svg"

#: The names such a directory consists of; ``--overwrite`` replaces directories of these and no others.
OUTPUT_FILES = frozenset(
    {META, CONFIG, WEIGHTS, _LOG, _PLOT, "README.md", "config.json", "model.safetensors", "tokenizer.json",
     "tokenizer_config.json", "special_tokens_map.json", "modules.json", "1_Pooling", "2_Normalize",
     "sentence_bert_config.json", "config_sentence_transformers.json", "sentencepiece.bpe.model", "vocab.txt",
     "query_model", "passage_model"}
)  # fmt: skip


def write_output(output: Path, student: StudentEncoder, facts: Mapping[str, Any], log: Log, overwrite: bool) -> None:
    """Write a trained query encoder's directory; it appears when it is complete.

    The weights of a LoRA are stored as float16: they are added to the base's weights in float32, and lose less there
    than a step of training changes.

    Args:
        output: the directory.
        student: the trained encoder.
        facts: for ``meta.json``: the base encoder (``TextEncoder.describe``), data, figures, and the recipe.
        log: transformers' log.
        overwrite: replace the directory if it exists.
    """
    with atomic_directory(output, overwrite, OUTPUT_FILES) as directory:
        _write_side(directory, student, facts, KIND)
        _write_log_and_plot(directory, log)


def write_dual_output(
    output: Path, sides: Mapping[str, StudentEncoder], facts: Mapping[str, Any], log: Log, overwrite: bool
) -> None:
    """Write a trained dual encoder's directory; it appears when it is complete.

    Args:
        output: the directory.
        sides: folder -> side: ``""`` alone where queries and passages share their weights; else ``query_model`` and
            ``passage_model``, which is Tevatron's layout.
        facts: for ``meta.json``, as for ``write_output``.
        log: transformers' log.
        overwrite: replace the directory if it exists.
    """
    with atomic_directory(output, overwrite, OUTPUT_FILES) as directory:
        for folder, side in sides.items():
            (directory / folder).mkdir(exist_ok=True)
            base = facts["base"] if not folder.startswith("query") else facts["base"] | facts["base"].get("query", {})
            _write_side(directory / folder, side, {**facts, "base": base}, DUAL_KIND)
        _write_log_and_plot(directory, log)


def _write_side(directory: Path, student: StudentEncoder, facts: Mapping[str, Any], kind: str) -> None:
    if facts["recipe"]["tuning"]["method"] == "lora":
        _write_lora(directory, student)
    else:
        settings = student.settings
        longest = settings.query_max_length if kind == KIND else settings.passage_max_length
        _write_checkpoint(directory, student, max(longest, settings.query_max_length))
    write_json(directory / META, {"kind": kind, "version": VERSION, "xqg_pyserini": __version__, **facts})


def _write_log_and_plot(directory: Path, log: Log) -> None:
    write_log(directory, log)
    try:
        _plot_log(directory / _PLOT, log)
    except Exception as error:
        # whatever goes wrong inside a plotting library must not lose hours of training
        reason = f"{type(error).__name__}: {error}"
        logger.warning("%s was not plotted (%s); %s holds the same numbers", _PLOT, reason, _LOG)


def write_log(directory: Path, log: Log) -> None:
    """Write a log as JSON lines."""
    with atomic_file(directory / _LOG) as stream:
        stream.writelines(json.dumps(dict(row), sort_keys=True) + "\n" for row in log)


def _write_lora(directory: Path, student: StudentEncoder) -> None:
    from peft import get_peft_model_state_dict
    from safetensors.torch import save

    state = get_peft_model_state_dict(student.model, save_embedding_layers=False)
    with atomic_file(directory / WEIGHTS, "wb") as stream:
        stream.write(save({name: tensor.half().contiguous() for name, tensor in state.items()}))
    config = student.model.peft_config["default"].to_dict() | {"inference_mode": True}
    write_json(directory / CONFIG, {key: sorted(v) if isinstance(v, set) else v for key, v in config.items()})


def _write_checkpoint(directory: Path, student: StudentEncoder, max_length: int) -> None:
    student.model.save_pretrained(directory)
    student.tokenizer.save_pretrained(directory)
    write_sentence_transformers_files(directory, student.settings, student.dim, max_length)


def _plot_log(path: Path, log: Log) -> None:
    """Plot the losses and the held-out divergence over the steps into an SVG file."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.2), layout="constrained")
    held_out = {"eval_kl": "divergence from the clean queries, nats (held-out)"}
    if not any("eval_kl_0" in row for row in log):
        held_out = {"eval_mrr": "mean reciprocal rank (held-out)"}
    titles = {"loss": "loss (training queries)", **held_out}
    for axes, (prefix, title) in zip(figure.subplots(1, 2), titles.items(), strict=True):
        for name in sorted({name for row in log for name in row if name.startswith(prefix)}):
            steps, values = zip(*((row["step"], row[name]) for row in log if name in row), strict=True)
            axes.plot(steps, values, marker="." if len(steps) < 50 else "", label=name.removeprefix("eval_"))
            axes.legend(fontsize=7)
        axes.set_xlabel("step")
        axes.set_title(title, fontsize=9)
    # without a date and random ids, so that equal logs give equal files
    with rc_context({"svg.hashsalt": "xqg"}), atomic_file(path, "wb") as stream:
        figure.savefig(stream, format="svg", metadata={"Date": None})
