"""``xqg generate``: queries from passages."""

from collections.abc import Mapping
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from xqg_pyserini.engine.options import check_no_shard, engine_options
from xqg_pyserini.files import check_output_directory
from xqg_pyserini.options import (
    PATH,
    DefaultGroup,
    RegisteredName,
    RegisteredNames,
    UserMistake,
    backend_option,
    check_needed,
    device_option,
    languages_value,
    output_option,
    overwrite_option,
    threads_option,
)

if TYPE_CHECKING:
    from xqg_pyserini.engine import RayEngine

_option = partial(click.option, show_default=True)
_backends = RegisteredName("xqg_pyserini.generate.backends:GENERATION_BACKENDS")
_prompts = RegisteredName("xqg_pyserini.generate.prompts:PROMPTS")
_from_one = click.IntRange(min=1)
_above_zero = click.FloatRange(min=0, min_open=True)
_from_zero = click.FloatRange(min=0)


@click.group(cls=DefaultGroup, default="run")
def main() -> None:
    """Generate queries for passages, in other languages, and filter them.

    Without the name of a command, run is meant: xqg generate --corpus …
    """


@main.command("run")
@click.option(
    "--corpus",
    required=True,
    help="Passages: a JSONL or TSV file (plain, .gz or .zst), a folder of such files, or an ir_datasets id.",
)
@click.option(
    "--languages", metavar="LANGUAGES", required=True, callback=languages_value,
    help="Languages of the queries, e.g. ar,bn,fi.",
)  # fmt: skip
@output_option("Directory of generated queries to write.")
@_option("--backend", type=_backends, default="seq2seq", help="What writes the queries.")
@_option("--prompt", type=_prompts, default="xqg-mt5", help="What the model is given for a passage.")
@_option("--queries", type=_from_one, default=5, help="Number of queries for each passage and language.")
@_option("--shard", default="1/1", help="Part of the corpus, as I/N: the I-th of N equal parts.")
@_option("--seed", type=int, default=0, help="Seed of all samples.")
@_option("--top-k", type=click.IntRange(min=0), default=10, help="Tokens to draw from; 0 for all. For seq2seq.")
@_option("--temperature", type=_above_zero, default=1.0, help="Temperature of sampling.")
@click.option("--max-tokens", type=_from_one, help="Largest number of tokens of an answer.  [default: the prompt's]")
@click.option("--exemplars", type=PATH, help="JSON lines with title, text, summary, questions. For sap, parc.")
@click.option("--shots", type=click.IntRange(min=0), help="Exemplars in a prompt.  [default: sap 5, parc 3]")
@click.option("--model", help="Checkpoint directory or hub id (seq2seq), or the server's name of a model (endpoint).")
@_option("--precision", type=click.Choice(["fp32", "bf16"]), default="fp32", help="Precision of seq2seq.")
@_option("--batch-size", type=_from_one, default=32, help="Prompts at once. For seq2seq.")
@_option("--max-input", type=_from_one, default=256, help="Tokens to which a prompt is cut. For seq2seq.")
@click.option("--url", help="Address of an OpenAI-compatible server, such as http://localhost:8000/v1.")
@_option("--api", type=click.Choice(["chat", "completions"]), default="chat", help="Kind of requests to the server.")
@_option("--concurrency", type=_from_one, default=16, help="Requests to the server at once.")
@click.option("--requests-per-minute", type=_above_zero, help="The server's limit of requests.  [default: none]")
@click.option("--tokens-per-minute", type=_above_zero, help="The server's limit of tokens.  [default: none]")
@_option("--timeout", type=_above_zero, default=120.0, help="Seconds to wait for an answer of the server.")
@_option("--retries", type=click.IntRange(min=0), default=6, help="How often a request is tried again.")
@_option("--price-in", type=_from_zero, default=0.0, help="Price of a million tokens of prompts.")
@_option("--price-out", type=_from_zero, default=0.0, help="Price of a million tokens of completions.")
@_option("--key-variable", default="XQG_API_KEY", help="Environment variable that holds the server's key.")
@click.option(
    "--existing", "sources", multiple=True, metavar="SOURCE",
    help="Queries that exist, for the backend existing: a topics file or an ir_datasets id; may be repeated.",
)  # fmt: skip
@click.option("--index", help="Base index of the corpus, in which existing queries are looked for.")
@_option("--encoder", default="embedded", help="Encoder for parc.")
@_option("--margin", type=float, default=0.0, help="Least lead in score of a passage over the next. For existing.")
@threads_option
@device_option
@engine_options
@overwrite_option
def run(
    corpus: str, output: Path, backend: str, prompt: str, shard: str, engine: "RayEngine | None", overwrite: bool,
    **options: Any,
) -> None:  # fmt: skip
    """Generate queries for each passage of a corpus, in each language.

    A run that was interrupted is resumed by the same command; a server is not asked again for what has arrived.

    Example: xqg generate --corpus xqg-sample --languages ar,fi --model CHECKPOINT --output queries
    """
    from xqg_pyserini.generate.store import STORE_FILES

    check_output_directory(output, overwrite, STORE_FILES)
    check_no_shard(engine, shard)
    from xqg_pyserini.data import open_corpus
    from xqg_pyserini.encode import Shard
    from xqg_pyserini.generate.backends import GENERATION_BACKENDS, Decoding
    from xqg_pyserini.generate.generation import GenerationOptions, generate_queries
    from xqg_pyserini.generate.prompts import PromptOptions
    from xqg_pyserini.generate.sharded_generation import generate_on

    _check_options(backend, options)
    if options["index"] is not None:
        from xqg_pyserini.host.names import faiss_index_directory

        options["index"] = faiss_index_directory(options["index"])
    wanted = GenerationOptions(
        languages=options["languages"],
        backend=backend,
        backend_options=_some(GENERATION_BACKENDS.get(backend).options, options),
        prompt=prompt,
        prompt_options=_some(PromptOptions, options),
        decoding=_some(Decoding, options),
        shard=Shard.parse(shard),
    )
    passages = open_corpus(corpus)
    passages.check()
    if engine:
        report = generate_on(engine, passages, wanted, output, overwrite)
    else:
        report = generate_queries(passages, wanted, output, passages.name, overwrite)
    cost = "".join(f", {name.replace('_', ' ')} {value:g}" for name, value in report.spent.items())
    click.echo(f"{output}: {report.rows} rows, {report.queries} new queries, {report.unusual} unusual{cost}")


