"""From an encoder's name to its checkpoint directory: built in, a directory, or a model hub's id."""

from pathlib import Path

from xqg_pyserini.encode.embedded import embedded_checkpoint
from xqg_pyserini.errors import EncoderNotFoundError

EMBEDDED = "embedded"

#: What a checkpoint is made of; weights in other formats (pickles among them) are left on the hub.
_HUB_FILES = ["*.json", "*.safetensors", "*.txt", "*.model", "tokenizer*", "1_*/*", "2_*/*"]


def find_encoder(name: str) -> Path:
    """The checkpoint directory of ``embedded``, of a directory, or of a Hugging Face model id.

    A model id, which may carry a revision (``name@revision``: a branch, a tag or a commit), is taken from the local
    cache where it is complete, else downloaded (weights as safetensors only). A name that looks like a path is never
    looked up on the hub.

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
    if _is_path(name):
        raise EncoderNotFoundError(f"no encoder {name!r}: there is no such directory")
    return _from_hub(*name.partition("@")[::2])


def _is_path(name: str) -> bool:
    """Whether a name is meant as a path: a hub's id has at most one slash, and no local folder before it."""
    path = Path(name).expanduser()
    return (
        path.is_absolute() or name[0] in ".~" or name.count("/") > 1 or (len(path.parts) > 1 and path.parent.is_dir())
    )


def _from_hub(name: str, revision: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        cached = Path(snapshot_download(name, revision=revision or None, local_files_only=True))
        if (cached / "config.json").is_file() and any(cached.glob("*.safetensors")):
            return cached
    except (LocalEntryNotFoundError, HFValidationError, ValueError):
        pass
    try:
        return Path(snapshot_download(name, revision=revision or None, allow_patterns=_HUB_FILES))
    except Exception as error:
        # the hub's client raises its own, requests' and httpx' errors; each means: not available now
        at = f" at revision {revision!r}" if revision else ""
        raise EncoderNotFoundError(
            f"no encoder {name!r}{at}: neither '{EMBEDDED}' nor a directory nor complete in {HF_HUB_CACHE}, and the "
            f"hub gave {type(error).__name__}. Offline: copy the model's files (config.json, *.safetensors, "
            f"tokenizer files) into a directory and give its path"
        ) from error
