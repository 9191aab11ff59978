"""What a family of data sets consists of, and the registry of families."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from xqg_pyserini.registry import Registry


@dataclass(frozen=True)
class About:
    """What is said of a data set.

    Args:
        title: its name.
        text: one paragraph: what it consists of, and what to beware of.
        licence: of the data.
        citation: BibTeX entries.
        home: a web page.
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


@dataclass(frozen=True, eq=False)
class Family:
    """Data sets that were published together.

    Args:
        files: the published files by the names that ``parts`` knows them by.
        parts: the data sets over such files.
        members: the data sets that suites consist of: language of the queries -> id.
        suites: names, without the tier, of the suites that ``members`` go to.
    """

    files: Callable[[], Mapping[str, Any]]
    parts: Callable[[Any], Iterator[Part]]
    members: Mapping[str, str] = field(default_factory=dict)
    suites: tuple[str, ...] = ()


#: Families by name; importing ``xqg_pyserini.data.sets`` fills it.
DATASET_FAMILIES: Registry[Family] = Registry("family of data sets")
