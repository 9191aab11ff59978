"""From judgements and runs to scores."""

from collections.abc import Mapping, Sequence

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.ranked import check_run, ranked_scores
from xqg_pyserini.evaluate.scores import Coverage, Evaluation, sorted_ids
from xqg_pyserini.records import Run
from xqg_pyserini.trec import Qrels

DEFAULT_METRICS = ("mrr@10", "recall@100")


def evaluate_runs(
    qrels: Qrels,
    runs: Mapping[str, Run],
    metrics: Sequence[str] = DEFAULT_METRICS,
    *,
    langs: Mapping[str, str] | None = None,
    threads: int = 0,
) -> Evaluation:
    """Score runs on the judged queries; a query that a run lacks scores 0 and is reported in ``coverage``.

    Args:
        qrels: judgements, query id -> passage id -> relevance.
        runs: name -> run.
        metrics: ranx's metric names.
        langs: query id -> language, for scores by language.
        threads: 0 is all.

    Raises:
        InputError: no judgements, no runs, a score that is no number or a passage listed twice.
    """
    if not qrels or not runs:
        raise InputError(f"nothing to evaluate: {len(qrels)} judged queries, {len(runs)} runs")
    for name, run in runs.items():
        check_run(name, run)
    query_ids = sorted_ids(qrels)
    return Evaluation(
        query_ids=query_ids,
        langs=tuple((langs or {}).get(query_id, "") for query_id in query_ids),
        scores={name: ranked_scores(qrels, run, query_ids, metrics, threads) for name, run in runs.items()},
        coverage={name: coverage(query_ids, run) for name, run in runs.items()},
    )


def coverage(query_ids: Sequence[str], run: Run) -> Coverage:
    """Which of the queries a run lacks, and which of its queries are not among them."""
    return Coverage(
        missing=tuple(query_id for query_id in query_ids if not run.get(query_id)),
        unjudged=sorted_ids(set(run) - set(query_ids)),
    )
