"""Writing a data set as the files that Pyserini and trec_eval read."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from xqg_pyserini.data.corpus import open_corpus
from xqg_pyserini.data.qrels import read_qrels
from xqg_pyserini.data.topics import read_topics
from xqg_pyserini.errors import InputError
from xqg_pyserini.files import atomic_file, check_output_file
from xqg_pyserini.progress import progress
from xqg_pyserini.registry import unknown_name
from xqg_pyserini.trec import write_qrels


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
    if kind not in WRITERS:
        raise unknown_name("kind", kind, list(WRITERS))
    check_output_file(output, overwrite)
    return WRITERS[kind](source, output)


def _docs(source: str, output: Path) -> int:
    corpus = open_corpus(source)
    rows = (
        {"id": doc_id, "contents": f"{title}\n{text}" if title else text}
        for doc_id, title, text in progress(corpus, total=corpus.count(), unit="passages", what=source)
    )
    return _write(output, (json.dumps(row, ensure_ascii=False) for row in rows))


def _queries(source: str, output: Path) -> int:
    return _write(output, (f"{query.query_id}\t{' '.join(query.text.split())}" for query in read_topics(source)))


def _qrels(source: str, output: Path) -> int:
    rows = [(query, doc, grade) for query, docs in read_qrels(source).items() for doc, grade in docs.items()]
    write_qrels(output, rows)
    return len(rows)


def _answers(source: str, output: Path) -> int:
    queries = read_topics(source)
    if not any(query.answers for query in queries):
        raise InputError("no query has answers", source)
    rows = ({"id": q.query_id, "lang": q.lang, "text": q.text, "answers": list(q.answers)} for q in queries)
    return _write(output, (json.dumps(row, ensure_ascii=False) for row in rows))


def _write(output: Path, lines: Iterable[str]) -> int:
    count = 0
    with atomic_file(output) as stream:
        for line in lines:
            stream.write(f"{line}\n")
            count += 1
    return count


#: Kind -> what writes it.
WRITERS: dict[str, Callable[[str, Path], int]] = {
    "docs": _docs,
    "queries": _queries,
    "qrels": _qrels,
    "answers": _answers,
}
