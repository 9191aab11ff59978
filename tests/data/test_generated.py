"""Generated queries: both forms, in every packing, and what is refused."""

import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from xqg_pyserini.data.generated import read_generated
from xqg_pyserini.errors import InputError
from xqg_pyserini.records import GeneratedQuery

Write = Callable[[str, str | bytes], Path]
FLAT = '{"docid": "1", "lang": "AR", "text": "س"}\n{"docid": "2", "lang": "zh_CN", "text": "问"}\n'
NESTED = '{"docid": "1", "text": "the passage", "generated_queries": {"ar": ["س", "ع"], "FI": ["k"]}}\n'


def test_both_forms_with_file_and_line(write: Write) -> None:
    flat, nested = write("a.jsonl", FLAT), write("b.jsonl", NESTED)
    assert list(read_generated([flat, nested])) == [
        (flat, 1, GeneratedQuery("1", "ar", "س")),
        (flat, 2, GeneratedQuery("2", "zh_cn", "问")),
        (nested, 1, GeneratedQuery("1", "ar", "س")),
        (nested, 1, GeneratedQuery("1", "ar", "ع")),
        (nested, 1, GeneratedQuery("1", "fi", "k")),
    ]
    assert type(next(read_generated([flat]))[2]) is GeneratedQuery


def test_packed_files_and_other_names_of_the_id(write: Write) -> None:
    plain = [query for _, _, query in read_generated([write("a.jsonl", FLAT)])]
    for name, data in (
        ("a.jsonl.gz", gzip.compress(FLAT.encode())),
        ("a.jsonl.zst", zstandard.compress(FLAT.encode())),
    ):
        assert [query for _, _, query in read_generated([write(name, data)])] == plain
    for field in ("doc_id", "id"):
        path = write("c.jsonl", FLAT.replace("docid", field))
        assert [query for _, _, query in read_generated([str(path)])] == plain
    mixed = write("d.jsonl", FLAT + FLAT.replace("docid", "id"))
    assert [query for _, _, query in read_generated([mixed])] == plain * 2


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"lang": "ar", "text": "x"}', "a field 'docid' is needed, got 'lang', 'text'"),
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
        list(read_generated([path]))


def test_a_numeric_id_and_a_missing_file(write: Write, tmp_path: Path) -> None:
    path = write("a.jsonl", '{"docid": 7, "lang": "ar", "text": "x"}')
    assert next(read_generated([path]))[2] == ("7", "ar", "x")
    with pytest.raises(InputError, match=r"b\.jsonl' is neither an existing file nor a known data set"):
        list(read_generated([tmp_path / "b.jsonl"]))
    with pytest.raises(InputError, match="the data set 'xor-tydi' has no generated queries"):
        list(read_generated(["xor-tydi"]))


def test_reading_is_fast(write: Write) -> None:
    row = json.dumps({"docid": "12345", "lang": "te", "text": "ఒరెగాన్ రాష్ట్రంలోని నగరం"}, ensure_ascii=False) + "\n"
    path = write("a.jsonl", row * 100_000)
    start = time.process_time()
    assert sum(1 for _ in read_generated([path])) == 100_000
    assert 100_000 / (time.process_time() - start) > 100_000, (
        "rows a second of processor time (several times that is usual)"
    )
