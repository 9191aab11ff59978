"""Trained encoders: adapters on a base encoder, whose passage index is kept where the queries' side alone was trained.

A directory of kind ``xqg-query-encoder`` holds either a LoRA in the form of peft (``adapter_config.json``,
``adapter_model.safetensors``; Hu et al. 2022, arXiv 2106.09685) or a whole checkpoint. Its ``meta.json`` names the base
encoder and the fingerprint of its weights: vectors of the queries belong into an index of that base and of no other.
One of kind ``xqg-dual-encoder`` holds a LoRA that was trained for queries and passages, which makes another encoder.
A LoRA is added to the base's weights when it is loaded: a query costs what it costs without, and peft is not needed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xqg_pyserini.errors import EncoderMismatchError, EncoderNotFoundError, InputError
from xqg_pyserini.files import read_json
from xqg_pyserini.registry import unknown_name

if TYPE_CHECKING:
    import torch

KIND = "xqg-query-encoder"
DUAL_KIND = "xqg-dual-encoder"
VERSION = 1

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
META = "meta.json"

#: Where the adapters that ship with the package lie, one directory per ``BASE+NAME``.
_SHIPPED = Path(__file__).parent / "adapters"
_PEFT_PREFIX = "base_model.model."


@dataclass(frozen=True)
class Adapter:
    """A trained query encoder, or a LoRA of both sides.

    Attributes:
        directory: where it lies.
        base: name of the encoder it was trained on.
        base_weights: fingerprint of that encoder's weights.
        lora: whether it is a LoRA on the base; a whole checkpoint otherwise.
        both_sides: whether passages are encoded with it too, so that the base's indexes are not its own.
    """

    directory: Path
    base: str
    base_weights: str
    lora: bool
    both_sides: bool = False

    def checked_base(self, weights: str) -> str:
        """The fingerprint of the base's weights, which decides whether an index is the base's.

        Args:
            weights: fingerprint of the checkpoint that was found.

        Raises:
            EncoderMismatchError: it is not the one that a LoRA was trained on; names both.
        """
        if self.lora and weights != self.base_weights:
            raise EncoderMismatchError(
                f"{self.directory} was trained on {self.base!r} with weights {self.base_weights!r}, "
                f"but the weights of that encoder here are {weights!r}"
            )
        return self.base_weights


def shipped_adapters() -> list[str]:
    """Names of the adapters that ship with the package."""
    return sorted(path.parent.name for path in _SHIPPED.glob(f"*/{META}"))


def find_adapter(name: str) -> Adapter | None:
    """The trained query encoder of that name; None for an ordinary encoder.

    Args:
        name: ``BASE+NAME`` of an adapter in the package, a directory, or any other encoder's name.

    Raises:
        UnknownNameError: no such adapter in the package.
        InputError: a directory whose ``meta.json`` is missing or of another kind or version.
    """
    directory = Path(name).expanduser()
    if not directory.is_dir():
        if not name.startswith("embedded+"):
            return None
        shipped = shipped_adapters()
        if name not in shipped:
            raise unknown_name("adapter", name, shipped)
        directory = _SHIPPED / name
    lora, path = (directory / CONFIG).is_file(), directory / META
    if lora and not path.is_file():
        raise InputError(
            f"no such file: an adapter says there which encoder and weights it was trained on ({CONFIG} is there; "
            f"an adapter made by other means is merged into its base with peft and given as a checkpoint)",
            path,
        )
    meta = read_json(path) if path.is_file() else {}
    if not lora and meta.get("kind") != KIND:
        return None
    kind, version, base = meta.get("kind"), meta.get("version"), meta.get("base")
    if (kind, version) not in ((KIND, VERSION), (DUAL_KIND, VERSION)):
        raise InputError(f"kind {kind!r}, version {version!r}; {KIND!r}, version {VERSION} is needed", path)
    if not isinstance(base, dict) or not {"name", "weights"} <= set(base):
        raise InputError(f"'base' must hold 'name' and 'weights', got {base!r}", path)
    return Adapter(directory, str(base["name"]), str(base["weights"]), lora, kind == DUAL_KIND)


def add_lora(model: "torch.nn.Module", directory: Path) -> None:
    """Add a LoRA to a model's weights in place: ``W + scale · B A`` for each matrix it adapts.

    Raises:
        EncoderNotFoundError: the adapter's weights cannot be read.
        EncoderMismatchError: the model has no such matrix, or one of another size.
        InputError: a kind of adapter other than plain LoRA.
    """
    import torch

    scale = _scale(directory / CONFIG)
    weights = model.state_dict()
    with torch.no_grad():
        for name, (down, up) in _pairs(directory / WEIGHTS).items():
            change = scale * (up.float() @ down.float())
            if name not in weights or weights[name].shape not in (change.shape, change.T.shape):
                raise EncoderMismatchError(
                    f"{directory} does not fit its base: {name} {tuple(change.shape)} is not there"
                )
            # the factors of an embedding make its transpose
            weights[name] += change if weights[name].shape == change.shape else change.T


def _scale(path: Path) -> float:
    config = read_json(path)
    odd = [key for key in ("use_dora", "rank_pattern", "alpha_pattern", "modules_to_save") if config.get(key)]
    if config.get("peft_type") != "LORA" or odd or config.get("bias", "none") != "none":
        raise InputError(
            f"{config.get('peft_type')} {odd}: only plain LoRA is added here; merge it with peft instead", path
        )
    # rank-stabilised LoRA, Kalajdzievski (2023), arXiv 2312.03732
    return float(config["lora_alpha"] / config["r"] ** (0.5 if config.get("use_rslora") else 1))


def _pairs(path: Path) -> dict[str, tuple["torch.Tensor", "torch.Tensor"]]:
    """Name of a weight -> the two factors of its change, ``(rank, in)`` and ``(out, rank)``."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise EncoderNotFoundError(f"{path} cannot be read: {error}") from error
    pairs = {}
    for key in [key for key in tensors if "lora_A" in key or "lora_embedding_A" in key]:
        module = key.removeprefix(_PEFT_PREFIX).split(".lora_")[0]
        pairs[f"{module}.weight"] = (tensors[key], tensors[key.replace("_A", "_B")])
    if 2 * len(pairs) != len(tensors):
        raise InputError(f"{len(tensors)} tensors make {len(pairs)} pairs of LoRA factors", path)
    return pairs
