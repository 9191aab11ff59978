"""``xqg train query-encoder``."""

from pathlib import Path
from typing import Any

import click

from xqg_pyserini.files import check_output_directory
from xqg_pyserini.options import (
    XqgCommand,
    device_option,
    languages_value,
    output_option,
    overwrite_option,
    threads_option,
)
from xqg_pyserini.train.losses import LOSSES
from xqg_pyserini.train.options import RecipeOptions, show_figures
from xqg_pyserini.train.recipe import Recipe, Schedule, Tuning, TypoMix, filled


@click.command("query-encoder", cls=XqgCommand)
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
@RecipeOptions((Schedule, Tuning, TypoMix, Recipe), LOSSES)
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
    recipe: Recipe = filled(Recipe, options)
    recipe.check()

    from xqg_pyserini.train.query_side.training_queries import read_training_queries

    queries = read_training_queries(sources, language, languages, max_per_language)

    from xqg_pyserini.train.query_side.query_encoder import train_query_encoder

    figures = train_query_encoder(encoder, queries, recipe, output, overwrite, device, threads)

    show_figures(output, f"{len(queries)} queries", figures)
