"""Data sets and readers: passages, queries, judgements and generated queries from files or ir_datasets.

Every reader registers our data sets (``xor-tydi``, ``mkqa``, ``xquad``, ``afriqa``, ``dl-typo``, ``xqg-sample``) with
ir_datasets, and so does importing this package where ir_datasets is loaded already. Where it is not, loading it would
take a third of a second that every ``--help`` would pay: call ``register()`` before ``ir_datasets.load``.
"""

import sys
from typing import TYPE_CHECKING

from xqg_pyserini.lazy import lazy_exports

if TYPE_CHECKING:
    from xqg_pyserini.data.catalog.registration import register
    from xqg_pyserini.data.corpus import Corpus, open_corpus
    from xqg_pyserini.data.export import export_records
    from xqg_pyserini.data.generated import read_generated_queries
    from xqg_pyserini.data.listing import describe_dataset, fetch_dataset, list_datasets
    from xqg_pyserini.data.qrels import read_qrels
    from xqg_pyserini.data.sets import DATASET_FAMILIES
    from xqg_pyserini.data.suites import SUITES
    from xqg_pyserini.data.topics import read_topics

__all__ = [
    "DATASET_FAMILIES",
    "SUITES",
    "Corpus",
    "describe_dataset",
    "export_records",
    "fetch_dataset",
    "list_datasets",
    "open_corpus",
    "read_generated_queries",
    "read_qrels",
    "read_topics",
    "register",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "DATASET_FAMILIES": "sets",
        "SUITES": "suites",
        "Corpus": "corpus",
        "describe_dataset": "listing",
        "export_records": "export",
        "fetch_dataset": "listing",
        "list_datasets": "listing",
        "open_corpus": "corpus",
        "read_generated_queries": "generated",
        "read_qrels": "qrels",
        "read_topics": "topics",
        "register": "catalog.registration",
    },
)

if "ir_datasets" in sys.modules:
    __getattr__("register")()
