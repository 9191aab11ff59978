"""The records in which stages meet. Field names are those of ir_datasets."""

from typing import NamedTuple


class Passage(NamedTuple):
    """One unit of retrieval. ``title`` is empty where the corpus has none."""

    doc_id: str
    title: str
    text: str


class Query(NamedTuple):
    """One search request. ``lang`` is empty where the source does not say it."""

    query_id: str
    text: str
    lang: str = ""
    answers: tuple[str, ...] = ()


class GeneratedQuery(NamedTuple):
    """A query written by a machine (or a person) for one passage, in one language.

    ``score`` is its similarity to the passage, measured by round trip; None where it was not measured.
    """

    doc_id: str
    lang: str
    text: str
    score: float | None = None


class Hit(NamedTuple):
    """One retrieved passage; a higher score is better."""

    doc_id: str
    score: float


#: A run: query id -> hits, best first.
Run = dict[str, list[Hit]]
