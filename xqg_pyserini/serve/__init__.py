"""The server: REST, Pyserini's routes, MCP and a page, over any of our indexes (extra ``serve``)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
