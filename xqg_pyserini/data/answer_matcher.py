"""Does a passage hold an answer? DPR's ``has_answer`` (Karpukhin et al., EMNLP 2020).

Text and answer are decomposed (NFD), cut into runs of letters, digits and marks or single other characters,
lower-cased, and the answer's tokens are looked for in a row. Two consequences of that definition are kept: an accent
is part of its word (``Bjornsson`` is not found in ``Björnsson``), and an answer without any token is always found.
"""

import functools
import unicodedata
from collections.abc import Sequence

import regex

_TOKEN = regex.compile(r"[\p{L}\p{N}\p{M}]+|[^\p{Z}\p{C}]")
_CACHE = 1 << 17


def dpr_tokens(text: str) -> list[str]:
    """The lower-cased tokens of DPR's ``SimpleTokenizer``."""
    return [token.lower() for token in _TOKEN.findall(unicodedata.normalize("NFD", text))]


def _framed(text: str) -> str:
    # tokens hold no blank, so that a run of tokens is a substring between blanks
    return f" {' '.join(dpr_tokens(text))} "


def _folded(text: str) -> str:
    # case folding changes each character by itself, whatever stands beside it; lower-casing a sigma does not
    return unicodedata.normalize("NFD", text).casefold()


class AnswerMatcher:
    """Finds answers in passages; a passage is tokenised once, and only where all letters of an answer occur in it.

    Args:
        cache: the number of texts whose tokens are remembered.
    """

    def __init__(self, cache: int = _CACHE) -> None:
        self._framed = functools.lru_cache(maxsize=cache)(_framed)
        self._folded = functools.lru_cache(maxsize=cache)(_folded)

    def has_answer(self, passage: str, answers: Sequence[str]) -> bool:
        """Whether the tokens of any answer stand in a row in the passage."""
        needles = [self._framed(answer) for answer in answers]
        if any(not needle.strip() for needle in needles):
            return True
        letters = self._folded(passage)
        likely = [needle for needle in needles if all(token in letters for token in needle.casefold().split())]
        if not likely:
            return False
        text = self._framed(passage)
        return any(needle in text for needle in likely)

    def first_rank(self, passages: Sequence[str], answers: Sequence[str]) -> int | None:
        """The rank (from 1) of the first passage with an answer; None where there is none."""
        return next((rank for rank, text in enumerate(passages, start=1) if self.has_answer(text, answers)), None)
