"""Mines in one go, then again in child processes that end by ``kill -9`` at a sync.

Run as a program, so that the children are forked from a process without other threads that has all loaded already.
"""

import json
import os
import signal
import sys
from pathlib import Path

from xqg_pyserini.encode.index_encoder import EncoderChoice
from xqg_pyserini.storage.index_writer import work_directory
from xqg_pyserini.train import MiningRules, MiningSource, mine_rows
from xqg_pyserini.train.mining import mine

# the tokenizer's threads would not survive a fork
os.environ |= {"TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"}
#: Of the calls of ``fsync`` in a run; a chunk makes three of them, and the journal counts it after the second.
KILL_AT = (1, 3, 4, 5)


def mine_once(rows: Path, index: Path, output: Path) -> None:
    """One run in one thread."""
    choice = EncoderChoice(threads=1, backend="torch")
    mine_rows(MiningSource([rows]), index, output, MiningRules(margin=None), choice)


def run(rows: Path, index: Path, output: Path, last: int = 0) -> bool:
    """Mine in a child process that kills itself before its ``last``-th sync; returns whether it did."""
    child = os.fork()
    if child == 0:
        taken, fsync = 0, os.fsync

        def counted(handle: int) -> None:
            nonlocal taken
            taken += 1
            if taken == last:
                os.kill(os.getpid(), signal.SIGKILL)
            fsync(handle)

        os.fsync = counted
        code = 1
        try:
            mine_once(rows, index, output)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the child ended with an error"
    return os.WIFSIGNALED(status)


def main() -> None:
    """Arguments: rows, index, directory; writes the chunks journalled after each kill."""
    rows, index, directory = map(Path, sys.argv[1:4])
    mine._CHUNK = 8
    # what is imported once only is imported before the first fork
    mine_once(rows, index, directory / "first.jsonl")
    assert not run(rows, index, directory / "whole.jsonl")
    output = directory / "killed.jsonl"
    for last in KILL_AT:
        assert run(rows, index, output, last)
        journal = work_directory(output) / "journal.json"
        read = json.loads(journal.read_text())["rows_read"] if journal.exists() else 0
        sys.stdout.write(f"{read // 8}\n")
    assert not run(rows, index, output)


if __name__ == "__main__":
    main()
