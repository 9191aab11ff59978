"""Lexicons: the words of a language and how often they occur."""

import contextlib
import logging
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from xqg_pyserini.errors import InputError, MissingExtraError, UnknownNameError
from xqg_pyserini.languages import language
from xqg_pyserini.rewrite.spelling import WORD, SpellingCorrector

logger = logging.getLogger(__name__)

#: wordfreq's own matching of languages would answer for Yoruba with English.
_WORDFREQ_CODES = {"no": "nb"}


def count_words(texts: Iterable[str]) -> Counter[str]:
    """Lower-cased words of texts and how often they occur; runs of letters and marks count as words."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(WORD.findall(unicodedata.normalize("NFC", text.lower())))
    return counts


def word_frequencies(code: str) -> Mapping[str, float]:
    """Lower-cased words of a language and their relative frequencies, from wordfreq (Speer 2022); empty if it has none.

    Raises:
        MissingExtraError: wordfreq is not installed.
        UnknownNameError: no such language.
    """
    known = language(code).code
    known = _WORDFREQ_CODES.get(known, known)
    try:
        from wordfreq import available_languages, get_frequency_dict
    except ImportError:
        raise MissingExtraError("lexicons come from wordfreq: pip install 'xqg-pyserini[spelling]'") from None
    return get_frequency_dict(known, "best") if known in available_languages() else {}


class Lexicon:
    """The words of each language: those of wordfreq, and those of texts of one's own.

    Generated queries (xQG) are good texts for that: they are in the languages of the queries, and name what the
    collection is about.

    Args:
        texts: ``(language, text)``. Their words count as much as all of wordfreq's together.
    """

    def __init__(self, texts: Iterable[tuple[str, str]] = ()) -> None:
        own: defaultdict[str, list[str]] = defaultdict(list)
        for code, text in texts:
            with contextlib.suppress(UnknownNameError):  # no query will ask for such a language
                own[language(code).code].append(text)
        self._own = {code: count_words(lines) for code, lines in own.items()}
        self._correctors: dict[str, SpellingCorrector | None] = {}

    def words(self, code: str) -> Mapping[str, float]:
        """Words of a language and their relative frequencies; empty where none are known.

        Raises:
            MissingExtraError: wordfreq is not installed.
            UnknownNameError: no such language.
        """
        frequencies, own = word_frequencies(code), self._own.get(language(code).code)
        if own is None:
            return frequencies
        shares, total = dict(frequencies), own.total()
        for word, count in own.items():
            shares[word] = shares.get(word, 0.0) + count / total
        return shares

    def corrector(self, code: str) -> SpellingCorrector | None:
        """The spelling corrector of a language; None, and one warning, where no word of it is known.

        Raises:
            InputError: no language is given.
            MissingExtraError: a package is not installed.
            UnknownNameError: no such language.
        """
        if not code:
            raise InputError("the language of a query is not known, and spelling correction needs it: give --language")
        if code not in self._correctors:
            words = self.words(code)
            if not words:
                logger.warning("no words of %r are known: its queries are encoded as they are", code)
            self._correctors[code] = SpellingCorrector(words) if words else None
        return self._correctors[code]
