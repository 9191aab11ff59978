"""Compare two runs on clean and misspelled queries: significance, cost of typos, a report."""

import tempfile
from pathlib import Path

from xqg_pyserini.evaluate import (
    EvaluationOptions,
    build_report,
    compare_runs,
    evaluate_runs,
    measure_robustness,
    pair_typo_runs,
    write_report,
)
from xqg_pyserini.records import Hit, Run
from xqg_pyserini.trec import Qrels

QUERIES = {"ar": 12, "fi": 12, "sw": 12, "te": 12}


def made_up_run(qrels: Qrels, misses: int) -> Run:
    """A run that has the relevant passage first, but second for every ``misses``-th query."""
    run: Run = {}
    for number, (query_id, judged) in enumerate(qrels.items()):
        relevant = next(iter(judged))
        order = ["other", relevant] if number % misses == 0 else [relevant, "other"]
        run[query_id] = [Hit(doc_id, 1 / rank) for rank, doc_id in enumerate(order, start=1)]
    return run


def main() -> None:
    qrels: Qrels = {f"{language}-{i}": {f"p{i}": 1} for language, n in QUERIES.items() for i in range(n)}
    languages = {query_id: query_id.split("-")[0] for query_id in qrels}
    clean = {"base": made_up_run(qrels, 3), "xqg": made_up_run(qrels, 24)}
    typos = {"base": [made_up_run(qrels, 2), made_up_run(qrels, 1)], "xqg": [made_up_run(qrels, 12)] * 2}

    evaluation = evaluate_runs(qrels, clean, ["mrr@10", "ndcg@10"], languages=languages)
    for (run, metric), row in compare_runs(evaluation, baseline="base", test="fisher", correction="holm").items():
        print(f"{run} {metric}: {row.difference}, p = {row.p_adjusted:.4f}")

    paired = {}
    for run, typo_runs in typos.items():
        scored = evaluate_runs(qrels, {str(i): found for i, found in enumerate(typo_runs)}, ["mrr@10"])
        paired[run, "mrr@10"] = pair_typo_runs(evaluation, scored, run, "mrr@10")
        cost = measure_robustness(paired[run, "mrr@10"])[0]
        print(f"{run} loses {cost.drop} of {cost.clean:.4f}; {cost.hurt:.0%} of the queries are hurt")

    with tempfile.TemporaryDirectory() as folder:
        report = build_report(evaluation, EvaluationOptions(baseline="base", by="language"), typos=paired)
        write_report(report, Path(folder) / "report")
        print("written:", *sorted(entry.name for entry in (Path(folder) / "report").iterdir()))


if __name__ == "__main__":
    main()
