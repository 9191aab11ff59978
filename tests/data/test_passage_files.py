"""A million passages: fast, and in flat memory."""

from pathlib import Path

import pytest

from benchmarks.bench_data import in_process, run, write_corpus


@pytest.mark.slow
def test_a_million_passages_are_read_fast_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "corpus.tsv"
    write_corpus(path, 1_000_000)
    read, checked, megabytes = in_process("measure", path)
    assert megabytes < 250
    assert read >= 100_000, "passages a second on one core"
    assert checked >= 50_000, "passages a second, with every id and text looked at"


def test_the_benchmark_reports_rows() -> None:
    rows = run(passages=2000, queries=2000)
    assert [len(row) for row in rows] == [4] * 4
    assert all(all(cell for cell in row) for row in rows)
