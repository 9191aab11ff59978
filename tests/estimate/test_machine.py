"""Machines from files, and for texts of other lengths."""

import json
from pathlib import Path

import pytest

from tests.estimate.machines import ROUND
from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.estimate import machine_names, read_machine


def test_written_and_read(tmp_path: Path) -> None:
    for name, raw in (("alone", ROUND.to_dict()), ("estimate", {"workload": {}, "machine": ROUND.to_dict()})):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(raw), encoding="utf-8")
        assert read_machine(str(path)) == ROUND


def test_those_of_the_package_say_where_they_come_from() -> None:
    for name in machine_names():
        machine = read_machine(name)
        assert "assumed" in machine.note or "processor time" in machine.note


def test_unknown_names() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown machine 'h10' \(did you mean 'h100'\?\); known: 2-cores, "):
        read_machine("h10")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dim": 0}, "dim: 0 cannot be used"),
        ({"encoder": 3}, "encoder: 3 cannot be used"),
        ({"passages_per_second": "fast"}, "passages_per_second: 'fast' cannot be used"),
        ({"passages_per_second": float("nan")}, "passages_per_second: nan cannot be used"),
        ({"written_per_second": -1.0}, "written_per_second: -1.0 cannot be used"),
        ({"colour": "red"}, "unexpected keyword argument 'colour'"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, change: dict[str, object], message: str) -> None:
    path = tmp_path / "machine.json"
    path.write_text(json.dumps(ROUND.to_dict() | change), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_machine(str(path))


def test_files_of_other_kinds(tmp_path: Path) -> None:
    path = tmp_path / "machine.json"
    path.write_text('{"machine": "h100"}', encoding="utf-8")
    with pytest.raises(InputError, match="a JSON object of its speeds is needed"):
        read_machine(str(path))
    path.write_text('{"dim": 8}', encoding="utf-8")
    with pytest.raises(InputError, match="missing 17 required positional arguments: 'encoder'"):
        read_machine(str(path))


def test_other_lengths() -> None:
    longer = ROUND.at_lengths(200, 5)
    assert (longer.passage_tokens, longer.passages_per_second, longer.packed_bytes) == (200, 5, 400)
    assert (longer.query_tokens, longer.queries_per_second, longer.query_bytes) == (5, 200, 20)
    assert ROUND.at_lengths(None, None) == ROUND
