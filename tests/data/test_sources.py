"""Telling a path from a data set id."""

from collections.abc import Callable
from pathlib import Path

import pytest

from xqg_pyserini.data import open_corpus, read_qrels, read_topics
from xqg_pyserini.data.sources import load_dataset
from xqg_pyserini.errors import InputError, UnknownNameError

Write = Callable[[str, str | bytes], Path]


def test_an_unknown_source_says_what_was_tried() -> None:
    with pytest.raises(InputError) as caught:
        open_corpus("xor-tidy")
    assert str(caught.value) == (
        "'xor-tidy' is neither an existing file nor a known data set or suite; near: xor-tydi, xor-tydi-mid "
        "(`xqg data list` and `xqg data suites` show them)"
    )
    with pytest.raises(InputError, match=r"'/no/such.tsv' is neither"):
        read_topics("/no/such.tsv")
    with pytest.raises(UnknownNameError, match="no data set 'mkqa/kn' is known; near: mkqa/"):
        load_dataset("mkqa/kn")


def test_a_data_set_without_the_wanted_part() -> None:
    with pytest.raises(InputError, match=r"'mkqa/km' has no docs \(it has queries\); these have: mkqa/km/"):
        open_corpus("mkqa/km")
    with pytest.raises(InputError, match=r"'xor-tydi' has no queries .*; these have: xor-tydi/train"):
        read_topics("xor-tydi")
    with pytest.raises(InputError, match="'mkqa/km/nq' has no qrels"):
        read_qrels("mkqa/km/nq")


def test_an_existing_path_wins(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("mkqa/km", "not read as it has no format")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="the corpus format"):
        open_corpus("mkqa/km").check()
