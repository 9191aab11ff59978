"""ranx as a reference without numba's compilation of it, which takes longer than all that is compared."""

import json
import os
import subprocess
import sys
from typing import Any


def uncompiled_ranx(expression: str, **names: Any) -> Any:
    """The value of a Python expression on ``ranx`` and ``names``, evaluated in a process where numba compiles nothing.

    Names and value are what JSON holds.
    """
    code = (
        "import json, sys, numpy, ranx, ranx.statistical_tests\n"
        f"print(json.dumps(eval({expression!r}, globals() | json.load(sys.stdin))))"
    )
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(names), env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
