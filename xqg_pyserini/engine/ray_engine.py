"""Computing the shards of a job by the workers of a Ray cluster; the one door to Ray.

Workers are actors. They read what they need and write their parts on shared storage; through Ray come only the numbers
of shards and errors.
"""

import logging
import os
import socket
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from xqg_pyserini.engine.job_parts import part_path
from xqg_pyserini.engine.part_mailbox import PartMailbox
from xqg_pyserini.engine.ray_pool import RayPool
from xqg_pyserini.engine.sharded_job import ShardedJob
from xqg_pyserini.errors import MissingExtraError, XqgError
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.built_once import built_once

logger = logging.getLogger(__name__)

#: How often a shard is tried.
TRIES = 3
#: Seconds without a worker after which the user is told what the cluster has.
_PATIENCE = 20.0
_SECONDS_TO_CONNECT = 10.0
#: Least that Ray accepts; nothing big goes through it.
_OBJECT_STORE_BYTES = 80 << 20
#: What Ray is told: no reports of use, and none of its announcements of changes to come. Workers of a Ray that is
#: started here have the priority of this process; by default they would wait for everything else on the machine.
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_worker_niceness": "0",
}


@dataclass(frozen=True)
class RayEngine:
    """A Ray cluster, and what each worker gets of it.

    Args:
        address: of the cluster; None takes ``$RAY_ADDRESS``, or starts Ray on this machine for the time of the job.
        workers: number of workers; None takes as many as the cluster has processors or GPUs for.
        cpus: processors of a worker.
        gpus: GPUs of a worker; a part of one shares it.
        parts: URL of storage through which workers hand over their parts, such as ``s3://bucket/parts``; None where
            all machines share the file system of the output.
    """

    address: str | None = None
    workers: int | None = None
    cpus: int = 1
    gpus: float = 0
    parts: str | None = None

    def compute(self, job: ShardedJob, folder: Path, missing: Sequence[int]) -> None:
        """Have the missing parts of a job written into a folder.

        Raises:
            XqgError: no cluster, the job cannot be opened, or shards failed three times each; the others are done.
            MissingExtraError: Ray is not installed.
        """
        mailbox = PartMailbox(self.parts, job.record) if self.parts else None
        if mailbox:
            for number in mailbox.numbers() & set(missing):
                _collect_part(mailbox, number, folder)
            missing = [number for number in missing if not part_path(folder, number).is_dir()]
        with self._connected() as ray, progress(total=job.plan.total, unit=job.unit, what=job.what) as bar:
            # parts of an earlier run count as done, but not into the speed
            bar.initial = bar.n = job.plan.total - sum(len(job.plan.rows(number)) for number in missing)
            _Run(ray, self, job, folder, missing, bar, mailbox).all()

    @contextmanager
    def pool(self) -> Iterator[RayPool]:
        """Processes for independent calls: as many as there are workers.

        Raises:
            XqgError: no cluster, or one without room for a worker.
            MissingExtraError: Ray is not installed.
        """
        with self._connected() as ray:
            workers = self.workers or max(1, self._room(ray.cluster_resources()))
            pool = RayPool(ray, workers, TRIES, num_cpus=self.cpus, num_gpus=self.gpus)
            try:
                yield pool
            finally:
                pool.shutdown(cancel_futures=True)

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """Ray, connected to the cluster; what the caller connected stays connected."""
        os.environ.update({name: value for name, value in ENVIRONMENT.items() if name not in os.environ})
        try:
            import ray
        except ImportError:
            raise MissingExtraError("--engine ray needs Ray: pip install 'xqg-pyserini[ray]'") from None
        if ray.is_initialized():
            yield ray
            return
        address = self.address or os.environ.get("RAY_ADDRESS")
        if address:
            _check_reachable(address)
        own: dict[str, Any] = {"include_dashboard": False, "object_store_memory": _OBJECT_STORE_BYTES}
        try:
            ray.init(address or "local", log_to_driver=False, logging_level=logging.ERROR, **({} if address else own))
        except (ConnectionError, RuntimeError, ValueError) as error:
            where = f"at {address}" if address else "on this machine"
            raise XqgError(f"no Ray {where}: {_first_line(error)}") from None
        try:
            if not address and not self._room(ray.cluster_resources()):
                raise XqgError(f"a worker needs {self.needs()}; this machine has {_resources(ray)}")
            yield ray
        finally:
            ray.shutdown()

    def _room(self, resources: dict[str, float]) -> int:
        """Number of workers that resources are enough for."""
        by_cpu = int(resources.get("CPU", 0) // self.cpus)
        return min(by_cpu, int(resources.get("GPU", 0) // self.gpus)) if self.gpus else by_cpu

    def number_of_workers(self, ray: Any, shards: int) -> int:
        """How many workers to start for some shards."""
        return min(shards, self.workers or max(1, self._room(ray.cluster_resources())))

    def needs(self) -> str:
        """What a worker needs, in words."""
        return f"{self.cpus} CPUs and {self.gpus:g} GPUs"


def _check_reachable(address: str) -> None:
    """Refuse the address of a cluster at which nothing answers, for which Ray itself waits for minutes.

    Raises:
        XqgError: no connection.
    """
    host, _, port = address.rpartition(":")
    # other forms, such as auto, name no place to try
    if host and port.isdecimal() and "/" not in host:
        try:
            socket.create_connection((host, int(port)), _SECONDS_TO_CONNECT).close()
        except OSError as error:
            raise XqgError(f"no Ray at {address}: {error.strerror or error}") from None


def _resources(ray: Any) -> str:
    has = ray.cluster_resources()
    return f"{has.get('CPU', 0):g} CPUs and {has.get('GPU', 0):g} GPUs"


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _collect_part(mailbox: PartMailbox, number: int, folder: Path) -> None:
    """Have a part here instead of there."""
    built_once(part_path(folder, number), partial(mailbox.take, number))
    mailbox.drop(number)


class _Run:
    """One run of a job: workers, the shards that wait, and what is being computed."""

    def __init__(
        self,
        ray: Any,
        engine: RayEngine,
        job: ShardedJob,
        folder: Path,
        missing: Sequence[int],
        bar: Any,
        mailbox: PartMailbox | None,
    ) -> None:
        self._ray, self._engine, self._job, self._folder, self._bar = ray, engine, job, folder, bar
        self._mailbox = mailbox
        self._waiting = deque(missing)
        self._tries: Counter[int] = Counter()
        self._failed: dict[int, str] = {}
        # what is awaited: the worker, and the number of its shard; None while it opens the job
        self._awaited: dict[Any, tuple[Any, int | None]] = {}
        self._lost_openings = 0

    def all(self) -> None:
        """Compute all shards.

        Raises:
            XqgError: see ``RayEngine.compute``.
        """
        for _ in range(self._engine.number_of_workers(self._ray, len(self._waiting))):
            self._start_worker()
        patience: float | None = _PATIENCE
        # a worker that the cluster has no room for is not waited for
        while self._waiting or any(number is not None for _, number in self._awaited.values()):
            done, _ = self._ray.wait(list(self._awaited), timeout=patience)
            if not done:
                logger.info("waiting for a worker: %s are needed, the cluster has %s", *self._request())
            patience = None
            for reference in done:
                self._collect(reference)
        if self._failed:
            raise XqgError(self._failures())

    def _request(self) -> tuple[str, str]:
        return self._engine.needs(), _resources(self._ray)

    def _start_worker(self) -> None:
        from xqg_pyserini.engine.shard_actor import ShardActor

        kind = self._ray.remote(num_cpus=self._engine.cpus, num_gpus=self._engine.gpus, max_restarts=0)(ShardActor)
        worker = kind.remote()
        self._awaited[worker.begin.remote(self._job.open, self._mailbox or self._folder, Path.cwd())] = worker, None

    def _collect(self, reference: Any) -> None:
        """Take note of what a worker has done, and give it the next shard."""
        from ray.exceptions import RayError, RayTaskError

        worker, number = self._awaited.pop(reference)
        finished = None
        try:
            self._ray.get(reference)
        except RayTaskError as error:
            if number is None:
                raise self._not_opened(error.cause) from None
            self._fail(number, error.cause)
        except RayError as error:
            # the process of the worker ended, or its node
            self._lose(number, error)
            return
        else:
            finished = number
            if number is None:
                self._lost_openings = 0
        # the next one first, as the part may have to be copied from far away
        self._next(worker)
        if finished is not None:
            self._finish(finished)

    def _next(self, worker: Any) -> None:
        # a worker without a shard ends when nothing refers to it
        if self._waiting:
            number = self._waiting.popleft()
            self._awaited[worker.compute.remote(number)] = worker, number

    def _finish(self, number: int) -> None:
        if self._mailbox:
            _collect_part(self._mailbox, number, self._folder)
        elif not (part := part_path(self._folder, number)).is_dir():
            raise XqgError(
                f"a worker wrote {part}, which is not there on this machine: the output must lie on storage that all "
                f"machines share under the same path, or give --parts"
            )
        self._bar.update(len(self._job.plan.rows(number)))

    def _lose(self, number: int | None, error: Exception) -> None:
        """Start another worker in the place of one that ended."""
        if number is not None:
            self._fail(number, error)
        else:
            self._lost_openings += 1
            if self._lost_openings == TRIES:
                raise self._not_opened(error)
        if self._waiting:
            self._start_worker()

    def _fail(self, number: int, error: Exception) -> None:
        """Have a shard tried again, or give it up."""
        self._tries[number] += 1
        if self._tries[number] < TRIES:
            self._waiting.append(number)
        else:
            self._failed[number] = _in_words(error)

    def _not_opened(self, error: Exception) -> XqgError:
        return XqgError(f"a worker could not begin: {_in_words(error)}")

    def _failures(self) -> str:
        shards = "; ".join(f"shard {number} ({self._rows(number)}): {self._failed[number]}" for number in self._failed)
        return (
            f"{len(self._failed)} of {len(self._job.plan)} shards failed {TRIES} times each, the others are done and "
            f"kept; the same command tries them again: {shards}"
        )

    def _rows(self, number: int) -> str:
        rows = self._job.plan.rows(number)
        return f"{self._job.unit} {rows.start + 1} to {rows.stop}"


def _in_words(error: Exception) -> str:
    """The error in one line; of our own errors the message is enough."""
    return _first_line(error) if isinstance(error, XqgError) else f"{type(error).__name__}: {_first_line(error)}"
