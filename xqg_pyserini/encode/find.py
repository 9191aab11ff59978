"""From an encoder's name to its checkpoint directory: built in, a directory, or a model hub's id."""

from pathlib import Path

from xqg_pyserini.encode.embedded import embedded_checkpoint
from xqg_pyserini.errors import EncoderNotFoundError

EMBEDDED = "embedded"

#: What a checkpoint is made of; weights in other formats (pickles among them) are left on the hub.
_HUB_FILES = ["*.json", "*.safetensors", "*.txt", "*.model", "tokenizer*", "1_*/*", "2_*/*"]


def find_encoder(name: str) -> Path:
    """The checkpoint directory of ``embedded``, of a directory, or of a Hugging Face model id.

    A model id is taken from the local cache where it is complete, else downloaded (weights as safetensors only).

    Raises:
        EncoderNotFoundError: says what was looked for, where, and how to place it by hand.
    """
    if name == EMBEDDED:
        return embedded_checkpoint()
    directory = Path(name).expanduser()
    if directory.is_dir():
        if not (directory / "config.json").is_file():
            raise EncoderNotFoundError(f"{directory} is no checkpoint: config.json is missing there")
        return directory
    return _from_hub(name)


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        cached = Path(snapshot_download(name, local_files_only=True))
        if (cached / "config.json").is_file() and any(cached.glob("*.safetensors")):
            return cached
    except (LocalEntryNotFoundError, HFValidationError, ValueError):
        pass
    try:
        return Path(snapshot_download(name, allow_patterns=_HUB_FILES))
    except Exception as error:
        # the hub's client raises its own, requests' and httpx' errors; each means: not to be had now
        raise EncoderNotFoundError(
            f"no encoder {name!r}: neither '{EMBEDDED}' nor a directory nor complete in {HF_HUB_CACHE}, and the "
            f"hub gave {type(error).__name__}. Offline: copy the model's files (config.json, *.safetensors, "
            f"tokenizer files) into a directory and give its path"
        ) from error
