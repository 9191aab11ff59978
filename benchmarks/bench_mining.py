"""Mining of hard negatives, texts and answers looked at, against bare Faiss search of the same queries.

Run: python -m benchmarks.bench_mining
"""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np

from xqg_pyserini.records import Passage, Query
from xqg_pyserini.storage.index_directory import IndexMeta
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.texts_writer import TextsWriter
from xqg_pyserini.train import MiningRules, TrainingRow
from xqg_pyserini.train.mining.found_passages import open_found_passages
from xqg_pyserini.train.mining.row_miner import RowMiner
from xqg_pyserini.train.mining.rows_writer import RowsWriter

_QUERIES, _PASSAGES, _DIM, _WORDS, _REPEATS = 4000, 100_000, 384, 20_000, 3


class Given:
    """Vectors that are known already: encoding is not what is measured."""

    def __init__(self, vectors: np.ndarray) -> None:
        self._vectors = vectors

    def encode(self, queries: Sequence[Query]) -> np.ndarray:
        """The vectors of queries whose ids are numbers."""
        return self._vectors[[int(query.query_id) for query in queries]]


def made_up_words(rng: np.random.Generator) -> np.ndarray:
    """Words of seven letters, frequent ones first."""
    return np.array(["".join(map(chr, letters)) for letters in rng.integers(97, 123, (_WORDS, 7))])


def make_index(folder: Path, rng: np.random.Generator) -> np.ndarray:
    """Write unit vectors with texts of 100 words each, some frequent and most rare; returns the vectors."""
    vectors = rng.standard_normal((_PASSAGES, _DIM), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with IndexWriter(folder, _DIM, {"benchmark": "mining"}) as writer:
        texts = TextsWriter(writer)
        words = made_up_words(rng)
        for start in range(0, _PASSAGES, 10_000):
            rows = words[rng.zipf(1.3, (10_000, 100)) % _WORDS]
            texts.add(Passage(f"d{start + n}", "", " ".join(row)) for n, row in enumerate(rows))
            writer.add([f"d{start + n}" for n in range(10_000)], vectors[start : start + 10_000])
        texts.finish()
        writer.finish(IndexMeta(_DIM, _PASSAGES))
    return vectors


def mine(index: Path, vectors: np.ndarray, rows: Sequence[TrainingRow], rules: MiningRules) -> None:
    """What ``mine_rows`` does after the queries are encoded, from opening the index to the finished file."""
    output = index.with_name("rows.jsonl")
    miner = RowMiner(index, Given(vectors), rules)
    with RowsWriter(output, {}, overwrite=True) as writer:
        miner.texts = open_found_passages(index, None, writer.work / "corpus")
        writer.add(len(rows), *miner.mine(rows))
        writer.finish()


def run() -> list[tuple[str, str, str, str]]:
    """Rows (what, ours, peer, ratio or target)."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        passages = make_index(folder / "index", rng)
        near = rng.integers(0, _PASSAGES, _QUERIES)
        queries = passages[near] + rng.standard_normal((_QUERIES, _DIM), np.float32) * np.float32(0.05)
        words = made_up_words(np.random.default_rng(0))
        rows = [
            TrainingRow(f"{n}", "?", answers=(words[rng.integers(100, _WORDS)],), positives=(f"d{at}",))
            for n, at in enumerate(near)
        ]
        bare = faiss.IndexFlatIP(_DIM)
        bare.add(passages)
        work = {
            "answers ignored": lambda: mine(folder / "index", queries, rows, MiningRules(answers="ignore")),
            "answers looked for": lambda: mine(folder / "index", queries, rows, MiningRules()),
            "bare": lambda: bare.search(queries, MiningRules().last_rank),
        }
        seconds: dict[str, list[float]] = {name: [] for name in work}
        for _ in range(_REPEATS):
            for what, one in work.items():
                start = time.perf_counter()
                one()
                seconds[what].append(time.perf_counter() - start)
    *ours, peer = (_QUERIES / min(seconds[what]) for what in work)
    return [
        (
            f"mine, {_QUERIES} queries, {_PASSAGES} passages, {what}",
            f"{speed:.0f}/s",
            f"bare Faiss search {peer:.0f}/s",
            f"{speed / peer:.2f}x (0.9)",
        )
        for what, speed in zip(work, ours, strict=False)
    ]


if __name__ == "__main__":
    for row in run():
        print(" | ".join(row))
