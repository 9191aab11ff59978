"""Parts of an evaluation: by language, by resource tier."""

from typing import Literal

import numpy as np

from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.evaluate.scores import Evaluation
from xqg_pyserini.languages import tier

By = Literal["lang", "tier"]

#: Tiers in the order in which they are shown.
TIERS = ("high", "mid", "low")


def known(lang: str) -> bool:
    """Whether the tier of a language is known."""
    try:
        return bool(tier(lang))
    except UnknownNameError:
        return False


def by_language(evaluation: Evaluation) -> dict[str, Evaluation]:
    """Language -> its queries, sorted; one entry ``""`` where no language is known."""
    langs = np.array(evaluation.langs)
    return {lang: evaluation.select(langs == lang) for lang in sorted(set(evaluation.langs))}


def by_tier(evaluation: Evaluation) -> dict[str, Evaluation]:
    """Resource tier -> the queries of its languages (classes of Joshi et al., 2020).

    Raises:
        InputError: queries without a language.
        UnknownNameError: a language that is not in the list.
    """
    if "" in evaluation.langs:
        raise InputError("tiers need the language of every query: give topics that name it")
    tiers = np.array([tier(lang) for lang in evaluation.langs])
    return {name: evaluation.select(tiers == name) for name in TIERS if (tiers == name).any()}


def split(evaluation: Evaluation, by: By | None) -> dict[str, Evaluation]:
    """``all``, and each language or tier where ``by`` asks for them."""
    parts = by_language(evaluation) if by == "lang" else by_tier(evaluation) if by == "tier" else {}
    return {"all": evaluation} | parts
