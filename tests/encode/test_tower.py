"""One side of a dual encoder is loaded when it is told to, whatever the interpreter's options."""

from pathlib import Path
from types import ModuleType
from typing import Any

from xqg_pyserini.encode import text_encoder, tower


def without_assertions(module: ModuleType) -> dict[str, Any]:
    """What a module defines where it is compiled as ``python -O`` does."""
    names = {"__name__": module.__name__}
    path = Path(str(module.__file__))
    exec(compile(path.read_text(encoding="utf-8"), path, "exec", optimize=1), names)
    return names


def test_loading_does_not_depend_on_assertions(tiny: Path) -> None:
    encode = without_assertions(text_encoder)
    encode["Tower"] = without_assertions(tower)["Tower"]
    encoder = encode["TextEncoder"](str(tiny))
    loaded = {"_tokenizer", "_backend"}
    assert not loaded & set(vars(encoder.queries))
    encoder.load_queries()
    assert loaded <= set(vars(encoder.queries))
