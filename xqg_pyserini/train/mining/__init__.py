"""Mining of training rows: what a retriever finds for the training queries, labelled by score and by answers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
