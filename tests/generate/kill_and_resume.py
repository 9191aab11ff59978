"""Generates in one go, then again in child processes that are killed between rows.

Run as a program, so that the children are forked from a process that has all loaded already.
"""

import json
import os
import random
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

from xqg_pyserini.data.corpus import open_corpus
from xqg_pyserini.generate.backends import Decoding
from xqg_pyserini.generate.backends.seq2seq import Seq2seqOptions
from xqg_pyserini.generate.generation import GenerationOptions, generate_queries
from xqg_pyserini.generate.query_row import QueryRow
from xqg_pyserini.generate.store import StoreWriter
from xqg_pyserini.storage.index_writer import work_directory

# the tokenizer's threads would not survive a fork
os.environ["TOKENIZERS_PARALLELISM"] = "false"


def generate(corpus: Path, model: Path, output: Path, last: int = 0) -> None:
    """Generate; end this process as by ``kill -9`` at row ``last`` of this run."""
    added, add = 0, StoreWriter.add

    def counted(self: StoreWriter, rows: Iterable[QueryRow]) -> None:
        nonlocal added
        add(self, rows)
        added += 1
        if added == last:
            os.kill(os.getpid(), signal.SIGKILL)

    StoreWriter.add = counted  # type: ignore[method-assign]
    backend = Seq2seqOptions(str(model), batch_size=2, threads=1)
    options = GenerationOptions(("fi", "te"), "seq2seq", backend, decoding=Decoding(queries=2, max_tokens=6))
    generate_queries(open_corpus(corpus), options, output)


def killed(corpus: Path, model: Path, output: Path, last: int) -> bool:
    child = os.fork()
    if child == 0:
        try:
            generate(corpus, model, output, last)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def main() -> None:
    """Arguments: corpus, model, directory; writes the rows counted after each kill."""
    corpus, model, directory = map(Path, sys.argv[1:4])
    generate(corpus, model, directory / "whole")
    rng, counts = random.Random(1), []
    rows = work_directory(directory / "killed") / "queries.jsonl"
    for _ in range(3):
        assert killed(corpus, model, directory / "killed", rng.randrange(1, 9))
        counts.append(rows.read_bytes().count(b"\n"))
        # a kill in the middle of a line
        rows.write_bytes(rows.read_bytes()[: -rng.randrange(1, 40)])
    assert not (directory / "killed").exists()
    generate(corpus, model, directory / "killed")
    sys.stdout.write(json.dumps(counts))


if __name__ == "__main__":
    main()
