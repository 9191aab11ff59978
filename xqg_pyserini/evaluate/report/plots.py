"""The plots of a report, by plotly."""

import html
from collections.abc import Sequence
from typing import Any

import numpy as np

from xqg_pyserini.evaluate.report.model import GroupScore, Report
from xqg_pyserini.evaluate.robustness import Robustness
from xqg_pyserini.evaluate.scores import ALL, Scores

#: Okabe and Ito's palette, readable with colour-vision deficiencies.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
#: Largest number of points of a run in the plot of queries; queries without a difference are the first to be skipped.
MAX_POINTS = 2_000
#: A metric with fewer distinct values than this is spread a little so that points do not hide each other.
_FEW_VALUES = 30


#: ``(title, what to see in it, plotly's figure)``.
Plot = tuple[str, str, Any]


def plots(report: Report) -> list[Plot]:
    """Every plot that the report has data for."""
    metrics = report.evaluation.metrics
    by_tier = report.groups[1:] != tuple(dict.fromkeys(row.group for row in report.tiers))
    found = [bars(report, metric) for metric in metrics]
    found += [tier_bars(report, metric) for metric in metrics if report.tiers and by_tier]
    found += [slopes(report, metric) for metric in metrics if report.robustness]
    found += [gaps(report, metric) for metric in dict.fromkeys(metric for _, metric, _ in report.gaps)]
    return found + [scatter(report, metric) for metric in metrics if report.baseline is not None]


def colour(report: Report, run: str) -> str:
    """The colour of a run, the same in every plot."""
    return COLOURS[report.evaluation.runs.index(run) % len(COLOURS)]


def _empty_plot(y_title: str, x_title: str = "", height: int = 420) -> Any:
    import plotly.graph_objects as go

    return go.Figure().update_layout(
        template="plotly_white",
        font={"family": "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif", "size": 14},
        margin={"l": 64, "r": 24, "t": 16, "b": 56},
        height=height,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        xaxis_title=x_title,
        yaxis_title=y_title,
        bargap=0.25,
    )


def bars(report: Report, metric: str) -> Plot:
    """A bar for each group and run with its interval; published scores as diamonds."""
    plot = _bars(report, report.scores, metric)
    for reference in report.references:
        if known := {g: 100 * s for g in report.groups if (s := reference.score(metric, g)) is not None}:
            plot.add_scatter(
                x=list(known),
                y=list(known.values()),
                mode="markers",
                marker={"symbol": "diamond-open", "size": 11, "color": "#444", "line": {"width": 2}},
                name=f"{html.escape(reference.name)} (published)",
            )
    where = "over all queries" if len(report.groups) == 1 else "by group"
    return f"{metric} {where}", "Bars are scores, whiskers their bootstrap intervals.", plot


def tier_bars(report: Report, metric: str) -> Plot:
    """A bar for each resource tier and run with its interval."""
    note = "Classes 4-5 of Joshi et al. (2020) are high, 3 mid, 0-2 low."
    return f"{metric} by resource tier", note, _bars(report, report.tiers, metric)


def _bars(report: Report, scores: Sequence[GroupScore], metric: str) -> Any:
    plot = _empty_plot(f"{metric}, per cent")
    for run in report.evaluation.runs:
        rows = [row for row in scores if (row.run, row.metric) == (run, metric)]
        above = [100 * (row.score.high - row.score.estimate) for row in rows]
        below = [100 * (row.score.estimate - row.score.low) for row in rows]
        whiskers = {"type": "data", "symmetric": False, "array": above, "arrayminus": below}
        plot.add_bar(
            x=[row.group for row in rows],
            y=[100 * row.score.estimate for row in rows],
            name=html.escape(run),
            marker={"color": colour(report, run)},
            error_y=whiskers | {"thickness": 1.4, "width": 3, "color": "#333"},
            customdata=[[row.queries, 100 * row.score.low, 100 * row.score.high] for row in rows],
            hovertemplate="%{x}: %{y:.2f} [%{customdata[1]:.2f}, %{customdata[2]:.2f}]<br>%{customdata[0]} queries",
        )
    return plot


def slopes(report: Report, metric: str) -> Plot:
    """A line from the clean to the typo score: bold over all queries, thin for each group."""
    plot = _empty_plot(f"{metric}, per cent", height=520)
    rows = [(row.group == ALL, row) for row in report.robustness if row.metric == metric]
    for overall, row in sorted(rows, key=lambda pair: pair[0]):
        plot.add_scatter(
            x=["clean", "typo"],
            y=[100 * row.clean, 100 * row.typo],
            mode="lines+markers+text" if overall else "lines+markers",
            line={"color": colour(report, row.run), "width": 4 if overall else 1.2},
            marker={"size": 9 if overall else 4},
            opacity=1 if overall else 0.45,
            name=html.escape(row.run),
            legendgroup=row.run,
            showlegend=overall,
            text=["", f" {100 * row.typo:.1f}"] if overall else None,
            textposition="middle right",
            hovertemplate=_slope_hover(row),
        )
    plot.update_xaxes(range=[-0.25, 1.35])
    note = "Bold: all queries. Thin: one group each; hover to read it."
    return f"{metric} from clean to misspelled queries", note, plot


