"""Options that say which generated queries are used, with which encoder and rule; what ``index`` commands parse."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from xqg_pyserini.errors import XqgError
from xqg_pyserini.index.rules import RULES
from xqg_pyserini.options import (
    Decorator,
    RegisteredName,
    backend_option,
    batch_size_option,
    device_option,
    encoder_settings_options,
    threads_option,
)

Callback = Callable[[click.Context, click.Parameter, Any], Any]

RULE = RegisteredName("xqg_pyserini.index.rules:RULES")
RULE_HELP = (
    f"How queries change the vector of a passage ({'; '.join(f'{n}: {RULES.get(n).description}' for n in RULES)})."
)
ALPHA_DEFAULTS = ", ".join(f"{RULES.get(name).default_alpha:g} for {name}" for name in RULES)

index_option = click.option(
    "--index", required=True, help="Index directory (any Pyserini Faiss index), or the name of a prebuilt one."
)


def pairs(example: str, convert: Callable[[str], Any] = float, lower: bool = True, once: bool = True) -> Callback:
    """What parses ``name=value`` options into a dictionary, or into pairs where a name may occur twice.

    Args:
        example: a right value, for the error.
        convert: parses the value; raises ValueError.
        lower: put the names (languages) into lower case.
        once: refuse a name that occurs twice.
    """

    def parse(_ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> Any:
        given = f"{param.opts[0]} {' '.join(map(repr, values))}"
        try:
            split = [(name.strip(), value) for name, value in (one.split("=", 1) for one in values)]
            found = [(name.lower() if lower else name, convert(value)) for name, value in split if name and value]
        except ValueError:
            found = []
        if len(found) < len(values):
            raise XqgError(f"{given}: {param.metavar} is needed, such as {example}")
        if once and len(dict(found)) < len(found):
            raise XqgError(f"{given}: one name occurs twice")
        return dict(found) if once else found

    return parse


def number_or_word(value: str) -> int | float | str:
    """A parameter of an index: a number where it is one, else the word as it stands."""
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value


def language_codes(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """Split ``ar,bn`` into a tuple, in lower case; a repeated option into a list of them; None, for all, stays None."""
    if value is None:
        return None
    if isinstance(value, tuple):
        return [language_codes(ctx, param, one) for one in value or (None,)]
    if codes := tuple(code.strip().lower() for code in value.split(",") if code.strip()):
        return codes
    raise XqgError(f"{param.opts[0]} {value!r}: language codes are needed, such as ar,bn")


def numbers(_ctx: click.Context, param: click.Parameter, value: str) -> list[float]:
    """Split ``0.1,0.3`` into numbers."""
    try:
        return [float(part) for part in value.split(",") if part.strip()]
    except ValueError:
        raise XqgError(f"{param.opts[0]} {value!r}: numbers from 0 to 1 are needed, such as 0.1,0.3") from None


_QUERY_OPTIONS: list[Decorator] = [
    click.option(
        "--queries",
        multiple=True,
        help="Generated queries: a JSONL file (also .gz or .zst), a folder of such files, or the id "
        "xor-tydi/xqg-augmented. May be repeated: the queries add up.",
    ),
    click.option(
        "--query-vectors",
        multiple=True,
        metavar="LANGUAGE=DIR",
        callback=pairs("te=vectors", Path, once=False),
        help="Instead of --queries, an index directory of query vectors in one language, whose docids are those of "
        "the passages. May be repeated: the vectors add up.",
    ),
    click.option(
        "--weight",
        "weights",
        multiple=True,
        metavar="LANGUAGE=NUMBER",
        callback=pairs("te=2"),
        help="Weight of the queries in one language, such as te=2. May be repeated.  [default: 1]",
    ),
    click.option(
        "--max-queries",
        type=click.IntRange(min=1),
        help="Number of queries used of each passage and language, the first ones in the files.  [default: all]",
    ),
    click.option(
        "--encoder",
        help="Encoder of the queries: embedded, a checkpoint directory or a hub id.  [default: that of the index]",
    ),
    backend_option,
    batch_size_option,
    threads_option,
    device_option,
    encoder_settings_options("query"),
]


def query_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that ``augment`` and ``sweep`` share: generated queries and their encoder."""
    for option in reversed(_QUERY_OPTIONS):
        command = option(command)
    return command
