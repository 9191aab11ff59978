"""The dual encoder on a very small checkpoint: what goes in, what comes out, what is refused."""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tiny_encoder import make_tiny_encoder
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import EncoderMismatchError, EncoderNotFoundError, UnknownNameError, XqgError
from xqg_pyserini.records import Passage

TEXTS = [f"{'word ' * (i % 7)}number {i}" for i in range(40)]


def passages(texts: list[str]) -> list[Passage]:
    return [Passage(str(i), "", text) for i, text in enumerate(texts)]


def by_transformers(directory: Path, text: str, length: int) -> np.ndarray:
    """The first token's vector, in plain transformers, one text at a time."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(directory), AutoModel.from_pretrained(directory)
    with torch.inference_mode():
        hidden = model(**tokenizer(text, truncation=True, max_length=length, return_tensors="pt"))[0]
    vector: np.ndarray = hidden[0, 0].numpy()
    return vector


def test_plain_transformers_gives_the_same(tiny: Path) -> None:
    vectors = TextEncoder(str(tiny)).encode_queries(TEXTS[:6])
    expected = [by_transformers(tiny, text, 32) for text in TEXTS[:6]]
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    assert vectors.dtype == np.float32


def test_queries_keep_32_tokens_and_passages_128(tiny: Path) -> None:
    encoder = TextEncoder(str(tiny))
    long = "x" * 300
    # a token a character, and two special ones
    np.testing.assert_allclose(encoder.encode_queries([long]), encoder.encode_queries([long[:30]]), atol=1e-5)
    np.testing.assert_allclose(
        encoder.encode_passages(passages([long])), encoder.encode_passages(passages([long[:126]])), atol=1e-5
    )
    assert abs(encoder.encode_queries([long]) - encoder.encode_queries([long[:29]])).max() > 1e-4
    short = TextEncoder(str(tiny), {"query_max_length": 10})
    np.testing.assert_allclose(short.encode_queries([long]), encoder.encode_queries([long[:8]]), atol=1e-5)


def test_prefixes_and_titles(tiny: Path) -> None:
    plain = TextEncoder(str(tiny))
    encoder = TextEncoder(str(tiny), {"query_prefix": "q: ", "passage_prefix": "p: ", "separator": " | "})
    np.testing.assert_array_equal(encoder.encode_queries(["abc"]), plain.encode_queries(["q: abc"]))
    titled, untitled = Passage("1", "Title", "text"), Passage("1", "", "text")
    assert encoder.passage_text(titled) == "p: Title | text"
    assert encoder.passage_text(untitled) == "p: text"
    assert plain.passage_text(titled) == "Title text"
    np.testing.assert_array_equal(
        encoder.encode_passages([titled]), plain.encode_passages(passages(["p: Title | text"]))
    )


def test_normalize(tiny: Path) -> None:
    plain, unit = TextEncoder(str(tiny)), TextEncoder(str(tiny), {"normalize": True})
    vectors = plain.encode_queries(TEXTS)
    expected = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    np.testing.assert_allclose(unit.encode_queries(TEXTS), expected, atol=1e-6)


@pytest.mark.parametrize("pooling", ["cls", "mean", "max", "last"])
def test_vectors_do_not_depend_on_neighbours(tiny: Path, pooling: str) -> None:
    encoder = TextEncoder(str(tiny), {"pooling": pooling}, batch_tokens=4096)
    together = encoder.encode_queries(TEXTS)
    alone = np.concatenate([encoder.encode_queries([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize(("batch_size", "batch_tokens"), [(1, None), (3, None), (64, 7), (64, 100_000)])
def test_batches_do_not_change_vectors(tiny: Path, batch_size: int, batch_tokens: int | None) -> None:
    encoder = TextEncoder(str(tiny), batch_size=batch_size, batch_tokens=batch_tokens)
    np.testing.assert_allclose(encoder.encode_queries(TEXTS), TextEncoder(str(tiny)).encode_queries(TEXTS), atol=1e-5)


def test_nothing_to_encode(tiny: Path) -> None:
    encoder = TextEncoder(str(tiny))
    assert encoder.encode_queries([]).shape == encoder.encode_passages([]).shape == (0, 32)
    assert encoder.encode_queries([""]).shape == (1, 32)


def test_describe(tiny: Path) -> None:
    described = TextEncoder(str(tiny), {"pooling": "mean"}).describe()
    weights = described.pop("weights")
    assert len(weights) == 64
    assert described == {
        "name": str(tiny), "pooling": "mean", "normalize": False, "query_prefix": "", "passage_prefix": "",
        "query_max_length": 32, "passage_max_length": 128, "separator": " ", "dim": 32, "backend": "torch",
    }  # fmt: skip


def test_weights_are_told_apart_and_copies_are_not(tiny: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(tiny, tmp_path / "copy")
    other = make_tiny_encoder(tmp_path / "other", seed=1)
    weights = [TextEncoder(str(path)).describe()["weights"] for path in (tiny, copy, other)]
    assert weights[0] == weights[1] != weights[2]


class TestPairs:
    """Untied encoders: one checkpoint for passages, another for queries."""

    def test_each_side_has_its_own(self, tiny: Path, tmp_path: Path) -> None:
        other = make_tiny_encoder(tmp_path / "other", seed=1)
        pair = TextEncoder(str(tiny), query_name=str(other))
        np.testing.assert_array_equal(pair.encode_queries(TEXTS), TextEncoder(str(other)).encode_queries(TEXTS))
        np.testing.assert_array_equal(
            pair.encode_passages(passages(TEXTS)), TextEncoder(str(tiny)).encode_passages(passages(TEXTS))
        )
        assert not pair.is_tied
        described = pair.describe()
        assert described["name"] == str(tiny)
        assert described["query"] == {
            "name": str(other),
            "pooling": "cls",
            "normalize": False,
            "weights": TextEncoder(str(other)).describe()["weights"],
        }

    def test_only_the_side_in_use_is_loaded(self, tiny: Path, tmp_path: Path) -> None:
        damaged = shutil.copytree(tiny, tmp_path / "damaged")
        (damaged / "model.safetensors").write_bytes(b"\x00" * 100)
        pair = TextEncoder(str(tiny), query_name=str(damaged))
        assert pair.encode_passages(passages(["a"])).shape == (1, 32)
        with pytest.raises(EncoderNotFoundError, match="damaged is no checkpoint that can be loaded"):
            pair.load_queries()

    def test_lengths_of_vectors_must_agree(self, tiny: Path, tmp_path: Path) -> None:
        wide = make_tiny_encoder(tmp_path / "wide", dim=48)
        with pytest.raises(EncoderMismatchError, match=r"makes vectors of 32 dimensions and .*wide' of 48"):
            TextEncoder(str(tiny), query_name=str(wide))

    def test_untied_checkpoint_of_tevatron(self, tiny: Path, tmp_path: Path) -> None:
        """Tevatron saves two models below one directory, which holds the tokenizer."""
        root = tmp_path / "tevatron"
        other = make_tiny_encoder(tmp_path / "other", seed=1)
        for side, source in {"passage_model": tiny, "query_model": other}.items():
            (root / side).mkdir(parents=True)
            for name in ("config.json", "model.safetensors"):
                shutil.copy(source / name, root / side)
        for path in tiny.glob("tokenizer*"):
            shutil.copy(path, root)
        pair, apart = TextEncoder(str(root)), TextEncoder(str(tiny), query_name=str(other))
        np.testing.assert_array_equal(pair.encode_queries(TEXTS), apart.encode_queries(TEXTS))
        np.testing.assert_array_equal(pair.encode_passages(passages(TEXTS)), apart.encode_passages(passages(TEXTS)))
        assert pair.describe()["query"]["name"] == str(root / "query_model")

    def test_a_projection_is_not_passed_over(self, tiny: Path, tmp_path: Path) -> None:
        root = shutil.copytree(tiny, tmp_path / "projected")
        (root / "pooler.pt").write_bytes(b"")
        with pytest.raises(EncoderNotFoundError, match=r"has a projection \(pooler\.pt\)"):
            TextEncoder(str(root))


class TestRefused:
    """What cannot be loaded says so."""

    def test_directory_without_config(self, tmp_path: Path) -> None:
        with pytest.raises(EncoderNotFoundError, match=r"is no checkpoint: config\.json is missing there"):
            TextEncoder(str(tmp_path))

    def test_config_of_no_known_model(self, tmp_path: Path) -> None:
        (tmp_path / "config.json").write_text('{"model_type": "no-such-model"}')
        with pytest.raises(EncoderNotFoundError, match="is no checkpoint that can be loaded"):
            _ = TextEncoder(str(tmp_path)).dim

    def test_weights_in_a_pickle(self, tiny: Path, tmp_path: Path) -> None:
        directory = shutil.copytree(tiny, tmp_path / "pickled")
        (directory / "model.safetensors").rename(directory / "pytorch_model.bin")
        with pytest.raises(EncoderNotFoundError, match="its weights are a pickle, which is not loaded; save it anew"):
            TextEncoder(str(directory)).load_passages()

    def test_missing_weights_are_not_made_up(self, tiny: Path, tmp_path: Path) -> None:
        from safetensors.torch import load_file, save_file

        directory = shutil.copytree(tiny, tmp_path / "partial")
        tensors = load_file(directory / "model.safetensors")
        kept = {key: value for key, value in tensors.items() if "layer.1." not in key}
        save_file(kept, directory / "model.safetensors", metadata={"format": "pt"})
        with pytest.raises(EncoderNotFoundError, match=r"16 weights are missing \(encoder\.layer\.1\."):
            TextEncoder(str(directory)).load_queries()

    def test_truncated_weights(self, tiny: Path, tmp_path: Path) -> None:
        directory = shutil.copytree(tiny, tmp_path / "truncated")
        path = directory / "model.safetensors"
        path.write_bytes(path.read_bytes()[:-100])
        with pytest.raises(EncoderNotFoundError, match="truncated is no checkpoint that can be loaded"):
            TextEncoder(str(directory)).load_queries()

    def test_no_tokenizer(self, tiny: Path, tmp_path: Path) -> None:
        directory = shutil.copytree(tiny, tmp_path / "inner" / "mute")
        for path in directory.glob("tokenizer*"):
            path.unlink()
        with pytest.raises(EncoderNotFoundError, match="mute is no checkpoint that can be loaded"):
            TextEncoder(str(directory)).load_queries()

    def test_hub_name_without_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        with pytest.raises(EncoderNotFoundError, match=r"no encoder 'nobody/no-such-model'.*Offline: copy the model's"):
            TextEncoder("nobody/no-such-model")

    @pytest.mark.parametrize("name", ["graphics", "xla", "meta", "cuda:x"])
    def test_unknown_device(self, tiny: Path, name: str) -> None:
        with pytest.raises(XqgError, match=rf"no device '{name}': cpu, cuda, cuda:N and mps are known"):
            TextEncoder(str(tiny), device=name)

    def test_absent_device_is_no_silent_fall_back(self, tiny: Path) -> None:
        count = torch.cuda.device_count()
        with pytest.raises(
            XqgError, match=rf"no device 'cuda:{count}': {count} CUDA devices are visible; use --device"
        ):
            TextEncoder(str(tiny), device=f"cuda:{count}")

    def test_unknown_backend(self, tiny: Path) -> None:
        with pytest.raises(
            UnknownNameError, match=r"unknown backend 'onx' \(did you mean 'onnx'\?\); known: auto, onnx, onnx-int8"
        ):
            TextEncoder(str(tiny), backend="onx")


def test_a_pickled_encoder_is_the_same_with_models_of_its_own(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is sent to workers: what auto has resolved to here counts there, whatever they would choose."""
    encoder = TextEncoder(str(tiny), {"query_prefix": "q: "}, batch_size=2, threads=1)
    encoder.bind({**encoder.describe(), "name": "as-recorded"})
    expected = encoder.encode_queries(["one", "two"])
    raw = pickle.dumps(encoder)
    # without the weights
    assert len(raw) < 5_000
    monkeypatch.setenv("XQG_BACKEND", "onnx")
    copy = pickle.loads(raw)
    assert copy.describe() == encoder.describe()
    assert (copy.queries.backend, copy.chunk_size) == ("torch", encoder.chunk_size)
    np.testing.assert_array_equal(copy.encode_queries(["one", "two"]), expected)
