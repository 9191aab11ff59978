"""What commands set before they load a library."""

import os
import subprocess
import sys

import pytest

CODE = """
import os, sys
from xqg_pyserini.__main__ import main
try: main(["encode", "--corpus", "no-such-file", "--output", "x"], prog_name="xqg")
except SystemExit: pass
print(os.environ["OMP_WAIT_POLICY"], os.environ["KMP_BLOCKTIME"])
"""


@pytest.mark.parametrize(("given", "expected"), [({}, "PASSIVE 0"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE 0")])
def test_waiting_threads_sleep_unless_the_user_says_otherwise(given: dict[str, str], expected: str) -> None:
    kept = {key: value for key, value in os.environ.items() if key not in ("OMP_WAIT_POLICY", "KMP_BLOCKTIME")}
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env=kept | given)
    assert done.stdout.strip() == expected
    assert "no-such-file" in done.stderr


def test_steps_are_shown_once() -> None:
    code = (
        "import logging\nfrom xqg_pyserini.quiet import show_steps\nshow_steps()\nshow_steps()\n"
        "logging.getLogger('xqg_pyserini.encode').info('converting')\nlogging.getLogger('other').info('not ours')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "converting\n"
