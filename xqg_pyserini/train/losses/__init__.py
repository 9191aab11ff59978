"""Losses of query-side training, one file each, which register themselves in ``LOSSES``."""

from xqg_pyserini.registry import import_all
from xqg_pyserini.train.losses.base import LOSSES, QueryBatch, check_mixture, mixed_loss, parse_mixture

import_all(__name__, __path__)

__all__ = ["LOSSES", "QueryBatch", "check_mixture", "mixed_loss", "parse_mixture"]
