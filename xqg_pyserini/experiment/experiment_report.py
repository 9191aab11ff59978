"""The report of an experiment: HTML, Markdown and LaTeX, with the answer first."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from xqg_pyserini import __version__
from xqg_pyserini.errors import MissingExtraError
from xqg_pyserini.evaluate.report.tables import Cell, Table
from xqg_pyserini.evaluate.report.text import latex, markdown
from xqg_pyserini.experiment.contrasts import Finding, analyse, as_json
from xqg_pyserini.experiment.figures import Figure, check_figures, figures
from xqg_pyserini.experiment.finding_tables import (
    LinkedTable,
    detail_tables,
    hubness_table,
    interval,
    language_numbers,
    overview_table,
    points,
    score_tables,
)
from xqg_pyserini.experiment.plan import Plan, PlannedQuestion
from xqg_pyserini.experiment.scored_runs import RunFile, ScoredRuns, write_cells
from xqg_pyserini.files import atomic_file

_SMOKE_NOTE = "This is a smoke run on small samples: it shows that every step works, its figures say nothing."


def check_packages() -> None:
    """Raise MissingExtraError where a package that the report needs is not installed."""
    check_figures()
    try:
        import jinja2  # noqa: F401
    except ImportError:
        raise MissingExtraError("report.html needs jinja2: pip install 'xqg-pyserini[reports]'") from None


def write_experiment_report(runs: ScoredRuns, output: Path, smoke: bool = False) -> str:
    """Analyse the runs and write everything that a reader needs into ``output``.

    Args:
        runs: all runs of the plan.
        output: the folder of the experiment; files of an earlier report are replaced.
        smoke: whether figures say nothing.

    Returns:
        the answers, a paragraph for each planned question.

    Raises:
        MissingExtraError: Matplotlib or jinja2 is not installed.
    """
    check_packages()
    cells = list(runs.cells())
    findings = analyse(runs, cells)
    answers = [answer(question, findings, runs.plan.level) for question in runs.plan.planned]
    answers = answers or ["No question was asked before looking (key 'planned'): all that follows is exploratory."]
    found = [overview_table(findings)] if findings else []
    details, hubs = detail_tables(findings), hubness_table(runs)
    scores = [*score_tables(runs), *([hubs] if hubs else [])]
    tables, drawn = [*found, *details, *scores], list(figures(runs, findings))
    write_cells(output / "cells.csv", cells)
    _write_runs(output / "runs.csv", runs)
    note = _SMOKE_NOTE if smoke else ""
    texts = {
        "report.md": _markdown(runs.plan, answers, note, found, drawn),
        "analyses.md": _tables_only(details),
        "scores.md": _tables_only(scores),
        "tables.tex": "% needs \\usepackage{booktabs}\n" + "\n".join(latex(one.table) for one in tables),
        "report.html": _html(runs.plan, answers, note, tables, drawn),
        "findings.json": _json({"version": __version__, "answers": answers, "findings": findings}),
        **{f"figures/{figure.name}.svg": figure.svg for figure in drawn},
    }
    for name, text in texts.items():
        with atomic_file(output / name) as stream:
            stream.write(text)
    return "\n\n".join(answers)


def answer(question: PlannedQuestion, findings: Sequence[Finding], level: float) -> str:
    """A planned question and what its comparisons say, in one paragraph."""
    own = [one for one in findings if one.comparison.name in question.comparisons]
    expected = f" Expected: {question.expected}" if question.expected else ""
    return " ".join([question.question, *(_sentence(one, level) for one in own)]) + expected


def _sentence(one: Finding, level: float) -> str:
    comparison, found = one.comparison, one.tiers
    if found is None or one.test is None:
        why = "; ".join(one.problems.values()) or "the analysis 'tiers' was not asked for"
        return f"No answer ({comparison.name}): {why}."
    low_more = found.difference.estimate > 0
    verdict = "Not shown"
    if one.test.p_adjusted < level < 1:  # at level 1, that of plans for a try, nothing is shown
        verdict = "Yes" if low_more else "No, less"
    what = "what typos cost" if comparison.effect == "robustness" else "the score"
    sentence = (
        f"{verdict}: with {comparison.system} instead of {comparison.baseline}, low-resource languages gain "
        f"{points(found.low, signed=True)} points of {comparison.metric} in {what} and high-resource ones "
        f"{points(found.high, signed=True)} ({language_numbers(found)}; {', '.join(comparison.collections)}; "
        f"{', '.join(comparison.conditions)}): a difference of {interval(found.difference)}, p = {found.p_value:.4f}, "
        f"corrected {one.test.p_adjusted:.4f}."
    )
    if one.headroom:
        kept = "; ".join(f"{name}: {survival}" for name, survival in one.headroom.survival.items())
        sentence += f" Beyond headroom? {kept}."
    return sentence


def _write_runs(path: Path, runs: ScoredRuns) -> None:
    """A row for each run: where it lies, and its checksum."""
    with atomic_file(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["system", "seed", "collection", "condition", "typo_seed", "path", "sha256"])
        for run in runs.runs:
            seed, condition = "" if run.seed is None else run.seed, run.condition
            typo_seed = condition.seed if condition.typos else ""
            writer.writerow([run.system.name, seed, run.collection, condition.name, typo_seed, *run.file])


def _markdown(
    plan: Plan, answers: Sequence[str], note: str, tables: Sequence[LinkedTable], drawn: Sequence[Figure]
) -> str:
    parts = [f"# {plan.title}", *answers, *([f"**{note}**"] if note else [])]
    parts += [markdown(one.table).rstrip() for one in tables]
    parts += [f"![{figure.caption}](figures/{figure.name}.svg)\n\n{figure.caption}" for figure in drawn]
    where = "All analyses: [analyses.md](analyses.md). Every score with its runs: [scores.md](scores.md), "
    where += "[cells.csv](cells.csv), [runs.csv](runs.csv). The plan:"
    parts += [where, f"```yaml\n{_yaml(plan)}```\n"]
    return "\n\n".join(parts)


def _tables_only(tables: Sequence[LinkedTable]) -> str:
    return "\n\n".join(markdown(_with_links(one)).rstrip() for one in tables) + "\n"


def _with_links(one: LinkedTable) -> Table:
    """A table with a last column of links to runs."""
    if not one.runs:
        return one.table
    rows = [
        replace(row, cells=(*row.cells, Cell(_links(runs)))) for row, runs in zip(one.table.rows, one.runs, strict=True)
    ]
    return replace(one.table, columns=(*one.table.columns, "runs"), rows=tuple(rows))


def _links(runs: Sequence[RunFile]) -> str:
    return " ".join(f'[{number}]({run.path} "sha256 {run.sha256}")' for number, run in enumerate(runs, start=1))


def _html(plan: Plan, answers: Sequence[str], note: str, tables: Sequence[LinkedTable], drawn: Sequence[Figure]) -> str:
    from jinja2 import Template

    source = (files(__package__) / "report.html").read_text(encoding="utf-8")
    # without the head of an XML file, which HTML does not allow inside
    inline = [figure._replace(svg=figure.svg[figure.svg.index("<svg") :]) for figure in drawn]
    return Template(source, autoescape=True, trim_blocks=True).render(
        title=plan.title, answers=answers, note=note, tables=tables, figures=inline, plan=_yaml(plan)
    )


def _yaml(plan: Plan) -> str:
    import yaml

    text: str = yaml.safe_dump(dict(plan.raw), allow_unicode=True, sort_keys=False, width=100)
    return text


def _json(value: Any) -> str:
    """NaN and infinity become null."""
    import orjson

    return orjson.dumps(as_json(value), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
