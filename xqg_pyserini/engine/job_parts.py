"""The parts of a job on shared storage: each is a directory that appears when it is complete."""

import os
import shutil
from pathlib import Path
from typing import Self

from xqg_pyserini.engine.sharded_job import ShardedJob
from xqg_pyserini.errors import OutputExistsError
from xqg_pyserini.files import read_json, write_json
from xqg_pyserini.storage.index_writer import take_lock
from xqg_pyserini.storage.jobs import job_difference

_JOB, _LOCK = "job.json", "lock"


class JobParts:
    """The folder of a job's parts, ``.OUTPUT.parts`` beside the output; locked until it is closed.

    Args:
        job: the job.
        overwrite: discard the parts of another job.

    Attributes:
        folder: where they lie.

    Raises:
        OutputExistsError: parts of another job lie there.
        XqgError: another process is computing them.
    """

    def __init__(self, job: ShardedJob, overwrite: bool = False) -> None:
        # absolute, as workers may have another working directory
        output = job.output.absolute()
        self.folder = output.parent / f".{output.name}.parts"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = take_lock(self.folder / _LOCK, job.output)
        try:
            self._check(job.record, overwrite)
        except BaseException:
            os.close(self._lock)
            raise
        self._paths = [part_path(self.folder, number) for number in range(len(job.plan))]

    def _check(self, facts: dict[str, object], overwrite: bool) -> None:
        """Record the job, or see that the parts that are there are of the same one."""
        path = self.folder / _JOB
        there = read_json(path) if path.exists() else facts
        if there != facts and not overwrite:
            raise OutputExistsError(
                f"{self.folder} holds unfinished work with other options ({job_difference(there, facts)}): finish it "
                f"with the same options, or give --overwrite to discard it"
            )
        if there != facts:
            for part in self.folder.glob("part-*"):
                shutil.rmtree(part)
        write_json(path, facts)

    def paths(self) -> list[Path]:
        """The directories of all parts, in their order."""
        return self._paths

    def missing(self) -> list[int]:
        """Numbers of the parts that are not there."""
        return [number for number, path in enumerate(self._paths) if not path.is_dir()]

    def remove(self) -> None:
        """Delete the folder, once its parts are merged."""
        # a worker that was thought dead may still be writing here
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Keep what is good for the next run."""
        if len(self.missing()) == len(self._paths):
            self.remove()
        os.close(self._lock)


def part_path(folder: Path, number: int) -> Path:
    """The directory of a part."""
    return folder / f"part-{number:05d}"
