"""What a checkpoint states of itself is read, and read back, by us and by sentence-transformers."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tiny_encoder import make_tiny_encoder
from tests.train.material import QUERIES, RECIPE
from xqg_pyserini.encode import EncoderSettings, TextEncoder
from xqg_pyserini.encode.sentence_transformers_files import read_settings, write_sentence_transformers_files
from xqg_pyserini.encode.settings import Pooling
from xqg_pyserini.errors import InputError
from xqg_pyserini.train import Tuning, train_query_encoder

TEXTS = ["who wrote the letters", "where is the castle near the sea"]


def sentence_transformers_directory(directory: Path, pooling: dict[str, Any], **files: Any) -> Path:
    """The files that state settings, as sentence-transformers writes them (no weights)."""
    kinds = files.get("kinds", ["Transformer", "Pooling", "Normalize"])
    modules = [
        {
            "idx": i,
            "name": str(i),
            "path": "" if i == 0 else f"{i}_{kind}",
            "type": f"sentence_transformers.models.{kind}",
        }
        for i, kind in enumerate(kinds)
    ]
    (directory / "1_Pooling").mkdir(parents=True)
    (directory / "modules.json").write_text(json.dumps(modules))
    (directory / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    (directory / "config.json").write_text(json.dumps({"max_position_embeddings": 77}))
    for name, value in files.items():
        if name != "kinds":
            (directory / f"{name}.json").write_text(json.dumps(value))
    return directory


MEAN = {"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}


def test_a_plain_checkpoint_gets_tevatrons_defaults(tmp_path: Path) -> None:
    settings = read_settings(tmp_path)
    assert settings == EncoderSettings(Pooling.CLS, False, "", "", 32, 128, " ")


def test_sentence_transformers_states_all(tmp_path: Path) -> None:
    directory = sentence_transformers_directory(
        tmp_path / "st",
        MEAN,
        sentence_bert_config={"max_seq_length": 40},
        config_sentence_transformers={"prompts": {"query": "q: ", "document": "d: "}},
    )
    assert read_settings(directory) == EncoderSettings(Pooling.MEAN, True, "q: ", "d: ", 40, 40)


def test_sentence_transformers_states_little(tmp_path: Path) -> None:
    directory = sentence_transformers_directory(
        tmp_path / "st", {"pooling_mode_cls_token": True}, kinds=["Transformer", "Pooling"]
    )
    # no length is stated: as many tokens as the model has positions
    assert read_settings(directory) == EncoderSettings(Pooling.CLS, False, "", "", 77, 77)


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ({"pooling_mode_max_tokens": True}, Pooling.MAX),
        ({"pooling_mode_lasttoken": True}, Pooling.LAST),
        ({"pooling_mode": "mean"}, Pooling.MEAN),
    ],
)
def test_poolings(tmp_path: Path, pooling: dict[str, Any], expected: Pooling) -> None:
    assert read_settings(sentence_transformers_directory(tmp_path / "st", pooling)).pooling is expected


@pytest.mark.parametrize("flags", [{"pooling_mode_weightedmean_tokens": True}, MEAN | {"pooling_mode_cls_token": True}])
def test_unsupported_pooling(tmp_path: Path, flags: dict[str, Any]) -> None:
    directory = sentence_transformers_directory(tmp_path / "st", flags)
    with pytest.raises(
        InputError, match=r"1_Pooling/config\.json: pooling .*: one of cls, mean, max, last is supported"
    ):
        read_settings(directory)


def test_a_dense_layer_is_not_passed_over(tmp_path: Path) -> None:
    directory = sentence_transformers_directory(tmp_path / "st", MEAN, kinds=["Transformer", "Pooling", "Dense"])
    with pytest.raises(
        InputError, match="modules Transformer, Pooling, Dense: only Transformer, Pooling and Normalize"
    ):
        read_settings(directory)


def test_damaged_modules_file(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[{")
    with pytest.raises(InputError, match=r"modules\.json: cannot be read"):
        read_settings(tmp_path)
    (tmp_path / "modules.json").write_text('[{"path": ""}]')
    with pytest.raises(InputError, match=r"modules\.json: cannot be read: KeyError: 'type'"):
        read_settings(tmp_path)


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
