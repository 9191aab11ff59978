"""Scoring of runs: ranked metrics and answer recall, significance, robustness to typos, reports."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
