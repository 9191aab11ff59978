"""Runs of several stages together: the quickstart, and experiments that a plan describes."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
