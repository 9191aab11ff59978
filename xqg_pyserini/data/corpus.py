"""A corpus from wherever it lies: JSON lines, a folder of them, TSV, or ir_datasets."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from xqg_pyserini.data.passage_checks import check_passages
from xqg_pyserini.data.passage_files import Located, read_passages
from xqg_pyserini.data.sources import Found, Sources, find_sources, reading
from xqg_pyserini.errors import InputError
from xqg_pyserini.records import Passage


class Corpus:
    """Passages that can be read again and again, each time as a stream.

    Args:
        name: what the user gave: a path or a data set id.
        located: opens a stream of ``(place, line, passage)``: the file or data set, and the line, which is None for a
            data set.
        published_count: the number of passages where it is known without reading them, else None.
        path: the file or folder of a corpus that is one.
    """

    def __init__(
        self,
        name: str,
        located: Callable[[], Iterator[Located]],
        published_count: Callable[[], int | None] = lambda: None,
        path: Path | None = None,
    ) -> None:
        self.name, self.located, self.path = name, located, path
        self._published_count = published_count
        self._checked: int | None = None

    def count(self) -> int | None:
        """The number of passages when it is known without reading them, or once they have been checked; else None."""
        published = self._published_count()
        return self._checked if published is None else published

    def __iter__(self) -> Iterator[Passage]:
        return (passage for _, _, passage in self.located())

    def check(self) -> int:
        """Read everything once, eight bytes of memory a passage; returns the number of passages.

        Raises:
            InputError: with file and line: a row that does not parse, a missing field, an empty text, a docid that
                is empty, holds white space, or occurred before; or the corpus is empty.
        """
        self._checked = check_passages(self.located, self.name)
        return self._checked


def open_corpus(sources: Sources) -> Corpus:
    """Open a corpus.

    Args:
        sources: a JSON-lines file with ``id`` and ``contents`` (Pyserini's fields) or ``title`` and ``text``; a
            folder of such files; a TSV file ``id<TAB>text[<TAB>title]`` with csv quoting, with or without a header;
            each may be ``.gz`` or ``.zst``; an ir_datasets id; or a suite whose data sets share one corpus. A list of
            them is read as one corpus; data sets that differ in their queries only give their documents once.

    Raises:
        InputError: a source is none of these, or has no documents.
    """
    distinct = {
        found.where if isinstance(found.where, Path) else found.where.docs_handler(): found
        for found in reversed(find_sources(sources, "docs"))
    }
    corpora = [_open(found) for found in reversed(distinct.values())]
    if not corpora:
        raise InputError("a corpus is needed, got an empty list of sources")
    return corpora[0] if len(corpora) == 1 else _chained(corpora)


def _open(found: Found) -> Corpus:
    if not isinstance(found.where, Path):
        return Corpus(found.name, partial(_dataset_passages, found), found.where.docs_count)
    if found.where.is_dir() and not any(found.where.iterdir()):
        raise InputError("an empty folder, a corpus is needed", found.where)
    return Corpus(found.name, partial(read_passages, found.where), path=found.where)


def _dataset_passages(found: Found) -> Iterator[Located]:
    dataset: Any = found.where
    with reading(found.name):
        fields = dataset.docs_cls()._fields
        plain, titled = "text" in fields, {"text", "title"} <= set(fields)
        for doc in dataset.docs_iter():
            text = doc.text if plain else doc.default_text()
            yield found.name, None, Passage(doc.doc_id, (doc.title or "") if titled else "", text)


def _chained(corpora: Sequence[Corpus]) -> Corpus:
    """Several corpora, one after the other; no docid may occur in two of them."""

    def count() -> int | None:
        counts = [corpus.count() for corpus in corpora]
        return None if None in counts else sum(filter(None, counts))

    name = ", ".join(corpus.name for corpus in corpora)
    return Corpus(name, lambda: (row for corpus in corpora for row in corpus.located()), count)
