"""One checkpoint of an encoder: where it lies, what it states, how its model and tokenizer are loaded."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from xqg_pyserini.encode.adapter import Adapter, add_lora, find_adapter
from xqg_pyserini.encode.find import find_encoder
from xqg_pyserini.encode.fingerprint import weights_hash
from xqg_pyserini.encode.sentence_transformers_files import read_settings
from xqg_pyserini.encode.settings import EncoderSettings
from xqg_pyserini.errors import EncoderMismatchError, EncoderNotFoundError
from xqg_pyserini.files import read_json

if TYPE_CHECKING:
    import torch

#: The two halves of an untied checkpoint of Tevatron, and the projection that its old releases could add.
_TEVATRON_PASSAGE, _TEVATRON_QUERY, _TEVATRON_POOLER = "passage_model", "query_model", "pooler.pt"
#: The files that decide how texts become tokens.
_TOKENIZER_FILES = (
    "tokenizer*",
    "vocab*",
    "merges.txt",
    "*.model",
    "special_tokens_map.json",
    "added_tokens.json",
)
#: What configurations of transformers call the dropout of their layers.
_DROPOUT_KEYS = ("hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout", "dropout_rate")


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint directory, and the name under which the user knows it.

    Attributes:
        name: see ``find``.
        directory: the checkpoint; the base's where ``adapter`` is a LoRA.
        adapter: what training made of a base.
        base: the checkpoint that a LoRA is added to, which may have one itself.
    """

    name: str
    directory: Path
    adapter: Adapter | None = None
    base: "Checkpoint | None" = None

    @classmethod
    def find(cls, name: str) -> Self:
        """The checkpoint of that name; see ``find_encoder`` and ``find_adapter`` for names and errors."""
        adapter = find_adapter(name)
        if adapter and adapter.lora:
            base = cls.find(adapter.base)
            return cls(name, base.directory, adapter, base)
        return cls(name, find_encoder(str(adapter.directory) if adapter else name), adapter)

    @cached_property
    def settings(self) -> EncoderSettings:
        """The settings it states; see ``read_settings``."""
        return read_settings(self.directory)

    @cached_property
    def weights(self) -> str:
        """A fingerprint of the weights that decide in which indexes its queries search.

        Of a trained query encoder those are its base's; of a LoRA of both sides, its base's and its own together.

        Raises:
            EncoderMismatchError: the base's weights are not those that a query encoder was trained on.
        """
        found = self.base.weights if self.base else weights_hash(self.directory)
        if self.adapter is None:
            return found
        base = self.adapter.checked_base(found)
        own = weights_hash(self.adapter.directory)
        return hashlib.sha256(f"{base} {own}".encode()).hexdigest() if self.adapter.both_sides else base

    @property
    def revision(self) -> str | None:
        """The commit of a checkpoint that the model hub's client keeps in its cache; None for any other."""
        return self.directory.name if self.directory.parent.name == "snapshots" else None

    @cached_property
    def fingerprint(self) -> str:
        """Of everything that vectors are computed with: the weights, and what training changed of them."""
        return self.weights + (weights_hash(self.adapter.directory) if self.adapter else "")

    @cached_property
    def dim(self) -> int:
        """Length of its vectors.

        Raises:
            EncoderNotFoundError: transformers does not know the architecture in ``config.json``.
        """
        stated = read_json(self.directory / "config.json").get("hidden_size")
        if isinstance(stated, int):
            return stated
        from transformers import AutoConfig

        # some architectures have other names for it, which transformers translates
        with self._loading():
            return int(AutoConfig.from_pretrained(self.directory, local_files_only=True).hidden_size)

    def tokenizer_files(self) -> list[Path]:
        """The files that make the tokenizer, which an untied checkpoint of Tevatron keeps one directory up."""
        found = [path for pattern in _TOKENIZER_FILES for path in self._tokenizer_place.glob(pattern)]
        return [path for path in found if path.is_file()]

    @property
    def _tokenizer_place(self) -> Path:
        own = any(self.directory.glob("tokenizer*")) or (self.directory / "vocab.txt").is_file()
        return self.directory if own else self.directory.parent

    def load_tokenizer(self) -> Any:
        """The tokenizer of transformers.

        Raises:
            EncoderNotFoundError: there is none that transformers can load.
        """
        from transformers import AutoTokenizer

        with self._loading():
            return AutoTokenizer.from_pretrained(self._tokenizer_place, local_files_only=True)

    def load_model(
        self, dtype: "torch.dtype", dropout: float | None = None, attention: str | None = None
    ) -> "torch.nn.Module":
        """The model on the CPU, in evaluation mode.

        Args:
            dtype: of the weights.
            dropout: for training, the dropout of every layer; None keeps the checkpoint's.
            attention: transformers' name of the attention implementation; None leaves the choice to transformers.

        Raises:
            EncoderNotFoundError: there is none that transformers can load, or weights are missing in it.
        """
        from transformers import AutoConfig, AutoModel, AutoModelForTextEncoding
        from transformers.utils import logging as transformers_logging

        # the bar over the weights of a small model only hides our own
        transformers_logging.disable_progress_bar()
        with self._loading():
            config = AutoConfig.from_pretrained(self.directory, local_files_only=True)
            if dropout is not None:
                config.update({key: dropout for key in _DROPOUT_KEYS if hasattr(config, key)})
            # of T5 and its like only the encoder makes vectors of texts
            kind = AutoModelForTextEncoding if hasattr(config, "num_decoder_layers") else AutoModel
            model, report = kind.from_pretrained(
                self.directory,
                config=config,
                local_files_only=True,
                use_safetensors=True,
                dtype=dtype,
                attn_implementation=attention,
                output_loading_info=True,
            )
            # transformers fills what is missing with random numbers; only BERT's pooler, which is not used, may be so
            if missing := sorted(key for key in report["missing_keys"] if not key.startswith("pooler.")):
                raise ValueError(f"{len(missing)} weights are missing ({', '.join(missing[:3])})")
        loaded: torch.nn.Module = model.eval()
        self._add_loras(loaded)
        return loaded

    def _add_loras(self, model: "torch.nn.Module") -> None:
        if self.adapter and self.base:
            self.base._add_loras(model)
            self.adapter.checked_base(self.base.weights)
            add_lora(model, self.adapter.directory)

    @contextmanager
    def _loading(self) -> Iterator[None]:
        """Turn what transformers raises over a directory that it cannot load into EncoderNotFoundError."""
        from safetensors import SafetensorError

        try:
            yield
        except (OSError, ValueError, KeyError, AttributeError, RuntimeError, SafetensorError) as error:
            pickled = any(self.directory.glob("pytorch_model*.bin")) and not any(self.directory.glob("*.safetensors"))
            hint = ": its weights are a pickle, which is not loaded; save it anew as safetensors" if pickled else ""
            raise EncoderNotFoundError(
                f"{self.directory} is no checkpoint that can be loaded{hint}: {error}"
            ) from error


