"""Which generated queries an augmentation uses, and how many of them there are."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from xqg_pyserini.errors import InputError, XqgError

_EXAMPLES = 5


@dataclass(frozen=True, kw_only=True)
class QuerySelection:
    """The generated queries to use, and their weights.

    Args:
        languages: languages to use; None uses all.
        weights: weight of the queries of a language against those of others, 1 where it is not named.
        max_queries: number of queries of each passage and language to use, the first ones; None uses all.
    """

    languages: tuple[str, ...] | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    max_queries: int | None = None

    def check(self) -> None:
        """Raise XqgError for a value out of range."""
        if self.max_queries is not None and self.max_queries < 1:
            raise XqgError(f"max_queries {self.max_queries}: at least 1 is needed")
        for lang, weight in self.weights.items():
            if not 0 < weight < float("inf"):
                raise XqgError(f"weight {lang}={weight}: a positive number is needed (exclude a language by languages)")

    def uses(self, lang: str) -> bool:
        """Whether queries in a language are used."""
        return self.languages is None or lang in self.languages


@dataclass
class QueryCounts:
    """Numbers of generated queries, counted in one pass.

    Attributes:
        languages: number of queries that are used, by language.
        passages: passages that have at least one of them.
        unknown: queries of passages that the index does not hold.
        unknown_examples: some of those, with file and line.
        other_languages: queries in languages that were not asked for, by language.
        surplus: queries beyond ``max_queries`` of a passage and language.
    """

    languages: dict[str, int] = field(default_factory=Counter)
    passages: int = 0
    unknown: int = 0
    unknown_examples: list[str] = field(default_factory=list)
    other_languages: dict[str, int] = field(default_factory=Counter)
    surplus: int = 0

    @property
    def used(self) -> int:
        """Number of queries that are used."""
        return sum(self.languages.values())

    def add_unknown(self, docid: str, place: str) -> None:
        """Count a query of a passage that the index does not hold."""
        self.unknown += 1
        if len(self.unknown_examples) < _EXAMPLES:
            self.unknown_examples.append(f"{docid} ({place})")

    def check(self, selection: QuerySelection, strict: bool = False) -> None:
        """Refuse queries that do not fit what was asked for.

        Raises:
            InputError: ``strict`` and there are queries of unknown passages.
            XqgError: no query is used, or none in a language that was asked for or has a weight.
        """
        if strict and self.unknown:
            raise InputError(
                f"{self.unknown} generated queries of passages that the index does not hold, for example "
                f"{', '.join(self.unknown_examples)}; without --strict they are skipped"
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
        unused = sorted(set(selection.weights) - set(self.languages))
        if unused:
            raise XqgError(f"weight for {', '.join(unused)}, but the queries used are in {', '.join(self.languages)}")

    def warnings(self) -> list[str]:
        """Sentences on the queries that were skipped."""
        found = []
        if self.unknown:
            examples = ", ".join(self.unknown_examples)
            found.append(f"{self.unknown} queries of unknown passages were skipped, for example {examples}")
        if self.surplus:
            found.append(f"{self.surplus} queries beyond --max-queries were skipped")
        return found


class QueryCounter:
    """Fills ``counts`` in one pass through generated queries.

    Args:
        selection: the queries to use.
        passages: number of passages of the index.
    """

    def __init__(self, selection: QuerySelection, passages: int) -> None:
        self.counts = QueryCounts()
        self._selection = selection
        self._seen = np.zeros(passages, bool)
        # queries by passage, kept only where their number is limited
        self._numbers: dict[str, np.ndarray] = {}

    def add(self, lang: str, rows: np.ndarray) -> None:
        """Count queries in one language of the passages in ``rows``."""
        if not len(rows):
            return
        if not self._selection.uses(lang):
            self.counts.other_languages[lang] += len(rows)
            return
        self.counts.languages[lang] += len(rows)
        self._seen[rows] = True
        if self._selection.max_queries is not None:
            np.add.at(self._numbers.setdefault(lang, np.zeros(len(self._seen), np.uint32)), rows, 1)

    def finish(self) -> QueryCounts:
        """The counts, complete."""
        limit = self._selection.max_queries or 0
        for lang, numbers in self._numbers.items():
            surplus = int((np.maximum(numbers, limit) - limit).sum())
            self.counts.languages[lang] -= surplus
            self.counts.surplus += surplus
        self.counts.passages = int(self._seen.sum())
        self.counts.languages = dict(sorted(self.counts.languages.items()))
        return self.counts
