"""What a family of data sets consists of, how it is described, and the registry of families."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.errors import UnknownNameError
from xqg_pyserini.languages import Language, language
from xqg_pyserini.registry import Registry


@dataclass(frozen=True)
class About:
    """What is said of a data set.

    ``text`` is a paragraph: what it consists of, and what to beware of; ``citation`` are BibTeX entries.
    """

    title: str
    text: str
    licence: str
    citation: str
    home: str

    def documentation(self) -> dict[str, Any]:
        """The same as ir_datasets documents its data sets."""
        keys = [line.split("{", 1)[1].rstrip(", ") for line in self.citation.splitlines() if line.startswith("@")]
        return {
            "pretty_name": self.title,
            "desc": f'<p>{self.text}</p><ul><li><a href="{self.home}">{self.home}</a></li></ul>',
            "data_access": f"<p>Licence: {self.licence}</p>",
            "bibtex_ids": keys,
        }


@dataclass(frozen=True)
class Part:
    """One data set of a family.

    Args:
        dataset_id: its id.
        dataset: its ir_datasets object.
        about: what is said of it.
        lang: the language of its queries (or of its documents where it has none), as its source writes it; empty
            where several are mixed.
        counts: how many docs, queries and qrels it has, where that is known.
    """

    dataset_id: str
    dataset: Any
    about: About
    lang: str = ""
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def language(self) -> Language | None:
        """The language that ``lang`` is a code of; None where several are mixed."""
        try:
            return language(self.lang)
        except UnknownNameError:
            return None


@dataclass(frozen=True, eq=False)
class Family:
    """Data sets that were published together.

    Args:
        parts: yields the data sets; nothing is read or fetched.
        members: the data sets that suites consist of: language of the queries -> id.
        suites: names, without the tier, of the suites that ``members`` go to.
    """

    parts: Callable[[], Iterator[Part]]
    members: Mapping[str, str] = field(default_factory=dict)
    suites: tuple[str, ...] = ()


#: Families by name; importing ``xqg_pyserini.data.sets`` fills it.
DATASET_FAMILIES: Registry[Family] = Registry("family of data sets")


def read_description(module: str) -> tuple[dict[str, About], dict[str, RemoteFile]]:
    """What is said of the data sets of a family, and its published files, from the TOML file beside its module.

    A table ``about.NAME`` has the fields of ``About``; ``licence``, ``citation`` and ``home`` may stand at the top for
    all of them. A table ``files.NAME`` has a ``path`` below ``site``, and ``size`` and ``sha256`` where they are
    published; the file is kept in ``folder``, below ir_datasets' home.

    Args:
        module: ``__file__`` of the module.
    """
    told = tomllib.loads(Path(module).with_suffix(".toml").read_text(encoding="utf-8"))
    shared = {key: told[key] for key in ("licence", "citation", "home") if key in told}
    abouts = {}
    for name, own in told["about"].items():
        own["text"] = " ".join(own["text"].split())
        abouts[name] = About(**shared | own)
    files = {}
    for name, row in told.get("files", {}).items():
        url = urljoin(told["site"], row.pop("path"))
        files[name] = RemoteFile(url, f"{told['folder']}/{url.rsplit('/', 1)[1]}", told["licence"], **row)
    return abouts, files
