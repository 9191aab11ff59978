"""An exported model with 8-bit matrix products.

Both factors are quantised in blocks along the inner dimension: weights once, activations while the model runs, each
token on its own (``MatMulNBits`` of ONNX Runtime, accuracy level 4). One scale per matrix of activations, as in
``quantize_dynamic``, is faster and far less exact (cosine to 32 bits .997 instead of .9997 on the embedded encoder),
because few channels of a transformer are much larger than the others; and it depends on all texts of a batch.
Embeddings, normalisation and the products inside attention stay in 32 bits.
"""

import logging
from pathlib import Path

from xqg_pyserini.encode.backends.onnx_export import cached_file, exported
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.quiet import quiet_python

logger = logging.getLogger(__name__)

#: Values that share a scale.
_BLOCK = 128
#: Activations in 8 bits too; lower levels compute in 32 or 16 bits.
_ACCURACY_LEVEL = 4


def quantised(checkpoint: Checkpoint) -> Path:
    """The checkpoint as an ONNX file with 8-bit matrix products; made on the first call.

    Raises:
        MissingExtraError: a package is not installed.
    """
    return cached_file(checkpoint, "int8", lambda path: _quantise(exported(checkpoint), path))


def _quantise(source: Path, target: Path) -> None:
    logger.info("quantising %s (once)", source)
    with quiet_python():
        import onnx
        from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

        quantizer = MatMulNBitsQuantizer(
            onnx.load(source), bits=8, block_size=_BLOCK, is_symmetric=True, accuracy_level=_ACCURACY_LEVEL
        )
        quantizer.process()
        quantizer.model.save_model_to_file(str(target), use_external_data_format=True)
