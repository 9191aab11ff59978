"""What a resumable run depends on: a run is resumed only by a command whose inputs and options are the same."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xqg_pyserini.storage.index_directory import INDEX_FILES


def input_state(path: Path) -> list[list[str | int]]:
    """What tells whether a resumed run reads the same input: name, size and time of change of each of its files.

    Args:
        path: a file, or an index directory, of which every file counts: vectors, ids and ``meta.json``.
    """
    files = [path / name for name in sorted(INDEX_FILES)] if path.is_dir() else [path]
    return [[str(file.resolve()), (state := file.stat()).st_size, state.st_mtime_ns] for file in files if file.exists()]


def as_job(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as the journal of an unfinished run holds them: through JSON, where tuples become lists."""
    job: dict[str, Any] = json.loads(json.dumps(facts, sort_keys=True))
    return job


def job_difference(old: Any, new: Mapping[str, Any]) -> str:
    """The facts in which two jobs differ, in words; empty where they are the same."""
    if not isinstance(old, dict):
        return "of another kind"
    keys = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
    return "; ".join(f"{key}: {old.get(key)!r}, now {new.get(key)!r}" for key in keys)
