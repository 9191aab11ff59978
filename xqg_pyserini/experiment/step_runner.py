"""Running the steps of a plan: what is done is found in the cache, the rest is done, in several processes if wished."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack
from graphlib import TopologicalSorter
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

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
    """

    def __init__(
        self, graph: StepGraph, cache: StepCache, machine: Machine, workers: int = 1, say: Say = lambda _: None
    ) -> None:
        self.graph, self.cache, self.machine, self.workers, self.say = graph, cache, machine, workers, say

    def run(self, only: str | None = None) -> dict[str, Result]:
        """Run what is not done; returns the result of each step by its id.

        Args:
            only: a kind of steps: these, and what they need.

        Raises:
            XqgError: a step fails by the user's mistake; what was done before is kept.
        """
        wanted = self.graph.ancestors(only) if only else set(self.graph.steps)
        steps = {name: self.graph.steps[name] for name in self.graph.steps if name in wanted}
        with ExitStack() as stack:
            pool = None
            if self.workers > 1:
                # spawned: a process that has used threads cannot be copied
                pool = stack.enter_context(
                    ProcessPoolExecutor(self.workers, get_context("spawn"), initializer=wait_passively)
                )
                stack.callback(pool.shutdown, cancel_futures=True)
            return _Run(self, steps, pool).results()

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


class _Run:
    """One run over some steps."""

    def __init__(self, runner: StepRunner, steps: Mapping[str, Step], pool: ProcessPoolExecutor | None) -> None:
        self.runner, self.steps, self.pool = runner, steps, pool
        self._results: dict[str, Result] = {}
        self._running: dict[Future[float], tuple[Step, str]] = {}
        self._sorter: TopologicalSorter[str] = _sorter(steps)

    def results(self) -> dict[str, Result]:
        self._sorter.prepare()
        while self._sorter.is_active():
            for name in self._sorter.get_ready():
                self._begin(self.steps[name])
            if self._running:
                self._collect()
        return self._results

    def _begin(self, step: Step) -> None:
        if step.kind in OUTSIDE:
            self._finish(step, self._outside(step))
            return
        inputs = {role: self._results[name].digest for role, name in step.inputs.items()}
        key = step_key(step, inputs)
        if found := self.runner.cache.find(step, key):
            self._finish(step, found)
            return
        task = self.runner.task(step, key, self._results)
        if self.pool:
            self._running[self.pool.submit(_timed, task)] = step, key
        else:
            self._done(step, key, _timed(task))

    def _outside(self, step: Step) -> Result:
        state = self.runner.look(step)
        if state.result is None and step.kind == "train":
            self.runner.say(f"{step.id}: xqg train …")
            train(step)
            state = self.runner.look(step)
        if state.result is None:
            raise XqgError(f"step {step.id}: {step.places['checkpoint']} is not there, although it was trained")
        return state.result

    def _collect(self) -> None:
        finished, _ = wait(self._running, return_when=FIRST_COMPLETED)
        for future in finished:
            step, key = self._running.pop(future)
            self._done(step, key, future.result())

    def _done(self, step: Step, key: str, seconds: float) -> None:
        self._finish(step, self.runner.cache.finish(step, key, seconds))
        self.runner.say(f"{len(self._results)} of {len(self.steps)}: {step.id}, {seconds:.1f} s")

    def _finish(self, step: Step, result: Result) -> None:
        self._results[step.id] = result
        self._sorter.done(step.id)


def _sorter(steps: Mapping[str, Step]) -> TopologicalSorter[str]:
    return TopologicalSorter({name: list(step.inputs.values()) for name, step in steps.items()})


def _sorted(steps: Mapping[str, Step]) -> list[str]:
    return list(_sorter(steps).static_order())


def _timed(task: Task) -> float:
    start = time.monotonic()
    run_task(task)
    return time.monotonic() - start
