"""Typing slips, one small class each; a new slip is one new file that ends in ``register`` and is imported here."""

from xqg_pyserini.typo.operators import (
    abugida,
    chinese,
    confusion,
    japanese,
    keyboard,
    literature,
    marks,
    spacing,
    vietnamese,
    wrong_layout,
)
from xqg_pyserini.typo.operators.base import OPERATORS, Change, Operator

__all__ = [
    "OPERATORS",
    "Change",
    "Operator",
    "abugida",
    "chinese",
    "confusion",
    "japanese",
    "keyboard",
    "literature",
    "marks",
    "spacing",
    "vietnamese",
    "wrong_layout",
]
