"""``xqg train``: query encoders."""

from collections.abc import Callable
from dataclasses import Field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click

from xqg_pyserini.files import check_output_directory
from xqg_pyserini.options import (
    XqgGroup,
    device_option,
    languages_value,
    output_option,
    overwrite_option,
    threads_option,
)
from xqg_pyserini.train.losses import LOSSES, parse_mixture
from xqg_pyserini.train.mining.__main__ import mine
from xqg_pyserini.train.recipe import Recipe, Schedule, Tuning, TypoMix, field_texts
from xqg_pyserini.typo.presets import TYPO_PRESETS

#: Names that the help of an option lists.
_NAMES = {"losses": LOSSES.names(), "typo_presets": TYPO_PRESETS.names()}


def _comma_list(kind: type) -> Callable[[str], tuple[Any, ...]]:
    """The type of an option whose values have commas between them."""

    def split(text: str) -> tuple[Any, ...]:
        try:
            return tuple(kind(part.strip()) for part in text.split(","))
        except ValueError:
            raise click.BadParameter(f"whole numbers with commas between are needed, got {text!r}") from None

    return split


def _recipe_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each field of a recipe, with its name, its default and what its class says of it."""
    for part in (Schedule, Tuning, TypoMix, Recipe):
        hints, texts = get_type_hints(part), field_texts(part)
        for field in reversed(fields(part)):
            if not is_dataclass(hints[field.name]):
                command = _option(field, hints[field.name], texts.get(field.name, ""))(command)
    return command


def _option(field: Field[Any], hint: Any, text: str) -> Callable[..., Any]:
    spelled = "--typo-preset" if field.name == "typo_presets" else f"--{field.name.replace('_', '-')}"
    default: Any = field.default
    kind: Any = next((kind for kind in (int, float) if kind in (hint, *get_args(hint))), str)
    metavar = None
    if get_origin(hint) is Literal:
        kind = click.Choice(get_args(hint))
    elif isinstance(default, tuple):
        kind, default, metavar = _comma_list(kind), ",".join(map(str, default)), "LIST"
    elif field.name == "losses":
        default = ",".join(f"{name}={weight:g}" for name, weight in Recipe().losses.items())
        kind, metavar = parse_mixture, "LIST"
    if field.name in _NAMES:
        text += f" Names: {', '.join(_NAMES[field.name])}."
    shown = default is not None
    return click.option(spelled, field.name, type=kind, default=default, metavar=metavar, show_default=shown, help=text)


@click.group(cls=XqgGroup)
def main() -> None:
    """Train query encoders; the passage side and its indexes stay as they are."""


main.add_command(mine)


@main.command("query-encoder")
@click.option(
    "--encoder",
    default="embedded",
    show_default=True,
    help="Encoder to train: embedded, a checkpoint directory or a model hub's id.",
)
@click.option(
    "--queries",
    "sources",
    metavar="SOURCE",
    multiple=True,
    required=True,
    help="Queries to train on: a TSV or JSONL file or an ir_datasets id; may be repeated.",
)
@output_option("Directory of the trained query encoder.")
@click.option("--language", metavar="LANGUAGE", help="Language of the queries whose record does not state one.")
@click.option(
    "--languages",
    metavar="LANGUAGES",
    callback=languages_value,
    help="Languages whose queries are kept, e.g. en,te.  [default: all]",
)
@click.option(
    "--max-per-language",
    type=click.IntRange(min=1),
    help="Largest number of queries kept of each language.  [default: all]",
)
@_recipe_options
@threads_option
@device_option
@overwrite_option
def query_encoder(
    encoder: str,
    sources: tuple[str, ...],
    output: Path,
    language: str | None,
    languages: tuple[str, ...] | None,
    max_per_language: int | None,
    threads: int | None,
    device: str,
    overwrite: bool,
    **options: Any,
) -> None:
    """Train a query encoder on misspelled queries, without relevance labels and without changing its indexes.

    The same command resumes a killed run. Several GPUs: torchrun --nproc-per-node N -m xqg_pyserini train …

    Example: xqg train query-encoder --queries xqg-sample/en --queries xqg-sample/te --held-out 20 --output adapter
    """
    from xqg_pyserini.train.output import OUTPUT_FILES

    check_output_directory(output, overwrite, OUTPUT_FILES)
    recipe = _recipe(options)
    recipe.check()

    from xqg_pyserini.train.training_queries import read_training_queries

    queries = read_training_queries(sources, language, languages, max_per_language)

    from xqg_pyserini.train.query_encoder import train_query_encoder

    figures = train_query_encoder(encoder, queries, recipe, output, overwrite, device, threads)

    from accelerate import PartialState

    if not PartialState().is_main_process:
        return
    click.echo(f"{output}: trained on {len(queries)} queries, {figures['steps']} steps")
    for side in ("base", "trained"):
        shown = "  ".join(f"{name} {value:.3f}" for name, value in figures[side].items())
        click.echo(f"{side:>8}  {shown}")


def _recipe(options: dict[str, Any]) -> Recipe:
    mix, tuning, schedule, own = (
        {field.name: options[field.name] for field in fields(part) if field.name in options}
        for part in (TypoMix, Tuning, Schedule, Recipe)
    )
    return Recipe(**own, typo_mix=TypoMix(**mix), tuning=Tuning(**tuning), schedule=Schedule(**schedule))


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.train")
