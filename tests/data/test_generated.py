"""Generated queries from files, folders and data sets, one after the other."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from xqg_pyserini.data import read_generated_queries
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.data.generated import generated_query_files
from xqg_pyserini.errors import InputError
from xqg_pyserini.records import GeneratedQuery
from xqg_pyserini.sample import GENERATED

Write = Callable[[str, str | bytes], Path]
ROW = '{"docid": "%s", "lang": "AR", "text": "س"}\n'


def test_sources_add_up_in_their_order(write: Write, tmp_path: Path) -> None:
    shards = [write("f/b.jsonl", ROW % 2), write("f/a.jsonl.gz", gzip.compress((ROW % 1).encode()))]
    write("f/notes.txt", "no queries")
    alone = write("c.jsonl", ROW % 3 + ROW % 4)
    assert list(read_generated_queries([str(tmp_path / "f"), alone])) == [
        (shards[1], 1, GeneratedQuery("1", "ar", "س")),
        (shards[0], 1, GeneratedQuery("2", "ar", "س")),
        (alone, 1, GeneratedQuery("3", "ar", "س")),
        (alone, 2, GeneratedQuery("4", "ar", "س")),
    ]
    assert list(read_generated_queries(alone)) == list(read_generated_queries([alone]))
    assert next(read_generated_queries(str(GENERATED)))[:2] == (GENERATED, 1)


def test_the_files_are_known_before_they_are_fetched(home: Path) -> None:
    files = generated_query_files(["xor-tydi/xqg-augmented", GENERATED])
    assert [type(file) for file in files] == [RemoteFile] * 19 + [type(GENERATED)]
    assert not home.exists()


def test_sources_that_are_none(write: Write, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"b\.jsonl' is neither an existing file nor a known data set"):
        list(read_generated_queries([tmp_path / "b.jsonl"]))
    with pytest.raises(InputError, match="the data set 'xor-tydi' has no generated queries"):
        list(read_generated_queries(["xor-tydi"]))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="files in this folder"):
        list(read_generated_queries(tmp_path / "empty"))