def _some(kind: type, options: Mapping[str, Any]) -> Any:
    """An object of a dataclass from the options that have its fields' names."""
    return kind(**{field.name: options[field.name] for field in fields(kind) if field.name in options})


def _check_options(backend: str, options: Mapping[str, Any]) -> None:
    """Refuse options that are another backend's, and the lack of those of this one that have no default."""
    from xqg_pyserini.generate.backends import GENERATION_BACKENDS

    context = click.get_current_context()
    spelled = {param.name: max(param.opts, key=len) for param in context.command.params}
    kinds = {
        name: {field.name for field in fields(GENERATION_BACKENDS.get(name).options)} for name in GENERATION_BACKENDS
    }
    for name in set().union(*kinds.values()) - kinds[backend]:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise UserMistake(f"{spelled[name]} means nothing for --backend {backend}")
    for field in fields(GENERATION_BACKENDS.get(backend).options):
        if options[field.name] in (None, ()) and "None" not in str(field.type):
            raise UserMistake(f"--backend {backend} needs {spelled[field.name]}")


_store = click.option("--store", type=PATH, required=True, help="Directory of generated queries.")
_corpus = click.option("--corpus", help="Passages of the queries: a file, a folder of files, or an ir_datasets id.")


@main.command("filter")
@_store
@click.option(
    "--index", help="Base index of the passages, for round-trip and margin; its texts, if it has any, for copied."
)
@_corpus
@click.option(
    "--filters",
    type=RegisteredNames("xqg_pyserini.generate.filters:FILTERS"),
    help="What rejects queries.  [default: length, language, duplicate; copied where there are texts, round-trip with "
    "--index, margin with --margin or --percentile]",
)
@_option("--round-trip", type=click.IntRange(1, 100), default=100, help="Rank at which a query must find its passage.")
@click.option("--margin", type=float, help="Least lead in score of a query's passage over the best other one.")
@click.option(
    "--percentile", type=click.FloatRange(0, 100), help="Reject so many percent of each language, of least margin."
)
@_option("--encoder", default=None, help="Encoder of the queries.  [default: that of the index]")
@backend_option
@_option("--batch-size", type=_from_one, default=64, help="Largest number of texts encoded at once.")
@threads_option
@device_option
def filter_(
    store: Path, index: str | None, corpus: str | None, filters: tuple[str, ...] | None, **given: Any
) -> None:  # fmt: skip
    """Write a verdict beside each query of a store; nothing is deleted.

    What is measured of a query is measured once: run it again with other limits to move the verdicts.

    Example: xqg generate filter --store queries --index indexes/sample --round-trip 50
    """
    from xqg_pyserini.generate import FilterOptions, Thresholds, filter_store

    check_needed(dict.fromkeys(("encoder", "backend", "batch_size", "device"), "index"))
    options = FilterOptions(filters, _some(Thresholds, given))
    summary = filter_store(store, options, _tools(index, corpus, given))
    numbers = summary.languages.values()
    kept, generated = sum(one.kept or 0 for one in numbers), sum(one.generated for one in numbers)
    click.echo(f"{store}: {kept} of {generated} queries in {len(numbers)} languages are kept")
    for warning in summary.warnings():
        click.echo(warning, err=True)