def find_pair(name: str, query_name: str | None = None) -> tuple[Checkpoint, Checkpoint]:
    """The checkpoints for passages and for queries; the same one twice for a tied encoder.

    Args:
        name: an encoder (see ``find_encoder``); a trained query encoder (see ``find_adapter``), which makes a pair with
            its base; or an untied checkpoint of Tevatron, which holds both (``passage_model`` and ``query_model``).
        query_name: the encoder of queries, where it is another.

    Raises:
        EncoderNotFoundError: no such encoder, or one that has a projection layer, which is not supported.
        EncoderMismatchError: the vectors of the two are not of one length.
    """
    directory = Path(name).expanduser()
    if (directory / _TEVATRON_POOLER).is_file():
        raise EncoderNotFoundError(
            f"{directory} has a projection ({_TEVATRON_POOLER}): only encoders without one are supported"
        )
    untied = (directory / _TEVATRON_PASSAGE).is_dir() and (directory / _TEVATRON_QUERY).is_dir()
    found = Checkpoint.find(str(directory / _TEVATRON_PASSAGE) if untied else name)
    passage = Checkpoint.find(found.adapter.base) if found.adapter and not found.adapter.both_sides else found
    if query_name is None:
        query = Checkpoint.find(str(directory / _TEVATRON_QUERY)) if untied else found
    else:
        _, query = find_pair(query_name)
    if query is not passage and query.dim != passage.dim:
        raise EncoderMismatchError(
            f"{passage.name!r} makes vectors of {passage.dim} dimensions and {query.name!r} of {query.dim}: "
            f"queries and passages need the same"
        )
    return passage, query
