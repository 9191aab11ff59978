"""A job of independent shards: what is divided, how, and what computes a shard."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from xqg_pyserini.storage.jobs import as_job

#: More shards would make more directories without keeping more workers busy.
MOST_SHARDS = 1024


@dataclass(frozen=True)
class ShardPlan:
    """A division of rows into shards of neighbours, the same whatever the number of workers.

    Args:
        total: number of rows.
        unit: rows that are computed together, as last bits depend on what is in a batch: a shard begins at a multiple.
    """

    total: int
    unit: int = 1

    def __len__(self) -> int:
        return min(self._units, MOST_SHARDS)

    @property
    def _units(self) -> int:
        return -(-self.total // self.unit)

    def rows(self, number: int) -> range:
        """The rows of a shard; ``number`` counts from 0."""
        first, last = (self._units * n // len(self) * self.unit for n in (number, number + 1))
        return range(first, min(last, self.total))


class ShardWorker(Protocol):
    """What computes shards in a worker's process, one after the other; it keeps what it has loaded."""

    def write_part(self, number: int, folder: Path) -> None:
        """Write what shard ``number``, from 0, gives into an empty folder, synced."""


@dataclass(frozen=True)
class ShardedJob:
    """What workers compute.

    Args:
        output: what the parts are made for; they lie beside it until it is written, on storage that all workers share.
        facts: all that the parts depend on, JSON values; a job is resumed only where they are the same.
        plan: the shards.
        open: makes the worker; pickled, and called once in each worker's process.
        what: what is done, and
        unit: the rows that it is done to, for the progress bar.
    """

    output: Path
    facts: Mapping[str, Any]
    plan: ShardPlan
    open: Callable[[], ShardWorker]
    what: str
    unit: str

    @property
    def record(self) -> dict[str, object]:
        """What decides whether parts that are there are this job's."""
        return as_job({**self.facts, "shards": len(self.plan), "unit": self.plan.unit})
