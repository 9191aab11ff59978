"""``xqg quickstart``: every stage on the sample collection."""

import time
from pathlib import Path

import click

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

    Encodes 72 English passages, augments their index with generated queries in 7 languages (xQG), searches it in 8
    languages with clean and misspelled questions, and evaluates.
    """
    start = time.perf_counter()
    from xqg_pyserini.experiment.quickstart import LANGUAGES, quickstart_table, run_quickstart

    evaluation = run_quickstart(output, overwrite, threads, say=lambda line: click.echo(f"  {line}"))
    click.echo(f"""
{quickstart_table(evaluation, LANGUAGES)}

72 questions per language, scores x 100; * = xQG differs from base, p < 0.05 (Fisher, per language).
Indexes   {output}/index, {output}/index-xqg
Runs      {output}/*.trec
Report    {output}/report.html (scores.json, scores.csv, per_query.csv, tables.md, tables.tex beside it)
Took {time.perf_counter() - start:.0f} s. Try next:
  xqg search --index {output}/index-xqg "Mikä on aurinkokunnan suurin kuu?"
  xqg search --index {output}/index-xqg --topics xqg-sample/te --output runs/te.trec
  xqg doctor""")


@click.group(cls=XqgGroup)
def main() -> None:
    """Run several stages together."""


main.add_command(quickstart)


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.experiment")
