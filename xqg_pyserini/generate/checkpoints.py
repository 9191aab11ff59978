"""Where the checkpoints of generators are found, and which prompt and languages they know."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from xqg_pyserini.errors import MissingExtraError, XqgError
from xqg_pyserini.files import read_json

#: Written beside a trained generator's weights: ``{"kind", "version", "prompt", "languages", …}``.
META, KIND = "meta.json", "xqg-generator"

#: Weights as safetensors, or in torch's format, which transformers reads without running code that it may contain.
_HUB_FILES = ["*.json", "*.safetensors", "*.bin", "*.model", "tokenizer*"]


class Generator(NamedTuple):
    """A checkpoint's directory, and what it was trained for: None where that is not known."""

    name: str
    directory: Path
    prompt: str | None = None
    languages: tuple[str, ...] | None = None


_XOR_TYDI = ("xqg-mt5", ("ar", "bn", "fi", "ja", "ko", "ru", "te"))
#: Published generators: name -> prompt and languages, of which mMARCO's writes in the passage's.
PUBLISHED: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "ielabgroup/xor-tydi-docTquery-mt5-base": _XOR_TYDI,
    "ielabgroup/xor-tydi-docTquery-mt5-large": _XOR_TYDI,
    "doc2query/msmarco-14langs-mt5-base-v1": ("doc2query", None),
}


def find_generator(name: str) -> Generator:
    """The checkpoint of a directory or of a model hub's id.

    Raises:
        XqgError: there is none; says where it was looked for and how to place it by hand.
    """
    directory = Path(name).expanduser()
    if not directory.is_dir():
        return Generator(name, _from_hub(name), *PUBLISHED.get(name, (None, None)))
    if not (directory / "config.json").is_file():
        raise XqgError(f"{directory} is no checkpoint of a generator: config.json is missing there")
    facts = read_json(directory / META) if (directory / META).is_file() else {}
    if facts.get("kind") != KIND:
        return Generator(name, directory)
    return Generator(name, directory, facts["prompt"], tuple(facts["languages"]))


def load_generator(generator: Generator, dtype: str) -> tuple[Any, Any]:
    """The tokenizer and the model of a checkpoint, on the CPU.

    Args:
        generator: see ``find_generator``.
        dtype: ``float32`` or ``bfloat16``.

    Raises:
        MissingExtraError: the tokenizer is SentencePiece's, as mT5's, and that is not installed.
        XqgError: it is no encoder-decoder checkpoint.
    """
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer
    from transformers.utils import logging as transformers_logging

    directory = generator.directory
    converted = (directory / "tokenizer.json").is_file() or not (directory / "spiece.model").is_file()
    if not converted and find_spec("sentencepiece") is None:
        raise MissingExtraError(f"the tokenizer of {generator.name!r} needs: pip install 'xqg-pyserini[generate]'")
    # the bar over the weights only hides our own
    transformers_logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(directory)
        return tokenizer, AutoModelForSeq2SeqLM.from_pretrained(directory, dtype=dtype)
    except (ValueError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise XqgError(f"{generator.name!r} is no encoder-decoder checkpoint such as mT5: {reason}") from error


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        cached = Path(snapshot_download(name, local_files_only=True))
        if (cached / "config.json").is_file() and any([*cached.glob("*.safetensors"), *cached.glob("*.bin")]):
            return cached
    except (LocalEntryNotFoundError, HFValidationError, ValueError):
        pass
    try:
        return Path(snapshot_download(name, allow_patterns=_HUB_FILES))
    except Exception as error:
        # the hub's client raises its own, requests' and httpx' errors; each means: not available now
        raise XqgError(
            f"no generator {name!r}: neither a directory nor in the local cache, and the hub gave "
            f"{type(error).__name__}. Offline: copy the model's files (config.json, weights, tokenizer files) into a "
            f"directory and give its path"
        ) from error
