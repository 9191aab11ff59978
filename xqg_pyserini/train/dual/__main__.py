"""``xqg train dual-encoder``, ``recipes`` and ``export``."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from xqg_pyserini.files import check_output_directory
from xqg_pyserini.options import PATH, XqgCommand, device_option, output_option, overwrite_option, threads_option
from xqg_pyserini.records import Passage
from xqg_pyserini.train.dual.dual_recipe import DualRecipe
from xqg_pyserini.train.options import RecipeOptions, corpus_option, data_option, row_language_option, show_figures
from xqg_pyserini.train.pair_losses import PAIR_LOSSES
from xqg_pyserini.train.recipe import Schedule, Tuning, TypoMix


@click.command("dual-encoder", cls=XqgCommand)
@click.option("--encoder", help="Encoder to train: embedded, a directory or a model hub's id.  [default: the recipe's]")
@data_option
@corpus_option
@click.option(
    "--recipe",
    "recipe_name",
    metavar="NAME|FILE",
    default="e5-lora",
    show_default=True,
    help="Recipe: a name that `xqg train recipes` lists, or a YAML file. The options below override it.",
)
@output_option("Directory of the trained encoder.")
@row_language_option
@click.option(
    "--test",
    metavar="SOURCE",
    multiple=True,
    help="Topics of a test set, whose queries may not be among the training queries; may be repeated.",
)
@click.option("--allow-overlap", is_flag=True, help="Train although queries of a test set are among the rows.")
@click.option("--drop-overlap", is_flag=True, help="Leave out the rows whose queries are in a test set.")
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
    drop_overlap: bool,
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
    from xqg_pyserini.train.dual.named_recipes import read_recipe
    from xqg_pyserini.train.output import OUTPUT_FILES

    check_output_directory(output, overwrite, OUTPUT_FILES)
    named = read_recipe(recipe_name, options)
    named.recipe.check()

    from xqg_pyserini.data.corpus import open_corpus
    from xqg_pyserini.train.rows.excluded_passages import judged_passages, without_passages
    from xqg_pyserini.train.rows.row_checks import without_test_queries
    from xqg_pyserini.train.rows.row_reader import inline_passages, read_rows

    rows = list(read_rows(data, language))
    if exclude:
        rows = list(without_passages(rows, judged_passages(exclude)))
    rows = without_test_queries(rows, () if allow_overlap else test, drop_overlap)
    corpora: list[Iterable[Passage]] = [inline_passages(data), *([open_corpus(corpus)] if corpus else [])]

    from xqg_pyserini.train.dual.dual_encoder import train_dual_encoder
    from xqg_pyserini.train.run_directory import Where

    where = Where(output, overwrite, device, threads)
    figures = train_dual_encoder(encoder or named.encoder, rows, corpora, named.recipe, where)
    show_figures(output, f"{len(rows)} rows", figures)


@click.command(cls=XqgCommand)
@click.argument("name", required=False)
def recipes(name: str | None) -> None:
    """List the recipes of dual encoders, or show one.

    Example: xqg train recipes xdr-mbert
    """
    from xqg_pyserini.train.dual.named_recipes import read_recipe, recipe_file, recipe_names

    if name:
        click.echo(recipe_file(name).read_text(encoding="utf-8"), nl=False)
        return
    for one in map(read_recipe, recipe_names()):
        click.echo(f"{one.name}\n  {one.title}\n  source: {one.source}\n  unverified: {one.unverified}")


@click.command(cls=XqgCommand)
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
