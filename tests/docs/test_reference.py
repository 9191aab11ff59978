"""The reference documents exactly what each package exports."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path for path in (ROOT / "docs" / "reference").glob("*.md") if path.name not in ("index.md", "records.md")
)


@pytest.fixture(scope="module")
def whole() -> Any:
    """What griffe knows of the package and all in it."""
    griffe = pytest.importorskip("griffe", reason="the documentation's tools are not installed (extra docs)")
    extensions = griffe.load_extensions(ROOT / "tools" / "reference.py")
    return griffe.load("xqg_pyserini", search_paths=[ROOT], extensions=extensions, resolve_aliases=True)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_documents_every_exported_name(page: Path, whole: Any) -> None:
    dotted = re.search(r"^::: (\S+)$", page.read_text(encoding="utf-8"), re.MULTILINE)[1]  # type: ignore[index]
    package = whole[dotted.removeprefix("xqg_pyserini.")]
    shown = {name for name, member in package.members.items() if member.is_public and not is_module(member)}
    assert shown == set(importlib.import_module(dotted).__all__)
    undocumented = [name for name in shown if not package[name].has_docstring]
    assert not undocumented


def is_module(member: object) -> bool:
    return not getattr(member, "is_alias", False) and bool(getattr(member, "is_module", False))
