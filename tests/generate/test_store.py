"""The store: resumed after any cut, refused where it must be, merged from shards, and read where queries are read."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.generate.stores import make_rows, write_store
from tests.index.samples import contents
from xqg_pyserini.data import read_generated_queries
from xqg_pyserini.errors import InputError, OutputExistsError, XqgError
from xqg_pyserini.generate import QueryRow, StoreWriter, merge_stores, read_store
from xqg_pyserini.generate.query_row import row_of
from xqg_pyserini.generate.store import read_meta_of_store

ROW = QueryRow("p1", "ar", ["س", "ع"], {"score": [0.5, None]}, ["keep", "length"], {"completion": "س\nع"})
TEXT = st.text(st.characters(codec="utf-8"), max_size=9)
JSON = st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT, st.lists, max_leaves=4)


@settings(max_examples=40)
@given(st.data())
def test_a_row_comes_back_from_its_line(data: st.DataObject) -> None:
    queries = data.draw(st.lists(TEXT, max_size=4))
    values = st.lists(JSON, min_size=len(queries), max_size=len(queries))
    measures = data.draw(st.dictionaries(TEXT, values, max_size=3))
    verdicts = ["keep"] * len(queries) if data.draw(st.booleans()) else []
    row = QueryRow(data.draw(TEXT), "te", queries, measures, verdicts, data.draw(st.dictionaries(TEXT, JSON)))
    line = row.to_line()
    assert line.count(b"\n") == 1
    assert row_of(json.loads(line), Path("s"), 1) == row
    assert row.kept == queries


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"docid": "1", "language": "ar"}', r"queries.jsonl:1: no row of a store .*'queries' is missing"),
        ('{"docid": 1, "language": "ar", "queries": []}', "docid and language must be text, queries a list"),
        (
            '{"docid": "1", "language": "ar", "queries": ["x"], "measures": {"rank": [1, 2]}}',
            r"rank: 2 values for 1 queries",
        ),
        (
            '{"docid": "1", "language": "ar", "queries": ["x"], "verdicts": ["keep", "keep"]}',
            "verdicts: 2 values for 1",
        ),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, line: str, message: str) -> None:
    store = write_store(tmp_path / "s", [])
    (store / "queries.jsonl").write_text(line)
    with pytest.raises(InputError, match=message):
        list(read_store(store))


def test_any_cut_is_resumed_to_the_same_bytes(tmp_path: Path) -> None:
    rows = [ROW, *make_rows(4), ROW._replace(queries=[], measures={}, verdicts=[])]
    whole = contents(write_store(tmp_path / "whole", rows))
    line = whole["queries.jsonl"]
    for cut in range(0, len(line), 41):
        with StoreWriter(tmp_path / "cut", {"backend": "test"}) as writer:
            writer.add(rows)
        # what a kill leaves: the beginning of the file
        os.truncate(tmp_path / ".cut.partial" / "queries.jsonl", cut)
        with StoreWriter(tmp_path / "cut", {"backend": "test"}) as writer:
            assert writer.count == line[:cut].count(b"\n")
            writer.add(rows[writer.count :])
            writer.finish()
        assert contents(tmp_path / "cut") == whole
        for path in (tmp_path / "cut").iterdir():
            path.unlink()
        (tmp_path / "cut").rmdir()


def test_a_damaged_line_and_what_follows_is_dropped(tmp_path: Path) -> None:
    with StoreWriter(tmp_path / "s", {}) as writer:
        writer.add([ROW])
    with (tmp_path / ".s.partial" / "queries.jsonl").open("ab") as stream:
        stream.write(b"\0\0\0\n" + ROW.to_line())
    with StoreWriter(tmp_path / "s", {}) as writer:
        assert writer.count == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from xqg_pyserini.generate import QueryRow, StoreWriter
with StoreWriter(Path(sys.argv[1]), {}) as writer:
    writer.add([QueryRow("1", "ar", ["x"])])
    writer.completions.add(5, {"text": "paid"})
    writer.completions.add(0, {"text": "in the store already"})
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_paid_for_survives_kill_9(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "s")], check=False)
    assert done.returncode == -signal.SIGKILL
    with StoreWriter(tmp_path / "s", {}) as writer:
        assert writer.count == 1
        assert writer.completions.waiting == {5: [{"text": "paid"}]}
        writer.finish({"price": 0.5})
    assert [row.queries for row in read_store(tmp_path / "s")] == [["x"]]
    assert read_meta_of_store(tmp_path / "s").spent == {"price": 0.5}
    assert len((tmp_path / "s" / "completions.jsonl").read_text().splitlines()) == 2


def test_what_is_refused(tmp_path: Path) -> None:
    with StoreWriter(tmp_path / "s", {"seed": 1}) as writer:
        with pytest.raises(XqgError, match=r"another process is writing .*s: wait for it"):
            StoreWriter(tmp_path / "s", {"seed": 1})
        writer.add([ROW])
    with pytest.raises(OutputExistsError, match=r"unfinished work with other options \(seed: 1, now 2\)"):
        StoreWriter(tmp_path / "s", {"seed": 2})
    with StoreWriter(tmp_path / "s", {"seed": 2}, overwrite=True) as writer:
        assert writer.count == 0
        writer.finish()
    with pytest.raises(OutputExistsError, match="exists: choose another name or give --overwrite"):
        StoreWriter(tmp_path / "s", {"seed": 2})
    for text, message in (
        ('{"kind": "x"}', "no store of generated queries: its kind is 'x'"),
        ('{"kind": "xqg-query-store", "version": 9}', "a store of version 9, this version reads 1"),
    ):
        (tmp_path / "s" / "meta.json").write_text(text)
        with pytest.raises(InputError, match=message):
            list(read_store(tmp_path / "s"))
    with pytest.raises(InputError, match=r"no store of generated queries: meta.json is missing"):
        list(read_store(tmp_path))


def test_nothing_is_left_of_a_run_that_wrote_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), StoreWriter(tmp_path / "s", {}):
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


FULL = """
import resource, signal, sys
from pathlib import Path
from xqg_pyserini.generate import QueryRow, StoreWriter
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, resource.RLIM_INFINITY))
with StoreWriter(Path(sys.argv[1]), {}) as writer:
    for number in range(10000):
        writer.add([QueryRow(str(number), "ar", ["x"])])
