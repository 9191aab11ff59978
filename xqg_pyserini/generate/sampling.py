"""Sampling that gives the same text for any batch.

The next token is drawn by the Gumbel-max trick: the largest of logit / temperature + noise, where the noise of a token
is a function of the sample's seed, the step and the token. What else is in the batch then matters only by rounding:
padding and the number of rows change the last bits of a logit. So where the two best are nearer to each other than
rounding can account for, or a token is that near to the edge of the top k, the step is computed once more for this row
alone, without padding or cache, and decided on that. (Gumbel-max: Maddison, Tarlow and Minka, *A\\* Sampling*, NIPS
2014.)

Importing this module imports torch.
"""

from inspect import signature
from typing import Any, NamedTuple

import torch

#: What rounding may change a logit by in float32, relative to the largest logit of its row. Measured on random mT5 of 2
#: to 12 layers, width 64 to 768, on a CPU: below 1e-6.
TOLERANCE = 2e-5
#: Candidates beyond the top k that are looked at, to see whether rounding could have moved them into it.
_SPARE = 8


class Draw(NamedTuple):
    """``tokens`` drawn, one a row, and whether each is ``sure``: the same for any rounding within the tolerance."""

    tokens: torch.Tensor
    sure: torch.Tensor


class TokenSampler:
    """Draws tokens.

    Args:
        top_k: candidates at each step; 0 for all tokens.
        temperature: above 0.
    """

    def __init__(self, top_k: int, temperature: float) -> None:
        self.top_k, self.temperature = top_k, temperature

    def draw(self, logits: torch.Tensor, seeds: torch.Tensor, step: int, tolerance: float = 0.0) -> Draw:
        """Draw one token for each row.

        Args:
            logits: ``(rows, vocabulary)``.
            seeds: ``(rows,) int64``, on the CPU.
            step: place of the token in its text, from 0.
            tolerance: what rounding may change a logit by, relative to the row's largest.
        """
        vocabulary = logits.shape[1]
        kept = min(self.top_k or vocabulary, vocabulary)
        best = logits.topk(min(kept + _SPARE, vocabulary))
        values, tokens = best.values.double().cpu(), best.indices.cpu()
        margin = tolerance * values.abs().masked_fill(values.isinf(), 0).amax(1, keepdim=True)
        # both a value and the edge may move
        possible = values >= values[:, kept - 1 : kept] - 2 * margin
        noise = gumbel_noise(seeds[:, None], step, tokens)
        scores = (values / self.temperature + noise).masked_fill(~possible, float("-inf"))
        if not tolerance:
            # ties at the edge are decided by the order of topk, which is the same for the same logits
            scores[:, kept:] = float("-inf")
        first = scores.topk(min(2, scores.shape[1]))
        winner = first.indices[:, :1]
        sure = torch.ones(len(values), dtype=torch.bool)
        if scores.shape[1] > 1:
            sure &= first.values[:, 0] - first.values[:, 1] > 2 * margin[:, 0] / self.temperature
        if kept < vocabulary:
            beyond = values[:, kept : kept + 1]
            sure &= (values.gather(1, winner) > beyond + 2 * margin)[:, 0]
            sure &= ~possible[:, -1]
        return Draw(tokens.gather(1, winner)[:, 0], sure)


def gumbel_noise(seeds: torch.Tensor, step: int, tokens: torch.Tensor) -> torch.Tensor:
    """Noise of Gumbel's distribution, float64, by seed, step and token alone; shapes are broadcast."""
    offset = _wrapped(step * 0x9E3779B97F4A7C15 % (1 << 64))
    mixed = _mix(_mix(seeds + offset) + tokens)
    uniform = (((mixed >> 11) & ((1 << 53) - 1)).double() + 0.5) * 2.0**-53
    return -torch.log(-torch.log(uniform))


def _mix(x: torch.Tensor) -> torch.Tensor:
    """The finaliser of SplitMix64 on int64, whose products wrap around."""
    x = (x ^ ((x >> 30) & ((1 << 34) - 1))) * _wrapped(0xBF58476D1CE4E5B9)
    x = (x ^ ((x >> 27) & ((1 << 37) - 1))) * _wrapped(0x94D049BB133111EB)
    return x ^ ((x >> 31) & ((1 << 33) - 1))


def _wrapped(constant: int) -> int:
    """An unsigned 64-bit constant as a signed one."""
    return constant - (1 << 64) if constant >= 1 << 63 else constant


