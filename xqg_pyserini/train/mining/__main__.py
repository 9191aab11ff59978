"""``xqg train mine`` and ``xqg train sentri``: training rows from what a retriever finds."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from xqg_pyserini.engine.options import engine_options
from xqg_pyserini.options import (
    PATH,
    UserMistake,
    XqgCommand,
    XqgGroup,
    backend_option,
    batch_size_option,
    device_option,
    encoder_settings_options,
    output_option,
    overwrite_option,
    threads_option,
)
from xqg_pyserini.train.dual.dual_recipe import DualRecipe
from xqg_pyserini.train.options import RecipeOptions, data_option, row_language_option
from xqg_pyserini.train.pair_losses import PAIR_LOSSES
from xqg_pyserini.train.recipe import Schedule, Tuning, TypoMix

if TYPE_CHECKING:
    from xqg_pyserini.engine import RayEngine

title_links_option = click.option(
    "--title-links",
    type=PATH,
    help="File of articles' titles in several languages, by which answers are found in other languages: JSON lines "
    "{title_en: {language: title}} or TSV title_en, language, title.",
)
pool_answers_option = click.option(
    "--pool-answers",
    is_flag=True,
    help="Look for the answers of a question in all languages of the data; ids differ by the language at their end.",
)
exclude_option = click.option(
    "--exclude",
    "excluded",
    metavar="SOURCE",
    multiple=True,
    help="Judgements or ir_datasets id of a test collection, whose relevant passages are not used; may be repeated.",
)


@click.group(cls=XqgGroup)
def main() -> None:
    """Mine training rows, once or between rounds of training."""


@main.command(cls=XqgCommand)
@data_option
@click.option("--index", type=PATH, required=True, help="Index directory in which negatives are looked for.")
@output_option("File of the mined rows, JSON lines.")
@row_language_option
@click.option("--encoder", default=None, help="Query encoder.  [default: the one that the index records]")
@click.option(
    "--first-rank", type=int, default=1, show_default=True, help="First rank of the passages looked at, from 1."
)
@click.option("--last-rank", type=int, default=50, show_default=True, help="Last rank of the passages looked at.")
@click.option(
    "--negatives", type=int, default=7, show_default=True, help="Largest number of negatives of a query, best first."
)
@click.option(
    "--margin",
    type=float,
    default=0.05,
    show_default=True,
    help="A negative scores at most s - MARGIN * |s|, where s is the lowest score of the query's positives.",
)
@click.option("--no-margin", is_flag=True, help="Let negatives score as high as they do.")
@click.option(
    "--answers",
    type=click.Choice(["reject", "positives", "ignore"]),
    default="reject",
    show_default=True,
    help="Use of passages that hold an answer of the query: reject them as negatives, make them positives (CORA; knows "
    "no margin), or ignore answers.",
)
@click.option(
    "--corpus",
    metavar="SOURCE",
    help="Texts in which answers are looked for: a file or an ir_datasets id.  [default: those of the index]",
)
@title_links_option
@pool_answers_option
@exclude_option
@click.option("--reasons", is_flag=True, help="Write into each row why candidates were rejected.")
@encoder_settings_options("query")
@backend_option
@batch_size_option
@threads_option
@device_option
@engine_options
@overwrite_option
def mine(
    data: tuple[str, ...],
    index: Path,
    output: Path,
    language: str | None,
    encoder: str | None,
    corpus: str | None,
    title_links: Path | None,
    pool_answers: bool,
    excluded: tuple[str, ...],
    first_rank: int,
    last_rank: int,
    negatives: int,
    margin: float,
    no_margin: bool,
    answers: Any,
    reasons: bool,
    backend: str,
    batch_size: int,
    threads: int | None,
    device: str,
    engine: "RayEngine | None",
    overwrite: bool,
    **settings: Any,
) -> None:
    """Mine hard negatives, and positives where asked for, for training queries from an index.

    The same command resumes a killed run.

    Example: xqg train mine --data mlqa/dev/de --index indexes/mlqa --output rows.jsonl
    """
    _check_margin(no_margin, answers)

    from xqg_pyserini.encode.index_encoder import EncoderChoice
    from xqg_pyserini.train.mining.mine import mine_rows
    from xqg_pyserini.train.mining.mining_rules import MiningRules
    from xqg_pyserini.train.mining.mining_source import MiningSource

    rules = MiningRules(first_rank, last_rank, negatives, None if no_margin else margin, answers)
    source = MiningSource(data, language, corpus, title_links, pool_answers, excluded)
    choice = EncoderChoice(encoder, settings, device, batch_size, threads, backend)
    report = mine_rows(source, index, output, rules, choice, reasons, overwrite, engine)
    click.echo(f"{output}: {report.rows} rows, {report.negatives} negatives, {report.positives} positives found")
    for reason, count in report.rejected.items():
        click.echo(f"{count:>8} candidates rejected: {reason}")


def _check_margin(no_margin: bool, answers: str) -> None:
    """Refuse a margin that would be given in vain."""
    given = click.get_current_context().get_parameter_source("margin") is ParameterSource.COMMANDLINE
    if given and no_margin:
        raise UserMistake("--margin and --no-margin contradict each other: give one of them")
    if given and answers == "positives":
        raise UserMistake("--answers positives knows no margin: leave --margin out")


@main.command(cls=XqgCommand)
@click.option("--encoder", help="Encoder that every round starts from.  [default: the recipe's]")
@data_option
@click.option(
    "--dev", metavar="SOURCE", multiple=True, required=True, help="Rows to measure each round on; may be repeated."
)
@click.option("--corpus", metavar="SOURCE", required=True, help="Passages: a file, a folder or an ir_datasets id.")
@click.option(
    "--recipe",
    "recipe_name",
    metavar="NAME|FILE",
    default="sentri",
    show_default=True,
    help="Recipe: a name that `xqg train recipes` lists, or a YAML file. The options of training override it.",
)
@output_option("Directory of the best round's encoder and rows.")
@click.option("--rounds", type=int, default=3, show_default=True, help="Largest number of rounds.")
@row_language_option
@click.option(
    "--last-rank", type=int, default=100, show_default=True, help="Last rank of the passages looked at after a round."
)
@click.option(
    "--mined-negatives", type=int, default=7, show_default=True, help="Largest number of negatives mined for a query."
)
@title_links_option
@pool_answers_option
@exclude_option
@RecipeOptions((Schedule, Tuning, TypoMix, DualRecipe), PAIR_LOSSES, with_defaults=False)
@threads_option
@device_option
@overwrite_option
def sentri(
    encoder: str | None,
    data: tuple[str, ...],
    dev: tuple[str, ...],
    corpus: str,
    recipe_name: str,
    output: Path,
    rounds: int,
    language: str | None,
    last_rank: int,
    mined_negatives: int,
    title_links: Path | None,
    pool_answers: bool,
    excluded: tuple[str, ...],
    threads: int | None,
    device: str,
    overwrite: bool,
    **options: Any,
) -> None:
    """Train a dual encoder in rounds of training, encoding and mining until it is no longer better on dev rows.

    The same command resumes a killed run.

    Example: xqg train sentri --data questions.jsonl --dev dev.jsonl --corpus corpus.jsonl --output sentri
    """
    from xqg_pyserini.train.dual.named_recipes import read_recipe
    from xqg_pyserini.train.mining.mining_rules import MiningRules
    from xqg_pyserini.train.mining.mining_source import MiningSource
    from xqg_pyserini.train.mining.sentri import Sentri, train_sentri
    from xqg_pyserini.train.run_directory import Where

    named = read_recipe(recipe_name, options)
    source = MiningSource(data, language, corpus, title_links, pool_answers, excluded)
    rules = MiningRules(last_rank=last_rank, negatives=mined_negatives, answers="positives")
    plan = Sentri(encoder or named.encoder, source, dev, named.recipe, rules, rounds)
    finished = train_sentri(plan, Where(output, overwrite, device, threads))
    for one in finished:
        click.echo(f"round {one.number}: MRR@10 {one.dev:.3f}  {one.rows} rows, {one.positives} positives")
    click.echo(f"{output}: round {max(finished, key=lambda one: one.dev).number}")


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.train.mining")
