"""Data sets and readers: passages, queries, judgements and generated queries from files or ir_datasets.

Importing this package registers ``xor-tydi``, ``mkqa``, ``xquad``, ``afriqa``, ``dl-typo`` and ``xqg-sample`` with
ir_datasets: at once when ir_datasets is loaded, else the moment it is. Nothing is downloaded.
"""

from xqg_pyserini.data.on_import import register_when_loaded

register_when_loaded()
