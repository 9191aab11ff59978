"""Why a passage has its score: the part of its own text, and the part of each language's generated queries."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from xqg_pyserini.errors import UnknownNameError
from xqg_pyserini.index.components import Components, ScoreParts
from xqg_pyserini.languages import LANGUAGES, language
from xqg_pyserini.records import Query
from xqg_pyserini.search.dense import EncodesQueries
from xqg_pyserini.search.opened_index import OpenedIndex
from xqg_pyserini.storage.index_directory import IndexLayout


def explain_score(directory: Path | Sequence[Path], query: Query, doc_id: str, encoder: EncodesQueries) -> ScoreParts:
    """Split the score of a query and a passage of an augmented index.

    Args:
        directory: an index directory augmented with components kept, or several.
        query: the query.
        doc_id: the passage.
        encoder: see ``search_queries``.

    Raises:
        IndexFormatError: no index there, or it keeps no components.
        UnknownNameError: the index does not hold the passage.
    """
    index = OpenedIndex(directory)
    try:
        row = index.docids.index(doc_id)
    except ValueError:
        raise UnknownNameError(f"{', '.join(map(str, index.directories))} holds no passage {doc_id!r}") from None
    return split_score(index, row, encoder.encode([query])[0])


class ScoreSplitter:
    """Splits scores of an opened index into their parts; the files of components are held open.

    Attributes:
        directories: those of the index's directories that keep components.

    Raises:
        IndexFormatError: a file of components is damaged.
    """

    def __init__(self, index: OpenedIndex) -> None:
        self._index = index
        self._components = {
            directory: Components(directory)
            for directory in index.directories
            if IndexLayout(directory).components.is_file()
        }
        self.directories = list(self._components)

    def __call__(self, row: int, vector: np.ndarray) -> ScoreParts | None:
        """The parts of the score of a query's vector ``(dim,)`` and a row; None where no components are kept for it."""
        directory, own_row = self._index.place(row)
        if directory not in self._components:
            return None
        return self._components[directory].split(own_row, self._index.faiss_index.reconstruct(row), vector)


def split_score(index: OpenedIndex, row: int, vector: np.ndarray) -> ScoreParts:
    """Split the score of a query's vector ``(dim,)`` and the passage of a row; see ``explain_score``."""
    directory, own_row = index.place(row)
    return Components(directory).split(own_row, index.faiss_index.reconstruct(row), vector)


def format_explanation(parts: ScoreParts) -> str:
    """The parts as lines of text, largest language first; each with its share of the score."""
    known = {lang.code for lang in LANGUAGES}
    rows = [("passage", parts.passage)]
    for code, value in sorted(parts.languages.items(), key=lambda item: -item[1]):
        rows.append((f"queries {language(code).name if code in known else code}", value))
    shares = [f"{100 * value / parts.score:.1f} %" if parts.score else "" for _, value in rows]
    lines = [f"{what:<20}{value:>10.6f}{share:>8}" for (what, value), share in zip(rows, shares, strict=True)]
    return "\n".join([*lines, f"{'score':<20}{parts.score:>10.6f}"])
