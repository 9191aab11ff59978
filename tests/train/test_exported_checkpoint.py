"""An exported encoder gives the same vectors in sentence-transformers, transformers, Pyserini and here."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.train.pair_material import PASSAGES, RECIPE, ROWS
from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.errors import OutputExistsError, XqgError
from xqg_pyserini.train import Where, export_sentence_transformers, train_dual_encoder

TEXTS = ["who wrote the letters", "what", "where is the castle near the sea"]


def trained(tiny: Path, output: Path, **changes: str) -> str:
    from dataclasses import replace

    recipe = replace(RECIPE, schedule=replace(RECIPE.schedule, steps=3, check_every=3), **changes)
    train_dual_encoder(str(tiny), ROWS, [PASSAGES], recipe, Where(output))
    return str(output)


def test_other_libraries_load_the_same_vectors(tiny: Path, tmp_path: Path) -> None:
    models = pytest.importorskip("sentence_transformers")
    adapter, exported = trained(tiny, tmp_path / "adapter"), tmp_path / "exported"
    export_sentence_transformers(adapter, exported)
    ours = TextEncoder(adapter)
    expected, passages = ours.encode_queries(TEXTS), ours.encode_passages(PASSAGES[:3])
    np.testing.assert_allclose(TextEncoder(str(exported)).encode_queries(TEXTS), expected, atol=1e-5)

    theirs = models.SentenceTransformer(str(exported), device="cpu")
    np.testing.assert_allclose(theirs.encode_query(TEXTS), expected, atol=1e-5)
    np.testing.assert_allclose(theirs.encode_document([p.text for p in PASSAGES[:3]]), passages, atol=1e-5)

    from transformers import AutoModel, AutoTokenizer

    batch = AutoTokenizer.from_pretrained(exported)(TEXTS, padding=True, return_tensors="pt")
    with torch.inference_mode():
        hidden = AutoModel.from_pretrained(exported).eval()(**batch).last_hidden_state
    mask = batch["attention_mask"].unsqueeze(-1)
    pooled = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)
    np.testing.assert_allclose(pooled.numpy(), expected, atol=1e-5)
    with pytest.raises(OutputExistsError, match="give --overwrite"):
        export_sentence_transformers(adapter, exported)


@pytest.mark.jvm
def test_pyserini_loads_the_same_vectors(tiny: Path, tmp_path: Path) -> None:
    from xqg_pyserini import host

    host.start()
    from pyserini.encode import AutoQueryEncoder

    export_sentence_transformers(str(tiny), tmp_path / "exported")
    theirs = AutoQueryEncoder(str(tmp_path / "exported"), device="cpu", pooling="mean", l2_norm=True)
    expected = TextEncoder(str(tiny)).encode_queries(TEXTS)
    np.testing.assert_allclose([theirs.encode(text) for text in TEXTS], expected, atol=1e-5)


def test_two_sides_of_different_weights_are_refused(tiny: Path, tmp_path: Path) -> None:
    adapter = trained(tiny, tmp_path / "adapter", train_sides="query")
    with pytest.raises(XqgError, match="encodes queries and passages with different weights"):
        export_sentence_transformers(adapter, tmp_path / "exported")
    assert not (tmp_path / "exported").exists()
