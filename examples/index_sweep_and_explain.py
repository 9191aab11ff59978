"""Choose how to augment the sample index by a sweep, build it, and split a score into passage and languages."""

import sys
import tempfile
from pathlib import Path

from xqg_pyserini.data import open_corpus, read_qrels, read_topics
from xqg_pyserini.encode import TextEncoder, encode_corpus
from xqg_pyserini.evaluate import evaluate_runs
from xqg_pyserini.index import AugmentOptions, AugmentSource, SweepGrid, SweepTopics, augment_index, sweep_index
from xqg_pyserini.sample import GENERATED
from xqg_pyserini.search import explain_score


def main(encoder_name: str = "embedded") -> None:
    folder = Path(tempfile.mkdtemp())
    encoder = TextEncoder(encoder_name)
    encode_corpus(open_corpus("xqg-sample"), encoder, folder / "base", "xqg-sample")
    source = AugmentSource(folder / "base", [GENERATED], encoder)

    queries = read_topics("xqg-sample/te")
    grid = SweepGrid(rules=("mean", "mean-norm"), alphas=(0.1, 0.3, 0.5), leave_one_out=True)
    found = sweep_index(source, SweepTopics.encoded(queries, encoder), grid)
    runs = {point.name: run for point, run in found.items()}
    scores = evaluate_runs(read_qrels("xqg-sample/te"), runs, ["mrr@10"])
    best = max((point for point in found if point.rule), key=lambda point: scores.mean(point.name, "mrr@10"))
    for name in ("base", best.name):
        print(f"MRR@10 of {name}: {scores.mean(name, 'mrr@10'):.3f}")

    options = AugmentOptions(best.rule, best.alpha, keep_components=True, languages=best.languages.languages)
    report = augment_index(source, folder / "xqg", options)
    print(f"{report.counts.used} queries used, {report.without_queries} passages without any")

    hit = runs[best.name][queries[0].query_id][0]
    parts = explain_score(folder / "xqg", queries[0], hit.doc_id, encoder)
    print(
        f"score {parts.score:.4f} = passage {parts.passage:.4f}",
        *(f"+ {language} {part:.4f}" for language, part in parts.languages.items()),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
