"""The typo-robust query encoder as Pyserini's class.

Importing this module imports Pyserini, which needs a JVM; ``host.start`` provides it (calling it before is fine).
"""

from collections.abc import Mapping, Sequence
from typing import Any, override

import numpy as np

from xqg_pyserini.encode.pyserini_encoders import XqgQueryEncoder
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.records import Query
from xqg_pyserini.rewrite.averaging import MultiView
from xqg_pyserini.rewrite.spelling import SpellingCandidates


class TypoRobustQueryEncoder(XqgQueryEncoder):
    """A query encoder for misspelt queries on an index that is there already.

    Args:
        encoder: a trained query encoder (``embedded+typo``, or a directory that ``xqg train`` wrote), or any other
            encoder together with ``vocabulary``; or a ``TextEncoder``.
        device: a torch device.
        batch_size: queries encoded at once.
        vocabulary: words and how often they occur: of the queries' language (``spelling.word_frequencies``) or of the
            collection (``spelling.count_words``); turns on the multi-view mode, in which the vectors of a query and of
            its nearest spellings are averaged.
        views: spellings beside the query's own, at most.
        options: settings to put over the checkpoint's own.

    Raises:
        EncoderNotFoundError: no such encoder.
        InputError: an empty vocabulary.
    """

    def __init__(
        self,
        encoder: str | TextEncoder = "embedded+typo",
        device: str = "cpu",
        batch_size: int = 64,
        vocabulary: Mapping[str, float] | None = None,
        views: int = 1,
        **options: Any,
    ) -> None:
        super().__init__(encoder, device, batch_size, **options)
        self._views: MultiView | None = None
        if vocabulary is not None:
            unit = self.encoder.settings.normalize
            candidates = SpellingCandidates(vocabulary)
            self._views = MultiView(self.encoder.encode_queries, lambda _: candidates, views, unit)

    @override
    def encode_batch(self, queries: Sequence[str]) -> np.ndarray:
        """Vectors of queries, ``(len(queries), dim) float32``."""
        if self._views is None:
            return super().encode_batch(queries)
        return self._views.encode([Query("", text, "") for text in queries])
