"""``xqg evaluate``: score TREC runs, compare them, report."""

from pathlib import Path
from typing import Any

import click

from xqg_pyserini.options import PATH, XqgCommand, overwrite_option


@click.command(cls=XqgCommand)
@click.option("--dataset", metavar="ID", help="ir_datasets id for judgements, topics and corpus at once.")
@click.option("--qrels", metavar="FILE|ID", help="Judgements: a TREC file (plain or .gz) or an ir_datasets id.")
@click.option(
    "--topics", "--answers", "topics", metavar="FILE|ID", help="Queries with languages and, for answer recall, answers."
)
@click.option("--corpus", metavar="FILE|ID", help="Passages, for answer-based metrics.")
@click.option("--run", "runs", multiple=True, required=True, metavar="[NAME=]FILE", help="A TREC run; repeat it.")
@click.option("--baseline", help="Name of the run that the others are compared with.  [default: the first]")
@click.option(
    "--metrics",
    default="mrr@10 recall@100",
    show_default=True,
    help="ranx's names, r@2kt, r@5kt-corrected, answer_recall@100; separated by blanks.",
)
@click.option(
    "--test",
    type=click.Choice(["fisher", "student", "tukey"]),
    default="fisher",
    show_default=True,
    help="Paired test.",
)
@click.option(
    "--correction",
    type=click.Choice(["holm", "bonferroni", "bh", "none"]),
    default="holm",
    show_default=True,
    help="For the number of comparisons on a metric.",
)
@click.option("--by", type=click.Choice(["lang", "tier"]), help="Figures for each language or resource tier too.")
@click.option(
    "--typo-run",
    "typo_runs",
    multiple=True,
    metavar="[NAME=]FILE",
    help="The run NAME on misspelt queries; repeat it for each draw.",
)
@click.option(
    "--typo-edits", type=PATH, multiple=True, help="Edits of the typo generator (JSON lines), one file for each draw."
)
@click.option("--reference", "references", type=PATH, multiple=True, help="YAML of published figures, not re-run.")
@click.option("--titles/--no-titles", default=True, show_default=True, help="Whether answer_recall reads titles.")
@click.option(
    "--alpha", type=click.FloatRange(0, 1, True, True), default=0.05, show_default=True, help="Level of tests."
)
@click.option(
    "--margin",
    type=click.FloatRange(0, 1, True, True),
    default=0.01,
    show_default=True,
    help="Difference on clean queries that counts as none.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of permutations and resamples.")
@click.option("--threads", type=click.IntRange(min=0), default=0, show_default=True, help="For ranx; 0 is all.")
@click.option("--output", type=PATH, help="Directory for scores.json, CSV, Markdown, LaTeX and report.html.")
@overwrite_option
def main(
    runs: tuple[str, ...],
    metrics: str,
    typo_runs: tuple[str, ...],
    typo_edits: tuple[Path, ...],
    references: tuple[Path, ...],
    output: Path | None,
    overwrite: bool,
    **options: Any,
) -> None:
    """Score TREC runs, test them against a baseline and report.

    \b
    xqg evaluate --qrels qrels.txt --run base.run --run xqg.run --metrics "mrr@10 ndcg@10"
    xqg evaluate --answers dev.jsonl --corpus wiki.tsv --run base.run --run xqg.run \\
        --metrics "r@2kt r@5kt" --by lang --typo-run base=base.typo1.run --output report
    """
    from xqg_pyserini.evaluate.inputs import Sources, read_inputs
    from xqg_pyserini.evaluate.intervals import Bootstrap
    from xqg_pyserini.evaluate.references import read_references
    from xqg_pyserini.evaluate.report import FILES, Options, build_report, write_report
    from xqg_pyserini.evaluate.report.tables import tables
    from xqg_pyserini.evaluate.report.text import plain
    from xqg_pyserini.files import check_output_directory

    if output:
        check_output_directory(output, overwrite, FILES)
    names = metrics.replace(",", " ").split()
    sources = Sources(**{key: options[key] for key in ("dataset", "qrels", "topics", "corpus", "titles")})
    published = [row for path in references for row in read_references(path)]
    inputs = read_inputs(sources, runs, names, typo_runs, typo_edits)
    evaluation, typos = inputs.evaluate(names, options["threads"])
    chosen = {key: options[key] for key in ("baseline", "test", "correction", "by", "alpha", "margin")}
    texts = {query.query_id: query.text for query in inputs.queries}
    report = build_report(
        evaluation,
        Options(**chosen, bootstrap=Bootstrap(seed=options["seed"])),
        typos=typos,
        references=published,
        texts=texts,
    )
    click.echo("\n\n".join(plain(table) for table in tables(report, brief=True)))
    for note in report.warnings:
        click.echo(f"note: {note}", err=True)
    if output:
        write_report(report, output, overwrite)
        click.echo(f"\nwritten: {output}")


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.evaluate")
