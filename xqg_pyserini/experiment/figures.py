"""The figures of an experiment's report, as SVG by Matplotlib."""

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from xqg_pyserini.errors import MissingExtraError
from xqg_pyserini.evaluate.scores import TIERS
from xqg_pyserini.experiment.contrasts import Finding
from xqg_pyserini.experiment.finding_tables import tier_values
from xqg_pyserini.experiment.plan import CLEAN, ComparisonPlan
from xqg_pyserini.experiment.scored_runs import ScoredRuns
from xqg_pyserini.languages import language

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

#: Okabe and Ito's palette, readable with colour-vision deficiencies.
COLOURS = {"high": "#0072B2", "mid": "#999999", "low": "#D55E00"}
_WIDTH, _HEIGHT = 8.0, 4.6
#: Smallest distance of two names of languages in one class, as a share of the figure's height.
_NAME_HEIGHT = 0.035


class Figure(NamedTuple):
    """A figure: name of its file without suffix, what it shows, and its SVG."""

    name: str
    caption: str
    svg: str


def figures(runs: ScoredRuns, findings: Sequence[Finding]) -> Iterator[Figure]:
    """For each comparison the map of languages and the slopes of tiers, and hubness where it was measured."""
    for one in findings:
        yield gain_map(one)
        if one.comparison.conditions != (CLEAN.name,):
            yield slopes(runs, one.comparison)
    for metric in dict.fromkeys(name for c in runs.plan.collections.values() for name in runs.metrics_of(c)):
        if any(metric in run.of_language for run in runs.runs):
            yield hubness(runs, metric)


def check_figures() -> None:
    """Raise MissingExtraError where Matplotlib is not installed."""
    _new()


def gain_map(one: Finding) -> Figure:
    """A point for each language: its gain over its resource class."""
    drawing, axes = _new()
    axes.axhline(0, color="#999999", linewidth=0.8)
    classes: dict[int, list[tuple[float, str, str]]] = {}
    for code, gain in one.gains.items():
        classes.setdefault(language(code).joshi, []).append((100 * gain.mean, language(code).name, gain.tier))
    values = [value for rows in classes.values() for value, _, _ in rows]
    least = _NAME_HEIGHT * max(np.ptp(values), 1e-9) * 1.1
    for joshi, rows in classes.items():
        placed = -np.inf
        for value, name, tier in sorted(rows):
            placed = max(value, placed + least)
            axes.plot(joshi, value, "o", color=COLOURS[tier], markersize=5)
            axes.annotate(name, (joshi, value), xytext=(joshi + 0.08, placed), fontsize=7, va="center")
    axes.set_xticks(range(6))
    axes.set_xlim(-0.3, 5.9)
    axes.set_xlabel("resource class (Joshi et al., 2020): 0-2 low, 3 mid, 4-5 high")
    axes.set_ylabel(f"gain, points of {one.comparison.metric}")
    comparison = one.comparison
    what = "what typos cost less" if comparison.effect == "robustness" else "the score is higher"
    caption = (
        f"{comparison.name}: by how many points {what} with {comparison.system} than with {comparison.baseline}; "
        f"{', '.join(comparison.collections)}; {', '.join(comparison.conditions)}. A point is a language."
    )
    return Figure(f"gains-{comparison.name}", caption, _svg(drawing))


def slopes(runs: ScoredRuns, comparison: ComparisonPlan) -> Figure:
    """Lines from clean to misspelled queries, by tier: dashed the baseline, solid the system."""
    drawing, axes = _new()
    conditions = (CLEAN.name, *(name for name in comparison.conditions if name != CLEAN.name))
    for system, style in ((comparison.baseline, "--"), (comparison.system, "-")):
        by_condition = [
            tier_values(runs, system, comparison.collections, name, comparison.metric) for name in conditions
        ]
        for tier in TIERS:
            if tier in by_condition[0]:
                values = [100 * means[tier] for means in by_condition]
                axes.plot(conditions, values, style, marker="o", color=COLOURS[tier], label=f"{tier}, {system}")
    axes.set_ylabel(f"{comparison.metric} x 100, mean over languages")
    axes.legend(frameon=False, fontsize=8)
    where = ", ".join(comparison.collections)
    caption = f"{comparison.name}: scores on clean and misspelled queries by resource tier; {where}."
    return Figure(f"slopes-{comparison.name}", caption, _svg(drawing))


def hubness(runs: ScoredRuns, metric: str) -> Figure:
    """A group of bars for each system: clean queries and those of the last condition, by tier."""
    drawing, axes = _new()
    measured = {
        system.name: [one.name for one in runs.plan.collections_of(system) if metric in runs.metrics_of(one)]
        for system in runs.plan.systems.values()
    }
    systems = list(measured)
    ends = dict.fromkeys((CLEAN.name, runs.plan.condition_names[-1]))
    groups = [(tier, condition) for tier in TIERS for condition in ends]
    width = 0.8 / len(groups)
    for number, (tier, condition) in enumerate(groups):
        values = [
            tier_values(runs, system, where, condition, metric).get(tier, np.nan) for system, where in measured.items()
        ]
        if np.isnan(values).all():
            continue
        places = np.arange(len(systems)) + number * width - 0.4 + width / 2
        filled = {} if condition == CLEAN.name else {"hatch": "//", "fill": False, "edgecolor": COLOURS[tier]}
        axes.bar(places, values, width, label=f"{tier}, {condition}", color=COLOURS[tier], **filled)
    axes.set_xticks(range(len(systems)), systems, rotation=20, ha="right", fontsize=8)
    axes.set_ylabel(f"{metric}, mean over languages")
    axes.legend(frameon=False, fontsize=8)
    return Figure(f"hubness-{metric.replace('@', '-')}", f"{metric} by system and resource tier.", _svg(drawing))


def _new() -> "tuple[Drawing, Any]":
    try:
        from matplotlib.figure import Figure as Drawing
    except ImportError:
        raise MissingExtraError("figures need Matplotlib: pip install 'xqg-pyserini[reports]'") from None
    drawing = Drawing(figsize=(_WIDTH, _HEIGHT), layout="constrained")
    return drawing, drawing.subplots()


def _svg(drawing: "Drawing") -> str:
    from matplotlib import rc_context

    stream = io.StringIO()
    # a fixed salt makes the same data the same bytes
    with rc_context({"svg.hashsalt": "xqg", "svg.fonttype": "none"}):
        drawing.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()
