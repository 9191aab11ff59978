"""A tiny encoder, made once per session."""

from pathlib import Path

import pytest

from tests.tiny_encoder import make_tiny_encoder
from xqg_pyserini.encode.sentence_transformers_files import write_sentence_transformers_files
from xqg_pyserini.encode.settings import EncoderSettings, Pooling


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-layer BERT with random weights and a tokenizer of single characters.

    Mean pooling: the first token's vector hardly changes with the text while weights are random.
    """
    directory = make_tiny_encoder(tmp_path_factory.mktemp("tiny"))
    write_sentence_transformers_files(directory, EncoderSettings(Pooling.MEAN, normalize=True), 32, 128)
    return directory
