"""Index directories: augmented with generated queries, swept, converted, merged, described and verified."""

from typing import TYPE_CHECKING

from xqg_pyserini.lazy import lazy_exports

if TYPE_CHECKING:
    from xqg_pyserini.index.augment import AugmentOptions, augment_index
    from xqg_pyserini.index.convert import ConvertOptions, convert_index
    from xqg_pyserini.index.describe import describe_index
    from xqg_pyserini.index.merge import merge_indexes
    from xqg_pyserini.index.rules import RULES, default_rule
    from xqg_pyserini.index.sweep import SweepGrid, SweepTopics, sweep_index, write_sweep
    from xqg_pyserini.index.text_queries import AugmentSource
    from xqg_pyserini.index.vector_queries import VectorSet, VectorSource
    from xqg_pyserini.index.verify import verify_index

__all__ = [
    "RULES",
    "AugmentOptions",
    "AugmentSource",
    "ConvertOptions",
    "SweepGrid",
    "SweepTopics",
    "VectorSet",
    "VectorSource",
    "augment_index",
    "convert_index",
    "default_rule",
    "describe_index",
    "merge_indexes",
    "sweep_index",
    "verify_index",
    "write_sweep",
]

_MODULES = {
    "augment": ("AugmentOptions", "augment_index"),
    "convert": ("ConvertOptions", "convert_index"),
    "describe": ("describe_index",),
    "merge": ("merge_indexes",),
    "rules": ("RULES", "default_rule"),
    "sweep": ("SweepGrid", "SweepTopics", "sweep_index", "write_sweep"),
    "text_queries": ("AugmentSource",),
    "vector_queries": ("VectorSet", "VectorSource"),
    "verify": ("verify_index",),
}

__getattr__ = lazy_exports(__name__, {name: module for module, names in _MODULES.items() for name in names})
