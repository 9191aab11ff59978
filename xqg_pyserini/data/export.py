"""Writing a data set as the files that Pyserini and trec_eval read."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from xqg_pyserini.data.corpus import open_corpus
from xqg_pyserini.data.qrels import read_qrels
from xqg_pyserini.data.topics import read_topics
from xqg_pyserini.errors import InputError
from xqg_pyserini.files import atomic_file, check_output_file
from xqg_pyserini.progress import progress
from xqg_pyserini.registry import unknown_name


def export_records(source: str, kind: str, output: Path, overwrite: bool = False) -> int:
    """Write one kind of records of a data set (or of local files); returns their number.

    Args:
        source: an ir_datasets id, a suite, or a path that the readers of this package take.
        kind: ``docs`` (JSON lines ``id``, ``contents``: title, line break, text), ``queries`` (TSV topics), ``qrels``
            (TREC), or ``answers`` (JSON lines ``id``, ``lang``, ``text``, ``answers``).
        output: the file to write; ``.gz`` is compressed.
        overwrite: whether an existing file is replaced.

    Raises:
        UnknownNameError: no such kind.
        OutputExistsError: the file exists, or cannot be.
        InputError: the data set does not have this kind, or cannot be read.
    """
    if kind not in LINES:
        raise unknown_name("kind", kind, list(LINES))
    check_output_file(output, overwrite)
    count = 0
    with atomic_file(output) as stream:
        for line in LINES[kind](source):
            stream.write(f"{line}\n")
            count += 1
    return count


def _docs(source: str) -> Iterator[str]:
    corpus = open_corpus(source)
    for doc_id, title, text in progress(corpus, total=corpus.count(), unit="passages", what=source):
        yield json.dumps({"id": doc_id, "contents": f"{title}\n{text}" if title else text}, ensure_ascii=False)


def _queries(source: str) -> Iterator[str]:
    return (f"{query.query_id}\t{' '.join(query.text.split())}" for query in read_topics(source))


def _qrels(source: str) -> Iterator[str]:
    return (f"{query} 0 {doc} {grade}" for query, docs in read_qrels(source).items() for doc, grade in docs.items())


def _answers(source: str) -> Iterator[str]:
    queries = read_topics(source)
    if not any(query.answers for query in queries):
        raise InputError("no query has answers", source)
    for query in queries:
        row = {"id": query.query_id, "lang": query.lang, "text": query.text, "answers": query.answers}
        yield json.dumps(row, ensure_ascii=False)


#: Kind -> the lines of its file.
LINES: dict[str, Callable[[str], Iterator[str]]] = {
    "docs": _docs,
    "queries": _queries,
    "qrels": _qrels,
    "answers": _answers,
}
