"""The query encoder that fits an index."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.encode.test_text_encoder import TEXTS, passages
from tests.tiny_encoder import make_tiny_encoder
from xqg_pyserini.encode import adapter
from xqg_pyserini.encode.corpus_index import encode_corpus
from xqg_pyserini.encode.index_encoder import EncoderChoice, load_query_encoder
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import EncoderMismatchError, XqgError
from xqg_pyserini.storage.index_directory import IndexMeta, write_meta


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_encoder(tmp_path_factory.mktemp("other") / "encoder", seed=1)


@pytest.fixture(scope="module")
def tied(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index whose encoder has settings that its checkpoint does not state."""
    index = tmp_path_factory.mktemp("tied") / "ix"
    options = {"pooling": "mean", "query_prefix": "q: ", "passage_prefix": "p: ", "query_max_length": 12}
    encode_corpus(passages(TEXTS), TextEncoder(str(tiny), options), index)
    return index


@pytest.fixture(scope="module")
def untied(tiny: Path, other: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    index = tmp_path_factory.mktemp("untied") / "ix"
    encode_corpus(passages(TEXTS), TextEncoder(str(tiny), query_name=str(other)), index)
    return index


def test_recorded_settings_are_used(tied: Path, tiny: Path) -> None:
    encoder = load_query_encoder(tied, EncoderChoice())
    by_hand = TextEncoder(str(tiny), {"pooling": "mean"})
    # 12 tokens: two special ones, three of the prefix, seven of the query
    np.testing.assert_allclose(
        encoder.encode_queries(["abcdefg and more"]), by_hand.encode_queries(["q: abcdefg"]), atol=1e-5
    )


def test_the_query_encoder_of_a_pair(untied: Path, tiny: Path, other: Path) -> None:
    encoder = load_query_encoder(untied, EncoderChoice())
    np.testing.assert_array_equal(encoder.encode_queries(TEXTS), TextEncoder(str(other)).encode_queries(TEXTS))
    # named: the query encoder fits, the passage encoder does not
    load_query_encoder(untied, EncoderChoice(str(other)))
    with pytest.raises(EncoderMismatchError, match=r"does not fit the index, made with '.*': weights '"):
        load_query_encoder(untied, EncoderChoice(str(tiny)))


def test_passages_are_not_encoded_with_the_query_encoder(untied: Path, tiny: Path, other: Path) -> None:
    encoder = load_query_encoder(untied, EncoderChoice())
    with pytest.raises(XqgError, match=rf"'{other}' was loaded for queries; passages .* with '{tiny}'"):
        encoder.encode_passages(passages(TEXTS))


def test_it_describes_what_made_the_index(untied: Path, tiny: Path, other: Path, tied: Path) -> None:
    pair = TextEncoder(str(tiny), query_name=str(other))
    assert load_query_encoder(untied, EncoderChoice()).describe() == pair.describe()
    described = load_query_encoder(tied, EncoderChoice(settings={"query_prefix": "Q: "})).describe()
    assert (described["query_prefix"], described["passage_prefix"], described["pooling"]) == ("Q: ", "p: ", "mean")
    assert (described["name"], described["query_max_length"]) == (str(tiny), 12)


def test_the_passage_encoder_need_not_be_there(tiny: Path, other: Path, tmp_path: Path) -> None:
    gone = shutil.copytree(tiny, tmp_path / "gone")
    encode_corpus(passages(TEXTS), TextEncoder(str(gone), query_name=str(other)), tmp_path / "ix")
    shutil.rmtree(gone)
    encoder = load_query_encoder(tmp_path / "ix", EncoderChoice())
    assert encoder.encode_queries(["a"]).shape == (1, 32)
    assert encoder.describe()["name"] == str(gone)


def test_a_moved_checkpoint_is_recognised_by_its_weights(tied: Path, tiny: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(tiny, tmp_path / "moved")
    given = {"pooling": "mean", "query_prefix": "q: "}
    assert load_query_encoder(tied, EncoderChoice(str(moved), given)).describe()["name"] == str(moved)


def test_each_difference_of_a_named_encoder(tied: Path, other: Path) -> None:
    with pytest.raises(EncoderMismatchError) as caught:
        load_query_encoder(tied, EncoderChoice(str(other)))
    message = str(caught.value)
    assert "pooling 'cls' instead of 'mean'" in message
    assert "query_prefix '' instead of 'q: '" in message
    assert "weights '" in message
    assert "passage_prefix" not in message


def test_another_length_of_vectors(tied: Path, tmp_path: Path) -> None:
    wide = make_tiny_encoder(tmp_path / "wide", dim=48)
    with pytest.raises(
        EncoderMismatchError, match=r"vectors of 32 dimensions, but encoder .* makes 48: give the encoder"
    ):
        load_query_encoder(tied, EncoderChoice(str(wide)))


def test_nothing_recorded_and_nothing_given(tmp_path: Path) -> None:
    with pytest.raises(XqgError, match=r"records no encoder \(it has no meta\.json\): give --encoder"):
        load_query_encoder(tmp_path, EncoderChoice())


def test_an_index_of_stock_pyserini(tied: Path, tiny: Path, tmp_path: Path) -> None:
    plain = shutil.copytree(tied, tmp_path / "plain")
    (plain / "meta.json").unlink()
    encoder = load_query_encoder(plain, EncoderChoice(str(tiny)))
    assert encoder.describe() == TextEncoder(str(tiny)).describe()
    write_meta(plain, IndexMeta(32, 40))
    assert load_query_encoder(plain, EncoderChoice(str(tiny))).dim == 32


def test_queries_of_an_int8_index_are_in_32_bits(tied: Path, tiny: Path) -> None:
    encoder = load_query_encoder(tied, EncoderChoice())
    recorded = {**encoder.describe(), "backend": "onnx-int8"}
    encoder.bind(recorded)
    assert (encoder.describe()["backend"], encoder.describe()["query_backend"]) == ("onnx-int8", "torch")
    assert encoder.backend == "torch"
    # an index that was augmented with other queries says so, of which the next encoder knows nothing
    encoder.bind({**recorded, "backend": "torch", "query_backend": "onnx"})
    assert "query_backend" not in encoder.describe()


def test_a_trained_query_encoder_is_recorded_beside_the_passages_encoder(
    tiny: Path, other: Path, tmp_path: Path
) -> None:
    base = TextEncoder(str(tiny))
    encode_corpus(passages(TEXTS), base, tmp_path / "ix")
    trained = shutil.copytree(other, tmp_path / "trained")
    made_from = {"name": str(tiny), "weights": base.describe()["weights"]}
    (trained / "meta.json").write_text(
        json.dumps({"kind": adapter.KIND, "version": adapter.VERSION, "base": made_from})
    )
    encoder = load_query_encoder(tmp_path / "ix", EncoderChoice(str(trained)))
    described = encoder.describe()
    assert described["name"] == str(tiny)
    assert described["query"]["name"] == str(trained)
    assert described["query"]["weights"] == described["weights"] == made_from["weights"]
    np.testing.assert_array_equal(encoder.encode_queries(TEXTS), TextEncoder(str(other)).encode_queries(TEXTS))
    np.testing.assert_array_equal(encoder.encode_passages(passages(TEXTS)), base.encode_passages(passages(TEXTS)))
