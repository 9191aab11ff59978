"""``xqg quickstart``: every stage on the sample collection. ``xqg experiment``: what a plan describes."""

import time
from dataclasses import replace
from pathlib import Path

import click

from xqg_pyserini.engine.options import cluster_options, engine_of
from xqg_pyserini.options import PATH, XqgCommand, XqgGroup, overwrite_option, threads_option


@click.command(cls=XqgCommand)
@click.option(
    "--output", type=PATH, default="runs/quickstart", show_default=True,
    help="Directory for indexes, runs and the report.",
)  # fmt: skip
@threads_option
@overwrite_option
def quickstart(output: Path, threads: int | None, overwrite: bool) -> None:
    """Run the whole pipeline on the sample collection that ships with the package.

    Encodes 72 English passages, augments their index with generated queries in 7 languages (xQG), encodes them once
    more with the fine-tuned encoder of the package (xdr), searches all three in 8 languages with clean and misspelled
    questions, and evaluates.
    """
    start = time.perf_counter()
    from xqg_pyserini.experiment.quickstart import LANGUAGES, SYSTEMS, quickstart_table, run_quickstart

    evaluation = run_quickstart(output, overwrite, threads, say=lambda line: click.echo(f"  {line}"))
    click.echo(f"""
{quickstart_table(evaluation, LANGUAGES)}

MRR@10 x 100, 72 questions per language; * = differs from base, p < 0.05 (Fisher, per language).
base = {SYSTEMS["base"].encoder}; xQG = its index augmented; xdr = {SYSTEMS["xdr"].encoder}
Indexes   {output}/index, {output}/index-xqg, {output}/index-xdr
Runs      {output}/*.trec
Report    {output}/report.html (scores.json, scores.csv, per_query.csv, tables.md, tables.tex beside it)
Took {time.perf_counter() - start:.0f} s. Try next:
  xqg search --index {output}/index-xdr "Mikä on aurinkokunnan suurin kuu?"
  xqg search --index {output}/index-xqg --topics xqg-sample/te --output runs/te.trec
  xqg doctor""")


@click.group(cls=XqgGroup)
def main() -> None:
    """Run an experiment that a plan (YAML) describes: from data and encoders to a report with the answer.

    \b
      xqg experiment run runs/typo-alignment/plan.yaml --smoke
      xqg experiment status runs/typo-alignment/plan.yaml
    """


_plan_argument = click.argument("plan", type=PATH)
_output_option = click.option(
    "--output", type=PATH,
    help="Folder of results and report.  [default: output beside the plan, output-smoke with --smoke]",
)  # fmt: skip
_smoke_option = click.option("--smoke", is_flag=True, help="Run the small version that the plan's key smoke describes.")


@main.command()
@_plan_argument
@_output_option
@_smoke_option
@click.option("--only", metavar="KIND", help="Run the steps of this kind and what they need, such as encode-queries.")
@cluster_options
@click.option(
    "--workers", type=click.IntRange(min=1),
    help="Number of processes that run steps, trainings too; each has its own encoder in memory.  [default: 1; with "
    "--engine ray as many as the cluster has room for]",
)  # fmt: skip
@threads_option
def run(
    plan: Path, output: Path | None, smoke: bool, only: str | None, engine: str, address: str | None,
    workers: int | None, gpus_per_worker: float | None, threads: int | None,
) -> None:  # fmt: skip
    """Run what is not done yet, and write the report.

    The same command resumes a killed run; after a change of the plan it runs what the change concerns.
    """
    start = time.perf_counter()
    from xqg_pyserini.experiment.experiment import Experiment

    experiment = Experiment.open(plan, output, smoke, threads, workers or 1)
    device = experiment.plan.device
    if ray := engine_of(engine, address, workers if engine == "ray" else None, gpus_per_worker, threads or 1, device):
        experiment = replace(experiment, engine=ray, threads=ray.cpus)
    answers = experiment.run(only, say=lambda line: click.echo(f"  {line}"))
    if not only:
        place = f"{experiment.output}/report.html (report.md, tables.tex, cells.csv, runs.csv beside it)"
        click.echo(f"\n{answers}\n\nReport    {place}")
    click.echo(f"Took {time.perf_counter() - start:.0f} s")


@main.command()
@_plan_argument
@_output_option
@_smoke_option
def status(plan: Path, output: Path | None, smoke: bool) -> None:
    """Print how many steps of each kind are done, and how long the others may take."""
    from xqg_pyserini.experiment.experiment import Experiment

    rows = Experiment.open(plan, output, smoke).status()
    for row in rows:
        time_left = "not known before one is done" if row.seconds is None else f"about {row.seconds:.0f} s"
        left = "" if row.done == row.steps else f"   left: {time_left}"
        click.echo(f"{row.kind:<16} {row.done:>5} of {row.steps:>5}{left}")
    click.echo(f"{'all':<16} {sum(row.done for row in rows):>5} of {sum(row.steps for row in rows):>5}")


@main.command()
@_plan_argument
@_output_option
@_smoke_option
def report(plan: Path, output: Path | None, smoke: bool) -> None:
    """Write the report of a finished run again."""
    from xqg_pyserini.experiment.experiment import Experiment

    experiment = Experiment.open(plan, output, smoke)
    click.echo(f"{experiment.report()}\n\nReport    {experiment.output}/report.html")


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.experiment")
