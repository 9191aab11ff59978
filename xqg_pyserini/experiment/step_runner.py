"""Running the steps of a plan: what is done is found in the cache, the rest is done, in several processes if wished."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from graphlib import TopologicalSorter
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from xqg_pyserini.engine.ray_engine import RayEngine
from xqg_pyserini.engine.ray_pool import RayPool
from xqg_pyserini.errors import XqgError
from xqg_pyserini.experiment.step_cache import Result, Step, StepCache, step_key
from xqg_pyserini.experiment.step_functions import Machine, Task, encoder_digest, run_task, train
from xqg_pyserini.experiment.step_graph import OUTSIDE, StepGraph
from xqg_pyserini.quiet import wait_passively

Say = Callable[[str], None]


class StepState(NamedTuple):
    """What is known of a step before it is run: its key, and its result where it is done."""

    key: str
    result: Result | None


class StepRunner:
    """Runs the steps of a graph.

    Args:
        graph: the steps.
        cache: where results lie.
        machine: threads, device and backend.
        workers: processes that run steps; with 1 they run in this one.
        say: called with a line for each step that is done.
        engine: cluster that runs the steps instead; the cache lies on storage that its machines share.
    """

    def __init__(
        self,
        graph: StepGraph,
        cache: StepCache,
        machine: Machine,
        workers: int = 1,
        say: Say = lambda _: None,
        engine: RayEngine | None = None,
    ) -> None:
        self.graph, self.cache, self.machine, self.workers, self.say = graph, cache, machine, workers, say
        self.engine = engine

    def run(self, only: str | None = None) -> dict[str, Result]:
        """Run what is not done; returns the result of each step by its id.

        Args:
            only: a kind of steps: these, and what they need.

        Raises:
            XqgError: a step fails by the user's mistake; what was done before is kept.
        """
        wanted = self.graph.ancestors(only) if only else set(self.graph.steps)
        steps = {name: self.graph.steps[name] for name in self.graph.steps if name in wanted}
        with self._pool() as pool:
            return _Run(self, steps, pool).results()

    @contextmanager
    def _pool(self) -> Iterator[ProcessPoolExecutor | RayPool | None]:
        """What runs the steps; None where this process does."""
        if self.engine:
            with self.engine.pool() as pool:
                yield pool
        elif self.workers == 1:
            yield None
        else:
            # spawned: a process that has used threads cannot be copied
            processes = ProcessPoolExecutor(self.workers, get_context("spawn"), initializer=wait_passively)
            try:
                yield processes
            finally:
                processes.shutdown(cancel_futures=True)

    def states(self) -> dict[str, StepState | None]:
        """Each step's key and result; None for a step of which an input is not done, so that its key is not known."""
        states: dict[str, StepState | None] = {}
        for name in _sorted(self.graph.steps):
            step = self.graph.steps[name]
            inputs = {role: states[other] for role, other in step.inputs.items()}
            if step.kind in OUTSIDE:
                states[name] = self.look(step)
            elif all(state and state.result for state in inputs.values()):
                digests = {role: state.result.digest for role, state in inputs.items() if state and state.result}
                key = step_key(step, digests)
                states[name] = StepState(key, self.cache.find(step, key))
            else:
                states[name] = None
        return states

    def look(self, step: Step) -> StepState:
        """The state of what lies outside the cache."""
        if step.kind == "train":
            there = Path(step.places["checkpoint"]).is_dir()
            return StepState("", Result(None, "") if there else None)
        digest = encoder_digest(step, self.machine)
        return StepState("", None if digest is None else Result(None, digest))

    def task(self, step: Step, key: str, results: Mapping[str, Result]) -> Task:
        """What is given to the process that does a step."""
        folders = {role: folder for role, name in step.inputs.items() if (folder := results[name].folder)}
        encoder = results[step.inputs["encoder"]].digest if "encoder" in step.inputs else ""
        return Task(step, folders, encoder, self.cache.place(step, key), self.machine)


