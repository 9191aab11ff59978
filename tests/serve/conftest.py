"""What the tests of the server share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serve.serving import Client, make_indexes, running_app


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> dict[str, Path]:
    """The sample's indexes by the tiny encoder: ``base`` and ``xqg``."""
    return make_indexes(tmp_path_factory.mktemp("served"), tiny)


@pytest.fixture(scope="module")
def client(served: dict[str, Path]) -> Iterator[Client]:
    """A client of a server of both indexes."""
    with running_app(served) as client:
        yield client
