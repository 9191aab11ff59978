"""Texts to measure with: those of the sample collection, made longer or shorter where other lengths are wanted."""

from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from statistics import mean

from xqg_pyserini.data import open_corpus, read_generated_queries
from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.records import Passage
from xqg_pyserini.sample import GENERATED, PASSAGES

_ROUNDS = 4


class MeasuredTexts:
    """Passages and generated queries without end, whose tokens have a wanted mean and the spread of the sample.

    Args:
        encoder: its tokenizer, prefixes and largest lengths count.
        passage_tokens: mean number of tokens of a passage, special ones included; None leaves the sample's.
        query_tokens: the same of a query.

    Attributes:
        passage_tokens: the mean number of tokens that the encoder reads of a passage.
        query_tokens: the same of a query.
    """

    def __init__(self, encoder: TextEncoder, passage_tokens: float | None, query_tokens: float | None) -> None:
        self._encoder = encoder
        passages = sample_passages()
        queries = [query.text for _, _, query in read_generated_queries([GENERATED])]
        self._passages = _scaled(passages, passage_tokens, self._tokens_of_passages)
        self._queries = _scaled(queries, query_tokens, self._tokens_of_queries)
        self.passage_tokens = self._tokens_of_passages(self._passages)
        self.query_tokens = self._tokens_of_queries(self._queries)

    def _tokens_of_passages(self, texts: Sequence[str]) -> float:
        tower, settings = self._encoder.passages, self._encoder.passages.settings
        encoded = [self._encoder.passage_text(Passage("", "", text)) for text in texts]
        return mean(len(ids) for ids in tower.tokenise(encoded, settings.passage_max_length))

    def _tokens_of_queries(self, texts: Sequence[str]) -> float:
        tower, settings = self._encoder.queries, self._encoder.queries.settings
        encoded = [settings.query_prefix + text for text in texts]
        return mean(len(ids) for ids in tower.tokenise(encoded, settings.query_max_length))

    def passages(self, number: int) -> list[Passage]:
        """Passages with the ids ``0``, ``1``, …; texts are repeated."""
        return [Passage(str(row), "", text) for row, text in zip(range(number), cycle(self._passages))]

    def queries(self) -> Iterator[str]:
        """Queries, repeated for ever."""
        return cycle(self._queries)

    @property
    def query_bytes(self) -> float:
        """Bytes of a query in UTF-8, on average."""
        return mean(len(text.encode()) for text in self._queries)


def sample_passages() -> list[str]:
    """The passages of the sample collection, each with its title before it."""
    # the file itself: its id would load ir_datasets, which takes seconds
    return [f"{passage.title} {passage.text}" for passage in open_corpus(PASSAGES)]


def _scaled(texts: Sequence[str], tokens: float | None, measure: Callable[[Sequence[str]], float]) -> list[str]:
    """Texts repeated or cut so that they have as many tokens on average, as far as the encoder reads them."""
    if tokens is None:
        return list(texts)
    fixed, factor = measure([""]), 1.0
    for _ in range(_ROUNDS):
        now = measure([_resized(text, factor) for text in texts])
        if now <= fixed or abs(now - tokens) < 0.01 * tokens:
            break
        factor *= max(tokens - fixed, 1) / (now - fixed)
    return [_resized(text, factor) for text in texts]


def _resized(text: str, factor: float) -> str:
    """A text of ``factor`` times as many characters, repeated or cut."""
    wanted = max(1, round(factor * len(text)))
    return (f"{text} " * -(-wanted // (len(text) + 1)))[:wanted].strip() or text[0]
