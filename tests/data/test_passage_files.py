"""A million passages, in flat memory."""

from pathlib import Path

import pytest

from benchmarks.bench_data import in_process, run, write_corpus


@pytest.mark.slow
def test_a_million_passages_are_read_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "corpus.tsv"
    write_corpus(path, 1_000_000)
    _, _, megabytes = in_process("measure", path)
    assert megabytes < 250


def test_the_benchmark_reports_rows() -> None:
    rows = run(passages=2000, queries=2000)
    assert [len(row) for row in rows] == [4] * len(rows)
    assert len(rows) == 7
    assert all(all(cell for cell in row) for row in rows)
