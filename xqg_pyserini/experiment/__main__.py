"""``xqg quickstart``: every stage on the sample collection."""

import time
from pathlib import Path

import click

from xqg_pyserini.options import PATH, XqgCommand, XqgGroup, overwrite_option, threads_option


@click.command(cls=XqgCommand)
@click.option(
    "--output",
    type=PATH,
    default="runs/quickstart",
    show_default=True,
    help="Directory for indexes, runs and the report.",
)
@threads_option
@overwrite_option
def quickstart(output: Path, threads: int | None, overwrite: bool) -> None:
    """Run the whole pipeline on the sample collection that ships with the package.

    Encodes 72 English passages, augments their index with generated queries in 7 languages (xQG), searches it in 8
    languages with clean and misspelled questions, and evaluates.
    """
    start = time.perf_counter()
    from xqg_pyserini.experiment.quickstart import LANGUAGES, run_quickstart
    from xqg_pyserini.experiment.quickstart_table import quickstart_table

    result = run_quickstart(output, overwrite, threads, say=lambda line: click.echo(f"  {line}"))
    click.echo("\n" + quickstart_table(result.evaluation, LANGUAGES) + "\n")
    click.echo("72 questions per language, scores x 100; * = xQG differs from base, p < 0.05 (Fisher, per language).")
    click.echo(f"Indexes   {output}/index, {output}/index-xqg")
    click.echo(f"Runs      {output}/*.trec")
    click.echo(
        f"Report    {output}/report.html (scores.json, scores.csv, per_query.csv, tables.md, tables.tex beside it)"
    )
    click.echo(f"Took {time.perf_counter() - start:.0f} s. Try next:")
    click.echo(f"  xqg search --index {output}/index-xqg --topics xqg-sample/te --output runs/te.trec")
    click.echo("  xqg doctor")


@click.group(cls=XqgGroup)
def main() -> None:
    """Run several stages together."""


main.add_command(quickstart)


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.experiment")
