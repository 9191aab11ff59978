"""Generated queries from files: read by default, and what makes a run one that is not resumed."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.index.samples import SampleEncoder, interrupted_after, make_queries, source_of, vectors_of
from xqg_pyserini.errors import OutputExistsError
from xqg_pyserini.index import AugmentOptions, AugmentSource, augment_index, mixing
from xqg_pyserini.records import GeneratedQuery

OPTIONS = AugmentOptions("mean", 0.3)


def write_queries(path: Path, queries: Sequence[GeneratedQuery]) -> Path:
    rows = [{"docid": query.doc_id, "lang": query.lang, "text": query.text} for query in queries]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_files_and_folders(base: Path, tmp_path: Path) -> None:
    queries = make_queries()
    augment_index(source_of(base, queries), tmp_path / "list", OPTIONS)
    (tmp_path / "folder").mkdir()
    one = write_queries(tmp_path / "folder" / "one.jsonl", queries[:50])
    two = write_queries(tmp_path / "folder" / "two.jsonl", queries[50:])
    for name, files in (("files", [one, str(two)]), ("folder-xqg", [tmp_path / "folder"])):
        augment_index(AugmentSource(base, files, SampleEncoder()), tmp_path / name, OPTIONS)
        np.testing.assert_array_equal(vectors_of(tmp_path / name), vectors_of(tmp_path / "list"))


@pytest.mark.parametrize("in_folder", [False, True])
def test_a_run_is_not_resumed_with_other_queries(
    base: Path, tmp_path: Path, in_folder: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mixing, "ROWS_PER_BLOCK", 8)
    queries = make_queries()
    (tmp_path / "folder").mkdir()
    file = write_queries(tmp_path / "folder" / "queries.jsonl", queries)
    source = AugmentSource(base, [tmp_path / "folder" if in_folder else file], SampleEncoder())
    with interrupted_after(3):
        augment_index(source, tmp_path / "out", OPTIONS)
    write_queries(file, queries[:-1])
    with pytest.raises(OutputExistsError, match=r"unfinished work with other options \(queries: .*--overwrite"):
        augment_index(source, tmp_path / "out", OPTIONS)
    report = augment_index(source, tmp_path / "out", OPTIONS, overwrite=True)
    assert report.counts.used == len(queries) - 1
