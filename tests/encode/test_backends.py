"""Backends: the same vectors from other libraries and in other precisions."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.encode.test_text_encoder import TEXTS, passages
from xqg_pyserini.encode.backends import BACKENDS, model_export, openvino_runtime
from xqg_pyserini.encode.backends.openvino_export import converted, import_openvino
from xqg_pyserini.encode.batches import Batch, BatchLimits
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import MissingExtraError, XqgError

PASSAGES = passages(TEXTS)


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    products: np.ndarray = (a * b).sum(axis=1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))
    return products


def test_the_backends() -> None:
    assert BACKENDS.names() == [
        "auto", "onnx", "onnx-int8", "openvino", "openvino-bf16", "torch", "torch-bf16", "torch-fp16",
    ]  # fmt: skip


@pytest.mark.parametrize("backend", ["torch-bf16", "torch-fp16"])
def test_16_bits(tiny: Path, backend: str) -> None:
    exact, half = TextEncoder(str(tiny)), TextEncoder(str(tiny), backend=backend)
    got = half.encode_passages(PASSAGES)
    assert got.dtype == np.float32
    assert cosines(got, exact.encode_passages(PASSAGES)).min() > 0.999
    # and 16 bits they are
    assert abs(got - exact.encode_passages(PASSAGES)).max() > 1e-5


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of this module's own; skips where a package is missing."""
    for name in ("onnx", "onnxruntime", "onnxscript"):
        pytest.importorskip(name)
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        patch.setenv("XQG_HOME", str(home))
        yield home / "onnx"


