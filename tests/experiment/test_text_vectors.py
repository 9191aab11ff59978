"""Vectors that are kept: each text is encoded once, and what a killed process left is used."""

from pathlib import Path

import numpy as np
import pytest

from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.experiment.text_vectors import TextVectors


@pytest.fixture
def encoder(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> TextEncoder:
    """An encoder that counts the texts it is given."""
    encoder = TextEncoder(str(tiny))
    encoder.asked = []  # type: ignore[attr-defined]
    real = encoder.encode_queries

    def counting(texts: list[str]) -> np.ndarray:
        encoder.asked += texts  # type: ignore[attr-defined]
        return real(texts)

    monkeypatch.setattr(encoder, "encode_queries", counting)
    return encoder


def test_each_text_is_encoded_once(encoder: TextEncoder, tmp_path: Path) -> None:
    first = TextVectors(tmp_path, encoder).encode_queries(["one", "two", "one"])
    assert sorted(encoder.asked) == ["one", "two"]  # type: ignore[attr-defined]
    assert (first[0] == first[2]).all()
    again = TextVectors(tmp_path, encoder).encode_queries(["two", "three"])
    assert encoder.asked[2:] == ["three"]  # type: ignore[attr-defined]
    assert (again[0] == first[1]).all()
    np.testing.assert_allclose(again[1], TextEncoder(encoder.name).encode_queries(["three"])[0], atol=1e-6)


@pytest.mark.parametrize(("name", "cut"), [("keys", 5), ("vectors", 7), ("keys", 16 + 1)])
def test_what_a_killed_process_wrote_in_part_is_encoded_again(
    name: str, cut: int, encoder: TextEncoder, tmp_path: Path
) -> None:
    whole = TextVectors(tmp_path, encoder).encode_queries(["one", "three", "eleven"])
    with (tmp_path / name).open("r+b") as stream:
        stream.truncate((tmp_path / name).stat().st_size - cut)
    found = TextVectors(tmp_path, encoder).encode_queries(["one", "three", "eleven"])
    assert len(encoder.asked) == 3 + 1 + cut // 16  # type: ignore[attr-defined]
    np.testing.assert_allclose(found, whole, atol=1e-6)
