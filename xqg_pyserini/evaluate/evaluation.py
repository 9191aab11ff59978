"""From judgements, answers and runs to scores."""

from collections.abc import Mapping, Sequence

import numpy as np

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.answers import AnswerSource
from xqg_pyserini.evaluate.metrics import Metric, ScoringTask, parse_metrics
from xqg_pyserini.evaluate.scores import Coverage, Evaluation, Scores, sorted_ids
from xqg_pyserini.records import Run
from xqg_pyserini.trec import Qrels, check_run

#: Metrics computed where none are named.
DEFAULT_METRICS = ("mrr@10", "recall@100")


def evaluate_runs(
    qrels: Qrels | None,
    runs: Mapping[str, Run],
    metrics: Sequence[str] = DEFAULT_METRICS,
    *,
    answers: AnswerSource | None = None,
    languages: Mapping[str, str] | None = None,
    threads: int | None = None,
) -> Evaluation:
    """Score runs; a query that a run lacks scores 0 and is reported in ``coverage``.

    The queries are those judged and those with answers. A metric is NaN for the queries that it does not count:
    ranked metrics without judgements, answer-based ones without answers. ``r@kt``, as its authors define it, does not
    count the queries that a run lacks; ``r@kt-corrected`` does.

    Args:
        qrels: judgements; None where every metric is answer-based.
        runs: name -> run. Equal scores keep the order in which a run lists them.
        metrics: names such as ``ndcg@10``, ``r@2kt`` and ``answer_recall@100``; see ``METRICS``.
        answers: what the answer-based metrics read.
        languages: query id -> language; by default those of ``answers``.
        threads: CPU threads; None is all cores.

    Raises:
        InputError: nothing to evaluate, a metric lacks what it needs, a score is not finite, a passage is listed
            twice.
        UnknownNameError: no such metric.
    """
    parsed, task = parse_metrics(metrics), ScoringTask(qrels or {}, answers, threads)
    _check(runs, parsed, task)
    asked = answers.queries if answers else {}
    query_ids = sorted_ids([*task.qrels, *asked])
    known = languages or {query_id: query.lang for query_id, query in asked.items()}
    families = dict.fromkeys(metric.family for metric in parsed)
    return Evaluation(
        query_ids=query_ids,
        languages=tuple(known.get(query_id, "") for query_id in query_ids),
        scores={name: _scores(run, query_ids, parsed, task) for name, run in runs.items()},
        coverage={
            name: Coverage(
                missing=tuple(query_id for query_id in query_ids if not run.get(query_id)),
                unjudged=sorted_ids(set(run) - set(query_ids)),
            )
            for name, run in runs.items()
        },
        macro=frozenset(metric.name for metric in parsed if metric.family.macro),
        facts=dict(fact for family in families for fact in family.facts(task).items()),
    )


def _check(runs: Mapping[str, Run], metrics: Sequence[Metric], task: ScoringTask) -> None:
    if not runs or not metrics:
        raise InputError(f"nothing to evaluate: {len(runs)} runs, {len(metrics)} metrics")
    for metric in metrics:
        if metric.family.needs == "answers" and task.answers is None:
            raise InputError(f"{metric.name} looks for answers: give the queries with answers and the corpus")
        if metric.family.needs == "judgements" and not task.qrels:
            raise InputError(f"{metric.name} needs judgements: none were given")
    for name, run in runs.items():
        check_run(name, run)


def _scores(run: Run, query_ids: Sequence[str], metrics: Sequence[Metric], task: ScoringTask) -> dict[str, Scores]:
    """All metrics of one run in the order of ``metrics``; each family computes its own at once."""
    table = {metric.name: np.full(len(query_ids), np.nan) for metric in metrics}
    for family in dict.fromkeys(metric.family for metric in metrics):
        counted = task.queries(family.needs)
        places = [place for place, query_id in enumerate(query_ids) if query_id in counted]
        names = [metric.name for metric in metrics if metric.family is family]
        for name, values in family.scores(run, names, [query_ids[place] for place in places], task).items():
            table[name][places] = values
    return table
