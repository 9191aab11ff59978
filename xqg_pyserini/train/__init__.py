"""Training of query encoders on misspelled queries, while the passage side and its indexes stay as they are."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
