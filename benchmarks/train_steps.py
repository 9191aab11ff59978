"""Steps of contrastive training, ours and sentence-transformers', on the same batches with the same weights.

Both train all weights of the embedded encoder but its embeddings, with the same loss, temperature, precision and length
of texts, without dropout. sentence-transformers' loss computes every text twice, in parts of 32; ours computes again
only what does not fit into ``memory_tokens``.
"""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import torch

from xqg_pyserini.data import open_corpus
from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.encode.embedded import embedded_checkpoint
from xqg_pyserini.records import Passage
from xqg_pyserini.train import DualRecipe, Schedule, TrainingRow, Tuning, read_rows
from xqg_pyserini.train.dual.gradient_cache import CachedVectors
from xqg_pyserini.train.dual.pair_encoder import PairEncoder, Tokenised

#: Tokens kept of a text, and pairs of a batch.
_LENGTH, _PAIRS = 128, 32
_TEMPERATURE = 0.02
_LANGUAGES = ("en", "te", "ja", "fi")

Pairs = list[tuple[str, Passage]]
Step = Callable[[Pairs], float]


def batches(count: int) -> list[Pairs]:
    """Questions of the sample in several languages, and their passages; no passage twice in a batch."""
    passages = {passage.doc_id: passage for passage in open_corpus("xqg-sample")}
    made = []
    for number in range(count):
        rows: list[TrainingRow] = list(read_rows([f"xqg-sample/{_LANGUAGES[number % len(_LANGUAGES)]}"]))[:_PAIRS]
        made.append([(row.query, passages[row.positives[0]]) for row in rows])
    return made


def our_step(precision: str) -> Step:
    """A step of ``PairTrainer``, without its data and its log."""
    recipe = DualRecipe(query_length=_LENGTH, passage_length=_LENGTH, tuning=Tuning("full"))
    recipe = replace(recipe, schedule=Schedule(precision=precision))  # type: ignore[arg-type]
    encoder = PairEncoder(TextEncoder("embedded", backend="torch"), recipe)
    encoder.module.train()
    optimiser = _optimiser(encoder.module)

    def step(pairs: Pairs) -> float:
        queries = encoder.query_tokens([query for query, _ in pairs])
        tokens = Tokenised(queries, encoder.passage_tokens([passage for _, passage in pairs]))
        rows = torch.zeros(2 * len(pairs), encoder.dim)
        cached = CachedVectors(encoder.parts(tokens), rows, recipe.memory_tokens)
        scores = cached.vectors[: len(pairs)] @ cached.vectors[len(pairs) :].T / _TEMPERATURE
        loss = torch.nn.functional.cross_entropy(scores, torch.arange(len(pairs)))
        loss.backward()
        cached.backward()
        optimiser.step()
        optimiser.zero_grad()
        return float(loss.detach())

    return step


def their_step(precision: str) -> Step:
    """A step with ``CachedMultipleNegativesRankingLoss``, as sentence-transformers' trainer makes it."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.losses import CachedMultipleNegativesRankingLoss

    model: Any = SentenceTransformer(str(embedded_checkpoint()), device="cpu")
    model.max_seq_length = _LENGTH
    model.train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    for name, weight in model.named_parameters():
        weight.requires_grad_("embeddings" not in name and "pooler" not in name)
    loss_of = CachedMultipleNegativesRankingLoss(model, scale=1 / _TEMPERATURE)
    optimiser = _optimiser(model)

    def step(pairs: Pairs) -> float:
        texts = [[f"query: {query}" for query, _ in pairs], [f"passage: {p.title} {p.text}" for _, p in pairs]]
        with torch.autocast("cpu", torch.bfloat16) if precision == "bf16" else nullcontext():
            loss = loss_of([model.preprocess(side) for side in texts], torch.arange(len(pairs)))
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        return float(loss.detach())

    return step


def _optimiser(module: torch.nn.Module) -> torch.optim.Optimizer:
    return torch.optim.AdamW([weight for weight in module.parameters() if weight.requires_grad], lr=1e-6)


def race(precision: str, rounds: int = 3) -> tuple[float, float, float]:
    """Steps per second of processor time of both, interleaved, the best of some rounds, on one thread.

    Processor time: what else runs on the machine does not count. Third: how far their first losses differ.
    """
    torch.set_num_threads(1)
    steps = {"ours": our_step(precision), "theirs": their_step(precision)}
    data = batches(rounds + 1)
    losses = {name: step(data[0]) for name, step in steps.items()}
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for pairs in data[1:]:
        for name, step in steps.items():
            start = time.process_time()
            step(pairs)
            seconds[name].append(time.process_time() - start)
    ours, theirs = (1 / min(seconds[name]) for name in ("ours", "theirs"))
    return ours, theirs, abs(losses["ours"] - losses["theirs"])
