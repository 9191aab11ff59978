"""Queries rewritten before they are encoded: spelling correction, and averaging of a query with its corrections.

``TypoRobustQueryEncoder`` subclasses Pyserini's class: its first use starts a JVM.
"""

from typing import TYPE_CHECKING

from xqg_pyserini.lazy import lazy_exports

if TYPE_CHECKING:
    from xqg_pyserini.rewrite.corrected_queries import CorrectedQueryEncoder
    from xqg_pyserini.rewrite.lexicon import Lexicon, count_words, word_frequencies
    from xqg_pyserini.rewrite.pyserini_encoder import TypoRobustQueryEncoder
    from xqg_pyserini.rewrite.spelling import SpellingCorrector

__all__ = [
    "CorrectedQueryEncoder",
    "Lexicon",
    "SpellingCorrector",
    "TypoRobustQueryEncoder",
    "count_words",
    "word_frequencies",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "CorrectedQueryEncoder": "corrected_queries",
        "Lexicon": "lexicon",
        "SpellingCorrector": "spelling",
        "TypoRobustQueryEncoder": "pyserini_encoder",
        "count_words": "lexicon",
        "word_frequencies": "lexicon",
    },
)
