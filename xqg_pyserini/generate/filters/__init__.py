"""Filters of generated queries: a new filter is a new file here that ends in ``register_filter``."""

from xqg_pyserini.generate.filters.base import FILTERS, MEASURES, Thresholds, Tools
from xqg_pyserini.registry import import_all

import_all(__name__, __path__)

__all__ = ["FILTERS", "MEASURES", "Thresholds", "Tools"]
