"""What a module of this package hands over of each data set, beside its ir_datasets object."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class About:
    """What is said of a data set and its relatives.

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
        """The form in which ir_datasets keeps it."""
        keys = [line.split("{", 1)[1].rstrip(", ") for line in self.citation.splitlines() if line.startswith("@")]
        return {
            "pretty_name": self.title,
            "desc": f'<p>{self.text}</p><ul><li><a href="{self.home}">{self.home}</a></li></ul>',
            "data_access": f"<p>Licence: {self.licence}</p>",
            "bibtex_ids": keys,
        }


@dataclass(frozen=True)
class Part:
    """A data set to be registered.

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
