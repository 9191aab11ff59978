"""Checking passages in one pass: identifiers that are unique and usable in TREC files, texts that are there.

Eight bytes are kept of each identifier: its hash. Equal hashes are looked at again in a second pass, which tells a
duplicate from a collision and finds its line; a sound corpus never needs it.
"""

from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

from xqg_pyserini.data.passage_files import Located
from xqg_pyserini.errors import InputError
from xqg_pyserini.records import Passage

_MASK = (1 << 64) - 1


def check_passages(read: Callable[[], Iterator[Located]], name: str) -> int:
    """Check the passages that ``read`` yields; returns their number. See ``Corpus.check``."""
    hashes = array("Q")
    add = hashes.append
    for place, line, passage in read():
        if problem := _problem(passage):
            raise InputError(problem, place, line)
        add(hash(passage.doc_id) & _MASK)
    if not hashes:
        raise InputError("the corpus is empty", name)
    if suspects := _repeated(hashes):
        _raise_for_duplicate(read(), suspects)
    return len(hashes)


def _problem(passage: Passage) -> str | None:
    doc_id, _, text = passage
    if not doc_id:
        return "the docid is empty"
    if doc_id.split(maxsplit=1) != [doc_id]:
        return f"the docid {doc_id!r} holds white space, which TREC files cannot express"
    if not text or text.isspace():
        return f"the text of passage {doc_id!r} is empty"
    return None


def _repeated(hashes: "array[int]") -> set[int]:
    """Values that occur more than once; sorts ``hashes`` in place."""
    import numpy as np

    values = np.frombuffer(hashes, dtype=np.uint64)
    values.sort()
    return set(values[1:][values[1:] == values[:-1]].tolist())


def _raise_for_duplicate(rows: Iterator[Located], suspects: set[int]) -> None:
    seen: dict[str, tuple[Path | str, int | None]] = {}
    for place, line, passage in rows:
        if hash(passage.doc_id) & _MASK not in suspects:
            continue
        if first := seen.get(passage.doc_id):
            where = f"line {first[1]}" if first[1] and first[0] == place else f"{first[0]}"
            raise InputError(f"the docid {passage.doc_id!r} occurs twice (first in {where})", place, line)
        seen[passage.doc_id] = place, line
