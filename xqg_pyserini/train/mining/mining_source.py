"""What is mined for: rows, more answers to look for, and passages that are left out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xqg_pyserini.storage.jobs import input_state
from xqg_pyserini.train.mining.pooled_answers import pool_answers, with_pooled_answers
from xqg_pyserini.train.mining.title_links import TitleLinks, expand_answers, read_title_links
from xqg_pyserini.train.rows.excluded_passages import judged_passages, without_passages
from xqg_pyserini.train.rows.row_reader import read_rows
from xqg_pyserini.train.rows.training_row import TrainingRow


@dataclass(frozen=True)
class MiningSource:
    """What is mined for.

    Args:
        data: training rows; see ``read_rows``. Negatives and scores that they have are replaced.
        language: of the queries whose source does not state it.
        corpus: the passages of an index without texts: a file or a data set.
        title_links: titles of articles in several languages, by which answers are found in other languages; see
            ``read_title_links``.
        pool_answers: whether a query's answers are those of its question in all languages of the rows; see
            ``question_of``.
        excluded: judgements or data sets; the passages relevant there (a test collection) become neither positives nor
            negatives, and rows of which no positive is left are dropped.
    """

    data: Sequence[str | Path]
    language: str | None = None
    corpus: str | Path | None = None
    title_links: Path | None = None
    pool_answers: bool = False
    excluded: Sequence[str | Path] = ()

    def open(self) -> "OpenedSource":
        """Read what is needed before the first row.

        Raises:
            InputError: a file that cannot be used.
        """
        return OpenedSource(self)

    def state(self) -> dict[str, Any]:
        """What tells whether a resumed run reads the same."""
        facts: dict[str, Any] = {"language": self.language, "pool_answers": self.pool_answers}
        for name, sources in (
            ("data", self.data),
            ("excluded", self.excluded),
            ("corpus", [self.corpus] if self.corpus else []),
            ("title_links", [self.title_links] if self.title_links else []),
        ):
            facts[name] = [input_state(Path(one)) if Path(one).exists() else str(one) for one in sources]
        return facts


class OpenedSource:
    """Rows as they are mined: without excluded passages, with more answers.

    Attributes:
        excluded: docids of excluded passages.
    """

    def __init__(self, source: MiningSource) -> None:
        self._read: Callable[[], Iterator[TrainingRow]] = lambda: read_rows(source.data, source.language)
        self.excluded = judged_passages(list(source.excluded)) if source.excluded else frozenset[str]()
        self._pooled = pool_answers(self._read()) if source.pool_answers else {}
        self._links: TitleLinks = {}
        if source.title_links is not None:
            answers = {answer for row in self._read() for answer in row.answers}
            self._links = read_title_links(source.title_links, answers)

    def rows(self) -> Iterator[TrainingRow]:
        """The rows, from the first."""
        rows = without_passages(self._read(), self.excluded)
        return expand_answers(with_pooled_answers(rows, self._pooled), self._links)
