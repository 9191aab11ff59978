"""``xqg search``: topics in an index, to a run."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from xqg_pyserini.files import check_output_file
from xqg_pyserini.options import (
    RegisteredName,
    UserMistake,
    XqgCommand,
    backend_option,
    batch_size_option,
    check_needed,
    device_option,
    encoder_settings_options,
    overwrite_option,
    threads_option,
)
from xqg_pyserini.records import Hit, Query
from xqg_pyserini.search.fusion import HYBRID_FUSIONS
from xqg_pyserini.typo.options import typo_options

if TYPE_CHECKING:
    from xqg_pyserini.encode import TextEncoder
    from xqg_pyserini.search.dense import EncodesQueries

#: Options that mean nothing without another.
_NEEDED = {
    "typo_seed": "typos",
    "typo_preset": "typos",
    "lexicon_queries": "corrections",
    "lucene_language": "lucene_index",
    "fusion": "lucene_index",
    "fusion_weight": "lucene_index",
}
_NOT_WITH_EXPLAIN = ("topics", "output", "typos", "corrections", "lucene_index")


@click.command(cls=XqgCommand)
@click.option(
    "--index", required=True, help="Index directory, or the name of one of Pyserini's prebuilt Faiss indexes."
)
@click.option(
    "--topics",
    multiple=True,
    help="Queries: a TSV or JSONL file (plain or .gz), an ir_datasets id, a suite, or the name of Pyserini's topics; "
    "may be repeated.",
)
@click.option("--output", help="Run file to write (.gz is compressed); {language} in it makes one file per language.")
@click.option(
    "--format",
    "run_format",
    type=RegisteredName("xqg_pyserini.search.outputs:RUN_FORMATS"),
    default="trec",
    show_default=True,
    help="Format of the run file.",
)
@click.option(
    "--query-encoder",
    "--encoder",
    "encoder",
    default=None,
    help="Query encoder: a checkpoint directory, a model hub's id, or a trained one such as embedded+typo.  "
    "[default: the one that the index records]",
)
@click.option("--hits", type=click.IntRange(min=1), default=1000, show_default=True, help="Passages per query.")
@click.option("--tag", default="xqg", show_default=True, help="Name of the run, the last column of a TREC run.")
@click.option("--language", default=None, help="Language of the topics whose source does not say it, such as te.")
@typo_options(default_typos=0)
@click.option(
    "--corrections",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Spelling correction: largest number of corrected versions averaged with each query (extra spelling).",
)
@click.option(
    "--lexicon-queries",
    multiple=True,
    help="Spelling correction: generated queries (JSONL) whose words the lexicon holds too; may be repeated.",
)
@click.option(
    "--lucene-index",
    default=None,
    help="Hybrid search: Lucene index whose BM25 results are merged with the dense ones, a directory or prebuilt name.",
)
@click.option("--lucene-language", default=None, help="Hybrid search: language of Lucene's analyzer, such as te.")
@click.option(
    "--fusion",
    type=click.Choice(HYBRID_FUSIONS),
    default="rrf",
    show_default=True,
    help="Hybrid search: reciprocal rank fusion, or interpolation of min-max normalised scores.",
)
@click.option(
    "--fusion-weight",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Hybrid search: weight of the dense scores in an interpolation.",
)
@click.option(
    "--explain",
    nargs=2,
    metavar="QUERY DOCID",
    help="Instead of searching, split the score of a query and a passage into the parts of the passage and of each "
    "language's generated queries (needs an index augmented with --keep-components).",
)
@backend_option
@batch_size_option
@threads_option
@device_option
@encoder_settings_options("query")
@overwrite_option
def main(
    index: str,
    topics: tuple[str, ...],
    output: str | None,
    run_format: str,
    hits: int,
    tag: str,
    explain: tuple[str, str] | None,
    threads: int | None,
    overwrite: bool,
    **options: Any,
) -> None:
    """Search topics in an index; writes a run.

    Examples:

    \b
      xqg search --index indexes/sample --topics xqg-sample/te --output runs/te.trec
      xqg search --index indexes/sample --topics xqg-sample/te --typos 1 --output runs/te.typos.trec
      xqg search --index indexes/sample-xqg --explain "What is the largest moon?" moons-4
    """
    _check_options()
    from xqg_pyserini.host.names import faiss_index_directory
    from xqg_pyserini.search import OpenedIndex, explain_score, format_explanation, search_queries, write_results
    from xqg_pyserini.search.outputs import split_by_output

    if explain:
        directory = faiss_index_directory(index)
        encoder = _load_encoder(directory, threads, options)
        click.echo(format_explanation(explain_score(directory, Query("", explain[0]), explain[1], encoder)))
        return
    files = split_by_output(_queries(topics, options), output or "")
    for path in files:
        check_output_file(path, overwrite)
    directory = faiss_index_directory(index)
    opened = OpenedIndex(directory, threads)
    correcting = _with_corrections(_load_encoder(directory, threads, options), options)
    for path, queries in files.items():
        results: Iterable[tuple[Query, list[Hit]]] = search_queries(queries, opened, correcting, hits)
        if options["lucene_index"]:
            results = _hybrid(results, queries, hits, threads, options)
        count = write_results(path, results, run_format, tag, overwrite)
        click.echo(f"{path}: {count} queries, up to {min(hits, opened.count)} hits each")


def _check_options() -> None:
    check_needed(_NEEDED)
    context = click.get_current_context()
    given = context.params
    if given["explain"] and any(given[name] for name in _NOT_WITH_EXPLAIN):
        raise UserMistake("--explain takes one query and searches nothing: drop the options of a search")
    if not given["explain"] and not (given["topics"] and given["output"]):
        raise UserMistake("--topics and --output are needed (or --explain)")
    weighted = context.get_parameter_source("fusion_weight") is ParameterSource.COMMANDLINE
    if weighted and given["fusion"] != "interpolation":
        raise UserMistake("--fusion-weight needs --fusion interpolation")


def _load_encoder(directory: Path, threads: int | None, options: dict[str, Any]) -> "TextEncoder":
    from xqg_pyserini.encode import EncoderChoice, load_query_encoder

    settings = {key: options[key] for key in ("query_max_length", "pooling", "normalize", "query_prefix")}
    of_encoder = (options["device"], options["batch_size"], threads, options["backend"])
    return load_query_encoder(directory, EncoderChoice(options["encoder"], settings, *of_encoder))


def _queries(sources: tuple[str, ...], options: dict[str, Any]) -> list[Query]:
    """The topics, each with its language, misspelled where that is asked for."""
    from xqg_pyserini.data import read_topics
    from xqg_pyserini.typo import misspell_queries

    # one source after the other: the same ids may occur in several languages
    queries = [query for source in sources for query in read_topics(source, options["language"])]
    if not options["typos"]:
        return queries
    return misspell_queries(queries, options["typos"], options["typo_seed"], options["typo_preset"])


def _with_corrections(encoder: "TextEncoder", options: dict[str, Any]) -> "EncodesQueries":
    """The encoder as it is, or averaging each query with its corrected versions."""
    if not options["corrections"]:
        return encoder
    from xqg_pyserini.data import read_generated_queries
    from xqg_pyserini.rewrite import CorrectedQueryEncoder, Lexicon

    located = read_generated_queries(options["lexicon_queries"]) if options["lexicon_queries"] else ()
    lexicon = Lexicon((query.lang, query.text) for _, _, query in located)
    return CorrectedQueryEncoder(encoder, lexicon.corrector, options["corrections"])


def _hybrid(
    dense: Iterable[tuple[Query, list[Hit]]],
    queries: Sequence[Query],
    hits: int,
    threads: int | None,
    options: dict[str, Any],
) -> Iterable[tuple[Query, list[Hit]]]:
    """Dense results merged with those of a Lucene index."""
    from xqg_pyserini.search import fuse_hybrid, search_lucene

    run = {query.query_id: found for query, found in dense}
    lexical = search_lucene(queries, options["lucene_index"], hits, options["lucene_language"], threads)
    fused = fuse_hybrid(run, lexical, options["fusion"], options["fusion_weight"], hits)
    return [(query, fused.get(query.query_id, [])) for query in queries]


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.search")