def _slope_hover(row: Robustness) -> str:
    return (
        f"{html.escape(row.run)}, {html.escape(row.group)}<br>clean {100 * row.clean:.2f}, typo "
        f"{100 * row.typo:.2f}<br>drop {100 * row.drop.estimate:.2f} "
        f"[{100 * row.drop.low:.2f}, {100 * row.drop.high:.2f}]<br>hurt {100 * row.hurt:.1f}%, helped "
        f"{100 * row.helped:.1f}% of {row.queries} queries<extra></extra>"
    )


def gaps(report: Report, metric: str) -> Plot:
    """A point for each language: its gain under typos over the baseline, high against low resource."""
    plot = _empty_plot("gain under typos, points", height=460)
    columns = ("high", "low")
    for (run, name, per_severity), gap in report.gaps.items():
        if name != metric or per_severity:
            continue
        for column in columns:
            languages = [language for language, label in gap.tiers.items() if label == column]
            spread = 0.3 if len(languages) > 1 else 0.0
            plot.add_scatter(
                x=columns.index(column) + np.linspace(-spread, spread, len(languages)),
                y=[100 * gap.gains[language] for language in languages],
                mode="markers+text",
                text=languages,
                textposition="middle right",
                marker={"size": 10, "color": colour(report, run)},
                name=html.escape(run),
                legendgroup=run,
                showlegend=column == columns[0],
                hovertemplate="%{text}: %{y:.2f}<extra></extra>",
            )
    plot.update_layout(legend={"itemsizing": "constant"})
    plot.add_hline(y=0, line_width=1, line_color="#999")
    names = [f"{column}-resource" for column in columns]
    plot.update_xaxes(tickvals=[0, 1], ticktext=names, range=[-0.5, 1.5], showgrid=False, zeroline=False)
    note = "A point is a language; above 0 it loses less than with the baseline."
    return f"{metric}: who gains under typos", note, plot


def scatter(report: Report, metric: str) -> Plot:
    """A point for each query: score of the baseline against score of the run; its text on hover and click."""
    assert report.baseline is not None
    evaluation = report.evaluation
    base = evaluation.of(report.baseline, metric)
    plot = _empty_plot(f"run: {metric}", f"{report.baseline}: {metric}", height=620)
    plot.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": "#bbb", "dash": "dot"}, hoverinfo="skip", showlegend=False
    )
    skipped = 0
    for run in (run for run in evaluation.runs if run != report.baseline):
        scores = evaluation.of(run, metric)
        shown, hidden = _shown_queries(base, scores)
        skipped += hidden
        jitter = _jitter(base, scores, len(shown))
        plot.add_scatter(
            x=np.round(base[shown] + jitter[0], 4).tolist(),
            y=np.round(scores[shown] + jitter[1], 4).tolist(),
            mode="markers",
            name=html.escape(run),
            marker={"size": 6, "color": colour(report, run), "opacity": 0.55},
            customdata=[_query_label(report, i, float(base[i]), float(scores[i])) for i in shown],
            hovertemplate="%{customdata}<extra></extra>",
        )
    note = "Above the diagonal the run is better. Hover over a point to read its query, click to keep it below."
    if skipped:
        note += f" {skipped} points without a difference are not shown."
    return f"{metric}, query by query", note, plot


def _shown_queries(base: Scores, scores: Scores) -> tuple[list[int], int]:
    """Queries to show, those that differ first, and the number of those that are not shown."""
    counted = np.flatnonzero(~(np.isnan(base) | np.isnan(scores)))
    by_difference = counted[np.argsort(-np.abs(base - scores)[counted], kind="stable")]
    return sorted(by_difference[:MAX_POINTS].tolist()), max(0, len(counted) - MAX_POINTS)


def _jitter(base: Scores, scores: Scores, n: int) -> Scores:
    """``(2, n)`` small shifts for metrics of few values; the same every time."""
    if len(np.unique(base)) + len(np.unique(scores)) > 2 * _FEW_VALUES:
        return np.zeros((2, n))
    return np.random.default_rng(0).uniform(-0.035, 0.035, (2, n))


def _query_label(report: Report, position: int, base: float, score: float) -> str:
    """Readable text of one query; plotly reads a little HTML in it, so the query itself is escaped."""
    query_id, language = report.evaluation.query_ids[position], report.evaluation.languages[position]
    text = html.escape(report.texts.get(query_id, ""))
    head = html.escape(f"{query_id}{f' ({language})' if language else ''}")
    return f"<b>{head}</b><br>{text}<br>{html.escape(str(report.baseline))} {base:.3f} → {score:.3f}"