"""


def test_a_full_disk_loses_no_whole_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "s")], capture_output=True, text=True, check=False
    )
    assert "File too large" in done.stderr
    size = (tmp_path / ".s.partial" / "queries.jsonl").stat().st_size
    with StoreWriter(tmp_path / "s", {}) as writer:
        assert writer.count > 300
        writer.add(QueryRow(str(number), "ar", ["x"]) for number in range(writer.count, 600))
        writer.finish()
    assert size <= 20000
    assert [row.doc_id for row in read_store(tmp_path / "s")] == [str(number) for number in range(600)]


def test_shards_merge_to_the_bytes_of_the_whole(tmp_path: Path) -> None:
    rows = make_rows(5)
    whole = write_store(tmp_path / "whole", rows, shard="1/1")
    one = write_store(tmp_path / "1", rows[:4], shard="1/2")
    two = write_store(tmp_path / "2", rows[4:], shard="2/2")
    assert merge_stores([one, two], tmp_path / "merged") == len(rows)
    assert contents(tmp_path / "merged") == contents(whole)
    for parts, message in (
        ([one], r"all shards of a job are needed in their order, got 1/2"),
        ([two, one], r"in their order, got 2/2, 1/2"),
        (
            [one, write_store(tmp_path / "3", [], shard="2/2", seed=3)],
            r"shards of different jobs \(seed: None, now 3\)",
        ),
        ([], "stores to merge are needed, got none"),
    ):
        with pytest.raises(XqgError, match=message):
            merge_stores(parts, tmp_path / "other")
    other = write_store(tmp_path / "fi", rows[:1], languages=["fi"])
    merge_stores([whole, other], tmp_path / "both")
    assert [one.get("languages") for one in read_meta_of_store(tmp_path / "both").made["merged"]] == [None, ["fi"]]


def test_kept_queries_are_read_with_their_scores(tmp_path: Path) -> None:
    store = write_store(
        tmp_path / "s", [ROW, ROW._replace(doc_id="p2", verdicts=[], measures={}), ROW._replace(queries=[" "] * 2)]
    )
    (store / "completions.jsonl").write_text("not queries")
    found = [(query.doc_id, query.lang, query.text, str(query.score)) for _, _, query in read_generated_queries(store)]
    assert found == [("p1", "ar", "س", "0.5"), ("p2", "ar", "س", "None"), ("p2", "ar", "ع", "None")]
