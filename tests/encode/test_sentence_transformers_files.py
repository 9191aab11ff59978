"""What a checkpoint states of itself is read back, by us and by sentence-transformers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tiny_encoder import make_tiny_encoder
from tests.train.material import QUERIES, RECIPE
from xqg_pyserini.encode import EncoderSettings, TextEncoder
from xqg_pyserini.encode.sentence_transformers_files import write_sentence_transformers_files
from xqg_pyserini.encode.settings import Pooling, read_settings
from xqg_pyserini.train import Tuning, train_query_encoder

TEXTS = ["who wrote the letters", "where is the castle near the sea"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole checkpoint that ``xqg train --method full`` wrote."""
    base = make_tiny_encoder(tmp_path_factory.mktemp("base") / "tiny")
    settings = EncoderSettings(Pooling.MEAN, True, "query: ", "passage: ")
    write_sentence_transformers_files(base, settings, 32, 64)
    output = tmp_path_factory.mktemp("trained") / "full"
    schedule = replace(RECIPE.schedule, steps=2, check_every=1)
    train_query_encoder(str(base), QUERIES, replace(RECIPE, tuning=Tuning("full"), schedule=schedule), output)
    return output


@given(
    pooling=st.sampled_from(list(Pooling)),
    normalize=st.booleans(),
    prefixes=st.tuples(st.text(), st.text()),
    length=st.integers(3, 512),
)
def test_settings_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, pooling: Pooling, normalize: bool, prefixes: tuple[str, str], length: int
) -> None:
    directory = tmp_path_factory.mktemp("checkpoint")
    settings = EncoderSettings(pooling, normalize, *prefixes, length, length)
    write_sentence_transformers_files(directory, settings, 32, length)
    assert read_settings(directory) == settings


def test_the_embedded_encoder_states_its_settings(embedded: TextEncoder) -> None:
    settings = EncoderSettings(Pooling.MEAN, True, "query: ", "passage: ", 512, 512)
    assert read_settings(embedded.passages.checkpoint.directory) == settings


def test_a_trained_checkpoint_states_its_settings(trained: Path) -> None:
    assert read_settings(trained) == EncoderSettings(Pooling.MEAN, True, "query: ", "passage: ", 64, 64)


@pytest.mark.parametrize("kind", ["embedded", "trained"])
def test_sentence_transformers_gives_the_same_vectors(kind: str, request: pytest.FixtureRequest) -> None:
    library = pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")
    found = request.getfixturevalue(kind)
    directory = found if isinstance(found, Path) else found.passages.checkpoint.directory
    theirs = library.SentenceTransformer(str(directory)).encode(TEXTS, prompt_name="query")
    np.testing.assert_allclose(TextEncoder(str(directory)).encode_queries(TEXTS), theirs, atol=1e-5)
