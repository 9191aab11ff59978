"""The table that the analyses read: one row, a cell, for each mean score of a system on the queries of one language."""

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, get_args

from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.languages import Tier, language
from xqg_pyserini.lines import read_lines
from xqg_pyserini.registry import unknown_name


class Cell(NamedTuple):
    """The mean score of one system on the queries of one language under one condition.

    Attributes:
        system: index, query encoder and rewriting together, by name.
        arm: how the encoder was trained; may be empty.
        seed: of the training; empty where nothing was trained.
        collection: what was searched.
        language: any code that ``xqg_pyserini.languages.language`` knows.
        tier: ``low``, ``mid`` or ``high``.
        condition: name of the typo setting.
        preset: typo preset; empty for clean queries.
        typos: edits in a query; 0 for clean queries.
        severity: mean share of a query's characters that the edits changed.
        metric: what ``value`` is.
        value: the mean score.
        queries: how many it is the mean of.
        tokens: mean share of a query's subword tokens that the edits changed; NaN where it is not known.
    """

    system: str
    arm: str
    seed: str
    collection: str
    language: str
    tier: Tier
    condition: str
    preset: str
    typos: int
    severity: float
    metric: str
    value: float
    queries: int
    tokens: float = math.nan


_OPTIONAL = frozenset(Cell._field_defaults)
_REQUIRED = tuple(name for name in Cell._fields if name not in _OPTIONAL)
#: Columns that may be empty.
_MAY_BE_EMPTY = frozenset({"arm", "seed", "preset", *_OPTIONAL})
_WHOLE, _DECIMAL = frozenset({"typos", "queries"}), frozenset({"severity", "value", "tokens"})


def read_cells(path: str | Path) -> list[Cell]:
    """Read a CSV file (plain, ``.gz`` or ``.zst``) whose columns are the attributes of ``Cell``, in any order.

    The column ``tokens`` may be missing, other columns are skipped.

    Raises:
        InputError: a column or a value is missing, a value is of the wrong kind, one cell is there twice, or a
            language has two tiers; the message names the line.
    """
    places: dict[tuple[object, ...], int] = {}
    tiers: dict[str, tuple[str, int]] = {}
    cells = []
    for number, row in read_rows(path, _REQUIRED):
        cell = _cell(row, path, number)
        first = places.setdefault(_key(cell), number)
        if first != number:
            raise InputError(f"the cell of line {first} is here again: {', '.join(map(str, _key(cell)))}", path, number)
        known, line = tiers.setdefault(language(cell.language).code, (cell.tier, number))
        if known != cell.tier:
            raise InputError(
                f"language {cell.language!r} is of the tier {cell.tier} here and {known} in line {line}", path, number
            )
        cells.append(cell)
    if not cells:
        raise InputError("the table has no row below its header", path)
    return cells


def read_covariates(path: str | Path) -> dict[str, dict[str, float]]:
    """Read a CSV file of a column ``language`` and columns of numbers: name of the column -> language -> number.

    Raises:
        InputError: a value is no number, a language is not known or there twice; the message names the line.
    """
    found: dict[str, dict[str, float]] = {}
    for number, row in read_rows(path, ("language",)):
        code = _known_language(row.pop("language").strip(), path, number)
        for name, text in row.items():
            if code in (column := found.setdefault(name, {})):
                raise InputError(f"language {code!r} is here again", path, number)
            column[code] = _number(name, text, path, number)
    if not found:
        raise InputError("a row for each language and a column of numbers beside 'language' are needed", path)
    return found


def read_rows(path: str | Path, required: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and column -> text of each row of a CSV file that is not blank.

    Raises:
        InputError: no CSV, or a column or a value is missing.
    """
    header: list[str] | None = None
    for number, line in read_lines(path):
        try:
            values = next(csv.reader([line], strict=True), [])
        except csv.Error as error:
            raise InputError(f"not CSV: {error}", path, number) from None
        if not values:
            continue
        if header is None:
            header = [name.strip() for name in values]
            if missing := [name for name in required if name not in header]:
                raise InputError(f"columns missing: {', '.join(missing)}; got {', '.join(header)}", path, number)
        elif len(values) != len(header):
            raise InputError(f"{len(values)} values for {len(header)} columns", path, number)
        else:
            yield number, dict(zip(header, values, strict=True))


def _cell(row: Mapping[str, str], path: str | Path, number: int) -> Cell:
    def value_of(name: str) -> object:
        text = row.get(name, "").strip()
        if not text or (name in _OPTIONAL and text.lower() == "nan"):
            if name in _MAY_BE_EMPTY:
                return math.nan if name in _DECIMAL else ""
            raise InputError(f"column {name!r} is empty", path, number)
        if name in _WHOLE | _DECIMAL:
            return _number(name, text, path, number)
        return text

    cell = Cell(**{name: value_of(name) for name in Cell._fields})  # type: ignore[arg-type]
    if cell.tier not in get_args(Tier):
        raise InputError(f"column 'tier' is low, mid or high, got {cell.tier!r}", path, number)
    _known_language(cell.language, path, number)
    return cell


def _known_language(code: str, path: str | Path, number: int) -> str:
    """The code of the language that variants of it share."""
    try:
        return language(code).code
    except UnknownNameError as error:
        raise InputError(str(error), path, number) from None


def _number(name: str, text: str, path: str | Path, number: int) -> float | int:
    """A finite number; counts are whole, and counts and shares of what changed are not negative."""
    lowest = {"queries": 1, "typos": 0, "severity": 0, "tokens": 0}.get(name, -math.inf)
    try:
        value = int(text) if name in _WHOLE else float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < lowest:
        kind = "a whole number" if name in _WHOLE else "a number"
        bound = "" if lowest == -math.inf else f" of {lowest} or more"
        raise InputError(f"column {name!r} is {kind}{bound}, got {text!r}", path, number)
    return value


def _key(cell: Cell) -> tuple[object, ...]:
    """What is there once: everything but the measured numbers."""
    return (cell.system, cell.arm, cell.seed, cell.collection, cell.language, cell.condition, cell.metric)


def select_cells(cells: Iterable[Cell], chosen: Mapping[str, Sequence[object]]) -> list[Cell]:
    """The cells whose columns have one of the values named for them.

    Args:
        cells: of a table.
        chosen: column -> values; a column that is not named is not looked at.

    Raises:
        UnknownNameError: no such column, or no cell has one of the values.
    """
    found = list(cells)
    for column, values in chosen.items():
        if column not in Cell._fields:
            raise unknown_name("column", column, list(Cell._fields))
        there = {getattr(cell, column) for cell in found}
        if unknown := [value for value in values if value not in there]:
            raise unknown_name(column, str(unknown[0]), sorted(map(str, there)))
        found = [cell for cell in found if getattr(cell, column) in values]
    return found
