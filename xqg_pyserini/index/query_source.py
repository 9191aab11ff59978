"""What an augmentation needs of generated queries, whether they come as texts or as vectors."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from xqg_pyserini.errors import InputError, XqgError
from xqg_pyserini.index.language_sums import BlockShape, LanguageSums
from xqg_pyserini.storage.docid_rows import DocidRows

_EXAMPLES = 5


@dataclass(frozen=True)
class QuerySelection:
    """Which generated queries are used: of these languages (None: all), at most so many a passage and language."""

    languages: tuple[str, ...] | None = None
    max_queries: int | None = None

    def uses(self, lang: str) -> bool:
        """Whether a language is asked for."""
        return self.languages is None or lang in self.languages


@dataclass
class QueryCensus:
    """What one pass over the generated queries found.

    ``used`` queries, counted by language in ``languages``, belong to ``passages`` passages. ``unknown`` counts queries
    of passages that the index does not hold, ``unknown_examples`` names some of them with their place;
    ``other_languages`` counts those in languages that were not asked for, ``surplus`` those above the number wanted of
    a passage and language.
    """

    used: int = 0
    passages: int = 0
    unknown: int = 0
    unknown_examples: list[str] = field(default_factory=list)
    other_languages: dict[str, int] = field(default_factory=dict)
    surplus: int = 0
    languages: dict[str, int] = field(default_factory=dict)

    def add_unknown(self, docid: str, place: str) -> None:
        """Count a query of a passage that the index does not hold."""
        self.unknown += 1
        if len(self.unknown_examples) < _EXAMPLES:
            self.unknown_examples.append(f"{docid} ({place})")

    def check(self, selection: QuerySelection, strict: bool) -> None:
        """Refuse queries that leave nothing to do, or less than was asked for.

        Raises:
            InputError: ``strict`` and there are queries of unknown passages.
            XqgError: no query fits, or none in a language that was asked for.
        """
        if strict and self.unknown:
            raise InputError(
                f"{self.unknown} generated queries of passages that the index does not hold, for example "
                f"{', '.join(self.unknown_examples)}; without --strict they are left out"
            )
        found = ", ".join(sorted({*self.languages, *self.other_languages})) or "none"
        missing = sorted(set(selection.languages or ()) - set(self.languages))
        if missing:
            raise XqgError(
                f"no generated query in {' or '.join(missing)} belongs to a passage of the index "
                f"({self.unknown} of unknown passages; languages found: {found})"
            )
        if not self.used:
            raise XqgError(f"no generated query belongs to a passage of the index ({self.unknown} of unknown passages)")


class CensusTaker:
    """Fills a ``QueryCensus`` while queries pass by.

    Args:
        selection: which queries are used.
        count: number of passages of the index.
    """

    def __init__(self, selection: QuerySelection, count: int) -> None:
        self.census = QueryCensus()
        self._selection, self._count = selection, count
        self._seen = np.zeros(count, bool)
        # queries by passage, kept only where their number is limited
        self._numbers: dict[str, np.ndarray] = {}

    def add(self, lang: str, rows: np.ndarray) -> None:
        """Count queries of known passages, all in one language."""
        if not len(rows):
            return
        if not self._selection.uses(lang):
            others = self.census.other_languages
            others[lang] = others.get(lang, 0) + len(rows)
            return
        self._seen[rows] = True
        used = len(rows) if self._selection.max_queries is None else self._within_limit(lang, rows)
        self.census.surplus += len(rows) - used
        self.census.used += used
        self.census.languages[lang] = self.census.languages.get(lang, 0) + used

    def _within_limit(self, lang: str, rows: np.ndarray) -> int:
        limit = self._selection.max_queries or 0
        numbers = self._numbers.setdefault(lang, np.zeros(self._count, np.uint32))
        touched = np.unique(rows)
        before = np.minimum(numbers[touched], limit).sum()
        np.add.at(numbers, rows, 1)
        return int(np.minimum(numbers[touched], limit).sum() - before)

    def finish(self) -> QueryCensus:
        """The census, complete."""
        self.census.passages = int(self._seen.sum())
        self.census.languages = dict(sorted(self.census.languages.items()))
        return self.census


class OpenedQueries(Protocol):
    """Generated queries, counted and ready to be summed.

    ``sums`` yields one ``LanguageSums`` for each block of passages, from the block that begins at ``first_row`` on;
    the sums do not depend on where they begin.
    """

    census: QueryCensus

    def sums(self, shape: BlockShape, first_row: int = 0) -> Iterator[LanguageSums]:
        """Sums of the queries' vectors, block by block."""
        ...


class QuerySource(Protocol):
    """Generated queries and the index they are for.

    ``index`` is the base index, ``encoder`` what is recorded of the encoder of the queries (None keeps what the index
    records). ``job`` describes the queries as JSON values; an interrupted run with others is not continued.
    """

    @property
    def index(self) -> Path:
        """Directory of the base index."""
        ...

    def job(self) -> dict[str, Any]:
        """What a continued run must have in common with the interrupted one."""
        ...

    def recorded_encoder(self) -> dict[str, Any] | None:
        """What ``meta.json`` is to record of the encoder."""
        ...

    def open(
        self, rows: DocidRows, selection: QuerySelection, scratch: Path, /
    ) -> AbstractContextManager[OpenedQueries]:
        """Count the queries and make them ready; ``scratch`` is a directory for temporary files."""
        ...
