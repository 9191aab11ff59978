"""``xqg evaluate``: score TREC runs, compare them, report."""

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.metrics import MetricFamily, parse_metrics
from xqg_pyserini.evaluate.metrics.base import metric_examples
from xqg_pyserini.options import PATH, RegisteredName, XqgCommand, check_needed, overwrite_option, threads_option

_TESTS = "xqg_pyserini.evaluate.significance_tests"


@click.command(cls=XqgCommand)
@click.option(
    "--dataset", "datasets", multiple=True, metavar="ID|SUITE",
    help="Data set or suite for each of --qrels, --topics and --corpus that is not given; repeat it to add more.",
)  # fmt: skip
@click.option(
    "--qrels", multiple=True, metavar="FILE|ID|SUITE",
    help="Judgements: a TREC file (plain or .gz), a data set or a suite; repeat it to add more.",
)  # fmt: skip
@click.option(
    "--topics", "--answers", "topics", multiple=True, metavar="FILE|ID|SUITE",
    help="Queries with their languages and, for metrics that look for answers, answers; repeat it to add more.",
)  # fmt: skip
@click.option(
    "--corpus", "corpora", multiple=True, metavar="FILE|ID|SUITE",
    help="Passages, for metrics that look for answers; repeat it to add more.",
)  # fmt: skip
@click.option(
    "--run", "runs", multiple=True, required=True, metavar="[NAME=]FILE", help="A TREC run; repeat it for each system."
)
@click.option("--baseline", help="Name of the run that the others are compared with.  [default: the first run]")
@click.option(
    "--metrics", default="mrr@10 recall@100", show_default=True,
    help=f"Metrics, separated by blanks, such as {', '.join(metric_examples())}; with any number.",
)  # fmt: skip
@click.option(
    "--test", type=RegisteredName(f"{_TESTS}:SIGNIFICANCE_TESTS"), default="fisher", show_default=True,
    help="Paired significance test of each run against the baseline.",
)  # fmt: skip
@click.option(
    "--correction", type=RegisteredName(f"{_TESTS}:CORRECTIONS"), default="holm", show_default=True,
    help="Correction of p-values for the number of comparisons on a metric.",
)  # fmt: skip
@click.option(
    "--by", type=click.Choice(["language", "tier"]), help="Show scores of each language or resource tier as well."
)
@click.option(
    "--typo-run", "typo_runs", multiple=True, metavar="[NAME=]FILE",
    help="A run of the system NAME on misspelled queries; repeat it for each typo seed.",
)  # fmt: skip
@click.option(
    "--typo-edits", type=PATH, multiple=True,
    help="Edits that the typo generator wrote (JSON lines), to show the cost of each typo operator; repeat it for each "
    "typo run of a system, in their order.",
)  # fmt: skip
@click.option(
    "--reference", "references", type=PATH, multiple=True,
    help="YAML file of published scores, shown beside the runs; repeat it to add more.",
)  # fmt: skip
@click.option(
    "--titles/--no-titles", default=True, show_default=True, help="Whether answer_recall also reads passage titles."
)
@click.option(
    "--alpha", type=click.FloatRange(0, 1, True, True), default=0.05, show_default=True,
    help="Level of significance of the tests.",
)  # fmt: skip
@click.option(
    "--margin", type=click.FloatRange(0, 1, True, True),
    help="Test whether clean scores differ from the baseline's by less than this; 0.01 is one point.  [default: 0.01 "
    "with typo runs, else not tested]",
)  # fmt: skip
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Seed of random permutations and of bootstrap resamples."
)
@threads_option
@click.option("--output", type=PATH, help="Directory for scores.json, CSV, Markdown and LaTeX tables and report.html.")
@overwrite_option
def main(runs: tuple[str, ...], metrics: str, output: Path | None, overwrite: bool, **options: Any) -> None:
    """Score TREC runs, test them against a baseline and report.

    \b
    xqg evaluate --qrels qrels.txt --run base.run --run xqg.run --metrics "mrr@10 ndcg@10"
    xqg evaluate --answers dev.jsonl --corpus wiki.tsv --run base.run --run xqg.run \\
        --metrics "r@2kt r@5kt" --by language --typo-run base=base.typos.run --output report
    """
    names = metrics.replace(",", " ").split()
    check_needed({"typo_edits": "typo_runs", "overwrite": "output"})
    _check_options([metric.family for metric in parse_metrics(names)], len(runs))
    from xqg_pyserini.evaluate.inputs import EvaluationSources, name_runs, name_typo_runs, read_inputs
    from xqg_pyserini.evaluate.intervals import Bootstrap
    from xqg_pyserini.evaluate.references import read_references
    from xqg_pyserini.evaluate.report.build import EvaluationOptions, build_report
    from xqg_pyserini.evaluate.report.tables import tables
    from xqg_pyserini.evaluate.report.text import plain
    from xqg_pyserini.evaluate.report.write import REPORT_FILES, check_report_packages, write_report
    from xqg_pyserini.evaluate.significance_tests import check_test
    from xqg_pyserini.files import check_output_directory

    check_test(options["test"], [metric.name for metric in parse_metrics(names) if metric.family.macro])
    if output:
        check_output_directory(output, overwrite, REPORT_FILES)
        check_report_packages()
    sources = EvaluationSources(**{key: options[key] for key in ("datasets", "qrels", "topics", "corpora", "titles")})
    published = [row for path in options["references"] for row in read_references(path)]
    paths, edits = name_runs(runs), options["typo_edits"]
    typo_runs = name_typo_runs(options["typo_runs"], paths)
    by_group = options["by"] is not None
    inputs = read_inputs(paths, names, sources, typo_runs=typo_runs, typo_edits=edits, languages=by_group)
    evaluation, typos = inputs.evaluate(options["threads"])
    chosen = {key: options[key] for key in ("baseline", "test", "correction", "by", "alpha", "margin")}
    how = EvaluationOptions(**chosen, bootstrap=Bootstrap(seed=options["seed"]))
    report = build_report(evaluation, how, typos=typos, references=published, texts=inputs.texts)
    click.echo("\n\n".join(plain(table) for table in tables(report, brief=True)))
    for note in report.warnings:
        click.echo(f"note: {note}", err=True)
    if output:
        write_report(report, output, overwrite)
        click.echo(f"\nwritten: {output}")


def _check_options(families: list[MetricFamily], runs: int) -> None:
    """Refuse options that cannot mean anything with these metrics and this number of runs."""
    needs = {family.needs for family in families}
    second, other = "a second --run", "another metric in --metrics, such as "
    needed = [
        *((name, runs > 1, second) for name in ("baseline", "test", "correction", "alpha", "margin")),
        ("qrels", "judgements" in needs, f"{other}mrr@10"),
        ("corpora", "answers" in needs, f"{other}r@2kt"),
        ("titles", any(family.reads_titles for family in families), f"{other}answer_recall@100"),
    ]
    context = click.get_current_context()
    spelled = {param.name: "/".join([*param.opts, *param.secondary_opts]) for param in context.command.params}
    for name, met, what in needed:
        if not met and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise InputError(f"{spelled[name]} means nothing without {what}")


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.evaluate")
