"""Losses of query-side training, one file each, which register themselves in ``LOSSES``."""

from xqg_pyserini.registry import import_all
from xqg_pyserini.train.losses.base import LOSSES, Loss, QueryBatch, register_loss

import_all(__name__, __path__)

__all__ = ["LOSSES", "Loss", "QueryBatch", "register_loss"]
