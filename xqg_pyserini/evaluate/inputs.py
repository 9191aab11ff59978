"""Reading what the command names: judgements, topics, corpus, runs and the edits of typos."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.answers import AnswerSource, answer_source
from xqg_pyserini.evaluate.evaluation import evaluate_runs
from xqg_pyserini.evaluate.metrics import parse_metrics
from xqg_pyserini.evaluate.robustness import PairedScores, Slip, pair, top_overlap
from xqg_pyserini.evaluate.scores import Evaluation
from xqg_pyserini.files import read_jsonl
from xqg_pyserini.records import Query, Run
from xqg_pyserini.trec import Qrels, read_run


@dataclass(frozen=True)
class Sources:
    """Where things lie: files or ir_datasets ids; ``dataset`` stands for those that are left out."""

    dataset: str | None = None
    qrels: str | None = None
    topics: str | None = None
    corpus: str | None = None
    titles: bool = True


@dataclass(frozen=True)
class Inputs:
    """What was read.

    Args:
        runs: name -> run.
        typo_runs: name -> a run for each draw of typos.
        slips: for each draw, query id -> what was misspelt; empty where not known.
        qrels: judgements; None where every metric is answer-based.
        queries: empty where no topics were given.
        answers: what answer-based metrics read; None where none was asked for.
    """

    runs: Mapping[str, Run]
    typo_runs: Mapping[str, Sequence[Run]] = field(default_factory=dict)
    slips: Sequence[Mapping[str, Slip]] = ()
    qrels: Qrels | None = None
    queries: Sequence[Query] = ()
    answers: AnswerSource | None = None

    def evaluate(
        self, metrics: Sequence[str], threads: int = 0
    ) -> tuple[Evaluation, dict[tuple[str, str], PairedScores]]:
        """Scores on clean queries, and each run paired with its draws of typos."""
        langs = {query.query_id: query.lang for query in self.queries}
        clean = self._scored(self.runs, metrics, langs, threads)
        paired = {}
        for name, draws in self.typo_runs.items():
            numbered = {f"{name}, draw {number}": run for number, run in enumerate(draws, start=1)}
            scored = self._scored(numbered, metrics, langs, threads)
            overlap = top_overlap(self.runs[name], draws, clean.query_ids)
            for metric in clean.metrics:
                paired[name, metric] = pair(clean, scored, name, metric, overlap=overlap, edits=self.slips or None)
        return clean, paired

    def _scored(
        self, runs: Mapping[str, Run], metrics: Sequence[str], langs: Mapping[str, str], threads: int
    ) -> Evaluation:
        return evaluate_runs(self.qrels, runs, metrics, answers=self.answers, langs=langs, threads=threads)


def read_inputs(
    sources: Sources,
    runs: Sequence[str],
    metrics: Sequence[str],
    typo_runs: Sequence[str] = (),
    typo_edits: Sequence[Path] = (),
) -> Inputs:
    """Read everything that the metrics need.

    Args:
        sources: judgements, topics, corpus.
        runs: ``PATH`` or ``NAME=PATH``.
        metrics: names.
        typo_runs: ``NAME=PATH``, in the order of the draws.
        typo_edits: what the typo generator wrote, a file for each draw.

    Raises:
        InputError: a file that cannot be read, or a source that a metric needs and that was not named.
    """
    parsed = parse_metrics(metrics)
    with_answers = any(metric.needs_answers for metric in parsed)
    clean = {name: read_run(path) for name, path in _named(runs).items()}
    typos = {name: [read_run(path) for path in paths] for name, paths in _typo_paths(typo_runs, list(clean)).items()}
    queries = _queries(sources, with_answers)
    qrels = _qrels(sources) if not all(metric.needs_answers for metric in parsed) else None
    every_run = [*clean.values(), *(run for draws in typos.values() for run in draws)]
    return Inputs(
        runs=clean,
        typo_runs=typos,
        slips=[read_slips(path) for path in typo_edits],
        qrels=qrels,
        queries=queries,
        answers=_answers(sources, queries, every_run) if with_answers else None,
    )


def _named(arguments: Iterable[str]) -> dict[str, Path]:
    """Name -> path; the name is the file's without its endings where none is given."""
    found: dict[str, Path] = {}
    for argument in arguments:
        name, path = split_name(argument)
        name = name or _stem(path)
        if name in found:
            raise InputError(f"two runs are called {name!r}: name them, as in --run base={path}")
        found[name] = path
    return found


def split_name(argument: str) -> tuple[str, Path]:
    """``NAME=PATH`` as (name, path); a path alone has the name ``""``."""
    name, sign, path = argument.partition("=")
    if not sign or "/" in name or Path(argument).exists():
        return "", Path(argument)
    return name, Path(path)


def _stem(path: Path) -> str:
    while path.suffix in {".gz", ".run", ".trec", ".txt", ".res"}:
        path = path.with_suffix("")
    return path.name


def _typo_paths(arguments: Iterable[str], runs: Sequence[str]) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for argument in arguments:
        name, path = split_name(argument)
        if not name and len(runs) == 1:
            name = runs[0]
        if name not in runs:
            raise InputError(
                f"typo run {argument!r} belongs to no run: write NAME=PATH, where NAME is one of {', '.join(runs)}"
            )
        found.setdefault(name, []).append(path)
    return found


def _qrels(sources: Sources) -> Qrels:
    from xqg_pyserini.data.qrels import read_qrels

    source = sources.qrels or sources.dataset
    if source is None:
        raise InputError("judgements are needed: give --qrels or --dataset")
    return read_qrels(source)


def _queries(sources: Sources, needed: bool) -> list[Query]:
    from xqg_pyserini.data.topics import read_topics

    source = sources.topics or sources.dataset
    if source is None:
        if needed:
            raise InputError("answer-based metrics need queries with answers: give --answers or --dataset")
        return []
    return list(read_topics(source))


def _answers(sources: Sources, queries: Sequence[Query], runs: Sequence[Run]) -> AnswerSource:
    from xqg_pyserini.data.corpus import open_corpus

    source = sources.corpus or sources.dataset
    if source is None:
        raise InputError("answer-based metrics read the passages: give --corpus or --dataset")
    return answer_source(queries, open_corpus(source), runs, sources.titles)


def read_slips(path: Path) -> dict[str, Slip]:
    """What was misspelt in each query of one draw, from the typo generator's JSON lines.

    Severity is the number of characters that the edits touch divided by the length of the clean query.

    Raises:
        InputError: a line lacks ``query_id``, ``clean`` or ``edits``.
    """
    slips = {}
    for number, row in read_jsonl(path):
        try:
            edits = [(str(e["operator"]), max(len(e["old"]), len(e["new"]))) for e in row["edits"]]
            query_id, clean = str(row["query_id"]), str(row["clean"])
        except (KeyError, TypeError) as error:
            raise InputError(
                f"a row of the typo generator's edits is needed: {error} is missing", path, number
            ) from None
        if edits:
            operator = "+".join(sorted({op for op, _ in edits}))
            slips[query_id] = Slip(operator, sum(size for _, size in edits) / max(len(clean), 1))
    return slips
