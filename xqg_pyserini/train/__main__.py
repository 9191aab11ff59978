"""``xqg train``: query encoders, dual encoders, their recipes and rows."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from xqg_pyserini.files import check_output_directory
from xqg_pyserini.options import (
    PATH,
    XqgCommand,
    XqgGroup,
    device_option,
    languages_value,
    output_option,
    overwrite_option,
    threads_option,
)
from xqg_pyserini.records import Passage
from xqg_pyserini.train.dual_recipe import DualRecipe
from xqg_pyserini.train.generator_recipe import GeneratorRecipe
from xqg_pyserini.train.losses import LOSSES
from xqg_pyserini.train.mining.__main__ import mine, sentri
from xqg_pyserini.train.options import RecipeOptions
from xqg_pyserini.train.pair_losses import PAIR_LOSSES
from xqg_pyserini.train.recipe import Recipe, Schedule, Tuning, TypoMix, filled


@click.group(cls=XqgGroup)
def main() -> None:
    """Train encoders on queries with typos, or on queries and their passages."""


main.add_command(mine)
main.add_command(sentri)


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

    from xqg_pyserini.train.training_queries import read_training_queries

    queries = read_training_queries(sources, language, languages, max_per_language)

    from xqg_pyserini.train.query_encoder import train_query_encoder

    figures = train_query_encoder(encoder, queries, recipe, output, overwrite, device, threads)

    _show(output, f"{len(queries)} queries", figures)


def _show(output: Path, data: str, figures: dict[str, Any]) -> None:
    """Print the figures of a run, in the first process."""
    from accelerate import PartialState

    if not PartialState().is_main_process:
        return
    click.echo(f"{output}: trained on {data}, {figures['steps']} steps")
    for side in ("base", "trained"):
        shown = "  ".join(f"{name} {value:.3f}" for name, value in figures[side].items())
        click.echo(f"{side:>8}  {shown}")


@main.command("dual-encoder")
@click.option("--encoder", help="Encoder to train: embedded, a directory or a model hub's id.  [default: the recipe's]")
@click.option(
    "--data",
    metavar="SOURCE",
    multiple=True,
    required=True,
    help="Training rows: a file of rows, Tevatron's or SQuAD's, or an ir_datasets id with judgements; may be repeated.",
)
@click.option(
    "--corpus",
    metavar="SOURCE",
    multiple=True,
    help="Passages of the rows: a file, a folder or an ir_datasets id; may be repeated.  [default: those in the rows]",
)
@click.option(
    "--recipe",
    "recipe_name",
    metavar="NAME|FILE",
    default="e5-lora",
    show_default=True,
    help="Recipe: a name that `xqg train recipes` lists, or a YAML file. The options below override it.",
)
@output_option("Directory of the trained encoder.")
@click.option("--language", metavar="LANGUAGE", help="Language of the queries whose row does not state one.")
@click.option(
    "--test",
    metavar="SOURCE",
    multiple=True,
    help="Topics of a test set, whose queries may not be among the training queries; may be repeated.",
)
@click.option("--allow-overlap", is_flag=True, help="Train although queries of a test set are among the rows.")
@click.option(
    "--exclude",
    metavar="SOURCE",
    multiple=True,
    help="Judgements of a test set, whose relevant passages are taken out of the rows; may be repeated.",
)
@RecipeOptions((Schedule, Tuning, TypoMix, DualRecipe), PAIR_LOSSES, with_defaults=False)
@threads_option
@device_option
@overwrite_option
def dual_encoder(
    encoder: str | None,
    data: tuple[str, ...],
    corpus: tuple[str, ...],
    recipe_name: str,
    output: Path,
    language: str | None,
    test: tuple[str, ...],
    allow_overlap: bool,
    exclude: tuple[str, ...],
    threads: int | None,
    device: str,
    overwrite: bool,
    **options: Any,
) -> None:
    """Train a dual encoder, or its query side, on queries and their passages.

    The same command resumes a killed run. Several GPUs: torchrun --nproc-per-node N -m xqg_pyserini train …

    Example: xqg train dual-encoder --data xqg-sample/en --corpus xqg-sample --held-out 20 --output adapter
    """
    from xqg_pyserini.train.named_recipes import read_recipe
    from xqg_pyserini.train.output import OUTPUT_FILES

    check_output_directory(output, overwrite, OUTPUT_FILES)
    named = read_recipe(recipe_name, options)
    named.recipe.check()

    from xqg_pyserini.data.corpus import open_corpus
    from xqg_pyserini.train.excluded_passages import judged_passages, without_passages
    from xqg_pyserini.train.row_checks import check_overlap
    from xqg_pyserini.train.rows import inline_passages, read_rows

    rows = list(read_rows(data, language))
    if exclude:
        rows = list(without_passages(rows, judged_passages(exclude)))
    check_overlap(rows, () if allow_overlap else test)
    corpora: list[Iterable[Passage]] = [inline_passages(data), *([open_corpus(corpus)] if corpus else [])]

    from xqg_pyserini.train.dual_encoder import Where, train_dual_encoder

    where = Where(output, overwrite, device, threads)
    figures = train_dual_encoder(encoder or named.encoder, rows, corpora, named.recipe, where)
    _show(output, f"{len(rows)} rows", figures)


@main.command("generator")
@click.option(
    "--model",
    default="google/mt5-base",
    show_default=True,
    help="Encoder-decoder model to train: a checkpoint directory or a model hub's id.",
)
@click.option(
    "--data",
    metavar="SOURCE",
    multiple=True,
    required=True,
    help="Questions and the passages that answer them: rows as for dual-encoder; may be repeated.",
)
@click.option(
    "--corpus",
    metavar="SOURCE",
    multiple=True,
    help="Passages of the rows: a file, a folder or an ir_datasets id; may be repeated.  [default: those in the rows]",
)
@output_option("Directory of the trained generator.")
@click.option("--language", metavar="LANGUAGE", help="Language of the questions whose row does not state one.")
@RecipeOptions((GeneratorRecipe,), LOSSES)
@threads_option
@device_option
@overwrite_option
def generator(
    model: str,
    data: tuple[str, ...],
    corpus: tuple[str, ...],
    output: Path,
    language: str | None,
    threads: int | None,
    device: str,
    overwrite: bool,
    **options: Any,
) -> None:
    """Train a query generator on passages and their questions, as xQG's was trained.

    The same command resumes a killed run. Several GPUs: torchrun --nproc-per-node N -m xqg_pyserini train …

    Example: xqg train generator --data xqg-sample/fi --corpus xqg-sample --output generator
    """
    from xqg_pyserini.train.query_generator import GENERATOR_FILES, train_generator

    check_output_directory(output, overwrite, GENERATOR_FILES)
    from xqg_pyserini.data.corpus import open_corpus
    from xqg_pyserini.train.dual_encoder import Where
    from xqg_pyserini.train.rows import inline_passages, read_rows

    rows = list(read_rows(data, language))
    corpora: list[Iterable[Passage]] = [inline_passages(data), *([open_corpus(corpus)] if corpus else [])]
    where = Where(output, overwrite, device, threads)
    figures = train_generator(model, rows, corpora, GeneratorRecipe(**options), where)

    from accelerate import PartialState

    if PartialState().is_main_process:
        shown = "  ".join(f"{name} {value:.3f}" for name, value in figures.items() if name != "steps")
        click.echo(f"{output}: trained on {len(rows)} rows, {figures['steps']} steps  {shown}")


@main.command(cls=XqgCommand)
@click.argument("name", required=False)
def recipes(name: str | None) -> None:
    """List the recipes of dual encoders, or show one.

    Example: xqg train recipes xdr-mbert
    """
    from xqg_pyserini.train.named_recipes import read_recipe, recipe_file, recipe_names

    if name:
        click.echo(recipe_file(name).read_text(encoding="utf-8"), nl=False)
        return
    for one in map(read_recipe, recipe_names()):
        click.echo(f"{one.name}\n  {one.title}\n  source: {one.source}\n  unverified: {one.unverified}")


@main.command(cls=XqgCommand)
@click.argument("output", type=PATH)
@click.option("--encoder", required=True, help="Encoder to export: the directory of a trained one, or another's name.")
@click.option(
    "--to", "form", type=click.Choice(["sentence-transformers"]), required=True, help="Form of the directory."
)
@overwrite_option
def export(output: Path, encoder: str, form: str, overwrite: bool) -> None:
    """Write an encoder as a checkpoint that sentence-transformers, transformers and Pyserini load.

    Example: xqg train export --encoder adapter --to sentence-transformers checkpoint
    """
    from xqg_pyserini.train.exported_checkpoint import export_sentence_transformers

    export_sentence_transformers(encoder, output, overwrite)
    click.echo(f"{output}: {encoder} for sentence-transformers")


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.train")
