"""Our data sets, one file for each family; a new family is one new file here that ends in a registration.

Importing this package fills ``DATASET_FAMILIES``; nothing is read or fetched.
"""

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES
from xqg_pyserini.registry import import_all

__all__ = ["DATASET_FAMILIES"]

import_all(__name__, __path__)
