"""Encodes a corpus in one go, then again in child processes that are killed at random steps.

Run as a program, so that the children are forked from a process without other threads that has all loaded already.
"""

import json
import os
import random
import signal
import sys
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from xqg_pyserini.data.corpus import open_corpus
from xqg_pyserini.encode.corpus_index import encode_corpus
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.storage import index_writer
from xqg_pyserini.storage.index_writer import IndexWriter

KILLS = 10
# the tokenizer's threads would not survive a fork
os.environ["TOKENIZERS_PARALLELISM"] = "false"


def count_steps(last: int) -> Callable[[], int]:
    """From now on count steps, and end this process as by ``kill -9`` at step ``last``; returns what tells the number.

    Steps are what comes before each block is added, and before and after each ``fsync``.
    """
    taken, fsync, add = 0, os.fsync, IndexWriter.add

    def step() -> None:
        nonlocal taken
        taken += 1
        if taken == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted_fsync(handle: int) -> None:
        step()
        fsync(handle)
        step()

    def counted_add(self: IndexWriter, docids: Sequence[str], vectors: np.ndarray) -> None:
        step()
        add(self, docids, vectors)

    os.fsync = counted_fsync
    IndexWriter.add = counted_add  # type: ignore[method-assign]
    return lambda: taken


def encode(corpus: Path, encoder: TextEncoder, output: Path, last: int) -> None:
    """What the command does; writes the number of its steps."""
    taken = count_steps(last)
    encode_corpus(open_corpus(corpus), encoder, output, "corpus")
    output.with_suffix(".steps").write_text(str(taken()))


def run(corpus: Path, encoder: TextEncoder, output: Path, last: int = 0) -> bool:
    """Encode in a child process; returns whether it was killed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            encode(corpus, encoder, output, last)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the child ended with an error"
    return os.WIFSIGNALED(status)


def count_of(work: Path) -> int:
    """Passages that the journal of an unfinished run counts."""
    path = work / "journal.json"
    return int(json.loads(path.read_text(encoding="utf-8"))["count"]) if path.exists() else 0


def main() -> None:
    """Arguments: corpus, encoder, directory; writes the passages counted after each kill."""
    # a checkpoint at every chunk, so that kills fall between and into them
    index_writer.CHECKPOINT_SECONDS = -1
    corpus, checkpoint, directory = map(Path, sys.argv[1:4])
    encoder = TextEncoder(str(checkpoint), batch_size=2, threads=1)
    # what is done once only is done before the first fork
    encode_corpus(list(islice(open_corpus(corpus), 40)), encoder, directory / "first")
    assert not run(corpus, encoder, directory / "whole")
    steps = int((directory / "whole.steps").read_text())
    rng, counts = random.Random(4), []
    parts = [rng.random() for _ in range(KILLS)]
    for part in parts:
        # all of them together are fewer than the steps of the work
        assert run(corpus, encoder, directory / "killed", max(1, int(0.8 * steps * part / sum(parts))))
        counts.append(count_of(index_writer.work_directory(directory / "killed")))
    assert not (directory / "killed").exists()
    assert not run(corpus, encoder, directory / "killed")
    sys.stdout.write(json.dumps(counts))


if __name__ == "__main__":
    main()
