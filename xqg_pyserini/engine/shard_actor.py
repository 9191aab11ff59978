"""The process of a Ray worker."""

import contextlib
import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from xqg_pyserini.engine.job_parts import part_path
from xqg_pyserini.engine.part_mailbox import PartMailbox
from xqg_pyserini.engine.sharded_job import ShardWorker
from xqg_pyserini.quiet import wait_passively
from xqg_pyserini.storage.built_once import built_once


class ShardActor:
    """Opens a job once and computes the shards that it is given."""

    def begin(self, open: Callable[[], ShardWorker], place: Path | PartMailbox, working_directory: Path) -> None:
        """Load what the job needs.

        Args:
            open: makes the worker.
            place: where parts are put.
            working_directory: the driver's, to which relative paths belong; ignored where this machine lacks it.
        """
        wait_passively()
        with contextlib.suppress(FileNotFoundError):
            os.chdir(working_directory)
        self._worker, self._place = open(), place

    def compute(self, number: int) -> None:
        """Write the part of a shard; it appears when it is complete."""
        # a worker that was thought dead may be writing the same part: each has a folder of its own until it is done
        if isinstance(self._place, Path):
            built_once(part_path(self._place, number), partial(self._worker.write_part, number))
            return
        with tempfile.TemporaryDirectory() as folder:
            self._worker.write_part(number, Path(folder))
            self._place.put(number, Path(folder))