class Seq2seqSampler:
    """Draws texts from an encoder-decoder model.

    Args:
        model: a transformers model for conditional generation, in evaluation mode.
        sampler: draws the tokens.
        max_tokens: largest number of tokens of a text.
    """

    def __init__(self, model: Any, sampler: TokenSampler, max_tokens: int) -> None:
        self.model, self.sampler, self.max_tokens = model, sampler, max_tokens
        config = model.config
        #: The argument was renamed within transformers 5.
        self._cache = "cache" if "cache" in signature(model.forward).parameters else "past_key_values"
        self._start, self._eos = config.decoder_start_token_id, config.eos_token_id
        self._pad = config.pad_token_id
        #: Only float32 is near enough to itself for the comparison to be worth its time.
        self._tolerance = TOLERANCE if model.dtype == torch.float32 else 0.0

    @torch.inference_mode()
    def sample(self, prompts: list[list[int]], seeds: torch.Tensor) -> list[list[list[int]]]:
        """Texts for a batch of prompts; each prompt is read by the encoder once, whatever the number of samples.

        Args:
            prompts: token ids of each.
            seeds: ``(prompts, samples) int64``.

        Returns:
            for each prompt and sample the token ids of its text, the end of text among them where it was reached.
        """
        samples = seeds.shape[1]
        state = _Decoded(self, prompts, seeds.reshape(-1), samples)
        for step in range(self.max_tokens):
            state.step(step)
            if not state.rows.numel():
                break
        texts = [row[row != self._pad].tolist() for row in state.tokens]
        return [texts[i : i + samples] for i in range(0, len(texts), samples)]

    def encode(self, prompts: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        """The encoder's states of a batch ``(prompts, tokens, dim)`` and their mask."""
        longest, device = max(map(len, prompts)), self.model.device
        ids = torch.tensor([prompt + [self._pad] * (longest - len(prompt)) for prompt in prompts], device=device)
        mask = torch.tensor([[1] * len(prompt) + [0] * (longest - len(prompt)) for prompt in prompts], device=device)
        return self.model.get_encoder()(input_ids=ids, attention_mask=mask).last_hidden_state, mask

    def logits(self, states: torch.Tensor, mask: torch.Tensor, tokens: torch.Tensor, cache: Any = None) -> torch.Tensor:
        """Logits of the next token ``(rows, vocabulary)``."""
        from transformers.modeling_outputs import BaseModelOutput

        given = {"encoder_outputs": BaseModelOutput(last_hidden_state=states), "attention_mask": mask}
        given |= {"decoder_input_ids": tokens.to(states.device), self._cache: cache, "use_cache": cache is not None}
        logits: torch.Tensor = self.model(**given).logits[:, -1].float()
        # padding is no text, though random weights may think so
        logits[:, self._pad] = float("-inf")
        return logits

    def alone(self, prompt: list[int], text: torch.Tensor, seed: torch.Tensor, step: int) -> int:
        """The next token of one text, computed without a batch."""
        states, mask = self.encode([prompt])
        start = torch.full((1, 1), self._start)
        logits = self.logits(states, mask, torch.cat([start, text[None, :step]], 1))
        return int(self.sampler.draw(logits, seed[None], step).tokens[0])


class _Decoded:
    """The texts of one batch while they grow; rows that have ended leave the batch when they are many."""

    def __init__(self, owner: Seq2seqSampler, prompts: list[list[int]], seeds: torch.Tensor, samples: int) -> None:
        from transformers.cache_utils import DynamicCache, EncoderDecoderCache

        self.owner, self.prompts, self.seeds, self.samples = owner, prompts, seeds, samples
        states, mask = owner.encode(prompts)
        self.states, self.mask = (part.repeat_interleave(samples, 0) for part in (states, mask))
        self.cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
        self.tokens = torch.full((len(seeds), owner.max_tokens), owner._pad)
        #: Rows in the batch, and which of them have not ended.
        self.rows, self.going = torch.arange(len(seeds)), torch.ones(len(seeds), dtype=torch.bool)
        self.last = torch.full((len(seeds), 1), owner._start)

    def step(self, step: int) -> None:
        owner, rows = self.owner, self.rows
        logits = owner.logits(self.states, self.mask, self.last, self.cache)
        drawn, sure = owner.sampler.draw(logits, self.seeds[rows], step, owner._tolerance)
        if owner._tolerance:
            for place in (self.going & ~sure).nonzero()[:, 0].tolist():
                row = int(rows[place])
                prompt = self.prompts[row // self.samples]
                drawn[place] = owner.alone(prompt, self.tokens[row], self.seeds[row], step)
        self.tokens[rows[self.going], step] = drawn[self.going]
        self.going &= drawn != owner._eos
        self.last = drawn[:, None]
        if int(self.going.sum()) <= 0.75 * len(rows):
            self._leave()

    def _leave(self) -> None:
        """Take the rows that have ended out of the batch."""
        staying = self.going.nonzero()[:, 0]
        self.rows, self.last = self.rows[staying], self.last[staying]
        self.going = torch.ones(len(staying), dtype=torch.bool)
        staying = staying.to(self.states.device)
        self.states, self.mask = self.states[staying], self.mask[staying]
        if len(staying):
            self.cache.batch_select_indices(staying)
