"""Encodes a corpus in child processes that are killed at random moments, then in one that is not.

Run as a program, so that the children are forked from a process without threads that has torch loaded already.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from xqg_pyserini import index_writer
from xqg_pyserini.data.corpus import open_corpus
from xqg_pyserini.encode.corpus_index import encode_corpus
from xqg_pyserini.encode.text_encoder import TextEncoder


def encode(corpus: Path, encoder: Path, output: Path) -> None:
    """What the command does, with a checkpoint at every chunk, so that kills fall between and into them."""
    index_writer._CHECKPOINT_SECONDS = 0
    encode_corpus(open_corpus(corpus), TextEncoder(str(encoder), batch_size=4, threads=1), output, "corpus")


def start(corpus: Path, encoder: Path, output: Path) -> int:
    """The id of a child process that encodes."""
    child = os.fork()
    if child == 0:
        try:
            encode(corpus, encoder, output)
        finally:
            os._exit(0)
    return child


def count_of(work: Path) -> int:
    """Passages that the journal of an unfinished run counts."""
    try:
        return int(json.loads((work / "journal.json").read_text(encoding="utf-8"))["count"])
    except (OSError, ValueError):
        return 0


def kill_often(corpus: Path, encoder: Path, output: Path, kills: int) -> list[int]:
    """Start and kill; returns the passages counted after each kill."""
    rng, work = random.Random(4), index_writer.work_directory(output)
    counts = [0]
    for _ in range(kills):
        child = start(corpus, encoder, output)
        goal = counts[-1] + rng.randint(1, 4) * 64
        while os.waitpid(child, os.WNOHANG) == (0, 0) and count_of(work) < goal:
            time.sleep(0.001)
        time.sleep(rng.random() * 0.02)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert not output.exists(), "finished before it could be killed"
        counts.append(count_of(work))
    return counts[1:]


def main() -> None:
    """Arguments: corpus, encoder, directory; writes the counts after each kill."""
    import torch
    import transformers

    assert torch.__version__
    assert transformers.__version__
    corpus, encoder, directory = map(Path, sys.argv[1:4])
    sys.stdout.write(json.dumps(kill_often(corpus, encoder, directory / "killed", kills=10)))
    for name in ("killed", "whole"):
        os.waitpid(start(corpus, encoder, directory / name), 0)


if __name__ == "__main__":
    main()
