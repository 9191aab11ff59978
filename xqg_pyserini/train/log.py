"""The log of a training run: JSON lines, and a plot of them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xqg_pyserini.files import atomic_file

Row = Mapping[str, Any]


def write_log(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as JSON lines, each with its ``step``."""
    with atomic_file(path) as stream:
        for row in rows:
            stream.write(json.dumps(dict(row), sort_keys=True) + "\n")


def plot_log(path: Path, rows: Sequence[Row]) -> None:
    """Plot the losses and the held-out divergence over the steps into an SVG file."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    _plot_columns(left, rows, "loss", "loss (training queries)")
    _plot_columns(right, rows, "eval_kl", "divergence from the clean queries, nats (held-out)")
    # without a date and random ids, so that equal logs give equal files
    with rc_context({"svg.hashsalt": "xqg"}), atomic_file(path, "wb") as stream:
        figure.savefig(stream, format="svg", metadata={"Date": None})


def _plot_columns(axes: Any, rows: Sequence[Row], prefix: str, title: str) -> None:
    names = sorted({name for row in rows for name in row if name.startswith(prefix)})
    for name in names:
        points = [(row["step"], row[name]) for row in rows if name in row]
        axes.plot(*zip(*points, strict=True), marker="." if len(points) < 50 else "", label=name.removeprefix("eval_"))
    axes.set_xlabel("step")
    axes.set_title(title, fontsize=9)
    if names:
        axes.legend(fontsize=7)
