"""Reading what an evaluation needs: runs, judgements, queries, passages and the edits of typos."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.answers import AnswerSource, answer_source
from xqg_pyserini.evaluate.evaluation import evaluate_runs
from xqg_pyserini.evaluate.metrics import parse_metrics
from xqg_pyserini.evaluate.scores import Evaluation
from xqg_pyserini.evaluate.typo_runs import (
    PairedScores,
    QueryEdits,
    check_edits,
    pair_typo_runs,
    read_typo_edits,
    top_overlap,
)
from xqg_pyserini.records import Query, Run
from xqg_pyserini.trec import Qrels, read_run


@dataclass(frozen=True)
class EvaluationSources:
    """Where judgements, queries and passages are: files, ids of data sets or names of suites.

    Several sources of one kind add up; ``datasets`` are read for each kind that is not named.
    ``titles`` says whether ``answer_recall`` reads the titles of passages.
    """

    datasets: Sequence[str] = ()
    qrels: Sequence[str] = ()
    topics: Sequence[str] = ()
    corpora: Sequence[str] = ()
    titles: bool = True


@dataclass(frozen=True)
class EvaluationInputs:
    """What was read.

    Args:
        metrics: names of the metrics for which it was read.
        typo_runs: name -> its typo runs.
        edits: for each typo run, query id -> what was misspelled; empty where not known.
        qrels: judgements; None where every metric is answer-based.
        queries: empty where no topics were given.
        answers: what answer-based metrics read; None where there are none.
    """

    metrics: Sequence[str]
    runs: Mapping[str, Run]
    typo_runs: Mapping[str, Sequence[Run]] = field(default_factory=dict)
    edits: Sequence[Mapping[str, QueryEdits]] = ()
    qrels: Qrels | None = None
    queries: Sequence[Query] = ()
    answers: AnswerSource | None = None

    @property
    def texts(self) -> dict[str, str]:
        """Query id -> text."""
        return {query.query_id: query.text for query in self.queries}

    def evaluate(self, threads: int | None = None) -> tuple[Evaluation, dict[tuple[str, str], PairedScores]]:
        """Scores on clean queries, and (run, metric) -> these scores paired with those of the typo runs."""
        clean = self._scored(self.runs, threads)
        paired = {}
        for name, typo_runs in self.typo_runs.items():
            typo = self._scored({f"{name}, typo run {i}": run for i, run in enumerate(typo_runs, start=1)}, threads)
            overlap, edits = top_overlap(self.runs[name], typo_runs, clean.query_ids), self.edits or None
            for metric in clean.metrics:
                paired[name, metric] = pair_typo_runs(clean, typo, name, metric, overlap=overlap, edits=edits)
        return clean, paired

    def _scored(self, runs: Mapping[str, Run], threads: int | None) -> Evaluation:
        languages = {query.query_id: query.lang for query in self.queries}
        return evaluate_runs(self.qrels, runs, self.metrics, answers=self.answers, languages=languages, threads=threads)


def read_inputs(
    runs: Mapping[str, Path],
    metrics: Sequence[str],
    sources: EvaluationSources,
    *,
    typo_runs: Mapping[str, Sequence[Path]] | None = None,
    typo_edits: Sequence[Path] = (),
    languages: bool = False,
) -> EvaluationInputs:
    """Read everything that the metrics need.

    Args:
        typo_runs: name of a run -> its typo runs.
        typo_edits: what the typo generator wrote, a file for each typo run.
        languages: whether the languages of the queries are needed; where no queries are named they are those of the
            data sets that the judgements come from.

    Raises:
        InputError: a file that cannot be read, a source that a metric needs and that was not named, sources that
            disagree, or a number of files of edits that is not that of the typo runs.
        MissingExtraError: a package that a metric needs is not installed.
    """
    from xqg_pyserini.data.corpus import open_corpus
    from xqg_pyserini.data.qrels import read_qrels

    families = {metric.family for metric in parse_metrics(metrics)}
    needs = {family.needs for family in families}
    for family in families:
        family.check()
    typo_runs = typo_runs or {}
    for name, paths in typo_runs.items() if typo_edits else ():
        check_edits(name, len(paths), len(typo_edits))
    clean = {name: read_run(path) for name, path in runs.items()}
    typo = {name: [read_run(path) for path in paths] for name, paths in typo_runs.items()}
    qrels, answers = None, None
    if "judgements" in needs:
        named = sources.qrels or sources.datasets
        qrels = read_qrels(_needed(named, "judgements are needed: give --qrels or --dataset"))
    queries = _queries(sources, "answers" in needs, languages)
    if "answers" in needs:
        named = sources.corpora or sources.datasets
        corpus = open_corpus(_needed(named, "answer-based metrics read the passages: give --corpus or --dataset"))
        answers = answer_source(queries, corpus, chain(clean.values(), *typo.values()), sources.titles)
    edits = [read_typo_edits(path) for path in typo_edits]
    return EvaluationInputs(metrics, clean, typo, edits, qrels, queries, answers)


def _needed(named: Sequence[str], message: str) -> Sequence[str]:
    """The names of sources; raises InputError with the message where there are none."""
    if not named:
        raise InputError(message)
    return named


def _queries(sources: EvaluationSources, with_answers: bool, languages: bool) -> list[Query]:
    from xqg_pyserini.data.topics import read_topics

    named = sources.topics or sources.datasets
    if with_answers:
        _needed(named, "answer-based metrics need queries with answers: give --answers or --dataset")
    elif not named and (languages or len(sources.qrels) > 1):  # several languages of a parallel data set share ids
        named = [name for name in sources.qrels if not Path(name).expanduser().exists()]
    return read_topics(named) if named else []


def name_runs(arguments: Iterable[str]) -> dict[str, Path]:
    """Name -> path of arguments ``PATH`` or ``NAME=PATH``; a path alone is named after its file, without endings.

    Raises:
        InputError: two runs have one name.
    """
    found: dict[str, Path] = {}
    for argument in arguments:
        name, path = split_name(argument)
        name = name or re.sub(r"(\.(gz|run|trec|txt|res))+$", "", path.name)
        if name in found:
            raise InputError(f"two runs are called {name!r}: name them, as in --run base={path}")
        found[name] = path
    return found


def name_typo_runs(arguments: Iterable[str], runs: Iterable[str]) -> dict[str, list[Path]]:
    """Name of a run -> paths of its typo runs, of arguments ``NAME=PATH``; a single run needs no name.

    Raises:
        InputError: a typo run of a run that is not there.
    """
    names = list(runs)
    found: dict[str, list[Path]] = {}
    for argument in arguments:
        name, path = split_name(argument)
        name = name or (names[0] if len(names) == 1 else "")
        if name not in names:
            raise InputError(
                f"typo run {argument!r} belongs to no run: write NAME=PATH, where NAME is one of {', '.join(names)}"
            )
        found.setdefault(name, []).append(path)
    return found


def split_name(argument: str) -> tuple[str, Path]:
    """``NAME=PATH`` as (name, path); a path alone has the name ``""``."""
    name, sign, path = argument.partition("=")
    if not sign or "/" in name or Path(argument).exists():
        return "", Path(argument)
    return name, Path(path)
