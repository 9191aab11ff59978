"""Options of ``xqg search``: what is done to queries and results, and what means nothing together."""

import functools
from collections.abc import Callable
from typing import Any

import click
from click.core import ParameterSource

from xqg_pyserini.options import UserMistake, check_needed
from xqg_pyserini.search.fusion import HYBRID_FUSIONS

#: Options that mean nothing without another.
_NEEDED = {
    "typo_seed": "typos",
    "typo_preset": "typos",
    "lexicon_queries": "corrections",
    "lucene_language": "lucene_index",
    "fusion": "lucene_index",
    "fusion_weight": "lucene_index",
}
_NOT_WITH_EXPLAIN = ("question", "topics", "output", "typos", "corrections", "lucene_index")
_ONLY_WITH_QUESTION = ("corpus", "as_json")
_NOT_WITH_QUESTION = ("topics", "output", "run_format", "tag", "overwrite")

_REFINING = [
    click.option(
        "--corrections",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="Spelling correction: largest number of corrected versions averaged with each query (extra spelling).",
    ),
    click.option(
        "--lexicon-queries",
        multiple=True,
        help="Spelling correction: generated queries (JSONL) whose words the lexicon holds too; may be repeated.",
    ),
    click.option(
        "--lucene-index",
        default=None,
        help="Hybrid search: Lucene index whose BM25 results are merged with the dense ones, a directory or "
        "prebuilt name.",
    ),
    click.option("--lucene-language", default=None, help="Hybrid search: language of Lucene's analyzer, such as te."),
    click.option(
        "--fusion",
        type=click.Choice(HYBRID_FUSIONS),
        default="rrf",
        show_default=True,
        help="Hybrid search: reciprocal rank fusion, or interpolation of min-max normalised scores.",
    ),
    click.option(
        "--fusion-weight",
        type=click.FloatRange(0, 1),
        default=0.5,
        show_default=True,
        help="Hybrid search: weight of the dense scores in an interpolation.",
    ),
]


def refining_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Spelling correction of the queries, and hybrid search."""
    return functools.reduce(lambda made, option: option(made), reversed(_REFINING), command)


def check_search_options() -> None:
    """Refuse options of the current command that cannot mean anything together, and a search of nothing."""
    check_needed(_NEEDED)
    context = click.get_current_context()
    given = context.params

    def typed(name: str) -> bool:
        return context.get_parameter_source(name) is ParameterSource.COMMANDLINE

    spelled = {param.name: max(param.opts, key=len) for param in context.command.params}
    if given["explain"] and any(given[name] for name in _NOT_WITH_EXPLAIN):
        raise UserMistake("--explain takes one query and searches nothing: drop the options of a search")
    if not given["question"] and (others := [spelled[name] for name in _ONLY_WITH_QUESTION if typed(name)]):
        raise UserMistake(f"{others[0]} needs a question: xqg search --index DIR QUESTION")
    if given["question"]:
        if not " ".join(given["question"]).strip():
            raise UserMistake("the question is empty: give a few words in any language")
        if others := [spelled[name] for name in _NOT_WITH_QUESTION if typed(name)]:
            raise UserMistake(f"a question prints its hits: {', '.join(others)} is for --topics")
    elif not given["explain"] and not (given["topics"] and given["output"]):
        raise UserMistake("a question, or --topics and --output, are needed (or --explain)")
    if typed("fusion_weight") and given["fusion"] != "interpolation":
        raise UserMistake("--fusion-weight needs --fusion interpolation")
