"""What is typed, confused or sounds alike in a language or script: the tables of the generator, one file each."""

import functools
import json
from importlib.resources import files
from typing import Any


def _text(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


@functools.cache
def read_json(name: str) -> dict[str, Any]:
    """The object of ``NAME.json``."""
    table: dict[str, Any] = json.loads(_text(f"{name}.json"))
    return table


@functools.cache
def read_tsv(name: str) -> dict[str, dict[str, str]]:
    """The rows of ``NAME.tsv``: first column -> the other columns, by the names in the first line."""
    header, *rows = (line.split("\t") for line in _text(f"{name}.tsv").splitlines())
    return {key: dict(zip(header[1:], row, strict=True)) for key, *row in rows}