class _Done(NamedTuple):
    """What the process that does a step gives back: how long it took, and the digest of an encoder."""

    seconds: float
    value: object


class _Run:
    """One run over some steps."""

    def __init__(
        self, runner: StepRunner, steps: Mapping[str, Step], pool: ProcessPoolExecutor | RayPool | None
    ) -> None:
        self.runner, self.steps, self.pool = runner, steps, pool
        self._error: BaseException | None = None
        self._results: dict[str, Result] = {}
        self._running: dict[Future[_Done], tuple[Step, str]] = {}
        self._sorter: TopologicalSorter[str] = _sorter(steps)

    def results(self) -> dict[str, Result]:
        self._sorter.prepare()
        while self._sorter.is_active() and not self._error:
            for name in self._sorter.get_ready():
                self._begin(self.steps[name])
            if self._running:
                self._collect()
        # what runs beside a step that failed may have taken hours: it is kept
        while self._running:
            self._collect()
        if self._error:
            raise self._error
        return self._results

    def _begin(self, step: Step) -> None:
        """Take what is there, or have the step done."""
        if step.kind == "encoder":
            # not here: for a new encoder backends are compared, which takes a while
            self._do(step, "", encoder_digest, step, self.runner.machine)
            return
        if step.kind == "train":
            if result := self.runner.look(step).result:
                self._finish(step, result)
            else:
                self.runner.say(f"{step.id}: xqg train …")
                self._do(step, "", train, step)
            return
        inputs = {role: self._results[name].digest for role, name in step.inputs.items()}
        key = step_key(step, inputs)
        if found := self.runner.cache.find(step, key):
            self._finish(step, found)
        else:
            self._do(step, key, run_task, self.runner.task(step, key, self._results))

    def _do(self, step: Step, key: str, function: Callable[..., object], *args: object) -> None:
        """Do a step here, or give it to the pool."""
        if self.pool:
            self._running[self.pool.submit(_timed, function, *args)] = step, key
        else:
            self._done(step, key, _timed(function, *args))

    def _collect(self) -> None:
        finished, _ = wait(self._running, return_when=FIRST_COMPLETED)
        for future in finished:
            step, key = self._running.pop(future)
            if future.cancelled():
                continue
            if error := future.exception():
                self._error = self._error or error
                for other in self._running:
                    other.cancel()
            else:
                self._done(step, key, future.result())

    def _done(self, step: Step, key: str, done: _Done) -> None:
        """Record what a step has made."""
        if step.kind == "encoder":
            result = Result(None, str(done.value)) if done.value else None
        elif step.kind == "train":
            result = self.runner.look(step).result
        elif self.runner.cache.place(step, key).is_dir():
            result = self.runner.cache.finish(step, key, done.seconds)
        else:
            result = None
        if result is None:
            raise _not_there(step)
        self._finish(step, result)
        if step.kind != "encoder":
            self.runner.say(f"{len(self._results)} of {len(self.steps)}: {step.id}, {done.seconds:.1f} s")

    def _finish(self, step: Step, result: Result) -> None:
        self._results[step.id] = result
        self._sorter.done(step.id)


def _sorter(steps: Mapping[str, Step]) -> TopologicalSorter[str]:
    return TopologicalSorter({name: list(step.inputs.values()) for name, step in steps.items()})


def _sorted(steps: Mapping[str, Step]) -> list[str]:
    return list(_sorter(steps).static_order())


def _timed(function: Callable[..., object], *args: object) -> _Done:
    """What a function gives, and how long it took."""
    start = time.monotonic()
    value = function(*args)
    return _Done(time.monotonic() - start, value)


def _not_there(step: Step) -> XqgError:
    what = step.places.get("checkpoint", "its result")
    return XqgError(
        f"step {step.id} is done, but {what} is not there on this machine: on a cluster, encoders and --output must "
        f"lie on storage that all machines share under the same path"
    )
