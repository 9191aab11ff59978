"""The process of a Ray worker."""

import contextlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from xqg_pyserini.engine.job_parts import part_path
from xqg_pyserini.engine.sharded_job import ShardWorker
from xqg_pyserini.quiet import wait_passively
from xqg_pyserini.storage.built_once import built_once


class ShardActor:
    """Opens a job once and computes the shards that it is given."""

    def begin(self, open: Callable[[], ShardWorker], folder: Path, working_directory: Path) -> None:
        """Load what the job needs.

        Args:
            open: makes the worker.
            folder: where parts are put.
            working_directory: the driver's, to which relative paths belong; ignored where this machine lacks it.
        """
        wait_passively()
        with contextlib.suppress(FileNotFoundError):
            os.chdir(working_directory)
        self._worker, self._folder = open(), folder

    def compute(self, number: int) -> None:
        """Write the part of a shard; it appears when it is complete, and nothing happens where it is there already."""
        # a worker that was thought dead may be writing the same part: each has a folder of its own until it is done
        built_once(part_path(self._folder, number), partial(self._worker.write_part, number))
