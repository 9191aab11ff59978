"""What a filter is: what is measured of queries once, and what is rejected by thresholds that may move."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import regex

from xqg_pyserini.generate.passage_lookup import PassageLookup
from xqg_pyserini.generate.query_row import QueryRow
from xqg_pyserini.registry import Registry

#: Deepest rank that a round trip looks at.
DEPTH = 100
#: Margins are counted in bins of this width, from -2 to 2, for percentiles in memory that does not grow.
_BIN = 0.001
_BINS = int(4 / _BIN)
_QUESTION_MARKS = ("?", "？", "؟", "\u037e", "՞")
#: One character of a script that is written without spaces, or a word of others.
_NO_SPACES = r"\p{Script=Han}\p{Script=Hira}\p{Script=Kana}\p{Script=Thai}\p{Script=Khmr}"
_TOKEN = regex.compile(rf"[{_NO_SPACES}--\p{{M}}]\p{{M}}*|[\w--[{_NO_SPACES}]][[\w\p{{M}}]--[{_NO_SPACES}]]*", regex.V1)


@lru_cache(1 << 14)
def tokens_of(text: str) -> tuple[str, ...]:
    """The words of a text, normalised (NFKC) and in lower case; characters where the script has no spaces."""
    return tuple(_TOKEN.findall(unicodedata.normalize("NFKC", text).casefold()))


def ends_as_question(text: str) -> bool:
    """Whether a text ends in a question mark of any script."""
    return text.rstrip().endswith(_QUESTION_MARKS)


class SearchesQueries(Protocol):
    """Searches queries in the index of their passages; ``RoundTrip`` does."""

    def describe(self) -> dict[str, Any]:
        """What the measures depend on, JSON values."""

    def measure(self, doc_ids: Sequence[str], texts: Sequence[str]) -> list[tuple[float, int | None, float]]:
        """Score, rank and margin of each query; see ``RoundTrip.measure``."""


@dataclass(frozen=True)
class Tools:
    """What measures may use besides the queries; None where the user gave none.

    Args:
        texts: finds the texts of passages.
        round_trip: searches queries in the index of their passages.
    """

    texts: PassageLookup | None = None
    round_trip: SearchesQueries | None = None

    def measures(self) -> list[str]:
        """The measures in ``MEASURES`` that can be taken with these."""
        tools = {"copied": self.texts, "round-trip": self.round_trip}
        return [name for name in MEASURES if tools.get(name, self) is not None]


@dataclass(frozen=True)
class Thresholds:
    """What is rejected; see the filters.

    Args:
        round_trip: rank in the base index that the passage of a query must reach, from 1 to 100.
        margin: what a query's similarity to its passage must exceed that to the best other passage by.
        percentile: share of the queries of a language with the lowest margins that is rejected, from 0 to 100.
        copied: share of a query's word triples that may stand in its passage.
        overlap: share of words (Jaccard) above which two queries of a passage are near-duplicates.
        fewest_words: words that a query must have; of characters where there are no spaces, twice as many.
        most_words: words that a query may have.
    """

    round_trip: int = 100
    margin: float | None = None
    percentile: float | None = None
    copied: float = 0.8
    overlap: float = 0.9
    fewest_words: int = 2
    most_words: int = 64


@dataclass
class LanguageFacts:
    """What is known of all queries in one language: their number, how many end as questions, their margins."""

    queries: int = 0
    questions: int = 0
    margins: np.ndarray = field(default_factory=lambda: np.zeros(_BINS, np.int64))

    def add(self, row: QueryRow) -> None:
        """Count the queries of a row."""
        self.queries += len(row.queries)
        self.questions += sum(map(ends_as_question, row.queries))
        margins = [margin for margin in row.measures.get("margin", ()) if margin is not None]
        if margins:
            bins = ((np.array(margins) + 2) / _BIN).astype(np.int64)
            np.add.at(self.margins, bins.clip(0, _BINS - 1), 1)

    def percentile(self, percent: float) -> float:
        """The margin below which ``percent`` of the queries lie, to within a bin."""
        total = int(self.margins.sum())
        below = np.searchsorted(np.cumsum(self.margins), total * percent / 100, "right") if percent < 100 else _BINS
        return float(below) * _BIN - 2


@dataclass(frozen=True)
class Candidates:
    """The queries of a row on their way through the filters.

    Args:
        row: the row with its measures.
        alive: which queries no filter before has rejected.
        thresholds: what is rejected.
        facts: what is known of the row's language.
    """

    row: QueryRow
    alive: list[bool]
    thresholds: Thresholds
    facts: LanguageFacts

    def measure(self, name: str) -> list[Any]:
        """The values of a measure, one for each query."""
        return self.row.measures[name]


#: ``(rows, tools) -> for each row the measures by name``, one JSON value for each query.
Measure = Callable[[Sequence[QueryRow], Tools], list[dict[str, list[Any]]]]
#: For each query whether it is rejected.
Rejects = Callable[[Candidates], Sequence[bool]]


@dataclass(frozen=True)
class QueryFilter:
    """A filter: what it rejects, and the measure in ``MEASURES`` that it needs; empty where it needs none."""

    rejects: Rejects
    measure: str = ""

    @property
    def description(self) -> str:
        """One line: what is rejected."""
        return (self.rejects.__doc__ or "").strip().splitlines()[0]


#: Filters, and measures, by name.
FILTERS: Registry[QueryFilter] = Registry("filter")
MEASURES: Registry[Measure] = Registry("measure")


def register_filter(name: str, measure: str = "") -> Callable[[Rejects], Rejects]:
    """Decorator that makes a function a filter; the first line of its docstring describes it in the help."""

    def add(rejects: Rejects) -> Rejects:
        FILTERS.register(name)(QueryFilter(rejects, measure))
        return rejects

    return add


def count_facts(facts: dict[str, LanguageFacts], rows: Sequence[QueryRow]) -> None:
    """Add rows to the facts of their languages."""
    for row in rows:
        facts.setdefault(row.language, LanguageFacts()).add(row)
