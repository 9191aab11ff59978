"""Reading the keys of a plan: every error names the file and the key, and what may stand there."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from xqg_pyserini.errors import InputError, XqgError
from xqg_pyserini.registry import unknown_name

#: Names of collections, encoders, systems …: they become parts of file names.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]*")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


class PlanFields:
    """One mapping of a plan; each key is asked for once, and ``close`` refuses keys that nobody asked for.

    Args:
        raw: what the YAML file has there.
        path: the file.
        place: where in the file, such as ``systems.base``; empty at the top.
    """

    def __init__(self, raw: Any, path: Path, place: str = "") -> None:
        self.path, self.place = path, place
        if not isinstance(raw, Mapping):
            raise self.error("", f"keys with values are needed, got {raw!r}")
        self._raw: Mapping[str, Any] = raw
        self._asked: dict[str, None] = {}

    def error(self, key: str, message: str) -> InputError:
        """The error for a key: file, key, what is wrong."""
        where = ".".join(filter(None, (self.place, key)))
        return InputError(f"{where}: {message}" if where else message, self.path)

    def get[T](self, key: str, read: Callable[[Any], T], default: Any = ...) -> T:
        """The value of a key; without a default it must be there.

        Args:
            key: its name.
            read: from what YAML has to the value; raises ValueError or XqgError, whose text becomes the message.
            default: the value where the key is missing.
        """
        self._asked[key] = None
        if self._raw.get(key) is None:
            if default is ...:
                raise self.error(key, "is missing")
            return default
        try:
            return read(self._raw[key])
        except (ValueError, XqgError) as error:
            if isinstance(error, InputError) and error.path == self.path:
                raise
            raise self.error(key, str(error)) from None

    def part(self, key: str) -> "PlanFields | None":
        """The mapping under a key; None where the key is missing."""
        return self.get(key, partial(PlanFields, path=self.path, place=self._inside(key)), None)

    def parts(self, key: str, required: bool = False) -> Iterator[tuple[str, "PlanFields"]]:
        """``(name, mapping)`` of each entry under a key, whose names are the user's."""
        read = partial(PlanFields, path=self.path, place=self._inside(key))
        entries: PlanFields | None = self.get(key, read, ... if required else None)
        for name, raw in entries._raw.items() if entries else ():
            if not _NAME.fullmatch(str(name)):
                raise self.error(f"{key}.{name}", "a name of letters, digits, '_', '+' and '-' is needed")
            yield str(name), PlanFields({} if raw is None else raw, self.path, self._inside(f"{key}.{name}"))

    def rows(self, key: str) -> Iterator["PlanFields"]:
        """The mappings of a list under a key."""
        for number, raw in enumerate(self.get(key, many(lambda value: value), ())):
            yield PlanFields(raw, self.path, self._inside(f"{key}[{number}]"))

    def close(self) -> None:
        """Raise InputError for a key that was never asked for, with the nearest known one."""
        for key in self._raw:
            if key not in self._asked:
                raise self.error("", str(unknown_name("key", str(key), list(self._asked))))

    def _inside(self, key: str) -> str:
        return ".".join(filter(None, (self.place, key)))


def text(value: Any) -> str:
    """A text, in which ``$NAME`` is replaced by the environment variable.

    Raises:
        ValueError: it is no text, or a variable is not set.
    """
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"a text is needed, got {value!r}")

    def variable(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in os.environ:
            raise ValueError(f"the environment variable {name} is not set, and {value!r} needs it")
        return os.environ[name]

    return _VARIABLE.sub(variable, value)


def whole(least: int) -> Callable[[Any], int]:
    """A whole number from ``least`` up."""

    def read(value: Any) -> int:
        if type(value) is not int or value < least:
            raise ValueError(f"a whole number from {least} up is needed, got {value!r}")
        return value

    return read


def share(value: Any) -> float:
    """A number from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"a number from 0 to 1 is needed, got {value!r}")
    return float(value)


def flag(value: Any) -> bool:
    """``true`` or ``false``."""
    if not isinstance(value, bool):
        raise ValueError(f"true or false is needed, got {value!r}")
    return value


def many[T](read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    """A list of values, none of them twice; a single value is a list of one."""

    def read_all(value: Any) -> tuple[T, ...]:
        values = value if isinstance(value, list) else [value]
        if repeated := [one for number, one in enumerate(values) if one in values[:number]]:
            raise ValueError(f"{repeated[0]!r} stands there twice")
        return tuple(map(read, values))

    return read_all


def one_of(kind: str, known: list[str]) -> Callable[[Any], str]:
    """A name out of ``known``; the error lists them and the nearest."""

    def read(value: Any) -> str:
        if value not in known:
            raise unknown_name(kind, str(value), known)
        return str(value)

    return read