def _tools(index: str | None, corpus: str | None, given: Mapping[str, Any]) -> Any:
    """What filters need: the index with its encoder, and the texts of the passages."""
    from xqg_pyserini.generate.filters import Tools
    from xqg_pyserini.generate.passage_lookup import CorpusTexts, open_index_texts

    texts = None
    if corpus is not None:
        from xqg_pyserini.data import open_corpus

        texts = CorpusTexts(open_corpus(corpus), corpus)
    if index is None:
        return Tools(texts)
    from xqg_pyserini.encode import EncoderChoice, load_query_encoder
    from xqg_pyserini.generate.filters.round_trip import RoundTrip
    from xqg_pyserini.host.names import faiss_index_directory

    directory = faiss_index_directory(index)
    choice = EncoderChoice(
        given["encoder"], {}, given["device"], given["batch_size"], given["threads"], given["backend"]
    )
    round_trip = RoundTrip(directory, load_query_encoder(directory, choice), given["threads"])
    return Tools(texts or open_index_texts(directory), round_trip)


@main.command()
@_store
@click.option("--output", type=PATH, help="Markdown file to write, with a plot beside it.  [default: only print]")
@overwrite_option
def report(store: Path, output: Path | None, overwrite: bool) -> None:
    """Print by language how many queries were generated, are unique, found their passage, and are kept.

    Example: xqg generate report --store queries --output report.md
    """
    from xqg_pyserini.generate import summarize_store, write_summary

    summary = summarize_store(store)
    if output is not None:
        write_summary(summary, output, overwrite)
    click.echo(summary.table(), nl=False)
    for warning in summary.warnings():
        click.echo(warning, err=True)


@main.command("import")
@click.argument("files", nargs=-1, type=PATH, required=True)
@click.option(
    "--format",
    "format_",
    type=RegisteredName("xqg_pyserini.generate.query_formats:QUERY_FORMATS"),
    help="Format of the files.  [default: told by the first row]",
)
@click.option("--language", help="Language of the queries, where the files do not say it.")
@_corpus
@output_option("Directory of generated queries to write.")
@overwrite_option
def import_(
    files: tuple[Path, ...], format_: str | None, language: str | None, corpus: str | None, output: Path,
    overwrite: bool,
) -> None:  # fmt: skip
    """Bring generated queries of others into a store.

    Example: xqg generate import queries.jsonl --output queries
    """
    from xqg_pyserini.generate.query_formats import ImportOptions, import_queries

    passages = None
    if corpus is not None:
        from xqg_pyserini.data import open_corpus

        passages = open_corpus(corpus)
    rows = import_queries(files, output, ImportOptions(format_, language, passages), overwrite)
    click.echo(f"{output}: {rows} rows")


@main.command()
@click.argument("parts", nargs=-1, type=PATH, required=True)
@output_option("Directory of generated queries to write.")
@overwrite_option
def merge(parts: tuple[Path, ...], output: Path, overwrite: bool) -> None:
    """Write the rows of several stores, such as all shards of a corpus in their order, into one.

    Example: xqg generate merge part-1 part-2 --output queries
    """
    from xqg_pyserini.generate import merge_stores

    click.echo(f"{output}: {merge_stores(parts, output, overwrite)} rows of {len(parts)} stores")


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.generate")
