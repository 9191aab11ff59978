"""Checking passages: equal hashes of docids are looked at again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from xqg_pyserini.data import open_corpus
from xqg_pyserini.errors import InputError

Write = Callable[[str, str | bytes], Path]


def test_equal_hashes_are_no_duplicates(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xqg_pyserini.data.passage_checks._MASK", 3)
    path = write("c.tsv", "".join(f"{number}\tx\n" for number in range(100)))
    assert open_corpus(path).check() == 100
    write("c.tsv", path.read_text() + "42\ty\n")
    with pytest.raises(InputError, match=r"c\.tsv:101: the docid '42' occurs twice \(first in line 43\)"):
        open_corpus(path).check()
