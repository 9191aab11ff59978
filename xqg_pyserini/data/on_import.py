"""Registering with ir_datasets the moment it is imported, so that nobody pays for it who does not use it.

ir_datasets has no discovery of extensions: a data set exists once some import has registered it. Importing
ir_datasets here would do, but takes a third of a second, which every ``--help`` would pay. So its registration is
hung on the import of ir_datasets itself: at once if it is loaded already, else right after it has been loaded.
"""

import importlib.abc
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, override

TARGET = "ir_datasets"


def register_when_loaded() -> None:
    """Register our data sets now, or as soon as somebody imports ir_datasets."""
    if TARGET in sys.modules:
        _register()
    elif not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _register() -> None:
    from xqg_pyserini.data.sets.registration import register

    register()


class _Finder(importlib.abc.MetaPathFinder):
    """Finds ir_datasets where it is, and wraps its loader."""

    def __init__(self) -> None:
        self._searching = False

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != TARGET or self._searching:
            return None
        self._searching = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._searching = False
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self)
        return spec


class _Loader(importlib.abc.Loader):
    """Loads with the loader of the module, then registers and takes the finder away."""

    def __init__(self, loader: importlib.abc.Loader, finder: _Finder) -> None:
        self._loader, self._finder = loader, finder

    def __getattr__(self, name: str) -> Any:
        # for those who look at the module without importing it
        return getattr(self._loader, name)

    @override
    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    @override
    def exec_module(self, module: ModuleType) -> None:
        # ir_datasets reads its own files through its module's loader, while it is being executed
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        _register()
