"""Files of generated queries: both kinds of rows, in every packing, and what is refused."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from xqg_pyserini.errors import InputError
from xqg_pyserini.records import GeneratedQuery
from xqg_pyserini.storage.generated_queries import query_files, read_query_file

FLAT = '{"docid": "1", "lang": "AR", "text": "س"}\n{"docid": "2", "lang": "zh_CN", "text": "问"}\n'
NESTED = '{"docid": "1", "text": "the passage", "generated_queries": {"ar": ["س", "ع"], "FI": ["k"]}}\n'


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


Write = Callable[[str, str | bytes], Path]


def test_both_kinds_of_rows_with_file_and_line(write: Write) -> None:
    flat, nested = write("a.jsonl", FLAT), write("b.jsonl", NESTED)
    assert [*read_query_file(flat), *read_query_file(nested)] == [
        (flat, 1, GeneratedQuery("1", "ar", "س")),
        (flat, 2, GeneratedQuery("2", "zh_cn", "问")),
        (nested, 1, GeneratedQuery("1", "ar", "س")),
        (nested, 1, GeneratedQuery("1", "ar", "ع")),
        (nested, 1, GeneratedQuery("1", "fi", "k")),
    ]
    assert type(next(read_query_file(flat))[2]) is GeneratedQuery


def test_packed_files_and_other_names_of_the_id(write: Write) -> None:
    plain = [query for _, _, query in read_query_file(write("a.jsonl", FLAT))]
    for name, data in (
        ("a.jsonl.gz", gzip.compress(FLAT.encode())),
        ("a.jsonl.zst", zstandard.compress(FLAT.encode())),
    ):
        assert [query for _, _, query in read_query_file(write(name, data))] == plain
    for field in ("doc_id", "id"):
        path = write("c.jsonl", FLAT.replace("docid", field))
        assert [query for _, _, query in read_query_file(path)] == plain
    mixed = write("d.jsonl", FLAT + FLAT.replace("docid", "id"))
    assert [query for _, _, query in read_query_file(mixed)] == plain * 2
    assert next(read_query_file(write("e.jsonl", '{"docid": 7, "lang": "ar", "text": "x"}')))[2][:3] == ("7", "ar", "x")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"lang": "ar", "text": "x"}', "a field 'docid' or 'doc_id' or 'id' is needed, got 'lang', 'text'"),
        ('{"docid": "", "lang": "ar", "text": "x"}', "the docid must be text that is not empty, got ''"),
        ('{"docid": 1.5, "lang": "ar", "text": "x"}', "the docid must be text that is not empty, got 1.5"),
        ('{"docid": "1", "text": "x"}', "'lang' must be a language code, got None"),
        ('{"docid": "1", "lang": " ", "text": "x"}', "'lang' must be a language code, got ' '"),
        ('{"docid": "1", "lang": "ar", "text": " "}', "a query of passage '1' in 'ar' is empty: ' '"),
        ('{"docid": "1", "lang": "ar"}', "a query of passage '1' in 'ar' is empty: None"),
        ('{"docid": "1", "generated_queries": ["x"]}', "'generated_queries' must be an object of lists"),
        ('{"docid": "1", "generated_queries": {"ar": "x"}}', "the queries in 'ar' must be a list, got 'x'"),
        ('{"docid": "1", "generated_queries": {"ar": ["x", ""]}}', "a query of passage '1' in 'ar' is empty"),
        ('{"docid": "1"', "not JSON"),
        ("<html>", r"a web page \(HTML\)"),
    ],
)
def test_bad_rows_are_named(write: Write, row: str, message: str) -> None:
    path = write("a.jsonl", FLAT + row)
    with pytest.raises(InputError, match=r"a.jsonl:3: " + message):
        list(read_query_file(path))


def test_a_folder_is_its_json_lines_files_by_name(write: Write, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no \.jsonl, \.jsonl\.gz or \.jsonl\.zst files in this folder"):
        query_files(tmp_path)
    files = [write("a.jsonl.gz", b""), write("b.jsonl", FLAT), write("c.jsonl.zst", b"")]
    write("README.md", "not queries")
    write("a.jsonl.bak", FLAT)
    assert query_files(tmp_path) == files
    assert query_files(files[1]) == [files[1]]
