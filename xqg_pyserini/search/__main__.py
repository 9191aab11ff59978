"""``xqg search``: topics in an index, to a run."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from xqg_pyserini.errors import InputError, XqgError
from xqg_pyserini.options import (
    XqgCommand,
    backend_option,
    batch_size_option,
    device_option,
    encoder_settings_options,
    threads_option,
)
from xqg_pyserini.records import Hit, Query


@dataclass(frozen=True)
class _Typos:
    """How topics are to be misspelt; ``edits`` 0 leaves them alone."""

    edits: int
    seed: int
    preset: str


@dataclass(frozen=True)
class _Fusion:
    """What the dense results are merged with: a Lucene index, how, and the weight of the dense scores."""

    lucene_index: str | None
    lucene_language: str | None
    method: str
    weight: float


@click.command(cls=XqgCommand)
@click.option("--index", "index", required=True, help="Index directory, or the name of a prebuilt Faiss index.")
@click.option(
    "--topics",
    multiple=True,
    help="TSV or JSONL file (also .gz), ir_datasets id, or the name of Pyserini's topics; may be repeated.",
)
@click.option("--output", help="Run to write (.gz is compressed); {lang} makes one file per language.")
@click.option("--format", "form", default="trec", show_default=True, help="trec, msmarco or kilt.")
@click.option("--encoder", "--query-encoder", "encoder", default=None, help="Query encoder.  [default: the index's]")
@click.option("--hits", type=click.IntRange(min=1), default=1000, show_default=True, help="Passages per query.")
@click.option("--tag", default="xqg", show_default=True, help="Name of the run, its last column.")
@click.option("--language", default=None, help="Language of topics whose source does not say it.")
@click.option("--typos", type=click.IntRange(min=0), default=0, help="Misspell each topic with so many slips.")
@click.option("--typo-seed", type=int, default=0, show_default=True, help="Same seed, same slips.")
@click.option("--typo-preset", default="natural", show_default=True, help="natural, keyboard or textattack.")
@click.option(
    "--spellings",
    type=click.IntRange(min=0),
    default=0,
    help="Average each query with up to so many respellings from its language's list of words (extra spelling).",
)
@click.option(
    "--spelling-queries", multiple=True, help="Generated queries (JSONL) whose words are known, too; may be repeated."
)
@click.option("--lucene-index", default=None, help="Hybrid: Lucene index to merge with, a directory or prebuilt name.")
@click.option("--lucene-language", default=None, help="Hybrid: language of Lucene's analyzer, e.g. te.")
@click.option(
    "--fusion",
    type=click.Choice(["rrf", "interpolation"]),
    default="rrf",
    show_default=True,
    help="Hybrid: how to merge.",
)
@click.option(
    "--fusion-weight",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Hybrid: weight of the dense scores in an interpolation of min-max normalised scores.",
)
@click.option(
    "--explain",
    nargs=2,
    metavar="QUERY DOCID",
    help="Instead of searching, split one score into passage and generated queries (augment --keep-components).",
)
@backend_option
@batch_size_option
@threads_option
@device_option
@encoder_settings_options("query")
def main(
    index: str,
    topics: tuple[str, ...],
    output: str | None,
    form: str,
    encoder: str | None,
    hits: int,
    tag: str,
    language: str | None,
    typos: int,
    typo_seed: int,
    typo_preset: str,
    spellings: int,
    spelling_queries: tuple[str, ...],
    lucene_index: str | None,
    lucene_language: str | None,
    fusion: str,
    fusion_weight: float,
    explain: tuple[str, str] | None,
    backend: str,
    batch_size: int,
    threads: int | None,
    device: str,
    **settings: Any,
) -> None:
    """Search topics in an index; writes a run.

    Examples:

    \b
      xqg search --index indexes/sample --topics xqg-sample/te --output runs/te.trec
      xqg search --index indexes/sample --topics xqg-sample/te --typos 1 --output runs/te.typos.trec
      xqg search --index indexes/sample-xqg --explain "What is the largest moon?" moons-4
    """
    choice = partial(
        _choice, name=encoder, settings=settings, device=device, batch_size=batch_size, threads=threads, backend=backend
    )
    if explain:
        _echo_explanation(index, *explain, choice)
        return
    if not topics or output is None:
        raise click.UsageError("--topics and --output are needed (or --explain)")
    if spelling_queries and not spellings:
        raise click.UsageError("--spelling-queries needs --spellings")
    from xqg_pyserini.search.outputs import FORMATS, split_by_output, write_results

    FORMATS.get(form)
    misspelling = _Typos(typos, typo_seed, typo_preset)
    files = split_by_output(_queries(topics, language, misspelling), output)

    from xqg_pyserini.encode.for_index import encoder_for_index
    from xqg_pyserini.host.names import faiss_index_directory
    from xqg_pyserini.search.dense import search_queries
    from xqg_pyserini.search.opened_index import OpenedIndex

    directory = faiss_index_directory(index)
    opened = OpenedIndex(directory, threads)
    text_encoder = encoder_for_index(directory, opened.dim, choice())
    encode = _query_vectors(text_encoder, spellings, spelling_queries)
    merge = _Fusion(lucene_index, lucene_language, fusion, fusion_weight)
    for path, queries in files.items():
        results: Iterable[tuple[Query, list[Hit]]] = search_queries(queries, opened, encode, hits)
        if lucene_index:
            results = _fused(list(results), merge, hits, threads)
        count = write_results(path, results, form, tag)
        click.echo(f"{path}: {count} queries, up to {min(hits, opened.count)} hits each")


def _choice(**options: Any) -> Any:
    from xqg_pyserini.encode.for_index import EncoderChoice

    return EncoderChoice(**options)


def _query_vectors(encoder: Any, spellings: int, spelling_queries: Sequence[str]) -> Callable[[Sequence[Query]], Any]:
    """Queries -> vectors: of the queries as they are, or averaged with their respellings."""
    if not spellings:
        return lambda queries: encoder.encode_queries([query.text for query in queries])
    from xqg_pyserini.rewrite.averaging import MultiView
    from xqg_pyserini.rewrite.spelling import Lexicon

    texts: Iterable[tuple[str, str]] = ()
    if spelling_queries:
        from xqg_pyserini.data.generated import read_generated

        texts = ((query.lang, query.text) for _, _, query in read_generated(spelling_queries))
    return MultiView(encoder.encode_queries, Lexicon(texts), spellings, encoder.settings.normalize).encode


def _echo_explanation(index: str, query: str, doc_id: str, choice: Callable[[], Any]) -> None:
    from xqg_pyserini.encode.for_index import encoder_for_index
    from xqg_pyserini.host.names import faiss_index_directory
    from xqg_pyserini.search.explain import explain_score, explanation
    from xqg_pyserini.search.opened_index import OpenedIndex

    directory = faiss_index_directory(index)
    encoder = encoder_for_index(directory, OpenedIndex(directory).dim, choice())
    click.echo(explanation(explain_score(directory, doc_id, query, encoder.encode_queries)))


def _queries(sources: tuple[str, ...], language: str | None, typos: _Typos) -> list[Query]:
    queries = [query for source in sources for query in _topics(source)]
    if language:
        from xqg_pyserini.languages import language as known

        code = known(language).code
        queries = [query if query.lang else query._replace(lang=code) for query in queries]
    if not typos.edits:
        return queries
    from xqg_pyserini.typo.misspell import misspell_queries

    return misspell_queries(queries, typos.edits, typos.seed, typos.preset)


def _topics(source: str) -> list[Query]:
    """Topics from a file or data set, else those that Pyserini knows by name."""
    from xqg_pyserini.data.topics import read_topics

    try:
        return read_topics(source)
    except InputError:
        # only a bare name can be one of Pyserini's; asking takes seconds
        if Path(source).suffix in (".tsv", ".jsonl", ".gz", ".txt") or "/" in source:
            raise
        from xqg_pyserini.host.names import named_topics

        topics = named_topics(source)
        if topics is None:
            raise
        return topics


def _fused(
    dense: list[tuple[Query, list[Hit]]], merge: _Fusion, hits: int, threads: int | None
) -> Iterator[tuple[Query, list[Hit]]]:
    """Dense results merged with those of a Lucene index."""
    from xqg_pyserini.search.fusion import fuse_runs
    from xqg_pyserini.search.lucene import LuceneChoice, search_lucene

    if merge.lucene_index is None:
        raise XqgError("a fusion needs --lucene-index")
    queries = [query for query, _ in dense]
    sparse = search_lucene(queries, LuceneChoice(merge.lucene_index, merge.lucene_language, threads), hits)
    run = {query.query_id: found for query, found in dense}
    if merge.method == "rrf":
        fused = fuse_runs([run, sparse], "rrf", depth=hits)
    else:
        weights = {"weights": (merge.weight, 1 - merge.weight)}
        fused = fuse_runs([run, sparse], "wsum", "min-max", weights, depth=hits)
    return ((query, fused.get(query.query_id, [])) for query in queries)


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.search")
