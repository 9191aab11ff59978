"""Compare two runs on clean and misspelt queries: significance, cost of typos, a report."""

import tempfile
from pathlib import Path

from xqg_pyserini.evaluate import Options, build_report, compare, evaluate_runs, pair, robustness, write_report
from xqg_pyserini.records import Hit, Run
from xqg_pyserini.trec import Qrels

LANGS = {"ar": 12, "fi": 12, "sw": 12, "te": 12}


def made_up_run(qrels: Qrels, misses: int) -> Run:
    """A run that has the relevant passage first, but second for every ``misses``-th query."""
    run: Run = {}
    for number, (query_id, judged) in enumerate(qrels.items()):
        relevant = next(iter(judged))
        order = ["other", relevant] if number % misses == 0 else [relevant, "other"]
        run[query_id] = [Hit(doc_id, 1 / rank) for rank, doc_id in enumerate(order, start=1)]
    return run


def main() -> None:
    qrels: Qrels = {f"{lang}-{i}": {f"p{i}": 1} for lang, n in LANGS.items() for i in range(n)}
    langs = {query_id: query_id.split("-")[0] for query_id in qrels}
    clean = {"base": made_up_run(qrels, 3), "xqg": made_up_run(qrels, 24)}
    typos = {"base": [made_up_run(qrels, 2), made_up_run(qrels, 1)], "xqg": [made_up_run(qrels, 12)] * 2}

    evaluation = evaluate_runs(qrels, clean, ["mrr@10", "ndcg@10"], langs=langs)
    for (run, metric), row in compare(evaluation, baseline="base", test="fisher", correction="holm").items():
        print(f"{run} {metric}: {row.difference}, p = {row.p_adjusted:.4f}")

    paired = {}
    for run, draws in typos.items():
        scored = evaluate_runs(qrels, {str(i): draw for i, draw in enumerate(draws)}, ["mrr@10"], langs=langs)
        paired[run, "mrr@10"] = pair(evaluation, scored, run, "mrr@10")
        cost = robustness(paired[run, "mrr@10"])[0]
        print(f"{run} loses {cost.drop} of {cost.clean:.4f}; {cost.hurt:.0%} of the queries are hurt")

    with tempfile.TemporaryDirectory() as folder:
        report = build_report(evaluation, Options(baseline="base", by="lang"), typos=paired)
        write_report(report, Path(folder) / "report")
        print("written:", *sorted(entry.name for entry in (Path(folder) / "report").iterdir()))


if __name__ == "__main__":
    main()
