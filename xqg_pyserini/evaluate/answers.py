"""The answers that answer-based metrics look for, and the passages in which they look."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xqg_pyserini.errors import InputError
from xqg_pyserini.records import Hit, Passage, Query, Run


@dataclass(frozen=True)
class AnswerSource:
    """What answers are looked for, and where.

    Args:
        queries: query id -> query with answers and language (those of the gold data).
        passages: passage id -> passage, for every passage of the runs.
        titles: whether ``answer_recall@k`` reads titles too, as BGE-M3 does. R@kt never does.
    """

    queries: Mapping[str, Query]
    passages: Mapping[str, Passage]
    titles: bool = True
    _kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def keep[T](self, name: str, make: Callable[[], T]) -> T:
        """An object of a metric that remembers passages over all runs scored from this source; made at first use."""
        if name not in self._kept:
            self._kept[name] = make()
        kept: T = self._kept[name]
        return kept

    def ranked(self, hits: Sequence[Hit]) -> list[Passage]:
        """The passages of hits, best first."""
        return [self.passages[hit.doc_id] for hit in best_first(hits)]


def best_first(hits: Sequence[Hit]) -> list[Hit]:
    """Hits by falling score; equal scores keep their order."""
    return sorted(hits, key=lambda hit: -hit.score)


def answer_source(
    queries: Iterable[Query], corpus: Iterable[Passage], runs: Iterable[Run], titles: bool = True
) -> AnswerSource:
    """Gather the queries that have answers, and from a corpus read once the passages that the runs list.

    Raises:
        InputError: no query has answers, a run lists a passage that the corpus lacks, or the corpus has two passages
            of one id.
    """
    asked = {query.query_id: query for query in queries if query.answers}
    if not asked:
        raise InputError("none of the queries has answers: answer-based metrics need them")
    wanted = {hit.doc_id for run in runs for query_id, hits in run.items() if query_id in asked for hit in hits}
    passages: dict[str, Passage] = {}
    for passage in corpus:
        if passage.doc_id in wanted and passages.setdefault(passage.doc_id, passage) != passage:
            raise InputError(
                f"two passages have the id {passage.doc_id!r}: evaluate the runs of each corpus by themselves"
            )
    if lacking := sorted(wanted - passages.keys()):
        raise InputError(
            f"{len(lacking)} passages of the runs are not in the corpus, the first is {lacking[0]!r}: "
            "give the corpus that the index was made from"
        )
    return AnswerSource(asked, passages, titles)
