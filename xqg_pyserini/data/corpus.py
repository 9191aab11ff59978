"""A corpus from wherever it lies: JSON lines, a folder of them, TSV, or ir_datasets."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, override

from xqg_pyserini.data.passage_checks import check_passages
from xqg_pyserini.data.passage_files import Located, read_passages
from xqg_pyserini.data.sources import Found, Sources, find_sources, reading
from xqg_pyserini.errors import InputError
from xqg_pyserini.records import Passage


class Corpus(ABC):
    """Passages that can be read again and again, each time as a stream.

    ``name`` is what the user gave: a path or a data set id.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._count: int | None = None

    @abstractmethod
    def located(self) -> Iterator[Located]:
        """Yield ``(place, line, passage)``: the file or data set, and the line, which is None for a data set."""

    def count(self) -> int | None:
        """The number of passages when it is known without reading them, or once they have been checked; else None."""
        return self._count

    def __iter__(self) -> Iterator[Passage]:
        return (passage for _, _, passage in self.located())

    def check(self) -> int:
        """Read everything once, eight bytes of memory a passage; returns the number of passages.

        Raises:
            InputError: with file and line: a row that does not parse, a missing field, an empty text, a docid that
                is empty, holds white space, or occurred before; or the corpus is empty.
        """
        self._count = check_passages(self.located, self.name)
        return self._count


class FileCorpus(Corpus):
    """A corpus in a file or a folder of files."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(name)
        self.path = path

    @override
    def located(self) -> Iterator[Located]:
        return read_passages(self.path)


class IrCorpus(Corpus):
    """The documents of an ir_datasets data set."""

    def __init__(self, dataset: Any, name: str) -> None:
        super().__init__(name)
        self.dataset = dataset

    @override
    def located(self) -> Iterator[Located]:
        with reading(self.name):
            fields = self.dataset.docs_cls()._fields
            if "text" in fields:
                titled = "title" in fields
                for doc in self.dataset.docs_iter():
                    yield self.name, None, Passage(doc.doc_id, (doc.title or "") if titled else "", doc.text)
            else:
                for doc in self.dataset.docs_iter():
                    yield self.name, None, Passage(doc.doc_id, "", doc.default_text())

    @override
    def count(self) -> int | None:
        count = self.dataset.docs_count()
        return self._count if count is None else int(count)


class ChainedCorpus(Corpus):
    """Several corpora, one after the other; no docid may occur in two of them."""

    def __init__(self, corpora: Sequence[Corpus]) -> None:
        super().__init__(", ".join(corpus.name for corpus in corpora))
        self.corpora = corpora

    @override
    def located(self) -> Iterator[Located]:
        for corpus in self.corpora:
            yield from corpus.located()

    @override
    def count(self) -> int | None:
        counts = [corpus.count() for corpus in self.corpora]
        return self._count if None in counts else sum(count or 0 for count in counts)


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
    return corpora[0] if len(corpora) == 1 else ChainedCorpus(corpora)


def _open(found: Found) -> Corpus:
    if not isinstance(found.where, Path):
        return IrCorpus(found.where, found.name)
    if found.where.is_dir() and not any(found.where.iterdir()):
        raise InputError("an empty folder, a corpus is needed", found.where)
    return FileCorpus(found.where, found.name)
