"""Misspelled queries: typos as people make them in 120 languages, from a seeded generator, with every edit recorded."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
