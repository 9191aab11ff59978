"""The plot of a store's summary: by language, what share of the generated queries passes each step."""

from collections.abc import Mapping
from pathlib import Path

from xqg_pyserini.errors import MissingExtraError
from xqg_pyserini.files import atomic_file

_COLUMNS = ("unique", "in language", "rank 100", "rank 10", "rank 1", "kept")
_WIDTH, _LANGUAGE_HEIGHT, _MARGIN = 8, 0.9, 1.2


def draw_shares(numbers: Mapping[str, Mapping[str, int | None]], path: Path) -> None:
    """Write an SVG file with a group of bars for each language; a step that was not measured has no bar.

    Args:
        numbers: for each language the numbers of its queries by step, of which ``generated`` is the whole.
        path: the file, replaced if it is there.

    Raises:
        MissingExtraError: Matplotlib is not installed.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError('the plot needs Matplotlib: pip install "xqg-pyserini[generate]"') from None
    languages = list(numbers)
    # a fixed salt makes the same data the same bytes
    with rc_context({"svg.hashsalt": "xqg", "svg.fonttype": "none"}), atomic_file(path, "wb") as stream:
        figure = Figure(figsize=(_WIDTH, _LANGUAGE_HEIGHT * len(languages) + _MARGIN), layout="constrained")
        axes = figure.subplots()
        height = 0.8 / len(_COLUMNS)
        for at, name in enumerate(_COLUMNS):
            places = [row + at * height - 0.4 + height / 2 for row in range(len(languages))]
            shares = [100 * (one[name] or 0) / max(one["generated"] or 0, 1) for one in numbers.values()]
            axes.barh(places, shares, height, label=name)
        axes.set_yticks(range(len(languages)), languages)
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel("% of the generated queries")
        figure.legend(loc="outside upper center", ncols=len(_COLUMNS), frameon=False)
        figure.savefig(stream, format="svg", metadata={"Date": None})
