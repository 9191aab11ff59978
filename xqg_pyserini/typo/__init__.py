"""Misspelled queries: typos as people make them in 39 languages, from a seeded generator, with every edit recorded."""

from typing import TYPE_CHECKING

from xqg_pyserini.lazy import lazy_exports

if TYPE_CHECKING:
    from xqg_pyserini.typo.generator import TypoGenerator
    from xqg_pyserini.typo.misspell import TypoSettings, misspell_queries
    from xqg_pyserini.typo.operators import TYPO_OPERATORS
    from xqg_pyserini.typo.presets import TYPO_PRESETS
    from xqg_pyserini.typo.severity import measure_severity
    from xqg_pyserini.typo.typo_query import Edit, TypoQuery
    from xqg_pyserini.typo.typo_sets import write_typo_sets

__all__ = [
    "TYPO_OPERATORS",
    "TYPO_PRESETS",
    "Edit",
    "TypoGenerator",
    "TypoQuery",
    "TypoSettings",
    "measure_severity",
    "misspell_queries",
    "write_typo_sets",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "TYPO_OPERATORS": "operators",
        "TYPO_PRESETS": "presets",
        "Edit": "typo_query",
        "TypoGenerator": "generator",
        "TypoQuery": "typo_query",
        "TypoSettings": "misspell",
        "measure_severity": "severity",
        "misspell_queries": "misspell",
        "write_typo_sets": "typo_sets",
    },
)
