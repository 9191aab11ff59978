"""Filtering a store: measured once, verdicts that move, kills, and what is refused."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.generate.stores import make_round_trip, make_rows, write_store
from tests.index.samples import contents
from xqg_pyserini.errors import OutputExistsError, UnknownNameError, XqgError
from xqg_pyserini.generate import (
    FilterOptions,
    QueryRow,
    StoreWriter,
    Thresholds,
    Tools,
    filter_store,
    read_store,
)
from xqg_pyserini.generate.store import read_meta_of_store

ROUND_TRIP = FilterOptions(("round-trip", "margin"), Thresholds(round_trip=1))


def test_measured_once_and_verdicts_move(tmp_path: Path) -> None:
    rows = make_rows()
    store = write_store(tmp_path / "s", rows)
    (store / "completions.jsonl").write_bytes(b"paid\n")
    round_trip, encoder = make_round_trip(tmp_path / "index")
    tools = Tools(round_trip=round_trip)
    strict = filter_store(store, ROUND_TRIP, tools)
    queries = sum(len(row.queries) for row in rows)
    assert encoder.encoded == queries
    ranks = [rank for row in read_store(store) for rank in row.measures["rank"]]
    assert sum(one.kept or 0 for one in strict.languages.values()) == ranks.count(1) < queries
    # neither the index nor the encoder is needed to move a threshold
    loose = filter_store(store, replace(ROUND_TRIP, thresholds=Thresholds(round_trip=5)))
    assert sum(one.kept or 0 for one in loose.languages.values()) == sum(rank <= 5 for rank in ranks)
    filter_store(store, ROUND_TRIP, tools)
    assert encoder.encoded == queries
    assert [row._replace(measures={}, verdicts=[]) for row in read_store(store)] == rows
    assert (store / "completions.jsonl").read_bytes() == b"paid\n"
    assert read_meta_of_store(store).made == {"backend": "test"}


def test_another_index_or_encoder_is_measured_anew(tmp_path: Path) -> None:
    store = write_store(tmp_path / "s", make_rows(10))
    round_trip, encoder = make_round_trip(tmp_path / "index")
    filter_store(store, ROUND_TRIP, Tools(round_trip=round_trip))
    encoded = encoder.encoded
    encoder.describe = lambda: {"name": "other"}  # type: ignore[method-assign]
    filter_store(store, ROUND_TRIP, Tools(round_trip=round_trip))
    assert encoder.encoded == 2 * encoded


def test_the_first_filter_that_rejects_is_the_verdict_and_duplicates_come_last(tmp_path: Path) -> None:
    queries = ["Wann?", "Wann war das Spiel?", "wann war das spiel", "When was the game played and where?"]
    store = write_store(tmp_path / "s", [QueryRow("p1", "de", queries)])
    summary = filter_store(store, FilterOptions(("duplicate", "length", "language")))
    assert next(read_store(store)).verdicts == ["length", "keep", "duplicate", "language"]
    assert summary.warnings() == ["de: 3 of 4 queries are rejected: 1 length, 1 duplicate, 1 language"]
    filter_store(store, FilterOptions(("language", "length")))
    assert next(read_store(store)).verdicts == ["length", "keep", "keep", "language"]


def test_default_filters_are_those_for_which_there_is_what_they_need(tmp_path: Path) -> None:
    store = write_store(tmp_path / "s", make_rows(3, ["de"]))
    names = lambda: read_meta_of_store(store).filtered["filters"]  # noqa: E731
    filter_store(store)
    assert names() == ["length", "language", "duplicate"]
    filter_store(store, FilterOptions(("round-trip",)), Tools(round_trip=make_round_trip(tmp_path / "index")[0]))
    # what was measured before can be used
    filter_store(store, FilterOptions(thresholds=Thresholds(percentile=10)))
    assert names() == ["length", "language", "round-trip", "margin", "duplicate"]


def test_what_is_refused(tmp_path: Path) -> None:
    store = write_store(tmp_path / "s", make_rows(2))
    before = contents(store)
    with pytest.raises(UnknownNameError, match=r"unknown filter 'lengths' \(did you mean 'length'\?\)"):
        filter_store(store, FilterOptions(("lengths",)))
    with pytest.raises(XqgError, match="round trip 101: ranks from 1 to 100 are measured"):
        filter_store(store, FilterOptions(thresholds=Thresholds(round_trip=101)))
    with pytest.raises(XqgError, match="at least one filter is needed"):
        filter_store(store, FilterOptions(()))
    with pytest.raises(XqgError, match="round-trip and margin need the base index: give --index"):
        filter_store(store, FilterOptions(("margin",)))
    assert contents(store) == before
    assert not (tmp_path / ".s.partial").exists()
    with StoreWriter(store, {"backend": "endpoint"}, overwrite=True) as writer:
        with pytest.raises(OutputExistsError, match="holds unfinished work of a generator: finish it or delete it"):
            filter_store(store)
        writer.completions.add(0, {"text": "paid"})
    assert (tmp_path / ".s.partial" / "completions.jsonl").stat().st_size


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.generate.stores import make_round_trip
from tests.generate.test_filtering import ROUND_TRIP
from xqg_pyserini.generate import StoreWriter, Tools, filter_store, filtering
filtering._BLOCK = 8
tools = Tools(round_trip=make_round_trip(Path(sys.argv[1], "index"))[0])

def killed(name, last):
    if os.fork() == 0:
        taken, add = 0, StoreWriter.add
        def counted(self, rows):
            nonlocal taken
            taken, rows = taken + 1, list(rows)
            # half of a block is written, and half of a line
            add(self, rows[: len(rows) // 2] if taken == last else rows)
            if taken == last:
                self._stream.write(b'{"docid":')
                self._stream.flush()
                os.kill(os.getpid(), signal.SIGKILL)
        StoreWriter.add = counted
        filter_store(Path(sys.argv[1], name), ROUND_TRIP, tools)
        os._exit(0)
    return os.WIFSIGNALED(os.wait()[1])

assert not killed("whole", 0)
# fifteen blocks are measured, then judged
assert [killed("killed", last) for last in (3, 9, 2, 12, 1, 0)] == [True] * 5 + [False]
"""


def test_kill_9_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("whole", "killed"):
        (write_store(tmp_path / name, make_rows()) / "completions.jsonl").write_bytes(b"paid\n")
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    whole, resumed = contents(tmp_path / "whole"), contents(tmp_path / "killed")
    assert resumed == whole
    assert b'"rank"' in whole["queries.jsonl"]
    assert {path.name for path in tmp_path.iterdir()} == {"whole", "killed", "index"}
