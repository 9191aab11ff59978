"""Losses of dual encoders, one file each, which register themselves in ``PAIR_LOSSES``."""

from xqg_pyserini.registry import import_all
from xqg_pyserini.train.pair_losses.base import PAIR_LOSSES, PairBatch, needed_by

import_all(__name__, __path__)

__all__ = ["PAIR_LOSSES", "PairBatch", "needed_by"]
