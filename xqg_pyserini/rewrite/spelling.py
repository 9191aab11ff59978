"""Spelling correction of a query's words by their nearest neighbours in a lexicon."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

import regex
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from xqg_pyserini.errors import InputError

WORD = regex.compile(r"[\p{L}\p{M}]+")
#: Shorter words have too many neighbours.
_MINIMUM_LETTERS = 4
#: From this length on two edits are looked for, among this number of the most frequent words.
_LONG, _MOST_FREQUENT = 8, 50_000
#: How much more frequent a neighbour must be: lexicons hold common misspellings, too.
_ODDS = 100
#: Letters that one edit can put in: the most frequent ones of the lexicon.
_ALPHABET = 64


class SpellingCorrector:
    """Replaces words that a lexicon does not know, or knows as much rarer than a neighbour of theirs.

    Neighbours are at an edit distance of one, and for long words of two: deletion, insertion, substitution, and
    transposition of adjacent letters (optimal string alignment).

    Args:
        lexicon: lower-cased words and how often they occur, as counts or as shares: of the collection
            (``count_words``), of a query log, or of a language (``word_frequencies``).

    Raises:
        InputError: an empty lexicon.
    """

    def __init__(self, lexicon: Mapping[str, float]) -> None:
        if not lexicon:
            raise InputError("spelling correction needs a lexicon, and this one is empty")
        self.lexicon = lexicon
        self._frequent = sorted(lexicon, key=lambda word: (-lexicon[word], word))[:_MOST_FREQUENT]
        letters = Counter(letter for word in self._frequent for letter in word)
        self._letters = [letter for letter, _ in letters.most_common(_ALPHABET)]

    def candidates(self, word: str, limit: int) -> list[str]:
        """Up to ``limit`` words in place of ``word``: those at the smallest edit distance, the most frequent first.

        There are none for a short word, and none for one that is not much rarer than its neighbours.
        """
        # as lexicons hold it: in lower case, each letter with its marks as one code point where there is one
        lower = unicodedata.normalize("NFC", word.lower())
        if len(lower) < _MINIMUM_LETTERS:
            return []
        least = _ODDS * self.lexicon.get(lower, 0)
        near = {other for other in self._one_edit(lower) if self.lexicon.get(other, 0) > least}
        if near:
            return sorted(near, key=lambda other: (-self.lexicon[other], other))[:limit]
        return self._two_edits(lower, limit) if least == 0 and len(lower) >= _LONG else []

    def _one_edit(self, word: str) -> Iterator[str]:
        for i in range(len(word) + 1):
            before, after = word[:i], word[i:]
            if after:
                yield before + after[1:]
                yield from (before + letter + after[1:] for letter in self._letters if letter != after[0])
            if len(after) > 1 and after[0] != after[1]:
                yield before + after[1] + after[0] + after[2:]
            yield from (before + letter + after for letter in self._letters)

    def _two_edits(self, word: str, limit: int) -> list[str]:
        # extract keeps the order of the words, by falling frequency, among equal distances
        found = extract(word, self._frequent, scorer=OSA.distance, score_cutoff=2, limit=limit)
        return [candidate for candidate, _, _ in found]

    def variants(self, query: str, corrections: int) -> list[str]:
        """The query, and up to ``corrections`` corrected queries: the ``k``-th has each word's ``k``-th candidate.

        Words without a ``k``-th candidate take their last; words without any stay.
        """
        words = {word: self.candidates(word, corrections) for word in set(WORD.findall(query))}
        depth = max(map(len, words.values()), default=0)
        variants = [query]
        for k in range(depth):
            variants.append(WORD.sub(lambda match, k=k: _candidate(words[match[0]], k, match[0]), query))
        return list(dict.fromkeys(variants))


def _candidate(candidates: list[str], k: int, word: str) -> str:
    return _cased(candidates[min(k, len(candidates) - 1)], word) if candidates else word


def _cased(candidate: str, word: str) -> str:
    """The candidate in capitals where the word was: encoders recognise names by them."""
    if len(word) > 1 and word.isupper():
        return candidate.upper()
    return candidate[0].upper() + candidate[1:] if word[0].isupper() else candidate
