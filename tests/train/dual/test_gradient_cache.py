"""Gradients by parts are those of the whole batch, with dropout too."""

from functools import partial

import pytest
import torch

from xqg_pyserini.train.dual.gradient_cache import CachedVectors, Part


def gradients(kept_tokens: int, dropout: float, parts: int = 5) -> tuple[float, list[torch.Tensor], torch.Tensor]:
    """Loss, gradients and the next random number of a small model on 40 texts in parts."""
    torch.manual_seed(3)
    model = torch.nn.Sequential(
        torch.nn.Linear(6, 16), torch.nn.Tanh(), torch.nn.Dropout(dropout), torch.nn.Linear(16, 4)
    )
    inputs = torch.randn(40, 6)
    rows = torch.randperm(40).chunk(parts)
    made = [Part(chosen.tolist(), len(chosen), partial(lambda at: model(inputs[at]), chosen)) for chosen in rows]
    cached = CachedVectors(made, torch.zeros(40, 4), kept_tokens)
    scores = cached.vectors[:20] @ cached.vectors[20:].T
    loss = torch.nn.functional.cross_entropy(scores, torch.arange(20))
    loss.backward()
    cached.backward()
    return loss.item(), [weight.grad for weight in model.parameters()], torch.rand(1)


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_what_is_computed_again_has_the_gradient_of_what_is_kept(dropout: float) -> None:
    whole, expected, after = gradients(kept_tokens=1000, dropout=dropout)
    for kept in (0, 17):
        loss, found, random = gradients(kept, dropout)
        assert loss == whole
        for one, other in zip(found, expected, strict=True):
            torch.testing.assert_close(one, other, atol=1e-6, rtol=0)
        # the next batch has the same dropout
        assert random == after


def test_parts_against_one_pass_without_a_cache() -> None:
    torch.manual_seed(3)
    model = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.Tanh(), torch.nn.Dropout(0), torch.nn.Linear(16, 4))
    vectors = model(torch.randn(40, 6))
    torch.nn.functional.cross_entropy(vectors[:20] @ vectors[20:].T, torch.arange(20)).backward()
    _, found, _ = gradients(0, 0.0)
    for one, weight in zip(found, model.parameters(), strict=True):
        torch.testing.assert_close(one, weight.grad, atol=1e-6, rtol=0)


def test_backward_without_a_loss() -> None:
    with pytest.raises(AssertionError, match="no loss of these vectors was computed backward"):
        CachedVectors([], torch.zeros(2, 3), 0).backward()
