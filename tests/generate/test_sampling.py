"""Seeded sampling: the distribution is right, and the text does not depend on the batch."""

import random
from collections.abc import Iterator
from math import exp

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import MT5ForConditionalGeneration

from tests.generate.tiny_mt5 import make_tiny_mt5
from xqg_pyserini.generate import sampling
from xqg_pyserini.generate.sampling import Seq2seqSampler, TokenSampler, gumbel_noise

SEEDS = torch.arange(20_000)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[torch.nn.Module]:
    directory = make_tiny_mt5(tmp_path_factory.mktemp("mt5"), dim=64)
    yield MT5ForConditionalGeneration.from_pretrained(directory).eval()


def test_tokens_are_drawn_as_often_as_softmax_says() -> None:
    """Three tokens with odds of 1 to 2 to 5."""
    logits = torch.log(torch.tensor([1.0, 2.0, 5.0])).expand(len(SEEDS), 3)
    drawn = TokenSampler(0, 1.0).draw(logits, SEEDS, 0).tokens
    shares = torch.bincount(drawn, minlength=3) / len(SEEDS)
    assert torch.allclose(shares, torch.tensor([1 / 8, 2 / 8, 5 / 8]), atol=0.012)


def test_temperature_and_top_k() -> None:
    """At temperature 2 the logits 2 and 0 have odds of e to 1; the third is not among the top 2."""
    drawn = TokenSampler(2, 2.0).draw(torch.tensor([[0.0, -1.0, 2.0]]).expand(len(SEEDS), 3), SEEDS, 3).tokens
    counts = torch.bincount(drawn, minlength=3) / len(SEEDS)
    assert counts[1] == 0
    assert abs(counts[2] - exp(1) / (1 + exp(1))) < 0.012


def test_noise_is_of_gumbel_s_distribution() -> None:
    """Mean 0.5772 (Euler's constant), variance pi squared / 6; steps and tokens are independent."""
    noise = gumbel_noise(SEEDS[:, None], 5, torch.arange(8))
    assert abs(noise.mean() - 0.5772) < 0.01
    assert abs(noise.var() - 1.6449) < 0.03
    other = gumbel_noise(SEEDS[:, None], 6, torch.arange(8))
    both = torch.stack([noise.flatten(), other.flatten(), noise.roll(1, 1).flatten(), noise.roll(1, 0).flatten()])
    assert (torch.corrcoef(both) - torch.eye(4)).abs().max() < 0.01


@settings(max_examples=50)
@given(st.integers(0, 2**31), st.integers(1, 12), st.sampled_from([0.5, 1.0, 3.0]))
def test_a_draw_that_is_sure_survives_any_rounding(seed: int, top_k: int, temperature: float) -> None:
    """Logits moved by up to the tolerance give the same token wherever the draw calls itself sure."""
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(64, 40, generator=generator) * 3
    seeds = torch.randint(0, 2**62, (64,), generator=generator)
    sampler, tolerance = TokenSampler(top_k, temperature), 0.01
    drawn, sure = sampler.draw(logits, seeds, 2, tolerance)
    bound = tolerance * logits.topk(min(top_k + 8, 40)).values.abs().amax(1, keepdim=True)
    moved = logits + (torch.rand(logits.shape, generator=generator) * 2 - 1) * bound * 0.99
    assert (sampler.draw(moved, seeds, 2).tokens == drawn)[sure].all()
    assert sure.any()


def sampled(model: torch.nn.Module, batch: int) -> list[list[list[int]]]:
    rng = random.Random(0)
    prompts = [[rng.randrange(2, 24) for _ in range(rng.randrange(2, 40))] for _ in range(8)]
    seeds = torch.arange(24).reshape(8, 3)
    sampler = Seq2seqSampler(model, TokenSampler(10, 1.0), 12)
    starts = range(0, 8, batch)
    return [texts for i in starts for texts in sampler.sample(prompts[i : i + batch], seeds[i : i + batch])]


@pytest.mark.parametrize("tolerance", [sampling.TOLERANCE, 0.02])
def test_same_text_for_any_batch(model: torch.nn.Module, monkeypatch: pytest.MonkeyPatch, tolerance: float) -> None:
    """With the larger tolerance many tokens are decided by the computation without a batch, and are the same."""
    monkeypatch.setattr(sampling, "TOLERANCE", tolerance)
    alone: list[int] = []
    original = Seq2seqSampler.alone
    monkeypatch.setattr(Seq2seqSampler, "alone", lambda *given: alone.append(1) or original(*given))
    texts = [sampled(model, batch) for batch in (1, 3, 8)]
    assert texts[0] == texts[1] == texts[2]
    assert (len(alone) > 10) == (tolerance > 0.01)
    assert len({tuple(text) for row in texts[0] for text in row}) > 20


def test_rounding_of_a_batch_is_within_the_tolerance(model: torch.nn.Module) -> None:
    """The logits of a padded batch beside those of each prompt alone."""
    sampler = Seq2seqSampler(model, TokenSampler(10, 1.0), 8)
    prompts = [[5, 6, 7, 1], [9, 1], [4] * 60 + [1]]
    start = torch.zeros((1, 1), dtype=torch.long)
    with torch.inference_mode():
        together = sampler.logits(*sampler.encode(prompts), start.expand(3, 1))
        for row, prompt in enumerate(prompts):
            single = sampler.logits(*sampler.encode([prompt]), start)[0]
            # the first token is padding, whose logit is minus infinity
            difference = (single - together[row])[1:].abs().max()
            assert difference < sampling.TOLERANCE / 10 * single[1:].abs().max()


def test_texts_end_at_their_end(model: torch.nn.Module) -> None:
    """The same decisions as a loop over one sample without a cache."""
    sampler = Seq2seqSampler(model, TokenSampler(10, 1.0), 12)
    text = sampled(model, 8)[0][1]
    assert text.index(1) == len(text) - 1 if 1 in text else len(text) == 12
    rng = random.Random(0)
    prompt = [rng.randrange(2, 24) for _ in range(rng.randrange(2, 40))]
    with torch.inference_mode():
        for step in range(len(text)):
            assert sampler.alone(prompt, torch.tensor(text), torch.tensor(1), step) == text[step]
