"""Our data sets; a new family is a module here that ends in a registration, and a TOML file that describes it.

Importing this package fills ``DATASET_FAMILIES``; nothing is read or fetched.
"""

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES
from xqg_pyserini.registry import import_all

__all__ = ["DATASET_FAMILIES"]

import_all(__name__, __path__)
