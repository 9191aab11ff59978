"""Misspellings as people make them: units, operators, layouts and the seeded generator."""

from xqg_pyserini.typo.generator import TypoGenerator
from xqg_pyserini.typo.typo_query import Edit, TypoQuery

__all__ = ["Edit", "TypoGenerator", "TypoQuery"]
