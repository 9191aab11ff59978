"""``xqg evaluate``: score TREC runs, compare them, report; compare gains of low- and high-resource languages."""

from functools import partial
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.metrics import MetricFamily, parse_metrics
from xqg_pyserini.evaluate.metrics.base import metric_examples
from xqg_pyserini.options import PATH, DefaultGroup, RegisteredName, check_needed, overwrite_option, threads_option

_TESTS = "xqg_pyserini.evaluate.significance_tests"
_option = partial(click.option, show_default=True)
_sources = partial(click.option, multiple=True, metavar="FILE|ID|SUITE")
_share = click.FloatRange(0, 1, min_open=True, max_open=True)


@click.group(cls=DefaultGroup, default="runs")
def main() -> None:
    """Score TREC runs; compare the gains of low- and high-resource languages.

    Without the name of a command, runs is meant: xqg evaluate --run …
    """


@main.command("runs")
@_sources(
    "--dataset", "datasets", metavar="ID|SUITE",
    help="Data set or suite for each of --qrels, --topics and --corpus that is not given; repeat it to add more.",
)  # fmt: skip
@_sources("--qrels", help="Judgements: a TREC file (plain or .gz), a data set or a suite; repeat it to add more.")
@_sources(
    "--topics", "--answers", "topics",
    help="Queries with their languages and, for metrics that look for answers, answers; repeat it to add more.",
)  # fmt: skip
@_sources("--corpus", "corpora", help="Passages, for metrics that look for answers; repeat it to add more.")
@click.option(
    "--run", "runs", multiple=True, required=True, metavar="[NAME=]FILE", help="A TREC run; repeat it for each system."
)
@click.option("--baseline", help="Name of the run that the others are compared with.  [default: the first run]")
@_option(
    "--metrics", default="mrr@10 recall@100",
    help=f"Metrics, separated by blanks, such as {', '.join(metric_examples())}; with any number.",
)  # fmt: skip
@_option(
    "--test", type=RegisteredName(f"{_TESTS}:SIGNIFICANCE_TESTS"), default="fisher",
    help="Paired significance test of each run against the baseline.",
)  # fmt: skip
@_option(
    "--correction", type=RegisteredName(f"{_TESTS}:CORRECTIONS"), default="holm",
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
@_option("--titles/--no-titles", default=True, help="Whether answer_recall also reads passage titles.")
@_option("--alpha", type=_share, default=0.05, help="Level of significance of the tests.")
@click.option(
    "--margin", type=_share,
    help="Test whether clean scores differ from the baseline's by less than this; 0.01 is one point.  [default: 0.01 "
    "with typo runs, else not tested]",
)  # fmt: skip
@_option("--seed", type=int, default=0, help="Seed of random permutations and of bootstrap resamples.")
@threads_option
@click.option("--output", type=PATH, help="Directory for scores.json, CSV, Markdown and LaTeX tables and report.html.")
@overwrite_option
def score_runs(runs: tuple[str, ...], metrics: str, output: Path | None, overwrite: bool, **options: Any) -> None:
    """Score TREC runs, test them against a baseline and report.

    \b
    xqg evaluate --qrels qrels.txt --run base.run --run xqg.run --metrics "mrr@10 ndcg@10"
    xqg evaluate --answers dev.jsonl --corpus wiki.tsv --run base.run --run xqg.run \\
        --metrics "r@2kt r@5kt" --by language --typo-run base=base.typos.run --output report
    """
    parsed = parse_metrics(metrics.replace(",", " ").split())
    check_needed({"typo_edits": "typo_runs", "overwrite": "output"})
    _check_options([metric.family for metric in parsed], len(runs))
    from xqg_pyserini.evaluate.inputs import EvaluationSources, name_runs, name_typo_runs, read_inputs
    from xqg_pyserini.evaluate.intervals import Bootstrap
    from xqg_pyserini.evaluate.references import read_references
    from xqg_pyserini.evaluate.report.build import EvaluationOptions, build_report
    from xqg_pyserini.evaluate.report.tables import tables
    from xqg_pyserini.evaluate.report.text import plain
    from xqg_pyserini.evaluate.report.write import REPORT_FILES, check_report_packages, write_report
    from xqg_pyserini.evaluate.significance_tests import check_test
    from xqg_pyserini.files import check_output_directory

    check_test(options["test"], [metric.name for metric in parsed if metric.family.macro])
    if output:
        check_output_directory(output, overwrite, REPORT_FILES)
        check_report_packages()
    sources = EvaluationSources(**{key: options[key] for key in ("datasets", "qrels", "topics", "corpora", "titles")})
    published = [row for path in options["references"] for row in read_references(path)]
    paths = name_runs(runs)
    typo = {"typo_runs": name_typo_runs(options["typo_runs"], paths), "typo_edits": options["typo_edits"]}
    inputs = read_inputs(paths, [m.name for m in parsed], sources, **typo, languages=options["by"] is not None)
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
    lacking = {}
    if runs == 1:
        lacking = dict.fromkeys(("baseline", "test", "correction", "alpha", "margin"), "a second --run")
    if "judgements" not in needs:
        lacking["qrels"] = "another metric in --metrics, such as mrr@10"
    if "answers" not in needs:
        lacking["corpora"] = "another metric in --metrics, such as r@2kt"
    if not any(family.reads_titles for family in families):
        lacking["titles"] = "another metric in --metrics, such as answer_recall@100"
    context = click.get_current_context()
    for param in context.command.params:
        if param.name in lacking and context.get_parameter_source(param.name) is ParameterSource.COMMANDLINE:
            spelled = "/".join([*param.opts, *param.secondary_opts])
            raise InputError(f"{spelled} means nothing without {lacking[param.name]}")


@main.command("gains", short_help="Compare gains of low- and high-resource languages.")
@click.argument("cells", type=PATH, metavar="CELLS.csv")
@click.option("--arm", required=True, help="System whose gain is asked for.")
@click.option("--control", required=True, help="System that it is compared with.")
@_option("--metric", default="mrr@10", help="Metric that is compared.")
@click.option(
    "--condition", "conditions", multiple=True,
    help="Typo setting; repeat it for the mean over several.  [default: all with typos]",
)  # fmt: skip
@click.option("--collection", "collections", multiple=True, help="Collection to look at; repeat it.  [default: all]")
@_option(
    "--effect", type=click.Choice(["score", "robustness"]), default="score",
    help="Gain in score, or in robustness: the gain under typos minus that on clean queries.",
)  # fmt: skip
@_option(
    "--column", type=click.Choice(["system", "arm"]), default="system",
    help="Column of CELLS.csv that has the names of --arm and --control.",
)  # fmt: skip
@click.option(
    "--covariates", type=PATH,
    help="CSV file of a column language and columns of numbers, to explain gains with, such as pieces per word.",
)  # fmt: skip
@click.option(
    "--other-metric", "other_metrics", multiple=True,
    help="Metric of the sensitivity analysis; repeat it.  [default: all of CELLS.csv]",
)  # fmt: skip
@_option("--caliper", type=_share, default=0.05, help="Largest difference of scores of languages that are matched.")
@_option("--alpha", type=_share, default=0.05, help="Level of significance, which the languages must be enough for.")
@_option("--seed", type=int, default=0, help="Seed of random permutations and of bootstrap resamples.")
@click.option("--all-changes", is_flag=True, help="Show every repetition of the sensitivity analysis.")
@click.option("--output", type=PATH, help="JSON file to write with every number.")
@overwrite_option
def compare_gains(
    cells: Path,
    collections: tuple[str, ...],
    other_metrics: tuple[str, ...],
    covariates: Path | None,
    output: Path | None,
    overwrite: bool,
    **options: Any,
) -> None:
    """Does an arm help low-resource languages more than high-resource ones?

    CELLS.csv has one mean score a row, with the columns system, arm, seed, collection, language, tier, condition,
    preset, typos, severity, metric, value and queries, and perhaps tokens. Printed are the difference between tiers,
    what is left of it beside headroom, a mixed model of all cells, what goes with the gain of a language, and the
    choices that come to another conclusion.

    \b
    xqg evaluate gains cells.csv --arm dual-typo --control dual-clean --condition natural-1 --effect robustness
    """
    check_needed({"overwrite": "output"})
    from xqg_pyserini.evaluate.analysis.cells import read_cells, read_covariates, select_cells
    from xqg_pyserini.evaluate.analysis.gains import Contrast
    from xqg_pyserini.evaluate.intervals import Bootstrap
    from xqg_pyserini.evaluate.report.gain_analysis import analyse_gains
    from xqg_pyserini.evaluate.report.text import plain
    from xqg_pyserini.files import atomic_file, check_output_file

    if output:
        check_output_file(output, overwrite)
    names = ("arm", "control", "metric", "conditions", "effect", "column")
    contrast = Contrast(**{name: options[name] for name in names})
    table = read_cells(cells)
    metrics = [contrast.metric, *other_metrics] if other_metrics else []
    wanted = {"collection": collections, "metric": metrics}
    chosen = select_cells(table, {column: values for column, values in wanted.items() if values})
    analysis = analyse_gains(
        chosen, contrast, covariates=read_covariates(covariates) if covariates else None,
        caliper=options["caliper"], alpha=options["alpha"], bootstrap=Bootstrap(seed=options["seed"]),
    )  # fmt: skip
    click.echo("\n\n".join(plain(table) for table in analysis.tables(brief=not options["all_changes"])))
    for note in analysis.notes:
        click.echo(f"note: {note}", err=True)
    if output:
        with atomic_file(output) as stream:
            stream.write(analysis.json())
        click.echo(f"\nwritten: {output}")


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.evaluate")
