"""Prints what ``--help`` of commands does, each in a process of its own.

Run as a program, so that the processes are forked from one that has imported no more than the group of the commands.
"""

import contextlib
import io
import json
import multiprocessing
import resource
import sys

from xqg_pyserini.__main__ import main

Help = dict[str, object]


def processor_seconds() -> float:
    """What this process has taken so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


#: A forked process starts from 0: what came before is what it would have taken alone.
SHARED_SECONDS = processor_seconds()


def help_of(words: list[str]) -> Help:
    """Exit code, text, imported modules and processor seconds of ``xqg WORDS --help``."""
    code: object = None
    with contextlib.redirect_stdout(io.StringIO()) as text:
        try:
            main([*words, "--help"], prog_name="xqg")
        except SystemExit as end:
            code = end.code
    seconds = SHARED_SECONDS + processor_seconds()
    return {"code": code, "text": text.getvalue(), "modules": list(sys.modules), "seconds": seconds}


if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        sys.stdout.write(json.dumps(pool.map(help_of, json.load(sys.stdin), chunksize=1)))
