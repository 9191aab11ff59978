"""From judgements, answers and runs to scores."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version

import numpy as np

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.answers import AnswerScorer, AnswerSource
from xqg_pyserini.evaluate.metrics import Metric, parse_metrics
from xqg_pyserini.evaluate.ranked import ranked_scores
from xqg_pyserini.evaluate.scores import Coverage, Evaluation, Scores, sorted_ids
from xqg_pyserini.records import Run
from xqg_pyserini.trec import Qrels, check_run

DEFAULT_METRICS = ("mrr@10", "recall@100")


def evaluate_runs(
    qrels: Qrels | None,
    runs: Mapping[str, Run],
    metrics: Sequence[str] = DEFAULT_METRICS,
    *,
    answers: AnswerSource | None = None,
    langs: Mapping[str, str] | None = None,
    threads: int = 0,
) -> Evaluation:
    """Score runs; a query that a run lacks scores 0 and is reported in ``coverage``.

    The queries are those judged and those with answers. A metric is NaN for the queries that it does not count:
    ranked metrics without judgements, answer-based ones without answers. ``r@kt``, as its authors define it, does not
    count the queries that a run lacks; ``r@kt-corrected`` does.

    Args:
        qrels: judgements; None where every metric is answer-based.
        runs: name -> run. Equal scores keep the order in which a run lists them.
        metrics: ranx's names (``ndcg@10``), ``r@2kt``, ``r@2kt-corrected``, ``answer_recall@100``.
        answers: what the answer-based metrics read.
        langs: query id -> language; those of ``answers`` where left out.
        threads: for ranx; 0 is all.

    Raises:
        InputError: nothing to evaluate, a metric lacks what it needs, a score is not finite, a passage is listed
            twice.
        UnknownNameError: no such metric.
    """
    parsed = parse_metrics(metrics)
    _check_inputs(qrels, runs, parsed, answers)
    asked = answers.queries if answers else {}
    query_ids = sorted_ids([*(qrels or {}), *asked])
    known = dict(langs or {}) or {query_id: query.lang for query_id, query in asked.items()}
    scorer = AnswerScorer(answers, parsed) if answers else None
    return Evaluation(
        query_ids=query_ids,
        langs=tuple(known.get(query_id, "") for query_id in query_ids),
        scores={name: _scores_of(run, query_ids, parsed, qrels or {}, scorer, threads) for name, run in runs.items()},
        coverage={name: coverage(query_ids, run) for name, run in runs.items()},
        macro=frozenset(m.name for m in parsed if m.macro),
        facts={"ranx": version("ranx")} | (scorer.facts() if scorer else {}),
    )


def _check_inputs(
    qrels: Qrels | None, runs: Mapping[str, Run], metrics: Sequence[Metric], answers: AnswerSource | None
) -> None:
    if not runs or not metrics:
        raise InputError(f"nothing to evaluate: {len(runs)} runs, {len(metrics)} metrics")
    for metric in metrics:
        if metric.needs_answers and answers is None:
            raise InputError(f"{metric.name} looks for answers: give the queries with answers and the corpus")
        if not metric.needs_answers and not qrels:
            raise InputError(f"{metric.name} needs judgements: none were given")
    for name, run in runs.items():
        check_run(name, run)


def _scores_of(
    run: Run,
    query_ids: Sequence[str],
    metrics: Sequence[Metric],
    qrels: Qrels,
    scorer: AnswerScorer | None,
    threads: int,
) -> dict[str, Scores]:
    """All metrics of one run, in the order of ``metrics``."""
    judged = np.array([query_id in qrels for query_id in query_ids], dtype=np.bool_)
    names = [metric.name for metric in metrics if not metric.needs_answers]
    ranked = ranked_scores(qrels, run, [q for q in query_ids if q in qrels], names, threads)
    table = scorer.scores(run, query_ids) if scorer else {}
    for name, values in ranked.items():
        table[name] = np.full(len(query_ids), np.nan)
        table[name][judged] = values
    return {metric.name: table[metric.name] for metric in metrics}


def coverage(query_ids: Sequence[str], run: Run) -> Coverage:
    """Which of the queries a run lacks, and which of its queries are not among them."""
    return Coverage(
        missing=tuple(query_id for query_id in query_ids if not run.get(query_id)),
        unjudged=sorted_ids(set(run) - set(query_ids)),
    )
