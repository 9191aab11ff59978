"""Metrics: one family of names a file. Importing this folder registers all of them in ``METRICS``."""

from xqg_pyserini.evaluate.metrics.base import METRICS, Metric, MetricFamily, ScoringTask, parse_metrics
from xqg_pyserini.registry import import_all

import_all(__name__, __path__)

__all__ = ["METRICS", "Metric", "MetricFamily", "ScoringTask", "parse_metrics"]
