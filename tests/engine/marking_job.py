"""A job without a model: a part says which shard it is of, and a log which processes wrote parts."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from xqg_pyserini.engine import ShardedJob, ShardPlan
from xqg_pyserini.errors import InputError


@dataclass(frozen=True)
class Marking:
    """What is sent to workers.

    Args:
        log: a folder; each start of a shard leaves a file ``SHARD.PROCESS`` there.
        killed: the shard at whose first start the process is killed as by ``kill -9``; -1 for none.
        failing: the shard that always fails; -1 for none.
        seconds: how long a shard takes.
    """

    log: Path
    killed: int = -1
    failing: int = -1
    seconds: float = 0

    def open(self) -> "Marking":
        """The worker is this object."""
        return self

    def write_part(self, number: int, folder: Path) -> None:
        """See ``ShardWorker``."""
        is_first = not list(self.log.glob(f"{number}.*"))
        (self.log / f"{number}.{os.getpid()}.{time.monotonic_ns()}").touch()
        (folder / "half").write_text("")
        if number == self.killed and is_first:
            os.kill(os.getpid(), signal.SIGKILL)
        if number == self.failing:
            raise InputError("no vector", "passage-7")
        time.sleep(self.seconds)
        (folder / "half").unlink()
        (folder / "number").write_text(str(number))

    def job(self, output: Path, rows: int = 12) -> ShardedJob:
        """A job of one shard for each two rows."""
        return ShardedJob(output, {"rows": rows}, ShardPlan(rows, 2), self.open, "mark", "rows")

    def square(self, number: int) -> tuple[int, int]:
        """A call for a pool: leaves its mark, is killed and fails as a shard, and says which process it was."""
        is_first = not list(self.log.glob(f"{number}.*"))
        (self.log / f"{number}.{os.getpid()}.{time.monotonic_ns()}").touch()
        if number == self.killed and is_first:
            os.kill(os.getpid(), signal.SIGKILL)
        if number == self.failing:
            raise InputError("no square", f"number {number}")
        time.sleep(self.seconds)
        return number**2, os.getpid()

    def die(self) -> None:
        """A call whose process is always killed."""
        os.kill(os.getpid(), signal.SIGKILL)

    def starts(self) -> list[int]:
        """The shards that were started, each as often as it was."""
        return sorted(int(path.name.partition(".")[0]) for path in self.log.iterdir())

    def processes(self) -> set[str]:
        """The processes that started shards."""
        return {path.name.split(".")[1] for path in self.log.iterdir()}
