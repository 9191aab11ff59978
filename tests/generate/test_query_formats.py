"""Generated queries of others: each format by a small file as its authors write it, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.index.samples import contents
from xqg_pyserini.errors import InputError, UnknownNameError, XqgError
from xqg_pyserini.generate import ImportOptions, QueryRow, import_queries, read_store
from xqg_pyserini.generate.query_formats import recognise_format
from xqg_pyserini.records import Passage

PASSAGES = [Passage(doc_id, "", "text") for doc_id in ("p1", "p2", "p3")]


def jsonl(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def imported(path: Path, output: Path, options: ImportOptions | None = None) -> list[QueryRow]:
    rows = import_queries([path], output, options)
    found = list(read_store(output))
    assert len(found) == rows
    return found


def test_released_xqg_queries(tmp_path: Path) -> None:
    row = {"docid": "7", "text": "a passage", "generated_queries": {"ar": ["س", "ع"], "FI": ["k"]}}
    path = jsonl(tmp_path / "xqg.jsonl", row)
    assert recognise_format(path) == "xqg"
    assert imported(path, tmp_path / "s") == [QueryRow("7", "ar", ["س", "ع"]), QueryRow("7", "fi", ["k"])]


def test_one_query_a_row(tmp_path: Path) -> None:
    queries = [("1", "ar", "a"), ("1", "te", "b"), ("1", "ar", "c"), ("2", "ar", "d"), ("1", "ar", "e")]
    path = jsonl(tmp_path / "rows.jsonl", *({"docid": d, "lang": lang, "text": t} for d, lang, t in queries))
    assert recognise_format(path) == "rows"
    assert imported(path, tmp_path / "s") == [
        QueryRow("1", "ar", ["a", "c"]),
        QueryRow("1", "te", ["b"]),
        QueryRow("2", "ar", ["d"]),
        # not beside the others
        QueryRow("1", "ar", ["e"]),
    ]


def test_dsi_qg_has_no_language(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "dsi.jsonl", *({"text_id": number, "text": f"q{number}"} for number in (3, 3, 4)))
    assert recognise_format(path) == "dsi-qg"
    with pytest.raises(XqgError, match=r"dsi.jsonl does not say the language of its queries: give --language"):
        imported(path, tmp_path / "s")
    assert not (tmp_path / "s").exists()
    found = imported(path, tmp_path / "s", ImportOptions(language="fi"))
    assert found == [QueryRow("3", "fi", ["q3", "q3"]), QueryRow("4", "fi", ["q4"])]


def test_swim_ir_says_the_language_of_the_query_in_codes_of_its_own(tmp_path: Path) -> None:
    rows = [
        {"_id": "10", "lang": name, "code": code, "query": text, "title": "T", "text": "an English passage"}
        for name, code, text in (("Hindi", "hn", "कौन?"), ("Chinese", "zh", "谁？"))
    ]
    path = jsonl(tmp_path / "swim.jsonl", *rows)
    assert recognise_format(path) == "swim-ir"
    assert imported(path, tmp_path / "s") == [QueryRow("10", "hi", ["कौन?"]), QueryRow("10", "zh", ["谁？"])]
    # its README says the opposite of its data card
    found = imported(path, tmp_path / "en", ImportOptions(language="en"))
    assert {row.language for row in found} == {"en"}


def test_doctttttquery_has_a_line_for_each_passage(tmp_path: Path) -> None:
    path = tmp_path / "predicted.txt"
    path.write_text("who?\twhen?\n\nwhere?\n")
    assert recognise_format(path) == "doctttttquery"
    options = ImportOptions(language="en", passages=PASSAGES)
    assert imported(path, tmp_path / "s", options) == [
        QueryRow("p1", "en", ["who?", "when?"]),
        QueryRow("p3", "en", ["where?"]),
    ]
    for passages, message in (
        (PASSAGES[:2], r"predicted.txt:3: more lines than the corpus has passages \(2\)"),
        (PASSAGES * 2, r"predicted.txt: 3 lines, but the corpus has more passages"),
        (None, "give the corpus of the passages with --corpus"),
    ):
        with pytest.raises(XqgError, match=message):
            imported(path, tmp_path / "other", ImportOptions(language="en", passages=passages))
        assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"a": 1}, r"x.jsonl:1: fields a are those of no format \(.*swim-ir: _id, code, query"),
        ({"_id": "1", "code": "zh", "query": 5}, r"x.jsonl:1: 'query' must be text, got 5"),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        imported(jsonl(tmp_path / "x.jsonl", row), tmp_path / "s")


def test_what_is_refused(tmp_path: Path) -> None:
    good = {"_id": "1", "code": "zh", "query": "谁？"}
    path = jsonl(tmp_path / "x.jsonl", good, {"_id": "1", "code": "zh"})
    with pytest.raises(InputError, match=r"x.jsonl:2: a field 'query' is needed, got '_id', 'code'"):
        imported(path, tmp_path / "s")
    with pytest.raises(UnknownNameError, match=r"unknown language 'xx'"):
        imported(path, tmp_path / "t", ImportOptions(language="xx"))
    with pytest.raises(UnknownNameError, match=r"unknown format of generated queries 'swim' \(did you mean 'swim-ir'"):
        imported(path, tmp_path / "t", ImportOptions("swim"))
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(InputError, match=r"empty.jsonl: no rows"):
        imported(tmp_path / "empty.jsonl", tmp_path / "t")
    assert not (tmp_path / "t").exists()


def test_a_mended_file_is_another_job(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"_id": str(number), "code": "zh", "query": "谁？"} for number in range(5)]
    path = jsonl(tmp_path / "x.jsonl", *rows)
    imported(path, tmp_path / "whole")
    jsonl(path, *rows[:3], {"_id": "3"})
    with pytest.raises(InputError, match=r"x.jsonl:4: a field 'code'"):
        imported(path, tmp_path / "s")
    jsonl(path, *rows)
    with pytest.raises(XqgError, match="unfinished work with other options"):
        imported(path, tmp_path / "s")
    import_queries([path], tmp_path / "s", overwrite=True)
    assert contents(tmp_path / "s") == contents(tmp_path / "whole")
