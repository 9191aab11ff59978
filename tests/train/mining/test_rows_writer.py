"""A file of rows that survives interruptions."""

from pathlib import Path

import pytest

from xqg_pyserini.errors import OutputExistsError, XqgError
from xqg_pyserini.train.mining.rows_writer import RowsWriter

JOB = {"rules": {"negatives": 7}}


def test_what_came_after_the_journal_is_dropped(tmp_path: Path) -> None:
    output = tmp_path / "rows.jsonl"
    with pytest.raises(RuntimeError), RowsWriter(output, JOB) as writer:
        writer.add(3, ["a\n", "b\n"], {"rows": 2})
        (writer.work / "rows.jsonl").open("a").write("half a li")
        raise RuntimeError
    assert not output.exists()
    with RowsWriter(output, JOB) as writer:
        assert (writer.rows_read, writer.counts) == (3, {"rows": 2})
        writer.add(1, ["c\n"], {"rows": 1})
        assert writer.counts["rows"] == 3
        writer.finish()
    assert output.read_text() == "a\nb\nc\n"
    assert list(tmp_path.iterdir()) == [output]


def test_another_job_is_not_resumed(tmp_path: Path) -> None:
    output = tmp_path / "rows.jsonl"
    with RowsWriter(output, JOB) as writer:
        writer.add(1, ["a\n"], {})
    with pytest.raises(OutputExistsError, match=r"other options \(rules\.negatives: 7, now 8\): finish it with"):
        RowsWriter(output, {"rules": {"negatives": 8}})
    with RowsWriter(output, {"rules": {"negatives": 8}}, overwrite=True) as writer:
        assert writer.rows_read == 0
        writer.finish()
    assert output.read_text() == ""
    with pytest.raises(OutputExistsError, match=r"rows\.jsonl exists: choose another name or give --overwrite"):
        RowsWriter(output, JOB)


def test_one_writer_at_a_time_and_nothing_left_of_nothing(tmp_path: Path) -> None:
    output = tmp_path / "rows.jsonl"
    with RowsWriter(output, JOB), pytest.raises(XqgError, match="another process is writing"):
        RowsWriter(output, JOB)
    assert list(tmp_path.iterdir()) == []


def test_a_shortened_file(tmp_path: Path) -> None:
    output = tmp_path / "rows.jsonl"
    with RowsWriter(output, JOB) as writer:
        writer.add(1, ["a\n"], {})
    (writer.work / "rows.jsonl").write_text("")
    with pytest.raises(XqgError, match=r"is shorter than its journal says: delete .* and start again"):
        RowsWriter(output, JOB)
