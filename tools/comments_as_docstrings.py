"""Griffe extension: the comment ``#: …`` above a name is its docstring in the reference."""

import ast
from pathlib import Path
from typing import Any, override

from griffe import Attribute, Docstring, Extension, ObjectNode


class CommentsAsDocstrings(Extension):
    """Reads the lines ``#: …`` directly above an assignment that has no docstring."""

    @override
    def on_attribute_instance(self, *, node: ast.AST | ObjectNode, attr: Attribute, **_kwargs: Any) -> None:
        if attr.docstring is not None or attr.lineno is None or not isinstance(attr.filepath, Path):
            return
        lines = attr.filepath.read_text(encoding="utf-8").splitlines()[: attr.lineno - 1]
        comment: list[str] = []
        while lines and lines[-1].lstrip().startswith("#:"):
            comment.insert(0, lines.pop().lstrip()[2:].strip())
        if comment:
            attr.docstring = Docstring("\n".join(comment), lineno=attr.lineno - len(comment), parent=attr)
