"""A corpus from wherever it lies: JSON lines, a folder of them, TSV, or ir_datasets."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xqg_pyserini.data.passage_checks import check_passages
from xqg_pyserini.data.passage_files import Located, read_passages
from xqg_pyserini.data.sources import reading, resolve
from xqg_pyserini.errors import InputError
from xqg_pyserini.records import Passage


class Corpus(ABC):
    """Passages that can be read again and again, each time as a stream.

    ``name`` is what the user gave: a path or a data set id.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def located(self) -> Iterator[Located]:
        """Yield ``(file, line, passage)``; file and line are None where the source has none."""

    @abstractmethod
    def count(self) -> int | None:
        """The number of passages when it is known without reading them, else None."""

    def __iter__(self) -> Iterator[Passage]:
        return (passage for _, _, passage in self.located())

    def check(self) -> int:
        """Read everything once, eight bytes of memory a passage; returns the number of passages.

        Raises:
            InputError: with file and line: a row that does not parse, a missing field, an empty text, a docid that
                is empty, holds white space, or occurred before; or the corpus is empty.
        """
        return check_passages(self.located, self.name)


class FileCorpus(Corpus):
    """A corpus in a file or a folder of files; the count is known once it has been checked."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(name)
        self.path = path
        self._count: int | None = None

    def located(self) -> Iterator[Located]:
        """Yield ``(file, line, passage)``."""
        return read_passages(self.path)

    def count(self) -> int | None:
        """The number of passages after ``check``, else None."""
        return self._count

    def check(self) -> int:
        """See ``Corpus.check``."""
        self._count = super().check()
        return self._count


class IrCorpus(Corpus):
    """The documents of an ir_datasets data set."""

    def __init__(self, dataset: Any, name: str) -> None:
        super().__init__(name)
        self.dataset = dataset

    def located(self) -> Iterator[Located]:
        """Yield ``(None, None, passage)``."""
        with reading(self.name):
            fields = self.dataset.docs_cls()._fields
            if "text" in fields:
                titled = "title" in fields
                for doc in self.dataset.docs_iter():
                    yield None, None, Passage(doc.doc_id, (doc.title or "") if titled else "", doc.text)
            else:
                for doc in self.dataset.docs_iter():
                    yield None, None, Passage(doc.doc_id, "", doc.default_text())

    def count(self) -> int | None:
        """The count that ir_datasets records for this corpus, if any."""
        count = self.dataset.docs_count()
        return None if count is None else int(count)


def open_corpus(source: str | Path) -> Corpus:
    """Open a corpus.

    Args:
        source: a JSON-lines file in Pyserini's form (``id`` and ``contents``) or with ``title`` and ``text``; a
            folder of such files; a TSV file ``id<TAB>text[<TAB>title]`` with csv quoting, with or without a header;
            each may be ``.gz`` or ``.zst``; or an ir_datasets id.

    Raises:
        InputError: the source is neither, or has no documents.
    """
    found = resolve(source, "docs")
    if isinstance(found, Path):
        if found.is_dir() and not any(found.iterdir()):
            raise InputError("an empty folder, a corpus is needed", found)
        return FileCorpus(found, str(source))
    return IrCorpus(found, str(source))
