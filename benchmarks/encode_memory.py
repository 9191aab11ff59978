"""Peak memory of encoding corpora of different sizes, without a model: what grows with a corpus shows.

Run as a program with a number of passages and a folder, so that memory is this process's own; writes MB.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from pathlib import Path

import numpy as np

from benchmarks.bench_data import write_corpus
from benchmarks.measuring import peak_megabytes
from xqg_pyserini.data.corpus import open_corpus
from xqg_pyserini.encode.corpus_index import encode_corpus
from xqg_pyserini.records import Passage


class DummyEncoder:
    """Vectors of 384 values that say no more than how long a passage is."""

    dim, batch_size = 384, 64

    def describe(self) -> dict[str, object]:
        """See ``TextEncoder``."""
        return {"name": "dummy"}

    def encode_stream(self, passages: Iterable[Passage]) -> Iterator[tuple[Sequence[Passage], np.ndarray]]:
        """See ``TextEncoder``."""
        for chunk in batched(passages, 1024):
            lengths = np.array([len(passage.text) for passage in chunk], np.float32)
            yield chunk, np.repeat(lengths[:, None], self.dim, axis=1)


def main(passages: int, folder: Path) -> None:
    """Write a corpus, then check and encode it as the command does."""
    path = folder / "corpus.tsv"
    write_corpus(path, passages)
    corpus = open_corpus(path)
    corpus.check()
    encode_corpus(corpus, DummyEncoder(), folder / "index", overwrite=True)
    sys.stdout.write(f"{peak_megabytes():.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
