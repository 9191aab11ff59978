"""An exported model with 8-bit matrix products.

Weights are quantised per output channel, once; activations while it runs, with one scale per matrix of them. That
scale would depend on every text of a batch, so texts go through this model one by one (``BackendKind.alone``).
Embeddings, normalisation and the products inside attention stay in 32 bits.
"""

import logging
from pathlib import Path

from xqg_pyserini.encode.backends.onnx_export import FILE, cached_file, check_packages, exported, quiet
from xqg_pyserini.encode.built_once import built_once
from xqg_pyserini.encode.checkpoint import Checkpoint

logger = logging.getLogger(__name__)

_CPU_FACTS = Path("/proc/cpuinfo")


def quantised(checkpoint: Checkpoint) -> Path:
    """The checkpoint as an ONNX file with 8-bit matrix products; made on the first call.

    Raises:
        MissingExtraError: a package is not installed.
    """
    check_packages()
    full_range = has_vnni()
    path = cached_file(checkpoint, "int8" if full_range else "int8-reduced")
    source = exported(checkpoint)
    built_once(path.parent, lambda directory: quantise(source, directory / FILE, full_range))
    return path


def has_vnni() -> bool:
    """Whether the processor adds up 8-bit products in 32 bits; False where that cannot be found out.

    Without these instructions the sums of neighbouring products saturate at 16 bits, unless weights have 7 bits.
    """
    try:
        facts = _CPU_FACTS.read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return "vnni" in facts


def quantise(source: Path, target: Path, full_range: bool) -> None:
    """Write ``target``, the model ``source`` with 8-bit weights (7-bit ones without ``full_range``)."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logger.info("quantising %s (once)", source)
    with quiet():
        quantize_dynamic(
            source,
            target,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=not full_range,
            weight_type=QuantType.QInt8,
            use_external_data_format=True,
            # products of two activations are those inside attention
            extra_options={"MatMulConstBOnly": True},
        )
