"""What the tests of indexes share."""

from pathlib import Path

import pytest

from tests.index.samples import make_index


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A base index of 60 passages."""
    return make_index(tmp_path / "base")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small indexes are read in several blocks too."""
    monkeypatch.setattr("xqg_pyserini.storage.stored_vectors.ROWS_READ", 23)
