"""Jobs of independent shards, computed by the workers of a Ray cluster; knows no stage."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
