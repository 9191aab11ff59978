"""What a resumable run depends on: a run is resumed only by a command whose inputs and options are the same."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xqg_pyserini.storage.index_directory import INDEX_FILES


def input_state(path: Path) -> list[list[str | int]]:
    """What tells whether a resumed run reads the same input: name, size and time of change of each of its files.

    Args:
        path: a file; an index directory, of which vectors, ids and ``meta.json`` count; or another folder, of which
            every file counts.
    """
    files = [path]
    if path.is_dir():
        there = sorted(file for file in path.iterdir() if file.is_file())
        files = [file for file in there if file.name in INDEX_FILES] or there
    return [[str(file.resolve()), (state := file.stat()).st_size, state.st_mtime_ns] for file in files]


def as_job(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as the journal of an unfinished run holds them: through JSON, where tuples become lists."""
    job: dict[str, Any] = json.loads(json.dumps(facts, sort_keys=True))
    return job


def job_difference(old: Any, new: Mapping[str, Any]) -> str:
    """The facts in which two jobs differ, in words; empty where they are the same."""
    if not isinstance(old, dict):
        return "of another kind"
    left, right = _leaves(old), _leaves(new)
    keys = sorted(key for key in {*left, *right} if left.get(key) != right.get(key))
    return "; ".join(f"{key}: {left.get(key)!r}, now {right.get(key)!r}" for key in keys)


def _leaves(facts: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Facts inside facts by their path, as in ``encoder.pooling``."""
    leaves: dict[str, Any] = {}
    for key, value in facts.items():
        inside = isinstance(value, Mapping)
        leaves |= _leaves(value, f"{prefix}{key}.") if inside else {f"{prefix}{key}": value}
    return leaves
