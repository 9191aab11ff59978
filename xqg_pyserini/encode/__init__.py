"""Texts to vectors: dual encoders, index directories of a corpus, and Pyserini's encoder classes.

``XqgQueryEncoder`` and ``XqgDocumentEncoder`` subclass Pyserini's classes: their first use starts a JVM.
"""

from typing import TYPE_CHECKING

from xqg_pyserini.lazy import lazy_exports

if TYPE_CHECKING:
    from xqg_pyserini.encode.backends import BACKENDS
    from xqg_pyserini.encode.corpus_index import Shard, encode_corpus
    from xqg_pyserini.encode.index_check import check_index
    from xqg_pyserini.encode.index_encoder import EncoderChoice, load_query_encoder
    from xqg_pyserini.encode.pyserini_encoders import XqgDocumentEncoder, XqgQueryEncoder
    from xqg_pyserini.encode.settings import EncoderSettings
    from xqg_pyserini.encode.text_encoder import TextEncoder

__all__ = [
    "BACKENDS",
    "EncoderChoice",
    "EncoderSettings",
    "Shard",
    "TextEncoder",
    "XqgDocumentEncoder",
    "XqgQueryEncoder",
    "check_index",
    "encode_corpus",
    "load_query_encoder",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "BACKENDS": "backends",
        "EncoderChoice": "index_encoder",
        "EncoderSettings": "settings",
        "Shard": "corpus_index",
        "TextEncoder": "text_encoder",
        "XqgDocumentEncoder": "pyserini_encoders",
        "XqgQueryEncoder": "pyserini_encoders",
        "check_index": "index_check",
        "encode_corpus": "corpus_index",
        "load_query_encoder": "index_encoder",
    },
)
