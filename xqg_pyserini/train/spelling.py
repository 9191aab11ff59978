"""Nearest spelling candidates of words that a collection does not use."""

from collections import Counter
from collections.abc import Iterable, Mapping

import regex

from xqg_pyserini.errors import InputError, MissingExtraError

_WORD = regex.compile(r"[\p{L}\p{M}]+")
#: Shorter words have too many neighbours.
_MINIMUM_LETTERS = 4
#: From this length on, two slips are looked for.
_LONG = 8


def count_words(texts: Iterable[str]) -> Counter[str]:
    """Lower-cased words of texts and how often they occur; runs of letters and marks count as words."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(_WORD.findall(text.lower()))
    return counts


class SpellingCandidates:
    """Finds words near an unknown one, by the number of slips (deletion, insertion, substitution, swap of neighbours).

    Args:
        vocabulary: lower-cased words and how often they occur; of the collection, or of a log of queries.

    Raises:
        InputError: an empty vocabulary.
        MissingExtraError: rapidfuzz is not installed.
    """

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        if not vocabulary:
            raise InputError("spelling candidates come from a vocabulary: it is empty")
        try:
            import rapidfuzz  # noqa: F401
        except ImportError:
            raise MissingExtraError("spelling candidates need rapidfuzz: pip install 'xqg-pyserini[train]'") from None
        self.vocabulary = vocabulary
        self._words = sorted(vocabulary, key=lambda word: (-vocabulary[word], word))

    def nearest(self, word: str, limit: int) -> list[str]:
        """Up to ``limit`` known words, fewest slips first, then the more frequent; none for a known or short word."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        lower = word.lower()
        if lower in self.vocabulary or len(lower) < _MINIMUM_LETTERS:
            return []
        slips = 2 if len(lower) >= _LONG else 1
        # extract keeps the order of the words, by falling frequency, among equal distances
        found = extract(lower, self._words, scorer=OSA.distance, score_cutoff=slips, limit=limit)
        return [candidate for candidate, _, _ in found]

    def respelt(self, query: str, views: int) -> list[str]:
        """The query, and up to ``views`` forms of it: the ``k``-th has each unknown word's ``k``-th candidate.

        Words without a ``k``-th candidate take their last; words without any stay.
        """
        words = {word: self.nearest(word, views) for word in set(_WORD.findall(query))}
        depth = max(map(len, words.values()), default=0)
        forms = [query]
        for k in range(depth):
            forms.append(_WORD.sub(lambda match, k=k: _candidate(words[match[0]], k, match[0]), query))
        return list(dict.fromkeys(forms))


def _candidate(candidates: list[str], k: int, word: str) -> str:
    return candidates[min(k, len(candidates) - 1)] if candidates else word
