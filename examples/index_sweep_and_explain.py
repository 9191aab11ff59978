"""Choose how to augment the sample index by a sweep, build it, and split a score into passage and languages."""

import sys
import tempfile
from pathlib import Path

from xqg_pyserini.data.corpus import open_corpus
from xqg_pyserini.data.generated import read_generated
from xqg_pyserini.data.qrels import read_qrels
from xqg_pyserini.data.topics import read_topics
from xqg_pyserini.encode.corpus_index import encode_corpus
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.evaluate import evaluate_runs
from xqg_pyserini.index.augment import AugmentOptions, AugmentSource, augment_index
from xqg_pyserini.index.components import Components
from xqg_pyserini.index.sweep import SweepTopics, sweep_index
from xqg_pyserini.index.sweep_grid import SweepGrid
from xqg_pyserini.sample import GENERATED
from xqg_pyserini.storage.stored_vectors import StoredVectors


def main(encoder_name: str = "embedded") -> None:
    folder = Path(tempfile.mkdtemp())
    encoder = TextEncoder(encoder_name)
    encode_corpus(open_corpus("xqg-sample"), encoder, folder / "base", "xqg-sample")
    source = AugmentSource(folder / "base", lambda: read_generated([GENERATED]), encoder.encode_queries)

    queries = read_topics("xqg-sample/te")
    vectors = encoder.encode_queries([query.text for query in queries])
    topics = SweepTopics([query.query_id for query in queries], vectors)
    grid = SweepGrid(rules=("mean", "mean-norm"), alphas=(0.1, 0.3, 0.5), leave_one_out=True)
    runs = {point.name: (point, run) for point, run in sweep_index(source, topics, grid).items()}
    scores = evaluate_runs(read_qrels("xqg-sample/te"), {name: run for name, (_, run) in runs.items()}, ["mrr@10"])
    best = max(runs, key=lambda name: scores.mean(name, "mrr@10") if name != "base" else -1)
    for name in ("base", best):
        print(f"MRR@10 of {name}: {scores.mean(name, 'mrr@10'):.3f}")

    point = runs[best][0]
    options = AugmentOptions(point.rule, point.alpha, point.languages.languages, keep_components=True)
    report = augment_index(source, folder / "xqg", options)
    print(f"{report.census.used} queries used, {report.without_queries} passages without any")

    parts = Components(folder / "xqg").split(0, next(StoredVectors(folder / "xqg").blocks())[0], vectors[0])
    print(
        f"score {parts.score:.4f} = passage {parts.passage:.4f}",
        *(f"+ {k} {v:.4f}" for k, v in parts.languages.items()),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
