"""What the stages take for a corpus of some size: time, disk and memory, from speeds measured in seconds."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
