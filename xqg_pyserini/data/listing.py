"""Which data sets there are, and what is known of one."""

import html
import re
from collections.abc import Iterator
from typing import Any

import ir_datasets

from xqg_pyserini.data.catalog.families import Part
from xqg_pyserini.data.catalog.registration import catalog, register
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.data.sources import load_dataset, reading
from xqg_pyserini.data.suites import SUITES, suite_members
from xqg_pyserini.errors import XqgError
from xqg_pyserini.languages import Tier, language

KINDS = ("docs", "queries", "qrels", "docpairs")


def list_datasets(language_code: str | None = None, tier: Tier | None = None, suite: str | None = None) -> list[Part]:
    """Our data sets, of one language, tier or suite.

    Raises:
        UnknownNameError: no such language or suite.
    """
    wanted = language(language_code) if language_code else None
    parts = catalog()
    chosen = [parts[member.dataset_id] for member in suite_members(suite)] if suite else parts.values()
    return [
        part
        for part in chosen
        if wanted in (None, part.language) and (tier is None or (part.language and part.language.tier == tier))
    ]


def all_ids() -> list[str]:
    """Every id that ir_datasets knows, ours included."""
    register()
    return sorted(ir_datasets.registry)


def kinds_of(dataset: Any) -> list[str]:
    """The kinds of records a data set has."""
    return [kind for kind in KINDS if dataset.has(kind)]


def _files(dataset: Any, kind: str) -> tuple[RemoteFile, ...]:
    return getattr(getattr(dataset, f"{kind}_handler")(), "files", ())


def describe_dataset(dataset_id: str) -> list[tuple[str, str]]:
    """What ``xqg data show`` prints of a data set, as (heading, text) rows.

    Raises:
        UnknownNameError: no such data set.
    """
    dataset = load_dataset(dataset_id)
    part = catalog().get(dataset_id)
    rows = [("id", dataset_id), *(_about_ours(part) if part else _about_theirs(dataset))]
    for kind in kinds_of(dataset):
        count = getattr(dataset, f"{kind}_count", lambda: None)()
        number = "number not known without reading" if count is None else f"{count:,}"
        rows.append((kind, f"{number}; fields {', '.join(getattr(dataset, f'{kind}_cls')()._fields)}"))
        rows += [("file", _file_line(file)) for file in _files(dataset, kind)]
    if part and part.about.citation:
        rows.append(("citation", part.about.citation))
    return rows


def _about_ours(part: Part) -> list[tuple[str, str]]:
    rows = [("what", _plain(part.about.text)), ("licence", part.about.licence), ("home", part.about.home)]
    if own := part.language:
        doubt = f"; doubtful: {own.doubtful}" if own.doubtful else ""
        rows.insert(0, ("language", f"{own.name} ({part.lang}), class {own.joshi}, tier {own.tier}{doubt}"))
    return rows


def _about_theirs(dataset: Any) -> list[tuple[str, str]]:
    """What ir_datasets documents of a data set of its own."""
    known = dataset.documentation() if hasattr(dataset, "documentation") else {}
    citation = " ".join(known.get("bibtex_ids", ()))
    rows = [("what", known.get("desc")), ("access", known.get("data_access")), ("citation", citation)]
    return [(heading, _plain(text)) for heading, text in rows if text]


def _plain(text: str) -> str:
    """HTML as running text: inline tags vanish, others part words."""
    text = re.sub(r"</?(a|b|code|em|i|kbd)\b[^>]*>", "", text)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def _file_line(file: RemoteFile) -> str:
    local = file.local()
    state = "here" if local.exists() else "not fetched yet"
    size = f", {file.size:,} bytes" if file.size else ""
    return f"{local} ({state}{size}) from {file.url}"


def fetch_dataset(name: str, kinds: tuple[str, ...] = KINDS) -> list[tuple[str, str]]:
    """Fetch and verify the files of a data set, or of the members of a suite; returns (kind, where) rows.

    A data set of ir_datasets itself is fetched by reading its first record, as it offers nothing else.

    Raises:
        InputError: a file cannot be fetched or is not the published one.
        XqgError: the data set has none of ``kinds``.
    """
    ids = [member.dataset_id for member in SUITES.get(name, ())] or [name]
    rows = dict.fromkeys(row for dataset_id in ids for row in _fetch(dataset_id, kinds))
    if not rows:
        found = dict.fromkeys(kind for dataset_id in ids for kind in kinds_of(load_dataset(dataset_id)))
        has = ", ".join(found) or "nothing of its own: name one of its parts"
        raise XqgError(f"{name} has no {' or '.join(kinds)}; it has {has}")
    return list(rows)


def _fetch(dataset_id: str, kinds: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    dataset = load_dataset(dataset_id)
    for kind in kinds_of(dataset):
        if kind not in kinds:
            continue
        with reading(dataset_id):
            files = _files(dataset, kind)
            if not files:
                next(getattr(dataset, f"{kind}_iter")(), None)
                yield kind, "read"
            for file in files:
                yield kind, str(file.path())
