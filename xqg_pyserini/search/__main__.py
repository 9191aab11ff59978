"""``xqg search``: a question in an index, to the terminal, or topics, to a run."""

import shutil
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xqg_pyserini.errors import XqgError
from xqg_pyserini.files import check_output_file
from xqg_pyserini.options import (
    RegisteredName,
    XqgCommand,
    backend_option,
    batch_size_option,
    device_option,
    encoder_settings_options,
    overwrite_option,
    threads_option,
)
from xqg_pyserini.records import Hit, Query
from xqg_pyserini.search.options import check_search_options, refining_options
from xqg_pyserini.typo.options import typo_options

if TYPE_CHECKING:
    from xqg_pyserini.encode import TextEncoder
    from xqg_pyserini.encode.index_encoder import IndexRecord
    from xqg_pyserini.search.dense import EncodesQueries
    from xqg_pyserini.search.index_place import IndexPlace

#: Hits of a question, for a person, and of topics.
_HITS_SHOWN, _HITS = 5, 1000
#: Hits of each search that are fused for a question.
_FUSED_DEPTH = 100
_STYLES: dict[str, dict[str, Any]] = {"docid": {"fg": "cyan"}, "title": {"bold": True}, "parts": {"dim": True}}


@click.command(cls=XqgCommand)
@click.argument("question", nargs=-1)
@click.option(
    "--index",
    "indexes",
    required=True,
    multiple=True,
    help="Index directory, a folder that holds some, or the name of one of Pyserini's prebuilt Faiss indexes; repeat "
    "it to search several as one. Or milvus:URI#NAME, a collection of `xqg index push`.",
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
@click.option(
    "--hits",
    type=click.IntRange(min=1),
    default=None,
    help=f"Passages per query.  [default: {_HITS_SHOWN} for a question, {_HITS} for topics]",
)
@click.option(
    "--corpus",
    multiple=True,
    help="Passages whose texts are shown for a question, where the index holds none; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the hits of a question as one JSON object.")
@click.option("--tag", default="xqg", show_default=True, help="Name of the run, the last column of a TREC run.")
@click.option("--language", default=None, help="Language of the topics whose source does not say it, such as te.")
@typo_options(default_typos=0)
@refining_options
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
    question: tuple[str, ...],
    indexes: tuple[str, ...],
    topics: tuple[str, ...],
    output: str | None,
    hits: int | None,
    explain: tuple[str, str] | None,
    **options: Any,
) -> None:
    """Search an index: a question prints passages, topics are written to a run.

    Examples:

    \b
      xqg search --index indexes/sample-xqg "Mikä on aurinkokunnan suurin kuu?"
      xqg search --index indexes/sample --topics xqg-sample/te --output runs/te.trec
      xqg search --index indexes/sample --topics xqg-sample/te --typos 1 --output runs/te.typos.trec
      xqg search --index milvus:http://localhost:19530#sample "Mikä on aurinkokunnan suurin kuu?"
      xqg search --index indexes/sample-xqg --explain "What is the largest moon?" moons-4
    """
    check_search_options()
    from xqg_pyserini.search.index_place import index_place

    places = [index_place(name) for name in indexes]
    if explain:
        _print_explanation(places, explain, options)
    elif question:
        _print_passages(places, " ".join(question), hits or _HITS_SHOWN, options)
    else:
        _write_runs(places, topics, output or "", hits or _HITS, options)


def _print_explanation(places: "list[IndexPlace]", explain: tuple[str, str], options: dict[str, Any]) -> None:
    from xqg_pyserini.search import explain_score, format_explanation
    from xqg_pyserini.search.shards import find_shards

    directories = [place for place in places if isinstance(place, Path)]
    if len(directories) < len(places):
        raise XqgError("--explain needs an index directory: collections of Milvus hold no components")
    encoder = _load_encoder(find_shards(directories)[0], options)
    click.echo(format_explanation(explain_score(directories, Query("", explain[0]), explain[1], encoder)))


