"""Results of steps on disk, found by what they depend on: inputs' content, options, versions."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xqg_pyserini import __version__
from xqg_pyserini.errors import XqgError
from xqg_pyserini.files import read_json, sha256_of, write_json

#: Version of what steps write; with another one, or another version of the package, results are not comparable.
FORMAT = 1
_DONE = "done.json"
_NAMED = 3


@dataclass(frozen=True)
class Step:
    """One step of an experiment.

    Args:
        kind: what is done, such as ``search``.
        name: to what, such as ``base@xquad.clean``; unique in its kind.
        options: what the result depends on beside the inputs; JSON.
        inputs: role -> id of the step whose result is read.
        places: what the step needs and the result does not depend on: names of encoders, folders.
    """

    kind: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Unique in an experiment."""
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True)
class Result:
    """What a finished step left: a folder, and the SHA-256 of all that is in it.

    ``folder`` is None for what lies elsewhere: an encoder.
    """

    folder: Path | None
    digest: str
    seconds: float = 0.0


def content_hash(value: Any) -> str:
    """SHA-256 of a JSON value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def step_key(step: Step, inputs: Mapping[str, str]) -> str:
    """SHA-256 of what a result depends on.

    Args:
        step: the step.
        inputs: role -> digest of that input.
    """
    return content_hash([step.kind, _version(), step.options, inputs])


class StepCache:
    """The results of an experiment, one folder for each: ``KIND/NAME-KEY``.

    Args:
        folder: where they lie; made when it is needed.

    Raises:
        XqgError: results of another version of the package lie there; names them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._check_versions()

    def place(self, step: Step, key: str) -> Path:
        """Where the result of a step lies, or will."""
        return self.folder / step.kind / f"{step.name}-{key[:12]}"

    def find(self, step: Step, key: str) -> Result | None:
        """The result of a finished step; None where it is not finished."""
        place = self.place(step, key)
        if not (place / _DONE).is_file():
            return None
        done = read_json(place / _DONE)
        return Result(place, done["digest"], done["seconds"]) if done.get("key") == key else None

    def finish(self, step: Step, key: str, seconds: float) -> Result:
        """Record that a step's folder is complete."""
        place = self.place(step, key)
        files = sorted(path for path in place.rglob("*") if path.is_file() and path.name != _DONE)
        digests = {path.relative_to(place).as_posix(): sha256_of(path) for path in files}
        digest = content_hash(digests)
        facts = {"step": step.id, "key": key, "version": _version(), "digest": digest, "seconds": round(seconds, 3)}
        write_json(place / _DONE, {**facts, "files": digests, "options": step.options, "inputs": step.inputs})
        return Result(place, digest, seconds)

    def seconds(self) -> dict[str, float]:
        """Kind of step -> mean time of those that are finished, in this plan or an earlier one."""
        times: dict[str, list[float]] = {}
        for path in self.folder.glob(f"*/*/{_DONE}"):
            times.setdefault(path.parts[-3], []).append(float(read_json(path)["seconds"]))
        return {kind: sum(found) / len(found) for kind, found in times.items()}

    def _check_versions(self) -> None:
        other = {}
        for path in sorted(self.folder.glob(f"*/*/{_DONE}")):
            done = read_json(path)
            if done.get("version") != _version():
                other[str(done.get("step"))] = done.get("version")
        if other:
            names = ", ".join(list(other)[:_NAMED]) + (", …" if len(other) > _NAMED else "")
            raise XqgError(
                f"{self.folder} holds {len(other)} results of version {next(iter(other.values()))} ({names}), and this "
                f"is version {_version()}: give another --output, or remove that folder"
            )


def _version() -> str:
    return f"{__version__}/{FORMAT}"
