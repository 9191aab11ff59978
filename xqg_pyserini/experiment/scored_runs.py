"""The scores of every query in every run, and the table of their means that the analyses read."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isnan, nan
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from xqg_pyserini.evaluate import Cell, Evaluation
from xqg_pyserini.evaluate.scores import Scores
from xqg_pyserini.experiment.plan import CLEAN, CollectionPlan, Plan, SystemPlan, TypoCondition
from xqg_pyserini.experiment.step_cache import Result
from xqg_pyserini.experiment.step_functions import RUN_FILE, SCORES_FILE
from xqg_pyserini.experiment.step_graph import StepGraph
from xqg_pyserini.files import atomic_file, read_json
from xqg_pyserini.languages import tier


class RunFile(NamedTuple):
    """Where a run lies: path in the output, and SHA-256."""

    path: str
    sha256: str


@dataclass(frozen=True)
class ScoredRun:
    """One run: a system with one training seed, on one collection under one condition with one typo seed.

    Args:
        scores: metric -> ``(n,) float64``.
        of_language: metric -> language -> value, for metrics that are no means over queries.
        file: the run.
    """

    system: SystemPlan
    seed: int | None
    collection: str
    condition: TypoCondition
    query_ids: tuple[str, ...]
    languages: tuple[str, ...]
    scores: Mapping[str, Scores]
    of_language: Mapping[str, Mapping[str, float]]
    file: RunFile

    def value(self, metric: str, code: str) -> tuple[float, int]:
        """The value of a metric in a language, and the number of queries it is made of."""
        own = np.array([language == code for language in self.languages])
        if metric in self.of_language:
            return self.of_language[metric][code], int(own.sum())
        scores = self.scores[metric][own]
        counted = scores[~np.isnan(scores)]
        return (float(counted.mean()) if len(counted) else nan), len(counted)


class Severity(NamedTuple):
    """Query id -> shares changed by one typo seed of a condition, and pieces per word of the clean query."""

    characters: Mapping[str, float]
    tokens: Mapping[str, float]
    pieces: Mapping[str, float]

    def means(self, run: ScoredRun, code: str) -> tuple[float, float]:
        """The mean shares in one language, ``(characters, tokens)``."""
        own = [name for name, lang in zip(run.query_ids, run.languages, strict=True) if lang == code]
        characters, tokens = (float(np.mean([side[name] for name in own])) for side in (self.characters, self.tokens))
        return characters, tokens


class ScoredRuns:
    """All runs of an experiment.

    Args:
        graph: its steps.
        results: id of a step -> result, of every step.
        output: the folder that the cache lies in.
    """

    def __init__(self, graph: StepGraph, results: Mapping[str, Result], output: Path) -> None:
        self.plan: Plan = graph.plan
        self._graph, self._results, self._output = graph, results, output
        self._severities: dict[tuple[str, TypoCondition], Severity] = {}
        self.runs = [self._read(*cell) for cell in self.plan.cells()]

    def of(self, system: str, collection: str, condition: str) -> list[ScoredRun]:
        """The runs of a system under a condition: one for each training seed and typo seed."""
        return [
            run
            for run in self.runs
            if (run.system.name, run.collection, run.condition.name) == (system, collection, condition)
        ]

    def metrics_of(self, collection: CollectionPlan) -> list[str]:
        """What was measured on a collection, in the order of the plan."""
        run = next(run for run in self.runs if run.collection == collection.name)
        return [*run.scores, *run.of_language]

    def mean(self, system: str, collection: str, condition: str, metric: str) -> Scores:
        """``(n,)`` scores of the queries, averaged over seeds."""
        return np.mean([run.scores[metric] for run in self.of(system, collection, condition)], axis=0)

    def evaluation(self, collection: str, condition: str, metric: str) -> Evaluation:
        """The scores of all systems under one condition, averaged over seeds, for paired tests."""
        run = self.of(self.plan.baseline, collection, condition)[0]
        scores = {
            name: {metric: self.mean(name, collection, condition, metric)} for name in self.plan.systems_of(collection)
        }
        return Evaluation(run.query_ids, run.languages, scores, {})

    def severity(self, run: ScoredRun) -> Severity:
        """What was misspelled in the queries of a run."""
        place = run.collection, run.condition
        if place not in self._severities:
            none = dict.fromkeys(run.query_ids, 0.0)
            self._severities[place] = self._read_severity(*place) if run.condition.typos else Severity(none, none, none)
        return self._severities[place]

    def pieces_per_word(self) -> dict[str, float]:
        """Language -> mean over its clean queries, in the subwords of the baseline; empty without typos."""
        found: dict[str, list[float]] = {}
        for run in self.runs:
            if run.system.name == self.plan.baseline and run.condition == self.plan.conditions[-1] != CLEAN:
                pieces = self.severity(run).pieces
                for name, code in zip(run.query_ids, run.languages, strict=True):
                    found.setdefault(code, []).append(pieces[name])
        return {code: float(np.mean(values)) for code, values in found.items()}

    def cells(self) -> Iterator[Cell]:
        """The table: a row for each system, training seed, collection, language, condition and metric."""
        groups: dict[tuple[SystemPlan, int | None, str, str], list[ScoredRun]] = {}
        for run in self.runs:
            groups.setdefault((run.system, run.seed, run.collection, run.condition.name), []).append(run)
        for (system, seed, collection, condition), runs in groups.items():
            first = runs[0]
            for code in dict.fromkeys(first.languages):
                characters, tokens = np.mean([self.severity(run).means(run, code) for run in runs], axis=0).tolist()
                for metric in (*first.scores, *first.of_language):
                    values = [run.value(metric, code) for run in runs]
                    value = float(np.mean([value for value, _ in values]))
                    if isnan(value):  # the metric does not count these queries, or hubness of one hit each
                        continue
                    yield Cell(
                        system=system.name,
                        arm=system.arm,
                        seed="" if seed is None else str(seed),
                        collection=collection,
                        language=code,
                        tier=tier(code),
                        condition=condition,
                        preset=first.condition.preset,
                        typos=first.condition.typos,
                        severity=characters,
                        metric=metric,
                        value=value,
                        queries=values[0][1],
                        tokens=tokens,
                    )

    def _read(
        self, system: SystemPlan, seed: int | None, collection: CollectionPlan, condition: TypoCondition
    ) -> ScoredRun:
        key = (system.name, seed, collection.name, condition)
        scored = self._scores((*key, "evaluate"))
        scores, ids = dict(scored["scores"]), scored["query_ids"]
        if (*key, "align") in self._graph.scores:
            aligned = self._scores((*key, "align"))
            places = {name: row for row, name in enumerate(aligned["query_ids"])}
            ids = ids or sorted(places)
            scores |= {metric: [values[places[name]] for name in ids] for metric, values in aligned["scores"].items()}
            scored["languages"] = [aligned["languages"][places[name]] for name in ids]
        return ScoredRun(
            system,
            seed,
            collection.name,
            condition,
            tuple(ids),
            tuple(scored["languages"]),
            {metric: np.array(values, np.float64) for metric, values in scores.items()},
            scored["hubness"],
            self._file(self._graph.steps[self._graph.scores[*key, "evaluate"]].inputs["run"]),
        )

    def _scores(self, key: tuple[str, int | None, str, TypoCondition, str]) -> dict[str, Any]:
        return read_json(self._folder(self._graph.scores[key]) / SCORES_FILE)

    def _folder(self, step: str) -> Path:
        folder = self._results[step].folder
        assert folder is not None
        return folder

    def _file(self, step: str) -> RunFile:
        folder = self._folder(step)
        recorded = read_json(folder / "done.json")["files"][RUN_FILE]
        return RunFile((folder / RUN_FILE).relative_to(self._output).as_posix(), recorded)

    def _read_severity(self, collection: str, condition: TypoCondition) -> Severity:
        step = self._graph.severity(self.plan.collections[collection], condition)
        found = read_json(self._folder(step) / "severity.json")
        return Severity(*(dict(zip(found["query_ids"], found[name], strict=True)) for name in Severity._fields))


def write_cells(path: Path, cells: Iterable[Cell]) -> None:
    """Write the table as CSV, which ``xqg_pyserini.evaluate.read_cells`` reads."""
    with atomic_file(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(Cell._fields)
        writer.writerows([f"{x:.10g}" if isinstance(x, float) else x for x in cell] for cell in cells)
