"""A plan from start to end: run it, say how far it is, report."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from xqg_pyserini.engine import RayEngine
from xqg_pyserini.errors import XqgError
from xqg_pyserini.experiment.experiment_report import check_packages, write_experiment_report
from xqg_pyserini.experiment.plan import Plan
from xqg_pyserini.experiment.plan_reader import read_plan
from xqg_pyserini.experiment.scored_runs import ScoredRuns
from xqg_pyserini.experiment.step_cache import StepCache
from xqg_pyserini.experiment.step_functions import Machine
from xqg_pyserini.experiment.step_graph import StepGraph
from xqg_pyserini.experiment.step_runner import StepRunner
from xqg_pyserini.registry import unknown_name

Say = Callable[[str], None]


class Progress(NamedTuple):
    """How far the steps of a kind are.

    ``seconds`` is what is left at the mean time of the steps of that kind that are done; None where none is.
    """

    kind: str
    done: int
    steps: int
    seconds: float | None


@dataclass(frozen=True)
class Experiment:
    """A plan and where its results go.

    Args:
        plan: from ``read_plan``.
        output: folder of the cache and the report; made when it is needed.
        smoke: whether it is the small version of the plan.
        threads: CPU threads of each process; None leaves the libraries' choice.
        workers: processes that run steps.
        engine: cluster that runs the steps instead; ``output`` and the encoders lie on storage that its machines share.
    """

    plan: Plan
    output: Path
    smoke: bool = False
    threads: int | None = None
    workers: int = 1
    engine: RayEngine | None = None

    @classmethod
    def open(
        cls, path: Path, output: Path | None = None, smoke: bool = False, threads: int | None = None, workers: int = 1
    ) -> "Experiment":
        """The experiment of a plan file.

        Args:
            path: the plan.
            output: its folder; None takes ``output`` beside the plan, or ``output-smoke``.
            smoke: see ``read_plan``.
            threads: see above, like ``workers``.

        Raises:
            InputError: see ``read_plan``.
        """
        folder = output or path.parent / ("output-smoke" if smoke else "output")
        return cls(read_plan(path, smoke), folder, smoke, threads, workers)

    def run(self, only: str | None = None, say: Say = lambda _: None) -> str:
        """Run what is not done, then report; a killed run is resumed by the same call.

        Args:
            only: a kind of steps, such as ``search``: these and what they need are run, nothing is reported.
            say: called with a line for each step that is done.

        Returns:
            the answers to the planned questions; empty with ``only``.

        Raises:
            UnknownNameError: the plan has no such kind of steps.
            InputError: a source cannot be read.
            XqgError: results of another version lie in the output, or a step fails.
        """
        if not only:
            check_packages()
        runner = self._runner(say)
        kinds = runner.graph.kinds()
        if only and only not in kinds:
            raise unknown_name("kind of steps", only, kinds)
        results = runner.run(only)
        return (
            ""
            if only
            else write_experiment_report(ScoredRuns(runner.graph, results, self.output), self.output, self.smoke)
        )

    def status(self) -> list[Progress]:
        """How far the steps of each kind are, in the order in which they are done."""
        runner = self._runner()
        states = runner.states()
        seconds = runner.cache.seconds()
        steps = Counter(step.kind for step in runner.graph.steps.values())
        done = Counter(
            runner.graph.steps[name].kind for name, state in states.items() if state is not None and state.result
        )
        return [
            Progress(kind, done[kind], steps[kind], _time_left(steps[kind] - done[kind], seconds.get(kind)))
            for kind in runner.graph.kinds()
        ]

    def report(self) -> str:
        """Write the report of a finished run anew; returns the answers.

        Raises:
            XqgError: steps are not done yet.
        """
        runner = self._runner()
        states = runner.states()
        results = {name: state.result for name, state in states.items() if state is not None and state.result}
        if left := len(states) - len(results):
            raise XqgError(f"{left} of {len(states)} steps are not done: run the plan first (xqg experiment run)")
        return write_experiment_report(ScoredRuns(runner.graph, results, self.output), self.output, self.smoke)

    def _runner(self, say: Say = lambda _: None) -> StepRunner:
        folder = self.output / "cache"
        machine = Machine(self.plan.backend, self.plan.device, self.threads, folder / "vectors")
        return StepRunner(StepGraph(self.plan), StepCache(folder), machine, self.workers, say, self.engine)


def _time_left(steps: int, mean: float | None) -> float | None:
    return 0.0 if steps == 0 else None if mean is None else steps * mean
