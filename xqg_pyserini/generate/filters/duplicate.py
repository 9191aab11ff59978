"""Queries of one passage and language that repeat each other; the best of them is kept."""

from typing import Any

from xqg_pyserini.generate.filters.base import Candidates, register_filter, tokens_of
from xqg_pyserini.generate.query_row import QueryRow


@register_filter("duplicate")
def repeats(candidates: Candidates) -> list[bool]:
    """repeats another query of the passage, or shares nearly all words with it; the best one is kept"""
    words = [frozenset(tokens_of(text)) for text in candidates.row.queries]
    alive = [number for number, is_alive in enumerate(candidates.alive) if is_alive]
    rejected, kept = [False] * len(words), list[frozenset[str]]()
    for number in sorted(alive, key=lambda number: _quality(candidates.row, number)):
        if any(_overlap(words[number], other) > candidates.thresholds.overlap for other in kept):
            rejected[number] = True
        else:
            kept.append(words[number])
    return rejected


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard similarity; that of two empty sets is 1."""
    return len(one & other) / len(one | other) if one or other else 1


def _quality(row: QueryRow, number: int) -> tuple[Any, ...]:
    """What sorts the best query first: rank and margin of the round trip, likelihood, then the order of the store."""
    rank, margin, likelihood = (_value(row, name, number) for name in ("rank", "margin", "log_probability"))
    return rank or float("inf"), -(margin or 0), -(likelihood or 0), number


def _value(row: QueryRow, name: str, number: int) -> float | None:
    values = row.measures.get(name)
    return values[number] if values else None
