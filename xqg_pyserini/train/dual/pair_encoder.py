"""The two sides of a dual encoder in training: one model, or one each, or a frozen one for passages."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from xqg_pyserini.encode.batches import BatchLimits, batches_by_length
from xqg_pyserini.encode.settings import EncoderSettings
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import XqgError
from xqg_pyserini.records import Passage
from xqg_pyserini.train.dual.dual_recipe import DualRecipe
from xqg_pyserini.train.dual.gradient_cache import Part
from xqg_pyserini.train.student_encoder import StudentEncoder

if TYPE_CHECKING:
    import torch

#: Tokens that go through a model together, padding included: what fits a core's cache, and what keeps a GPU busy.
_CPU_TOKENS, _GPU_TOKENS = 512, 8192


class Tokenised(NamedTuple):
    """Token ids of a batch's texts; those of passages are None where no passage is encoded in training."""

    queries: list[list[int]]
    passages: list[list[int]] | None


class PairEncoder:
    """A copy of a base encoder of which the queries' side or both sides are trained.

    Args:
        base: the encoder before training.
        recipe: which sides and weights are trained, and how long texts are.

    Attributes:
        queries: the side of queries.
        passages: the side of passages: the same object where both share their weights; None where it is frozen.
        module: both as one torch module.

    Raises:
        XqgError: both sides are to share their weights, and the base has two.
    """

    def __init__(self, base: TextEncoder, recipe: DualRecipe) -> None:
        import torch

        tied = recipe.towers == "tied" and recipe.train_sides == "both"
        if tied and not base.is_tied:
            raise XqgError(f"{base.name!r} has two sides of different weights: give --towers untied")
        lengths = {"query_max_length": recipe.query_length, "passage_max_length": recipe.passage_length}
        self.settings: EncoderSettings = base.settings.changed(lengths)
        self.dim = base.dim
        student = partial(StudentEncoder, settings=self.settings, tuning=recipe.tuning, seed=recipe.seed)
        self.queries = student(base.queries.checkpoint.name)
        self.passages = self.queries if tied else None
        if recipe.train_sides == "both" and not tied:
            self.passages = student(base.passages.checkpoint.name)
        sides = {"queries": self.queries.model}
        if self.passages is not None and not tied:
            sides["passages"] = self.passages.model
        self.module = torch.nn.ModuleDict(sides)
        self._bf16 = recipe.schedule.precision == "bf16"

    @property
    def is_tied(self) -> bool:
        """Whether both sides are trained as one."""
        return self.passages is self.queries

    def query_tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of queries."""
        return self.queries.token_ids(texts, self.settings.query_prefix, self.settings.query_max_length)

    def passage_tokens(self, passages: Sequence[Passage]) -> list[list[int]]:
        """Token ids of passages, as ``TextEncoder`` makes them: prefix, title, separator, text."""
        assert self.passages is not None
        settings = self.settings
        texts = [f"{p.title}{settings.separator}{p.text}" if p.title else p.text for p in passages]
        return self.passages.token_ids(texts, settings.passage_prefix, settings.passage_max_length)

    def parts(self, tokens: Tokenised) -> list[Part]:
        """A batch in parts of texts of like length, for little padding; its rows are queries, then passages."""
        first = len(tokens.queries)
        if tokens.passages is None:
            return list(self._parts(self.queries, tokens.queries, 0))
        if self.is_tied:
            return list(self._parts(self.queries, [*tokens.queries, *tokens.passages], 0))
        assert self.passages is not None
        both = (self._parts(self.queries, tokens.queries, 0), self._parts(self.passages, tokens.passages, first))
        return [part for parts in both for part in parts]

    def _parts(self, side: StudentEncoder, tokens: list[list[int]], first: int) -> Iterator[Part]:
        on_cpu = next(side.model.parameters()).device.type == "cpu"
        limits = BatchLimits(len(tokens), _CPU_TOKENS if on_cpu else _GPU_TOKENS)
        for rows in batches_by_length([len(ids) for ids in tokens], limits):
            chosen = [tokens[row] for row in rows]
            padded = len(chosen) * len(chosen[0])
            yield Part([first + row for row in rows], padded, partial(self._forward, side, chosen))

    def _forward(self, side: StudentEncoder, tokens: list[list[int]]) -> "torch.Tensor":
        import torch

        device = next(side.model.parameters()).device
        with torch.autocast(device.type, torch.bfloat16, enabled=self._bf16):
            return side.vectors_of(tokens)

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """``(len(texts), dim) float32``, without gradients and dropout."""
        return self._encode(self.queries, self.query_tokens(texts))

    def encode_passages(self, passages: Sequence[Passage]) -> np.ndarray:
        """``(len(passages), dim) float32``, without gradients and dropout."""
        assert self.passages is not None
        return self._encode(self.passages, self.passage_tokens(passages))

    def _encode(self, side: StudentEncoder, tokens: list[list[int]]) -> np.ndarray:
        import torch

        vectors = np.empty((len(tokens), self.dim), np.float32)
        with _evaluating(side.model), torch.inference_mode():
            for part in self._parts(side, tokens, 0):
                vectors[list(part.rows)] = part.forward().cpu().numpy()
        return vectors


@contextmanager
def _evaluating(model: Any) -> Iterator[None]:
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)
