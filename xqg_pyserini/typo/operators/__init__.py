"""Typo operators, one small class each: a new operator is a new file here that ends in ``register``."""

from xqg_pyserini.registry import import_all
from xqg_pyserini.typo.operators.base import TYPO_OPERATORS, Change, Operator

import_all(__name__, __path__)

__all__ = ["TYPO_OPERATORS", "Change", "Operator"]
