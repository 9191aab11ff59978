"""Encodes a corpus in one go, then again in child processes that are killed at random moments.

Run as a program, so that the children are forked from a process without other threads that has all loaded already.
"""

import json
import os
import random
import signal
import sys
import threading
import time
from itertools import islice
from pathlib import Path

from xqg_pyserini.data.corpus import open_corpus
from xqg_pyserini.encode.corpus_index import encode_corpus
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.storage import index_writer

KILLS = 10
# the tokenizer's threads would not survive a fork
os.environ["TOKENIZERS_PARALLELISM"] = "false"


def kill_after(seconds: float) -> None:
    """SIGKILL to this process after so much of its processor time, whatever it does then."""
    start = time.process_time()
    while time.process_time() - start < seconds:
        time.sleep(0.0005)
    os.kill(os.getpid(), signal.SIGKILL)


def encode(corpus: Path, encoder: TextEncoder, output: Path, seconds: float | None) -> None:
    """What the command does; writes the processor time it took."""
    if seconds is not None:
        threading.Thread(target=kill_after, args=[seconds], daemon=True).start()
    start = time.process_time()
    encode_corpus(open_corpus(corpus), encoder, output, "corpus")
    output.with_suffix(".seconds").write_text(str(time.process_time() - start))


def run(corpus: Path, encoder: TextEncoder, output: Path, seconds: float | None = None) -> bool:
    """Encode in a child process; returns whether it was killed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            encode(corpus, encoder, output, seconds)
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
    index_writer.CHECKPOINT_SECONDS = 0
    corpus, checkpoint, directory = map(Path, sys.argv[1:4])
    encoder = TextEncoder(str(checkpoint), batch_size=2, threads=1)
    # what is done once only is done before the first fork
    encode_corpus(list(islice(open_corpus(corpus), 40)), encoder, directory / "first")
    assert not run(corpus, encoder, directory / "whole")
    whole = float((directory / "whole.seconds").read_text())
    rng, counts = random.Random(4), []
    moments = [rng.random() for _ in range(KILLS)]
    for moment in moments:
        # all of them together are less than what the work takes
        assert run(corpus, encoder, directory / "killed", 0.8 * whole * moment / sum(moments))
        counts.append(count_of(index_writer.work_directory(directory / "killed")))
    assert not (directory / "killed").exists()
    assert not run(corpus, encoder, directory / "killed")
    sys.stdout.write(json.dumps(counts))


if __name__ == "__main__":
    main()
