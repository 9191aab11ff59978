"""Prompts: from a passage and a language to what a model is given, and from what it writes to a query."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from xqg_pyserini.languages import Language
from xqg_pyserini.records import Passage
from xqg_pyserini.registry import Registry


class Answer(NamedTuple):
    """What was read from a completion.

    ``problem`` says in which way the completion is not what the prompt asked for, or is empty; ``query`` is empty where
    none was found.
    """

    query: str
    summary: str = ""
    problem: str = ""


@dataclass(frozen=True)
class PromptOptions:
    """What prompts with exemplars need.

    Args:
        exemplars: JSON-lines file of exemplars; None takes those of the package.
        shots: number of exemplars in a prompt; None leaves the prompt's own choice.
        encoder: the encoder by which ``parc`` finds the exemplars nearest to a passage.
    """

    exemplars: Path | None = None
    shots: int | None = None
    encoder: str = "embedded"


class Prompt(ABC):
    """One kind of prompt.

    Attributes:
        max_tokens: tokens that a completion may need.
        template: the words of the prompt; part of what a store records.
    """

    max_tokens: ClassVar[int] = 64
    template: ClassVar[str] = ""

    def __init__(self, options: PromptOptions) -> None:
        self.options = options

    def languages(self) -> tuple[str, ...] | None:
        """Codes of the languages that it can ask for; None where it needs no more than a language's name."""
        return None

    def fill(self, passages: Sequence[Passage], languages: Sequence[Language]) -> list[list[str]]:
        """For each passage its prompts, one for each language."""
        return [[self.text(passage, language) for language in languages] for passage in passages]

    @abstractmethod
    def text(self, passage: Passage, language: Language) -> str:
        """The prompt for one passage and language."""

    def read(self, completion: str) -> Answer:
        """The query in a completion: all of it, in one line."""
        query = " ".join(completion.split())
        return Answer(query, problem="" if query else "nothing was written")

    def describe(self) -> dict[str, Any]:
        """What the prompts depend on, JSON values."""
        return {"template": fingerprint(self.template)}


def fingerprint(text: str) -> str:
    """A short BLAKE2b digest of a text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


#: Name -> class of a prompt.
PROMPTS: Registry[type[Prompt]] = Registry("prompt")
