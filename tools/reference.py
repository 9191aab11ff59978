"""Griffe extension for the reference: public names of stub files, and comments ``#: …`` as docstrings."""

import ast
from pathlib import Path
from typing import Any, override

from griffe import Attribute, Docstring, Extension, Module, ObjectNode


class Reference(Extension):
    """What the sources say in ways that Griffe does not read by itself."""

    @override
    def on_attribute_instance(self, *, node: ast.AST | ObjectNode, attr: Attribute, **_kwargs: Any) -> None:
        """Make the lines ``#: …`` directly above an assignment its docstring."""
        if attr.docstring is not None or attr.lineno is None or not isinstance(attr.filepath, Path):
            return
        lines = attr.filepath.read_text(encoding="utf-8").splitlines()[: attr.lineno - 1]
        comment: list[str] = []
        while lines and lines[-1].lstrip().startswith("#:"):
            comment.insert(0, lines.pop().lstrip()[2:].strip())
        if comment:
            attr.docstring = Docstring("\n".join(comment), lineno=attr.lineno - len(comment), parent=attr)

    @override
    def on_package(self, *, pkg: Module, **_kwargs: Any) -> None:
        """Make the names that ``__init__.pyi`` imports the ``__all__`` of its package."""
        packages = [pkg]
        while packages:
            package = packages.pop()
            packages += [member for member in package.members.values() if not member.is_alias and member.is_subpackage]
            if not isinstance(package.filepath, Path):
                continue
            stub = package.filepath.with_suffix(".pyi")
            if stub.is_file():
                imports = [n for n in ast.parse(stub.read_text(encoding="utf-8")).body if isinstance(n, ast.ImportFrom)]
                package.exports = [name.asname or name.name for node in imports for name in node.names]
