"""Run files: what a format cannot express is refused before anything is written."""

from pathlib import Path

import pytest

from xqg_pyserini.errors import InputError, OutputExistsError
from xqg_pyserini.records import Hit, Query
from xqg_pyserini.search import write_results
from xqg_pyserini.trec import read_run, write_run


@pytest.mark.parametrize(
    ("query_id", "doc_id"), [("q 1", "d1"), ("q1", "d 1"), ("q1", "d\u30001"), ("", "d1"), ("q1", "d1\t")]
)
def test_ids_that_columns_cannot_hold(tmp_path: Path, query_id: str, doc_id: str) -> None:
    results = [(Query("q0", "text"), [Hit("d0", 1.0)]), (Query(query_id, "text"), [Hit(doc_id, 1.0)])]
    for name in ("trec", "msmarco"):
        with pytest.raises(InputError, match=r"id '.*': a run cannot hold ids that are empty or have white space"):
            write_results(tmp_path / "run", results, name)
    with pytest.raises(InputError, match="a run cannot hold ids"):
        write_run(tmp_path / "run", [(query.query_id, hits) for query, hits in results], "tag")
    assert not list(tmp_path.iterdir())
    assert write_results(tmp_path / "run", results, "kilt") == 2


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    assert write_results(tmp_path / "run.gz", [(Query("q", "text"), [Hit("d", 0.5)])]) == 1
    assert read_run(tmp_path / "run.gz") == {"q": [Hit("d", 0.5)]}
    with pytest.raises(OutputExistsError, match=r"run\.gz exists: choose another name or give --overwrite"):
        write_results(tmp_path / "run.gz", [])
    assert write_results(tmp_path / "run.gz", [], overwrite=True) == 0
