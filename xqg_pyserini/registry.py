"""Names for interchangeable parts: a new part is one new file that ends in ``register``."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches

from xqg_pyserini.errors import UnknownNameError


def unknown_name(kind: str, name: str, known: list[str]) -> UnknownNameError:
    """The error for a name outside ``known``: says what was got, the nearest and the whole choice."""
    near = get_close_matches(name, known, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return UnknownNameError(f"unknown {kind} {name!r}{hint}; known: {', '.join(known)}")


class Registry[T]:
    """A closed choice that extensions can open: name -> part.

    Args:
        kind: what the parts are, in the singular, for messages ("aggregation rule").
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._parts: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Decorator that files its target under ``name``; a taken name raises ValueError."""

        def add(part: T) -> T:
            if name in self._parts:
                raise ValueError(f"{self.kind} {name!r} is registered already")
            self._parts[name] = part
            return part

        return add

    def get(self, name: str) -> T:
        """The part filed under ``name``; raises UnknownNameError with the known names."""
        if name not in self._parts:
            raise unknown_name(self.kind, name, self.names())
        return self._parts[name]

    def names(self) -> list[str]:
        """The registered names, sorted."""
        return sorted(self._parts)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __contains__(self, name: str) -> bool:
        return name in self._parts


def import_all(package: str, folders: Iterable[str]) -> None:
    """Import every module of a package, so that each registers its part.

    Args:
        package: ``__name__`` of the package.
        folders: its ``__path__``.
    """
    for module in pkgutil.iter_modules(folders):
        importlib.import_module(f"{package}.{module.name}")
