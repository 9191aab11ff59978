"""A checkpoint as an ONNX file, exported by PyTorch on first use."""

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np

from xqg_pyserini.encode.backends.model_export import (
    IDS,
    MASK,
    cached_directory,
    check_export,
    check_installed,
    example,
    token_vectors,
)
from xqg_pyserini.encode.batches import Batch
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.quiet import quiet_python

logger = logging.getLogger(__name__)

#: What the ONNX backends import.
PACKAGES = ("onnx", "onnxruntime", "onnxscript")
#: Changes when the way files are built changes, so that an old file in a cache is not taken for a new one.
_BUILD = 1
_FILE = "model.onnx"


def cached_file(checkpoint: Checkpoint, kind: str, build: Callable[[Path], None]) -> Path:
    """The ONNX file of a kind made of the checkpoint; ``build`` writes it into the cache on the first call.

    Raises:
        MissingExtraError: a package is not installed.
    """
    check_installed("onnx", PACKAGES)
    directory = cached_directory("onnx", checkpoint, f"{kind}-{_BUILD}", lambda folder: build(folder / _FILE))
    return directory / _FILE


def exported(checkpoint: Checkpoint) -> Path:
    """The checkpoint as an ONNX file in 32 bits; exported on the first call (some seconds).

    Raises:
        MissingExtraError: a package is not installed.
        XqgError: the export computes something else than the model.
    """
    return cached_file(checkpoint, "float32", lambda path: _export(checkpoint, path))


def _export(checkpoint: Checkpoint, path: Path) -> None:
    import torch

    logger.info("exporting %s to ONNX (once)", checkpoint.name)
    model = checkpoint.load_model(torch.float32)
    positions = getattr(model.config, "max_position_embeddings", 1 << 16)
    texts, tokens = torch.export.Dim("texts"), torch.export.Dim("tokens", max=int(positions))
    part = token_vectors(model)
    with quiet_python(), torch.inference_mode():
        torch.onnx.export(
            part,
            # sizes other than 0 and 1, which the exporter would take for constants
            tuple(torch.from_numpy(matrix) for matrix in example(2, 8)),
            path,
            input_names=[IDS, MASK],
            output_names=["hidden"],
            dynamic_shapes={name: {0: texts, 1: tokens} for name in (IDS, MASK)},
            dynamo=True,
            # beside the graph: one file of protobuf may not be larger than 2 GB
            external_data=True,
            verbose=False,
        )
        check_export(_runner(path), part, f"the ONNX export of {checkpoint.name!r}")


def _runner(path: Path) -> Callable[[Batch], np.ndarray]:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return lambda batch: session.run(None, {IDS: batch.ids, MASK: batch.mask})[0]
