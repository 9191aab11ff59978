"""``xqg train``: query encoders."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from xqg_pyserini.files import check_output_directory
from xqg_pyserini.options import (
    XqgGroup,
    device_option,
    languages_value,
    output_option,
    overwrite_option,
    threads_option,
)
from xqg_pyserini.train.losses import LOSSES
from xqg_pyserini.train.losses.mixture import parse_mixture
from xqg_pyserini.train.recipe import Recipe, Schedule, Tuning, TypoMix
from xqg_pyserini.typo.presets import TYPO_PRESETS

#: option, one of its values, and the options that mean nothing beside that value
_MEANINGLESS = (
    ("method", "full", ("lora_rank", "lora_alpha", "lora_targets")),
    ("memory_bank", "batch", ("memory_bank_size",)),
)


@click.group(cls=XqgGroup)
def main() -> None:
    """Train query encoders; the passage side and its indexes stay as they are."""


def _numbers(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter(f"whole numbers with commas between are needed, got {value!r}") from None


@main.command("query-encoder")
@click.option(
    "--encoder",
    metavar="NAME",
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
@click.option(
    "--language", metavar="LANGUAGE", default=None, help="Language of the queries whose record does not state one."
)
@click.option(
    "--languages",
    metavar="LANGUAGES",
    callback=languages_value,
    default=None,
    help="Languages whose queries are kept, e.g. en,te.  [default: all]",
)
@click.option(
    "--max-per-language",
    type=click.IntRange(min=1),
    default=None,
    help="Largest number of queries kept of each language.  [default: all]",
)
@click.option(
    "--losses",
    metavar="NAME=WEIGHT,…",
    default="alignment=10,self-teaching=1",
    show_default=True,
    help=f"Losses to minimise, each with its weight in the sum. Names: {', '.join(LOSSES)}.",
)
@click.option(
    "--temperature",
    type=float,
    default=None,
    help="Temperature of the softmax over the memory bank.  [default: 0.02 for unit vectors, 1 for others]",
)
@click.option(
    "--memory-bank",
    metavar="NAME",
    default="queries",
    show_default=True,
    help="Frozen vectors that self-teaching ranks: those of the batch (batch), of all training queries (queries), or "
    "of a corpus (a file, a folder or an ir_datasets id).",
)
@click.option(
    "--memory-bank-size",
    type=click.IntRange(min=1),
    default=4096,
    show_default=True,
    help="Largest number of vectors in a memory bank of queries or of a corpus.",
)
@click.option(
    "--typo-preset",
    "typo_presets",
    metavar="NAME,…",
    callback=languages_value,
    default="natural",
    show_default=True,
    help="Kinds of typos, of which one is chosen for each variant; a name given twice is chosen twice as often. "
    f"Names: {', '.join(TYPO_PRESETS)}.",
)
@click.option(
    "--typos",
    metavar="N,…",
    callback=_numbers,
    default="0,1,1,2,3",
    show_default=True,
    help="Numbers of typos, of which one is chosen for each variant; 0 leaves the variant clean.",
)
@click.option(
    "--variants", type=int, default=1, show_default=True, help="Number of misspelled variants of a query in a batch."
)
@click.option(
    "--method",
    type=click.Choice(["lora", "full"]),
    default="lora",
    show_default=True,
    help="Weights that are trained: low-rank changes of some matrices (lora), or all but the embeddings (full).",
)
@click.option(
    "--lora-rank",
    type=click.IntRange(min=1),
    default=16,
    show_default=True,
    help="Rank of the changes that a LoRA makes to its matrices.",
)
@click.option(
    "--lora-alpha",
    type=click.IntRange(min=1),
    default=32,
    show_default=True,
    help="Scale of the changes that a LoRA makes: they are multiplied by alpha / rank.",
)
@click.option(
    "--lora-targets",
    metavar="NAME,…",
    callback=languages_value,
    default="query,key,value,dense",
    show_default=True,
    help="Matrices that a LoRA changes in every layer, by the last part of their names.",
)
@click.option(
    "--dropout",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    show_default=True,
    help="Dropout of the model while it is trained, from 0 to 1.",
)
@click.option("--steps", type=int, default=600, show_default=True, help="Largest number of steps of the optimiser.")
@click.option("--batch-size", type=int, default=64, show_default=True, help="Number of queries per step.")
@click.option(
    "--learning-rate", type=float, default=1e-3, show_default=True, help="Highest learning rate, reached after warm-up."
)
@click.option(
    "--warmup",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Share of the steps in which the learning rate rises.",
)
@click.option(
    "--check-every",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="Number of steps between two checkpoints, each with a measurement on the held-out queries.",
)
@click.option(
    "--patience",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="Number of measurements without a gain after which training stops.",
)
@click.option(
    "--precision",
    type=click.Choice(["fp32", "bf16"]),
    default="fp32",
    show_default=True,
    help="Number format of the products; bf16 is faster on processors and GPUs that compute in it.",
)
@click.option("--held-out", type=int, default=256, show_default=True, help="Number of queries set aside to measure on.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything that is random in training.")
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
    losses: str,
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

    _check_meaning(click.get_current_context())
    check_output_directory(output, overwrite, OUTPUT_FILES)
    recipe = _recipe(parse_mixture(losses), options)
    recipe.check()

    from xqg_pyserini.train.training_queries import read_training_queries

    queries = read_training_queries(sources, language, languages, max_per_language)

    from xqg_pyserini.train.processes import is_first_process
    from xqg_pyserini.train.query_encoder import train_query_encoder

    figures = train_query_encoder(encoder, queries, recipe, output, overwrite, device, threads)
    if not is_first_process():
        return
    click.echo(f"{output}: trained on {len(queries)} queries, {figures['steps']} steps")
    for side in ("base", "trained"):
        shown = "  ".join(f"{name} {value:.3f}" for name, value in figures[side].items())
        click.echo(f"{side:>8}  {shown}")


def _check_meaning(context: click.Context) -> None:
    spelled = {param.name: max(param.opts, key=len) for param in context.command.params}
    for option, value, others in _MEANINGLESS:
        for name in others:
            if context.params[option] == value and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
                raise click.UsageError(f"{spelled[name]} means nothing with {spelled[option]} {value}")


def _recipe(losses: dict[str, float], options: dict[str, Any]) -> Recipe:
    def part(kind: type) -> dict[str, Any]:
        return {field.name: options[field.name] for field in fields(kind) if field.name in options}

    typo_mix, tuning, schedule = TypoMix(**part(TypoMix)), Tuning(**part(Tuning)), Schedule(**part(Schedule))
    return Recipe(losses=losses, typo_mix=typo_mix, tuning=tuning, schedule=schedule, **part(Recipe))


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.train")
