"""R@kt against the official procedure, and a whole comparison against its time limit.

Texts are made of a small vocabulary with a fixed seed; passages are of about 100 words with the punctuation of
prose. The answer of a question is in one of its passages, at a rank as in a working system (half in the first ten), or,
for every third question, nowhere.
"""

import random
import time
from collections.abc import Mapping, Sequence

import numpy as np

from xqg_pyserini.evaluate import EvaluationOptions, Prediction, build_report, evaluate_runs, official_scores
from xqg_pyserini.evaluate.penn import penn_tokenizer
from xqg_pyserini.records import Hit, Run
from xqg_pyserini.trec import Qrels

QUESTIONS, PASSAGES, POOL = 2_000, 100, 40_000
#: The official procedure is timed on these many questions of the same task: it takes minutes on all.
PEER_QUESTIONS = 150
BUDGETS = (2_000, 5_000)
LANGUAGES = ("ar", "bn", "fi", "ja", "ko", "ru", "te")
Row = tuple[str, str, str, str]


def _word(rng: random.Random) -> str:
    return "".join(rng.choice("etaoinshrdlucmfw") for _ in range(rng.randint(2, 9)))


def _passage(rng: random.Random, vocabulary: Sequence[str]) -> str:
    words = [rng.choice(vocabulary) for _ in range(100)]
    for position in range(0, 100, rng.randint(9, 16)):
        words[position] = words[position].capitalize()
        if position:
            words[position - 1] += rng.choice([".", ".", ".", "?", '."'])
    for _ in range(9):
        position = rng.randrange(100)
        words[position] = rng.choice(["{},", "({})", "{}'s", '"{}"', "1,234", "1987", "{};"]).format(words[position])
    return " ".join(words)


def make_task(seed: int = 1) -> tuple[list[Prediction], dict[str, list[str]]]:
    """Predictions of 100 passages for each question, and gold answers."""
    rng = random.Random(seed)
    vocabulary = [_word(rng) for _ in range(8_000)]
    pool = [_passage(rng, vocabulary) for _ in range(POOL)]
    gold: dict[str, list[str]] = {}
    predictions = []
    for number in range(QUESTIONS):
        ranked = rng.sample(pool, PASSAGES)
        answer = f"{rng.choice(vocabulary)} {_word(rng)}".title()
        if number % 3:
            rank = rng.randrange(10) if rng.random() < 0.5 else rng.randrange(PASSAGES)
            ranked[rank] = ranked[rank].replace(" ", f" {answer} ", 1)
        gold[str(number)] = [answer]
        predictions.append(Prediction(str(number), LANGUAGES[number % len(LANGUAGES)], ranked))
    return predictions, gold


def official_procedure(predictions: Sequence[Prediction], gold: Mapping[str, Sequence[str]], budget: int) -> int:
    """Hits when every passage is tokenised for every question and budget, as the official script does."""
    tokenize, hits = penn_tokenizer(), 0
    for row in predictions:
        tokens: list[str] = []
        for text in row.ctxs:
            tokens += tokenize(text)
            if len(tokens) >= budget:
                break
        joined = " ".join(tokens[:budget])
        hits += any(answer in joined for answer in gold[row.id])
    return hits


def _seconds(start: float) -> float:
    """Processor time of this process since ``start``: what else runs on the machine does not count."""
    return time.process_time() - start


def bench_answer_recall() -> list[Row]:
    """R@2kt and R@5kt of 2,000 questions x 100 passages, beginning without anything remembered."""
    predictions, gold = make_task()
    penn_tokenizer()("The model is read once.")
    start = time.process_time()
    ours = official_scores(predictions, gold, BUDGETS)
    ours_s = _seconds(start)
    sample = predictions[:PEER_QUESTIONS]
    start = time.process_time()
    peer_hits = [official_procedure(sample, gold, budget) for budget in BUDGETS]
    peer_s = _seconds(start)
    check = official_scores(sample, gold, BUDGETS)
    if [sum(check[budget].hits.values()) for budget in BUDGETS] != peer_hits:
        raise RuntimeError("the fast and the official procedure disagree")
    macro = ", ".join(f"R@{budget // 1000}kt {ours[budget].macro:.1f}" for budget in BUDGETS)
    ratio = (peer_s / PEER_QUESTIONS) / (ours_s / QUESTIONS)
    return [
        (
            f"R@2kt+R@5kt, {QUESTIONS} questions x {PASSAGES} passages ({macro})",
            f"{ours_s:.1f} s ({1000 * ours_s / QUESTIONS:.2f} ms a question)",
            f"official procedure {1000 * peer_s / PEER_QUESTIONS:.1f} ms a question ({PEER_QUESTIONS} of them)",
            f"{ratio:.1f} x faster (target 10 x)",
        )
    ]


def _random_runs(queries: Sequence[str], runs: int) -> tuple[Qrels, dict[str, Run]]:
    rng = np.random.default_rng(2)
    qrels: Qrels = {query_id: {"relevant": 1} for query_id in queries}
    found: dict[str, Run] = {}
    for number in range(runs):
        ranks = np.minimum(rng.geometric(0.1 + 0.02 * number, len(queries)), 100)
        found[f"run{number}"] = {
            query_id: [Hit("relevant" if i == rank else f"d{i}", 1.0 / i) for i in range(1, 101)]
            for query_id, rank in zip(queries, ranks, strict=True)
        }
    return qrels, found


def bench_comparison() -> list[Row]:
    """Scores, intervals and Fisher's test with Holm's correction, over all queries and for each language."""
    queries = [f"{language}-{i}" for language in LANGUAGES for i in range(2_000)]
    qrels, runs = _random_runs(queries, 5)
    few = queries[:20]
    metrics = ["mrr@10", "ndcg@10", "recall@100"]
    # numba compiles (or loads) ranx's functions here
    evaluate_runs({q: qrels[q] for q in few}, {"warm": {q: runs["run0"][q] for q in few}}, metrics)
    start = time.process_time()
    evaluation = evaluate_runs(qrels, runs, metrics, languages={q: q.split("-")[0] for q in queries})
    scored = _seconds(start)
    report = build_report(evaluation, EvaluationOptions(by="language"))
    total = _seconds(start)
    what = f"5 runs x 7 languages x 2,000 queries, {len(metrics)} metrics, {len(report.comparisons)} tests"
    return [(what, f"{total:.1f} s (of which scoring {scored:.1f} s)", "-", "target 60 s")]


def run() -> list[Row]:
    """Rows (what, ours, peer, ratio or target)."""
    return bench_answer_recall() + bench_comparison()


if __name__ == "__main__":
    for row in run():
        print(" | ".join(row))
