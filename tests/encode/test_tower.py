"""One side of a dual encoder is loaded when it is told to, whatever the interpreter's options."""

import subprocess
import sys
from pathlib import Path


def test_loading_does_not_depend_on_assertions(tiny: Path) -> None:
    code = (
        "from xqg_pyserini.encode import TextEncoder\n"
        f"encoder = TextEncoder({str(tiny)!r})\n"
        "loaded = lambda: {'_tokenizer', '_backend'} <= set(vars(encoder.queries))\n"
        "before = loaded()\n"
        "encoder.load_queries()\n"
        "print(__debug__, before, loaded())\n"
    )
    done = subprocess.run([sys.executable, "-O", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True"]