def _print_passages(places: "list[IndexPlace]", question: str, hits: int, options: dict[str, Any]) -> None:
    from xqg_pyserini.search import open_index, passages_as_json, passages_as_text, search_passages

    (query,) = _misspelled([_question(question, options["language"])], options)
    corpus = None
    if options["corpus"]:
        from xqg_pyserini.data import open_corpus

        corpus = open_corpus(options["corpus"])
    opened = open_index(places, options["threads"])
    encoder = _with_corrections(_load_encoder(opened.record, options), options)
    fuse = partial(_fused, query, _FUSED_DEPTH, options) if options["lucene_index"] else None
    found = search_passages(query, opened, encoder, hits, corpus, fuse)
    if options["as_json"]:
        click.echo(passages_as_json(query, found))
        return
    if query.text != question:
        click.echo(f"searched: {query.text}\n")
    click.echo(passages_as_text(query, found, shutil.get_terminal_size().columns, _paint))
    if any(one.passage is None for one in found):
        where = "the corpus" if options["corpus"] else "the index"
        click.echo(f"note: {where} holds no text of some hits; --corpus FILE shows texts from a corpus", err=True)


def _question(text: str, language_code: str | None) -> Query:
    from xqg_pyserini.languages import language

    return Query("question", text, language(language_code).code if language_code else "")


def _paint(text: str, kind: str) -> str:
    return click.style(text, **_STYLES[kind])


def _write_runs(
    places: "list[IndexPlace]", topics: tuple[str, ...], output: str, hits: int, options: dict[str, Any]
) -> None:
    from xqg_pyserini.search import open_index, search_queries, write_results
    from xqg_pyserini.search.outputs import split_by_output

    files = split_by_output(_queries(topics, options), output)
    for path in files:
        check_output_file(path, options["overwrite"])
    opened = open_index(places, options["threads"])
    encoder = _with_corrections(_load_encoder(opened.record, options), options)
    for path, queries in files.items():
        results: Iterable[tuple[Query, list[Hit]]] = search_queries(queries, opened, encoder, hits)
        if options["lucene_index"]:
            results = _hybrid(results, queries, hits, options)
        count = write_results(path, results, options["run_format"], options["tag"], options["overwrite"])
        click.echo(f"{path}: {count} queries, up to {min(hits, opened.count)} hits each")


def _load_encoder(index: "Path | IndexRecord", options: dict[str, Any]) -> "TextEncoder":
    from xqg_pyserini.encode import EncoderChoice, load_query_encoder

    settings = {key: options[key] for key in ("query_max_length", "pooling", "normalize", "query_prefix")}
    of_encoder = (options["device"], options["batch_size"], options["threads"], options["backend"])
    return load_query_encoder(index, EncoderChoice(options["encoder"], settings, *of_encoder))


def _queries(sources: tuple[str, ...], options: dict[str, Any]) -> list[Query]:
    """The topics, each with its language, misspelled where that is asked for."""
    from xqg_pyserini.data import read_topics

    # one source after the other: the same ids may occur in several languages
    return _misspelled([query for source in sources for query in read_topics(source, options["language"])], options)


def _misspelled(queries: list[Query], options: dict[str, Any]) -> list[Query]:
    if not options["typos"]:
        return queries
    from xqg_pyserini.typo import misspell_queries

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
    options: dict[str, Any],
) -> Iterable[tuple[Query, list[Hit]]]:
    """Dense results merged with those of a Lucene index."""
    from xqg_pyserini.search import fuse_hybrid, search_lucene

    run = {query.query_id: found for query, found in dense}
    lexical = search_lucene(queries, options["lucene_index"], hits, options["lucene_language"], options["threads"])
    fused = fuse_hybrid(run, lexical, options["fusion"], options["fusion_weight"], hits)
    return [(query, fused.get(query.query_id, [])) for query in queries]


def _fused(query: Query, hits: int, options: dict[str, Any], found: list[Hit]) -> list[Hit]:
    """The hits of one query, merged with those of a Lucene index."""
    ((_, fused),) = _hybrid([(query, found)], [query], hits, options)
    return fused


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.search")