@pytest.mark.usefixtures("own_cache")
class TestOnnx:
    """ONNX Runtime, exported and quantised on first use."""

    def test_32_bits_are_those_of_torch(self, tiny: Path) -> None:
        ours = TextEncoder(str(tiny), {"pooling": "mean"}, backend="onnx", threads=1)
        torchs = TextEncoder(str(tiny), {"pooling": "mean"})
        np.testing.assert_allclose(ours.encode_passages(PASSAGES), torchs.encode_passages(PASSAGES), atol=1e-5)
        np.testing.assert_allclose(ours.encode_queries(TEXTS), torchs.encode_queries(TEXTS), atol=1e-5)
        alone = np.concatenate([ours.encode_queries([text]) for text in TEXTS])
        np.testing.assert_allclose(ours.encode_queries(TEXTS), alone, atol=1e-5)

    def test_8_bits_are_near_and_queries_stay_in_32(self, tiny: Path) -> None:
        level = logging.root.level
        small, exact = TextEncoder(str(tiny), backend="onnx-int8"), TextEncoder(str(tiny))
        got, expected = small.encode_passages(PASSAGES), exact.encode_passages(PASSAGES)
        assert cosines(got, expected).min() > 0.999
        assert abs(got - expected).max() > 1e-5
        np.testing.assert_allclose(small.encode_queries(TEXTS), exact.encode_queries(TEXTS), atol=1e-5)
        assert small.describe()["backend"] == "onnx-int8"
        # the quantiser configures logging as it is imported; nothing of that is left
        assert logging.root.level == level

    def test_files_are_made_once_and_told_apart(self, tiny: Path, own_cache: Path) -> None:
        TextEncoder(str(tiny), backend="onnx-int8").load_passages()
        made = sorted(path.relative_to(own_cache).as_posix() for path in own_cache.rglob("*.onnx"))
        assert [name.partition("-")[2] for name in made] == ["float32-1/model.onnx", "int8-1/model.onnx"]
        times = [(own_cache / name).stat().st_mtime_ns for name in made]
        TextEncoder(str(tiny), backend="onnx-int8").load_passages()
        assert [(own_cache / name).stat().st_mtime_ns for name in made] == times

    def test_no_silent_fall_back_from_the_gpu(self, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
        encoder = TextEncoder(str(tiny), backend="onnx", device="cuda:0")
        with pytest.raises(XqgError, match="backend 'onnx' runs on the CPU, not on 'cuda:0': use --backend torch"):
            encoder.load_passages()

    def test_an_export_that_computes_something_else_is_refused(
        self, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XQG_HOME", str(tmp_path))
        monkeypatch.setattr(model_export, "_TOLERANCE", 0.0)
        with pytest.raises(XqgError, match=r"the ONNX export of .* differs from the model by .*: use --backend torch"):
            TextEncoder(str(tiny), backend="onnx").load_passages()
        assert not list((tmp_path / "onnx").iterdir())


# to import it in order to know would send its telemetry
needs_openvino = pytest.mark.skipif(find_spec("openvino") is None, reason="OpenVINO is not installed")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("XQG_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@needs_openvino
def test_threads_of_openvino_are_bound_to_no_processor(tiny: Path) -> None:
    """Else two processes of one thread each would share the first processor, however many are idle."""
    backend = openvino_runtime.OpenvinoBackend(converted(Checkpoint.find(str(tiny))), "f32", 1, BatchLimits())
    assert backend._requests[0].get_compiled_model().get_property("ENABLE_CPU_PINNING") is False


def test_batches_of_few_shapes() -> None:
    """OpenVINO keeps memory for each shape: there must not be many, however many batches there are."""
    limits, few, many = BatchLimits(64, 512), set(), set()
    for width in range(1, 65):
        for texts in range(1, min(64, 512 // width) + 1):
            ids = np.arange(1, texts * width + 1).reshape(texts, width)
            parts = list(openvino_runtime.in_few_shapes(Batch(ids, np.ones_like(ids)), limits, 512))
            many.add(ids.shape)
            few |= {part.ids.shape for part in parts}
            assert all(part.ids.shape == part.mask.shape for part in parts)
            together = Batch(*map(np.concatenate, zip(*parts, strict=True)))
            np.testing.assert_array_equal(together.ids[:, :width], ids)
            assert together.mask[:, :width].all() and not together.mask[:, width:].any()
            if (texts + 1) * width > 512 or texts == 64:
                # full ones are as they were: nothing is spent where many texts are encoded
                assert [part.ids.shape for part in parts] == [ids.shape]
    assert (len(few), len(many)) == (185, 1524)


def test_batches_are_not_padded_beyond_the_positions_of_a_model() -> None:
    batch, limits = Batch(np.ones((2, 50), np.int64), np.ones((2, 50), np.int64)), BatchLimits(64, 512)
    widths = [next(openvino_runtime.in_few_shapes(batch, limits, one)).ids.shape[1] for one in (49, 50, 51, 52, 60)]
    assert widths == [50, 50, 51, 52, 52]


@needs_openvino
def test_openvino_sees_those_shapes(tiny: Path) -> None:
    checkpoint, limits = Checkpoint.find(str(tiny)), BatchLimits()
    backend = openvino_runtime.OpenvinoBackend(converted(checkpoint), "f32", 1, limits)
    ids = np.full((3, 5), 7)
    (vectors,) = backend.encode([Batch(ids, np.ones_like(ids))], checkpoint.settings)
    assert len(vectors) == 3
    assert {tuple(one.get_input_tensor(0).shape) for one in backend._requests} == {(3, 8)}


@needs_openvino
class TestOpenvino:
    """OpenVINO, converted on first use."""

    def test_32_bits_are_those_of_torch_and_16_are_near(self, tiny: Path, home: Path) -> None:
        settings = {"pooling": "mean", "normalize": True}
        torchs = TextEncoder(str(tiny), settings, batch_size=3)
        expected = torchs.encode_passages(PASSAGES)
        ours = TextEncoder(str(tiny), settings, backend="openvino", batch_size=3)
        np.testing.assert_allclose(ours.encode_passages(PASSAGES), expected, atol=1e-5)
        (made,) = (home / "openvino").rglob("*.xml")
        changed = made.stat().st_mtime_ns
        # the same bytes whenever it runs, however the batches fall on the threads
        again = TextEncoder(str(tiny), settings, backend="openvino", batch_size=3)
        np.testing.assert_array_equal(again.encode_passages(PASSAGES), ours.encode_passages(PASSAGES))
        assert made.stat().st_mtime_ns == changed
        if BACKENDS.get("openvino-bf16").usable():
            near = TextEncoder(str(tiny), settings, backend="openvino-bf16").encode_passages(PASSAGES)
            assert abs(near - expected).max() > 1e-5
            assert cosines(near, expected).min() > 0.999

    def test_its_telemetry_is_not_imported(self) -> None:
        code = (
            "import sys\nfrom xqg_pyserini.encode.backends.openvino_export import import_openvino\nimport_openvino()\n"
            "print([name for name in sys.modules if 'telemetry' in name and not name.startswith('openvino.')])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"

    def test_a_processor_without_bfloat16(self, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(openvino_runtime, "computes_in_bf16", lambda: False)
        assert not BACKENDS.get("openvino-bf16").usable()
        with pytest.raises(XqgError, match="this processor does not compute in bfloat16; use --backend openvino"):
            TextEncoder(str(tiny), backend="openvino-bf16").load_passages()

    @pytest.mark.usefixtures("home")
    def test_a_model_that_cannot_be_converted(self, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise RuntimeError("no such operation")

        monkeypatch.setattr(import_openvino(), "convert_model", refuse)
        with pytest.raises(XqgError, match=r"OpenVINO cannot convert .* \(no such operation\): use --backend torch"):
            TextEncoder(str(tiny), backend="openvino").load_passages()


@pytest.mark.parametrize(
    ("backend", "packages", "extra"),
    [("onnx", "onnx, onnxruntime, onnxscript", "onnx"), ("openvino", "openvino", "openvino")],
)
def test_missing_packages_are_named(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, backend: str, packages: str, extra: str
) -> None:
    monkeypatch.setattr(model_export, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=rf"need {packages}: pip install 'xqg-pyserini\[{extra}\]'"):
        TextEncoder(str(tiny), backend=backend).load_passages()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
@pytest.mark.parametrize("backend", ["torch", "torch-bf16", "torch-fp16"])
def test_cuda(tiny: Path, backend: str) -> None:
    on_gpu, on_cpu = TextEncoder(str(tiny), device="cuda", backend=backend), TextEncoder(str(tiny))
    assert cosines(on_gpu.encode_passages(PASSAGES), on_cpu.encode_passages(PASSAGES)).min() > 0.999
