"""Options that say how queries are misspelled, for every command that does it."""

import click

from xqg_pyserini.options import Decorator, RegisteredName
from xqg_pyserini.typo.presets import TYPO_PRESETS


def preset_help() -> str:
    """The presets and what each does, from the registry."""
    first_lines = ((name, (TYPO_PRESETS.get(name).__doc__ or "").partition("\n")[0]) for name in TYPO_PRESETS)
    parts = (f"{name}: {line[:1].lower()}{line[1:].removesuffix('.')}" for name, line in first_lines)
    return f"Kind of typos ({'; '.join(parts)})."


def typo_options(default_typos: int) -> Decorator:
    """``--typos``, ``--typo-seed``, ``--typo-preset``: parameters of ``misspell_queries`` with the same names.

    Args:
        default_typos: value of ``--typos`` where it is not given; 0 leaves the queries clean.
    """
    typos = click.option(
        "--typos", type=click.IntRange(min=0), metavar="N", default=default_typos, show_default=True,
        help="Number of typos made in each query; 0 leaves the queries clean.",
    )  # fmt: skip
    seed = click.option(
        "--typo-seed", type=int, metavar="N", default=0, show_default=True,
        help="Seed of the typos; the same seed gives the same typos.",
    )  # fmt: skip
    name = RegisteredName("xqg_pyserini.typo.presets:TYPO_PRESETS")
    preset = click.option("--typo-preset", type=name, default="natural", show_default=True, help=preset_help())
    return lambda command: typos(seed(preset(command)))
