"""A checkpoint in OpenVINO's format, converted from PyTorch on first use."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
from xqg_pyserini.errors import XqgError
from xqg_pyserini.quiet import quiet_python

logger = logging.getLogger(__name__)

#: Changes when the way files are built changes, so that an old file in a cache is not taken for a new one.
_BUILD = 1
_FILE = "model.xml"
_TELEMETRY = "openvino_telemetry"


def import_openvino() -> Any:
    """OpenVINO without its telemetry: importing it reports the import to Google Analytics.

    Raises:
        MissingExtraError: it is not installed.
    """
    check_installed("openvino", ("openvino",))
    modules: dict[str, Any] = sys.modules
    # a module that is None cannot be imported; OpenVINO then does without it
    before = modules.setdefault(_TELEMETRY, None)
    import openvino

    if before is None:
        del modules[_TELEMETRY]
    return openvino


def converted(checkpoint: Checkpoint) -> Path:
    """The checkpoint in OpenVINO's format, in 32 bits; converted on the first call (some seconds).

    Raises:
        MissingExtraError: OpenVINO is not installed.
        XqgError: the model cannot be converted, or what was made of it computes something else.
    """
    import_openvino()
    directory = cached_directory(
        "openvino", checkpoint, f"float32-{_BUILD}", lambda folder: _convert(checkpoint, folder)
    )
    return directory / _FILE


def _convert(checkpoint: Checkpoint, directory: Path) -> None:
    import torch

    openvino = import_openvino()
    logger.info("converting %s for OpenVINO (once)", checkpoint.name)
    part = token_vectors(checkpoint.load_model(torch.float32))
    batch = example(2, 8)
    tensors = dict(zip((IDS, MASK), map(torch.from_numpy, batch), strict=True))
    try:
        with quiet_python(), torch.inference_mode():
            model = openvino.convert_model(part, example_input=tensors)
    except Exception as error:
        # torch's tracer and the converter raise errors of many kinds
        raise XqgError(f"OpenVINO cannot convert {checkpoint.name!r} ({error}): use --backend torch") from error
    openvino.save_model(model, directory / _FILE, compress_to_fp16=False)
    check_export(_runner(directory / _FILE), part, f"the OpenVINO model of {checkpoint.name!r}")


def _runner(path: Path) -> Callable[[Batch], np.ndarray]:
    openvino = import_openvino()
    compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda batch: compiled({IDS: batch.ids, MASK: batch.mask})[0]
