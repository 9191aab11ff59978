"""Data sets and readers: passages, queries, judgements and generated queries from files or ir_datasets.

Every reader registers our data sets (``xor-tydi``, ``mkqa``, ``xquad``, ``mlqa``, ``afriqa``, ``ntrex``, ``dl-typo``,
``xqg-sample``) with ir_datasets, and so does importing this package where ir_datasets is loaded already. Where it is
not, loading it would take a third of a second that every ``--help`` would pay: call ``register()`` before
``ir_datasets.load``.
"""

import sys

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

if "ir_datasets" in sys.modules:
    __getattr__("register")()
