"""``xqg train``: query encoders."""

from pathlib import Path
from typing import Any

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


@click.group(cls=XqgGroup)
def main() -> None:
    """Train query encoders; the passage side and its indexes stay as they are."""


def _numbers(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter(f"whole numbers with commas between are needed, got {value!r}") from None


@main.command("query-encoder")
@click.option("--encoder", default="embedded", show_default=True, help="embedded, a checkpoint directory or hub id.")
@click.option("--queries", "sources", multiple=True, required=True, help="TSV or JSONL file or ir_datasets id; repeat.")
@output_option("Directory of the trained query encoder.")
@click.option("--lang", default=None, help="Language of queries that do not state it.")
@click.option("--languages", callback=languages_value, default=None, help="Keep only these, e.g. en,te.")
@click.option("--most-per-language", type=click.IntRange(min=1), default=None, help="Keep at most so many of each.")
@click.option("--losses", default="alignment=10,self-teaching=1", show_default=True, help="NAME=WEIGHT,…")
@click.option("--temperature", type=float, default=None, help="Of softmaxes.  [default: 0.02 for unit vectors, else 1]")
@click.option("--bank", default="queries", show_default=True, help="Passages' stand-in: batch, queries or a corpus.")
@click.option("--bank-size", type=click.IntRange(min=1), default=4096, show_default=True, help="Vectors in the bank.")
@click.option(
    "--presets", callback=languages_value, default="natural", show_default=True, help="Of the typos; repeat to weigh."
)
@click.option("--edits", callback=_numbers, default="0,1,1,2,3", show_default=True, help="Slips, drawn from this list.")
@click.option("--variants", type=int, default=1, show_default=True, help="Misspelt forms of a query in a batch.")
@click.option("--method", type=click.Choice(["lora", "full"]), default="lora", show_default=True)
@click.option("--rank", type=click.IntRange(min=1), default=16, show_default=True, help="Of the LoRA.")
@click.option("--alpha", type=click.IntRange(min=1), default=32, show_default=True, help="Of the LoRA.")
@click.option(
    "--targets", callback=languages_value, default="query,key,value,dense", show_default=True, help="Matrices."
)
@click.option("--dropout", type=click.FloatRange(0, 1, max_open=True), default=0.0, show_default=True)
@click.option("--steps", type=int, default=600, show_default=True, help="Steps of the optimiser.")
@click.option("--batch-size", type=int, default=64, show_default=True, help="Queries per step.")
@click.option("--learning-rate", type=float, default=1e-3, show_default=True)
@click.option("--warmup", type=click.FloatRange(0, 1), default=0.1, show_default=True, help="Share of the steps.")
@click.option(
    "--check-every", type=click.IntRange(min=1), default=100, show_default=True, help="Steps to a checkpoint."
)
@click.option("--patience", type=click.IntRange(min=1), default=3, show_default=True, help="Checks without gain.")
@click.option("--precision", type=click.Choice(["fp32", "bf16"]), default="fp32", show_default=True)
@click.option("--held-out", type=int, default=256, show_default=True, help="Queries to measure on.")
@click.option("--seed", type=int, default=0, show_default=True)
@threads_option
@device_option
@overwrite_option
def query_encoder(
    encoder: str,
    sources: tuple[str, ...],
    output: Path,
    lang: str | None,
    languages: tuple[str, ...] | None,
    most_per_language: int | None,
    losses: str,
    threads: int | None,
    device: str,
    overwrite: bool,
    **options: Any,
) -> None:
    """Teach a query encoder to read misspelt queries, without labels and without touching its indexes.

    The same command again goes on with a killed run. Several GPUs: torchrun --nproc-per-node N -m xqg_pyserini train …

    Example: xqg train query-encoder --queries xqg-sample/en --queries xqg-sample/te --held-out 20 --output adapter
    """
    from xqg_pyserini.train.output import OUTPUT_FILES

    check_output_directory(output, overwrite, OUTPUT_FILES)
    from xqg_pyserini.train.losses.mixture import parse_mixture

    weights = parse_mixture(losses)
    recipe = _recipe(weights, options)
    recipe.check()

    from xqg_pyserini.train.training_queries import read_training_queries

    queries = read_training_queries(sources, lang, languages, most_per_language)

    from xqg_pyserini.train.processes import is_first_process
    from xqg_pyserini.train.query_encoder import Place, train_query_encoder

    figures = train_query_encoder(encoder, queries, recipe, Place(output, overwrite, device, threads))
    if not is_first_process():
        return
    click.echo(f"{output}: trained on {len(queries)} queries, {figures['steps']} steps")
    for side in ("base", "trained"):
        shown = "  ".join(f"{name} {value:.3f}" for name, value in figures[side].items())
        click.echo(f"{side:>8}  {shown}")


def _recipe(losses: dict[str, float], options: dict[str, Any]) -> Any:
    from dataclasses import fields

    from xqg_pyserini.train.recipe import Recipe, Schedule, Tuning, TypoMix

    def part(kind: type) -> dict[str, Any]:
        return {field.name: options[field.name] for field in fields(kind) if field.name in options}

    typos, tuning, schedule = TypoMix(**part(TypoMix)), Tuning(**part(Tuning)), Schedule(**part(Schedule))
    return Recipe(losses=losses, typos=typos, tuning=tuning, schedule=schedule, **part(Recipe))


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.train")
