"""Texts to measure with: those of the sample collection, made longer or shorter where other lengths are wanted."""

from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from statistics import mean

from xqg_pyserini.data import open_corpus, read_generated_queries
from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.records import Passage
from xqg_pyserini.sample import GENERATED, PASSAGES

#: How often lengths are tried, until they are as near, of what is wanted.
_ROUNDS, _NEAR = 16, 0.01


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
        self._longest_passage = encoder.passages.settings.passage_max_length
        self._longest_query = encoder.queries.settings.query_max_length
        passages = sample_passages()
        queries = [query.text for _, _, query in read_generated_queries([GENERATED])]
        self._passages = _scaled(passages, self._tokens_of_passages, passage_tokens, self._longest_passage)
        self._queries = _scaled(queries, self._tokens_of_queries, query_tokens, self._longest_query)
        self.passage_tokens = self._tokens_of_passages(self._passages)
        self.query_tokens = self._tokens_of_queries(self._queries)

    def _tokens_of_passages(self, texts: Sequence[str]) -> float:
        encoded = [self._encoder.passage_text(Passage("", "", text)) for text in texts]
        return mean(map(len, self._encoder.passages.tokenise(encoded, self._longest_passage)))

    def _tokens_of_queries(self, texts: Sequence[str]) -> float:
        encoded = [self._encoder.queries.settings.query_prefix + text for text in texts]
        return mean(map(len, self._encoder.queries.tokenise(encoded, self._longest_query)))

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


def _scaled(
    texts: Sequence[str], measure: Callable[[Sequence[str]], float], tokens: float | None, longest: int
) -> list[str]:
    """Texts repeated or cut so that an encoder reads as many tokens of them on average, at most ``longest`` of each."""
    if tokens is None:
        return list(texts)
    wanted, fixed, factor = min(tokens, longest), measure([""]), 1.0
    # texts that are cut by the encoder too become shorter in several rounds
    for _ in range(_ROUNDS):
        now = measure([_resized(text, factor) for text in texts])
        if now <= fixed or abs(now - wanted) < _NEAR * wanted:
            break
        factor *= max(wanted - fixed, 1) / (now - fixed)
    return [_resized(text, factor) for text in texts]


def _resized(text: str, factor: float) -> str:
    """A text of ``factor`` times as many characters, repeated or cut."""
    wanted = max(1, round(factor * len(text)))
    return (f"{text} " * -(-wanted // (len(text) + 1)))[:wanted].strip() or text[0]
