"""The backend that ``auto`` takes: the fastest of those that are usable and exact enough."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.encode.test_text_encoder import TEXTS, passages
from xqg_pyserini.encode.backends import BACKENDS, auto, exactness
from xqg_pyserini.encode.backends.base import BackendKind, Runtime
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.encode.corpus_index import encode_corpus
from xqg_pyserini.encode.index_encoder import EncoderChoice, load_query_encoder
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import OutputExistsError, UnknownNameError, XqgError


@pytest.fixture
def checkpoint(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkpoint:
    """A checkpoint that nothing is remembered of."""
    monkeypatch.delenv(auto.VARIABLE)
    monkeypatch.setenv("XQG_HOME", str(tmp_path / "home"))
    return Checkpoint.find(str(tiny))


def of_usable(monkeypatch: pytest.MonkeyPatch, **cosines: float) -> None:
    """Backends that are usable, by name (``_`` for ``-``), with what their cosines are."""
    known = {name.replace("_", "-"): cosine for name, cosine in cosines.items()}
    kinds = {name: BackendKind(BACKENDS.get(name).load, name, partial(known.__contains__, name)) for name in BACKENDS}
    monkeypatch.setattr(BACKENDS, "_parts", kinds)
    monkeypatch.setattr(auto, "lowest_cosine", lambda _checkpoint, name, _runtime: known[name])


@pytest.mark.parametrize(
    ("cosines", "device", "expected"),
    [
        ({"openvino_bf16": 0.99995, "openvino": 1.0, "torch_bf16": 0.99999, "onnx": 1.0}, "cpu", "openvino-bf16"),
        ({"openvino_bf16": 0.99989, "openvino": 1.0, "torch_bf16": 0.99999, "onnx": 1.0}, "cpu", "openvino"),
        ({"torch_bf16": 0.9999, "onnx": 1.0}, "cpu", "torch-bf16"),
        ({"torch_bf16": 0.99, "onnx": 1.0}, "cpu", "onnx"),
        ({"openvino": 0.0}, "cpu", "torch"),
        ({}, "cpu", "torch"),
        # a GPU's precision is not the processor's
        ({"openvino_bf16": 1.0, "torch_fp16": 0.0, "torch_bf16": 0.99995}, "cuda:1", "torch-bf16"),
        ({"openvino_bf16": 1.0, "torch_fp16": 0.99999, "torch_bf16": 0.99995}, "cuda", "torch-fp16"),
        ({"openvino_bf16": 1.0}, "mps", "torch"),
    ],
)
def test_the_fastest_that_is_exact_enough(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch, cosines: dict[str, float], device: str, expected: str
) -> None:
    of_usable(monkeypatch, **cosines)
    assert auto.fastest(checkpoint, Runtime("auto", device)) == expected


def test_the_variable_decides(checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(auto.VARIABLE, "onnx-int8")
    assert auto.fastest(checkpoint, Runtime("auto")) == "onnx-int8"
    monkeypatch.setenv(auto.VARIABLE, "onxx")
    with pytest.raises(UnknownNameError, match=r"unknown backend 'onxx' \(did you mean 'onnx'\?\)"):
        auto.fastest(checkpoint, Runtime("auto"))


def test_exactness_is_measured_once(checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cosine = exactness.lowest_cosine(checkpoint, "torch-bf16", Runtime())
    (path,) = (tmp_path / "home" / "exactness").rglob("cosine.json")
    assert json.loads(path.read_text()) == {"backend": "torch-bf16", "cosine": cosine}
    assert 0.999 < cosine < 1
    path.write_text('{"cosine": 0.5}')
    assert exactness.lowest_cosine(checkpoint, "torch-bf16", Runtime()) == 0.5
    # a backend that cannot run the model is not exact
    refusing = BackendKind(lambda *_: (_ for _ in ()).throw(XqgError("no such operation")), "x")
    monkeypatch.setitem(BACKENDS._parts, "refusing", refusing)
    assert exactness.lowest_cosine(checkpoint, "refusing", Runtime()) == 0.0


def test_an_index_records_it_and_is_resumed_with_it(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_usable(monkeypatch, torch_bf16=1.0)
    encoder = TextEncoder(checkpoint.name, batch_size=2)
    corpus = passages(TEXTS)
    monkeypatch.setattr(encoder, "encode_stream", lambda _: iter([(corpus[:8], np.ones((8, 32), np.float32))]))
    with pytest.raises(XqgError, match="changed meanwhile"):
        encode_corpus(corpus, encoder, tmp_path / "ix")
    of_usable(monkeypatch)
    with pytest.raises(OutputExistsError, match=r"encoder\.backend: 'torch-bf16', now 'torch'"):
        encode_corpus(corpus, TextEncoder(checkpoint.name, batch_size=2), tmp_path / "ix")
    assert encode_corpus(corpus, TextEncoder(checkpoint.name, batch_size=2, backend="torch-bf16"), tmp_path / "ix")
    recorded = json.loads((tmp_path / "ix" / "meta.json").read_text())["encoder"]["backend"]
    assert recorded == "torch-bf16"
    # queries are encoded by what is fastest where they are searched
    assert load_query_encoder(tmp_path / "ix").queries.backend == "torch"


SEARCH = """
import sys
from pathlib import Path
from xqg_pyserini.encode import EncoderChoice, load_query_encoder
vectors = load_query_encoder(Path(sys.argv[1]), EncoderChoice(backend=sys.argv[2])).encode_queries(["moon", "sun"])
loaded = {"torch", "transformers", "ir_datasets", "peft", "pyserini"} & set(sys.modules)
assert vectors.shape == (2, 32) and not loaded, loaded
"""


@pytest.mark.parametrize("backend", ["onnx", "auto"])
def test_queries_need_neither_torch_nor_transformers(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    if not BACKENDS.get("openvino" if backend == "auto" else backend).usable():
        pytest.skip("the backend's packages are not installed")
    encode_corpus(passages(TEXTS), TextEncoder(checkpoint.name, backend="torch"), tmp_path / "ix")
    # what is made once is made here
    load_query_encoder(tmp_path / "ix", EncoderChoice(backend=backend))
    subprocess.run([sys.executable, "-c", SEARCH, str(tmp_path / "ix"), backend], check=True)
