"""What every backend does: prompts in, completions out, in the order of the prompts."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from xqg_pyserini.errors import XqgError
from xqg_pyserini.generate.store import Completions
from xqg_pyserini.records import Passage
from xqg_pyserini.registry import Registry


@dataclass(frozen=True)
class Decoding:
    """How completions are drawn.

    Args:
        queries: Completions for each passage and language.
        top_k: Tokens that are drawn from at each step, the likeliest; 0 draws from all. For seq2seq.
        temperature: What logits are divided by before drawing.
        max_tokens: Largest number of tokens of a completion; None leaves the prompt's own.
        seed: Number from which all draws follow.
    """

    queries: int = 5
    top_k: int = 10
    temperature: float = 1.0
    max_tokens: int | None = None
    seed: int = 0

    def check(self) -> None:
        """Raise XqgError for values that mean nothing."""
        if self.queries < 1 or self.top_k < 0 or not self.temperature > 0:
            raise XqgError(
                f"queries must be 1 or more, top_k 0 or more and temperature above 0, got {self.queries}, "
                f"{self.top_k} and {self.temperature:g}"
            )


class Task(NamedTuple):
    """One row of the store to be: a passage, a language and the prompt made of both.

    ``row`` counts from 0 within the store.
    """

    row: int
    passage: Passage
    language: str
    prompt: str


class Completion(NamedTuple):
    """What a model wrote. ``note`` says what was unusual (cut at the limit, refused), or is empty."""

    text: str
    note: str = ""


class Written(NamedTuple):
    """The completions for one task, in the order of their samples; ``measures`` has a value for each of them."""

    task: Task
    completions: list[Completion]
    measures: dict[str, list[Any]] = {}  # noqa: RUF012  (never changed in place)


class GenerationBackend(ABC):
    """Writes completions.

    Attributes:
        stride: tasks that are written together: a resumed run begins at a multiple of it, so that it repeats the
            batches of the run that was killed.
        asks: whether it reads prompts.
        in_shards: whether workers on several machines may share the work: it runs a model of its own.
        keeps_answers: whether an answer is written down when it arrives, because it costs money.
    """

    stride: int = 1
    asks: bool = True
    in_shards: bool = False
    keeps_answers: bool = False

    def languages(self) -> tuple[str, ...] | None:
        """Codes of the languages it was trained for; None where that is not known."""
        return None

    def trained_prompt(self) -> str | None:
        """Name of the prompt that it was trained with; None where that is not known."""
        return None

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """What the completions depend on besides the prompts, JSON values."""

    @abstractmethod
    def generate(self, tasks: Iterable[Task], kept: Completions | None = None) -> Generator[Written]:
        """Yield what was written for each task, in their order; ``tasks`` is read as it is needed.

        Args:
            tasks: the prompts.
            kept: where answers are kept as they arrive, for backends that need it (``keeps_answers``).
        """

    def spent(self) -> dict[str, Any]:
        """Tokens and prices so far; empty where nothing is paid."""
        return {}


class BackendKind(NamedTuple):
    """One kind of backend.

    Attributes:
        options: the frozen dataclass of its options.
        open: the backend of such options and of a decoding whose ``max_tokens`` is set.
    """

    options: type
    open: Callable[[Any, Decoding], GenerationBackend]


#: Name -> what writes queries, and the class of its options.
GENERATION_BACKENDS: Registry[BackendKind] = Registry("generation backend")


def sample_seed(seed: int, doc_id: str, language: str, sample: int) -> int:
    """The seed of one completion, 63 bits: it depends on nothing else, so neither on batches nor on order."""
    key = f"{seed}\t{doc_id}\t{language}\t{sample}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "little") >> 1
