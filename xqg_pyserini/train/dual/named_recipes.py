"""Recipes of dual encoders by name: YAML files in the package, or the user's own of the same form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from xqg_pyserini.errors import InputError
from xqg_pyserini.registry import unknown_name
from xqg_pyserini.train.dual.dual_recipe import DualRecipe
from xqg_pyserini.train.recipe import filled

_FOLDER = Path(__file__).parent / "recipes"
_TEXTS = ("title", "source", "data", "encoder", "unverified")


@dataclass(frozen=True)
class NamedRecipe:
    """A recipe and where it comes from.

    Attributes:
        name: of its file.
        title: what it does, in a line.
        source: who published it.
        data: the rows that it is meant for.
        encoder: the encoder that it starts from.
        unverified: what of it is not known to be as published.
        recipe: the recipe.
    """

    name: str
    title: str
    source: str
    data: str
    encoder: str
    unverified: str
    recipe: DualRecipe


def recipe_names() -> list[str]:
    """The recipes of the package."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def recipe_file(name: str) -> Path:
    """The file of a recipe of the package, or the user's own.

    Raises:
        UnknownNameError: no such recipe.
    """
    if name.endswith((".yaml", ".yml")):
        return Path(name).expanduser()
    if name not in recipe_names():
        raise unknown_name("recipe", name, recipe_names())
    return _FOLDER / f"{name}.yaml"


def read_recipe(name: str, overrides: Mapping[str, Any] | None = None) -> NamedRecipe:
    """A recipe of the package, or one in a YAML file.

    Args:
        name: of a recipe, or the path of a file that ends in ``.yaml`` or ``.yml``.
        overrides: values of fields of the recipe and its parts that win over the file's; None values are skipped.

    Raises:
        UnknownNameError: no such recipe, or no such field in it.
        InputError: a file that is missing, no YAML, or has a value of the wrong kind.
    """
    import yaml

    path = recipe_file(name)
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("no such file", path) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"cannot be read: {' '.join(str(error).split())}", path) from None
    if not isinstance(raw, dict) or not isinstance(raw.get("recipe"), dict):
        raise InputError(f"a mapping with {', '.join(_TEXTS)} and recipe is needed", path)
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    values = {**{key: _coerced(key, value, path) for key, value in raw["recipe"].items()}, **given}
    about = {key: str(raw.get(key) or "") for key in _TEXTS}
    return NamedRecipe(path.stem, **about, recipe=filled(DualRecipe, values))


def _hints(kind: Any = DualRecipe) -> Iterator[tuple[str, Any]]:
    for name, hint in get_type_hints(kind).items():
        yield from _hints(hint) if is_dataclass(hint) else [(name, hint)]


def _coerced(name: str, value: Any, path: Path) -> Any:
    """A value as its field takes it: YAML has no tuples, and reads 1 where 1.0 is meant."""
    hints = dict(_hints())
    if name not in hints:
        raise unknown_name("field of a recipe", name, sorted(hints))
    hint = hints[name]
    kinds = {get_origin(kind) or kind for kind in (get_args(hint) if isinstance(hint, UnionType) else [hint])}
    if isinstance(value, list) and tuple in kinds:
        value = tuple(value)
    if type(value) is int and float in kinds:
        value = float(value)
    # the choices of a Literal are checked with the other values, by ``DualRecipe.check``
    allowed = tuple(str if kind is Literal else kind for kind in kinds)
    if type(value) is bool or not isinstance(value, allowed):
        names = " or ".join(sorted(kind.__name__ for kind in allowed))
        raise InputError(f"{name} is {value!r}: a value of the kind {names} is needed", path)
    return value
