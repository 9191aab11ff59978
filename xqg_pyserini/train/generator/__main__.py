"""``xqg train generator``."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from xqg_pyserini.files import check_output_directory
from xqg_pyserini.options import XqgCommand, device_option, output_option, overwrite_option, threads_option
from xqg_pyserini.records import Passage
from xqg_pyserini.train.generator.generator_recipe import GeneratorRecipe
from xqg_pyserini.train.losses import LOSSES
from xqg_pyserini.train.options import RecipeOptions, corpus_option, data_option, row_language_option


@click.command("generator", cls=XqgCommand)
@click.option(
    "--model",
    default="google/mt5-base",
    show_default=True,
    help="Encoder-decoder model to train: a checkpoint directory or a model hub's id.",
)
@data_option
@corpus_option
@output_option("Directory of the trained generator.")
@row_language_option
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
    from xqg_pyserini.train.generator.query_generator import GENERATOR_FILES, train_generator

    check_output_directory(output, overwrite, GENERATOR_FILES)
    from xqg_pyserini.data.corpus import open_corpus
    from xqg_pyserini.train.rows.row_reader import inline_passages, read_rows
    from xqg_pyserini.train.run_directory import Where

    rows = list(read_rows(data, language))
    corpora: list[Iterable[Passage]] = [inline_passages(data), *([open_corpus(corpus)] if corpus else [])]
    where = Where(output, overwrite, device, threads)
    figures = train_generator(model, rows, corpora, GeneratorRecipe(**options), where)

    from accelerate import PartialState

    if PartialState().is_main_process:
        shown = "  ".join(f"{name} {value:.3f}" for name, value in figures.items() if name != "steps")
        click.echo(f"{output}: trained on {len(rows)} rows, {figures['steps']} steps  {shown}")
