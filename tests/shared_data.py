"""Real test data that lies beside the repository; tests skip, saying so, where it does not."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"


def shared_data(name: str) -> Path:
    """The path of a file or folder of the shared data; skips the test where it is missing."""
    path = Path(os.environ.get("XQG_SHARED_DATA", SHARED)) / name
    if not path.exists():
        pytest.skip(f"no shared test data at {path} (set XQG_SHARED_DATA to its folder)")
    return path
