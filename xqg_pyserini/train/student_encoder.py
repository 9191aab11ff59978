"""The encoder in training: tokenizer, weights and pooling, with gradients for the weights that are trained."""

import logging
from collections.abc import Mapping, Sequence
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xqg_pyserini.encode.batches import pad
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.encode.pooling import pool
from xqg_pyserini.encode.settings import EncoderSettings
from xqg_pyserini.errors import XqgError
from xqg_pyserini.train.recipe import Tuning

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)

_EVALUATION_BATCH = 128
#: Parts of the names of embeddings: of BERT and its like, and of T5.
_EMBEDDINGS = ("embeddings", "embed_tokens", "shared")


class StudentEncoder:
    """A copy of the base encoder whose query side is trained.

    Args:
        name: of the base encoder.
        settings: of the base encoder; they stay the same.
        tuning: which weights are trained.
        seed: of the LoRA's initial weights.

    Attributes:
        model: the transformers model, wrapped by peft for a LoRA.
        dim: length of the vectors.

    Raises:
        EncoderNotFoundError: see ``Checkpoint.load_model``.
        XqgError: the model has none of the LoRA's target matrices.
    """

    def __init__(self, name: str, settings: EncoderSettings, tuning: Tuning, seed: int = 0) -> None:
        import torch

        checkpoint = Checkpoint.find(name)
        warn_without_licence(checkpoint.directory)
        self.settings, self.dim = settings, checkpoint.dim
        self.tokenizer: Any = checkpoint.load_tokenizer()
        # queries are short: on a CPU, in bfloat16, the fused kernel of attention takes half of the backward pass
        model = checkpoint.load_model(torch.float32, dropout=tuning.dropout, attention="eager")
        self.model: Any = _with_lora(model, name, tuning, seed) if tuning.method == "lora" else _body(model, tuning)

    def tokenize(self, texts: Sequence[str]) -> Any:
        """Queries with their prefix as a transformers ``BatchEncoding``, padded to ``(texts, tokens)``."""
        options = {"truncation": True, "max_length": self.settings.query_max_length, "return_tensors": "pt"}
        return self.tokenizer(self._prefixed(texts), padding=True, **options)

    def token_ids(self, texts: Sequence[str], prefix: str, max_length: int) -> list[list[int]]:
        """Token ids of texts with a prefix, special tokens included, cut to ``max_length``."""
        prefixed = [prefix + text for text in texts]
        options = {"return_attention_mask": False, "return_token_type_ids": False}
        tokens: list[list[int]] = self.tokenizer(prefixed, truncation=True, max_length=max_length, **options)[
            "input_ids"
        ]
        return tokens

    def vectors_of(self, tokens: Sequence[list[int]]) -> "torch.Tensor":
        """``(texts, dim) float32`` of tokenised texts, by one pass of the model as it stands."""
        import torch

        device = next(self.model.parameters()).device
        ids, mask = (torch.from_numpy(part).to(device) for part in pad(tokens, self.tokenizer.pad_token_id or 0))
        return self.vectors(self.model, {"input_ids": ids, "attention_mask": mask})

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each query, its prefix included, before any is cut off."""
        tokens = self.tokenizer(self._prefixed(texts), return_attention_mask=False, verbose=False)["input_ids"]
        return [len(ids) for ids in tokens]

    def _prefixed(self, texts: Sequence[str]) -> list[str]:
        return [self.settings.query_prefix + text for text in texts]

    def vectors(self, model: Any, batch: Mapping[str, Any]) -> "torch.Tensor":
        """``(texts, dim) float32`` by ``model``, which is ``self.model`` or what a trainer wrapped around it."""
        from torch.nn.functional import normalize

        hidden = model(**batch).last_hidden_state.float()
        vectors = pool(hidden, batch["attention_mask"], self.settings.pooling)
        return normalize(vectors, dim=1) if self.settings.normalize else vectors

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """``(texts, dim) float32``, without gradients."""
        import torch

        training = self.model.training
        self.model.eval()
        device = next(self.model.parameters()).device
        vectors = np.empty((len(texts), self.dim), np.float32)
        with torch.inference_mode():
            for rows in batched(sorted(range(len(texts)), key=lambda row: len(texts[row])), _EVALUATION_BATCH):
                batch = self.tokenize([texts[row] for row in rows]).to(device)
                vectors[list(rows)] = self.vectors(self.model, batch).cpu().numpy()
        self.model.train(training)
        return vectors


def _with_lora(model: Any, name: str, tuning: Tuning, seed: int) -> Any:
    import torch
    from peft import LoraConfig, get_peft_model

    model.config.name_or_path = name
    targets = _target_modules(model, tuning.lora_targets)
    config = LoraConfig(r=tuning.lora_rank, lora_alpha=tuning.lora_alpha, target_modules=targets)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        adapted = get_peft_model(model, config)
    adapted.peft_config["default"].base_model_name_or_path = name
    return adapted


def _target_modules(model: Any, endings: Sequence[str]) -> list[str]:
    """The modules whose names have these endings; poolers, through which no vector passes, are skipped.

    Raises:
        XqgError: there are none.
    """
    import torch

    kinds = (torch.nn.Linear, torch.nn.Embedding)
    matrices = [name for name, module in model.named_modules() if isinstance(module, kinds) and "pooler" not in name]
    chosen = [name for name in matrices if name.rsplit(".", 1)[-1] in endings]
    if not chosen:
        known = sorted({name.rsplit(".", 1)[-1] for name in matrices})
        raise XqgError(f"the encoder has no matrices named {', '.join(endings)}; it has {', '.join(known)}")
    return chosen


def _body(model: Any, tuning: Tuning) -> Any:
    """The model with a frozen pooler, through which no vector passes, and without ``all`` with frozen embeddings.

    Embeddings hold most weights of a multilingual encoder, and few of them occur in the texts.
    """
    frozen = ("pooler",) if tuning.method == "all" else ("pooler", *_EMBEDDINGS)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(not any(part in name for part in frozen))
    return model


def warn_without_licence(directory: Path) -> None:
    """Warn when a checkpoint states no licence, which what is trained from it would inherit."""
    readme = directory / "README.md"
    stated = any(directory.glob("LICEN[CS]E*")) or (
        readme.is_file() and "licen" in readme.read_text(encoding="utf-8", errors="replace").lower()
    )
    if not stated:
        logger.warning("%s states no licence: check it before you publish what is trained from it", directory)
