"""The typo-robust query encoder as Pyserini's class.

Importing this module imports Pyserini, which needs a JVM; ``host.start`` provides it (calling it before is fine).
"""

from collections.abc import Mapping, Sequence
from typing import Any, override

import numpy as np

from xqg_pyserini.encode.pyserini_encoders import XqgQueryEncoder
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.records import Query
from xqg_pyserini.rewrite.corrected_queries import CorrectedQueryEncoder
from xqg_pyserini.rewrite.spelling import SpellingCorrector


class TypoRobustQueryEncoder(XqgQueryEncoder):
    """A query encoder for misspelled queries on an index that is there already.

    Args:
        encoder: a trained query encoder (``embedded+typo``, or a directory that ``xqg train`` wrote), or any other
            encoder together with ``lexicon``; or a ``TextEncoder``.
        device: a torch device.
        batch_size: largest number of queries encoded at once.
        lexicon: words and how often they occur: of the queries' language (``word_frequencies``) or of the collection
            (``count_words``); turns on spelling correction, which averages the vectors of a query and of its corrected
            versions.
        corrections: largest number of corrected versions of a query.
        options: settings that override the checkpoint's own.

    Raises:
        EncoderNotFoundError: no such encoder.
        InputError: an empty lexicon.
    """

    def __init__(
        self,
        encoder: str | TextEncoder = "embedded+typo",
        device: str = "cpu",
        batch_size: int = 64,
        lexicon: Mapping[str, float] | None = None,
        corrections: int = 1,
        **options: Any,
    ) -> None:
        super().__init__(encoder, device, batch_size, **options)
        self._corrected: CorrectedQueryEncoder | None = None
        if lexicon is not None:
            corrector = SpellingCorrector(lexicon)
            self._corrected = CorrectedQueryEncoder(self.encoder, lambda _: corrector, corrections)

    @override
    def encode_batch(self, queries: Sequence[str]) -> np.ndarray:
        """Vectors of queries, ``(len(queries), dim) float32``."""
        if self._corrected is None:
            return super().encode_batch(queries)
        return self._corrected.encode([Query("", text) for text in queries])
