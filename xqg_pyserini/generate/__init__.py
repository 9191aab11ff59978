"""Queries in other languages, generated from passages: the store they are kept in, prompts, back ends and filters."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
