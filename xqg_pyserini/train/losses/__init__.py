"""Losses of query-side training, one file each; ``LOSSES`` knows them by name."""

from xqg_pyserini.train.losses import alignment, dual_self_teaching, mse, multi_positive, self_teaching
from xqg_pyserini.train.losses.base import LOSSES, Loss, Views

__all__ = ["LOSSES", "Loss", "Views", "alignment", "dual_self_teaching", "mse", "multi_positive", "self_teaching"]
