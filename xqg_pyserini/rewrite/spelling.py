"""Nearest spellings of words that a vocabulary does not know, or knows as much rarer than a neighbour of theirs."""

import logging
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

import regex

from xqg_pyserini.errors import InputError, MissingExtraError, UnknownNameError
from xqg_pyserini.languages import language

logger = logging.getLogger(__name__)

_WORD = regex.compile(r"[\p{L}\p{M}]+")
#: Shorter words have too many neighbours.
_MINIMUM_LETTERS = 4
#: From this length on two slips are looked for, among so many of the most frequent words.
_LONG, _MOST_FREQUENT = 8, 50_000
#: How much more frequent a neighbour must be: lists of words hold common misspellings, too.
_ODDS = 100
#: Letters that one slip can put in: the most frequent ones of the vocabulary.
_ALPHABET = 64
#: wordfreq's own matching of languages would answer for Yoruba with English.
_WORDFREQ_CODES = {"no": "nb"}


def _folded(text: str) -> str:
    """As lists of words hold it: in lower case, each letter with its marks as one code point where there is one."""
    return unicodedata.normalize("NFC", text.lower())


def count_words(texts: Iterable[str]) -> Counter[str]:
    """Lower-cased words of texts and how often they occur; runs of letters and marks count as words."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(_words_of(text))
    return counts


def _words_of(text: str) -> list[str]:
    return _WORD.findall(_folded(text))


def word_frequencies(lang: str) -> Mapping[str, float]:
    """Lower-cased words of a language and their relative frequencies, from wordfreq (Speer 2022); empty if it has none.

    Raises:
        MissingExtraError: wordfreq is not installed.
        UnknownNameError: no such language.
    """
    code = _WORDFREQ_CODES.get(language(lang).code, language(lang).code)
    try:
        from wordfreq import available_languages, get_frequency_dict
    except ImportError:
        raise MissingExtraError("lists of words come from wordfreq: pip install 'xqg-pyserini[spelling]'") from None
    return get_frequency_dict(code, "best") if code in available_languages() else {}


class SpellingCandidates:
    """Finds words near an unknown one, by the number of slips (deletion, insertion, substitution, swap of neighbours).

    Args:
        vocabulary: lower-cased words and how often they occur, as counts or as shares; of the collection
            (``count_words``), of a log of queries, or of a language (``word_frequencies``).

    Raises:
        InputError: an empty vocabulary.
        MissingExtraError: rapidfuzz is not installed.
    """

    def __init__(self, vocabulary: Mapping[str, float]) -> None:
        if not vocabulary:
            raise InputError("spelling candidates come from a vocabulary: it is empty")
        try:
            import rapidfuzz  # noqa: F401
        except ImportError:
            raise MissingExtraError(
                "spelling candidates need rapidfuzz: pip install 'xqg-pyserini[spelling]'"
            ) from None
        self.vocabulary = vocabulary
        self._frequent = sorted(vocabulary, key=lambda word: (-vocabulary[word], word))[:_MOST_FREQUENT]
        letters = Counter(letter for word in self._frequent for letter in word)
        self._letters = [letter for letter, _ in letters.most_common(_ALPHABET)]

    def nearest(self, word: str, limit: int) -> list[str]:
        """Up to ``limit`` words, fewest slips first, then the more frequent.

        There are none for a short word, and none for one that is not much rarer than its neighbours.
        """
        lower = _folded(word)
        if len(lower) < _MINIMUM_LETTERS:
            return []
        least = _ODDS * self.vocabulary.get(lower, 0)
        near = {other for other in self._one_slip(lower) if self.vocabulary.get(other, 0) > least}
        if near:
            return sorted(near, key=lambda other: (-self.vocabulary[other], other))[:limit]
        return self._two_slips(lower, limit) if least == 0 and len(lower) >= _LONG else []

    def _one_slip(self, word: str) -> Iterator[str]:
        for i in range(len(word) + 1):
            before, after = word[:i], word[i:]
            if after:
                yield before + after[1:]
                yield from (before + letter + after[1:] for letter in self._letters if letter != after[0])
            if len(after) > 1 and after[0] != after[1]:
                yield before + after[1] + after[0] + after[2:]
            yield from (before + letter + after for letter in self._letters)

    def _two_slips(self, word: str, limit: int) -> list[str]:
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        # extract keeps the order of the words, by falling frequency, among equal distances
        found = extract(word, self._frequent, scorer=OSA.distance, score_cutoff=2, limit=limit)
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


class Lexicon:
    """Candidates by language: from its list of words, and from texts of one's own.

    Generated queries (xQG) are such texts: they are in the languages of the queries, and name what the collection is
    about.

    Args:
        texts: ``(language, text)``; their words are known, too, and weigh as much as the list.
    """

    def __init__(self, texts: Iterable[tuple[str, str]] = ()) -> None:
        self._own: dict[str, Counter[str]] = defaultdict(Counter)
        for lang, text in texts:
            self._own[_code(lang)].update(_words_of(text))
        self._made: dict[str, SpellingCandidates | None] = {}

    def __call__(self, lang: str) -> SpellingCandidates | None:
        """The candidates of a language; None, and one warning, where neither list nor text is in it.

        Raises:
            InputError: no language is given.
            MissingExtraError: a package is not installed.
            UnknownNameError: no such language.
        """
        if not lang:
            raise InputError("spellings are looked up by language, and that of a query is not known: give --language")
        if lang not in self._made:
            words = self._words(lang)
            if not words:
                logger.warning("no words of %r are known: its queries are encoded as they are", lang)
            self._made[lang] = SpellingCandidates(words) if words else None
        return self._made[lang]

    def _words(self, lang: str) -> Mapping[str, float]:
        listed, own = word_frequencies(lang), self._own.get(_code(lang))
        if own is None:
            return listed
        shares, total = dict(listed), sum(own.values())
        for word, count in own.items():
            shares[word] = shares.get(word, 0.0) + count / total
        return shares


def _code(lang: str) -> str:
    try:
        return language(lang).code
    except UnknownNameError:
        return lang  # no query will ask for it


def _candidate(candidates: list[str], k: int, word: str) -> str:
    return _cased(candidates[min(k, len(candidates) - 1)], word) if candidates else word


def _cased(candidate: str, word: str) -> str:
    """The candidate in capitals where the word was: encoders tell names by them."""
    if len(word) > 1 and word.isupper():
        return candidate.upper()
    return candidate[0].upper() + candidate[1:] if word[0].isupper() else candidate
