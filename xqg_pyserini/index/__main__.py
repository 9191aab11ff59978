"""``xqg index``: make one index out of another, or check one."""

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xqg_pyserini.engine.options import engine_options
from xqg_pyserini.errors import XqgError
from xqg_pyserini.files import check_output_directory
from xqg_pyserini.index.milvus.__main__ import push
from xqg_pyserini.index.options import (
    ALPHA_DEFAULTS,
    RULE,
    RULE_HELP,
    index_option,
    language_codes,
    numbers,
    pairs,
    query_options,
)
from xqg_pyserini.index.tuning.__main__ import tune
from xqg_pyserini.options import (
    PATH,
    XqgGroup,
    check_needed,
    dtype_option,
    output_option,
    overwrite_option,
    threads_option,
)
from xqg_pyserini.storage.index_directory import check_index_output

if TYPE_CHECKING:
    from xqg_pyserini.encode import TextEncoder
    from xqg_pyserini.engine import RayEngine
    from xqg_pyserini.index import RoundTripWeights
    from xqg_pyserini.index.query_source import QuerySource


def _check_queries(queries: tuple[str, ...], query_vectors: list[tuple[str, Path]]) -> None:
    """Refuse none or both of them, and files that are missing, before an encoder is loaded."""
    if bool(queries) == bool(query_vectors):
        raise XqgError("either --queries (texts) or --query-vectors (LANGUAGE=DIR) is needed")
    from xqg_pyserini.data.generated import generated_query_files

    generated_query_files(queries)


def _load_encoder(
    index: Path, encoder: str | None, device: str, batch_size: int, threads: int | None, backend: str, **settings: Any
) -> "TextEncoder":
    from xqg_pyserini.encode import EncoderChoice, load_query_encoder

    return load_query_encoder(index, EncoderChoice(encoder, settings, device, batch_size, threads, backend))


def _source(
    index: Path,
    queries: tuple[str, ...],
    query_vectors: list[tuple[str, Path]],
    encoder: "TextEncoder | None",
    weights: "RoundTripWeights | None" = None,
) -> "QuerySource":
    from xqg_pyserini.data import read_generated_queries
    from xqg_pyserini.index import AugmentSource, VectorSet, VectorSource

    if encoder is not None and queries:
        return AugmentSource(index, queries, encoder, read_generated_queries, weights)
    return VectorSource(index, tuple(VectorSet(lang, directory) for lang, directory in query_vectors))


@click.group(cls=XqgGroup)
def main() -> None:
    """Make one index out of another, or check one."""


@main.command()
@index_option
@query_options
@output_option("Index directory to write.")
@click.option("--rule", type=RULE, help=f"{RULE_HELP}  [default: mean-norm for an encoder that normalises, else mean]")
@click.option(
    "--alpha", type=float, help=f"Weight of the queries against the passage, from 0 to 1.  [default: {ALPHA_DEFAULTS}]"
)
@click.option(
    "--languages", callback=language_codes, help="Languages of the queries to use, such as ar,bn.  [default: all]"
)
@click.option(
    "--query-weights",
    type=click.Choice(["round-trip"]),
    help="Weight of each query within its passage: round-trip weighs by the similarity to the passage that "
    "`xqg generate filter --index` measured.  [default: all the same]",
)
@click.option(
    "--temperature",
    type=float,
    default=0.05,
    show_default=True,
    help="Of --query-weights: difference in similarity at which one query weighs 2.7 times another.",
)
@dtype_option(None)
@click.option(
    "--keep-components", is_flag=True, help="Store each language's share of every vector, for `xqg search --explain`."
)
@click.option("--strict", is_flag=True, help="Fail on queries of passages that the index does not hold.")
@engine_options
@overwrite_option
def augment(
    index: str,
    queries: tuple[str, ...],
    query_vectors: list[tuple[str, Path]],
    output: Path,
    overwrite: bool,
    strict: bool,
    engine: "RayEngine | None",
    query_weights: str | None,
    temperature: float,
    **given: Any,
) -> None:
    """Mix the vectors of generated queries into the vectors of their passages (xQG).

    Queries are a store of `xqg generate`, or rows {"docid", "lang", "text"} or {"docid", "generated_queries": {lang:
    [text, ...]}}. The same command resumes a run that was killed.

    Example: xqg index augment --index indexes/sample --queries queries.jsonl --output indexes/sample-xqg
    """
    from xqg_pyserini.index import AugmentOptions, RoundTripWeights, augment_index

    options = AugmentOptions(**{field.name: given.pop(field.name) for field in fields(AugmentOptions)})
    _check_queries(queries, query_vectors)
    # what is left says how queries are encoded, and vectors are encoded already
    check_needed({**dict.fromkeys([*given, "query_weights"], "queries"), "temperature": "query_weights"})
    check_index_output(output, overwrite, [Path(index)])
    options.check()
    from xqg_pyserini.host.names import faiss_index_directory

    directory = faiss_index_directory(index)
    encoder = _load_encoder(directory, **given) if queries else None
    weights = RoundTripWeights(temperature) if query_weights else None
    source = _source(directory, queries, query_vectors, encoder, weights)
    report = augment_index(source, output, options, overwrite, strict, engine)
    click.echo(f"{output}: {report}")
    for warning in report.warnings():
        click.echo(warning, err=True)


@main.command()
@index_option
@query_options
@click.option(
    "--topics",
    required=True,
    multiple=True,
    help="Queries to search with: a TSV or JSONL file, or an ir_datasets id. May be repeated: the queries add up.",
)
@output_option("Directory for the runs and sweep.json, which says what each run is.")
@click.option("--rule", "rules", type=RULE, multiple=True, help=f"{RULE_HELP} May be repeated.  [default: all rules]")
@click.option(
    "--alpha",
    "alphas",
    default="0.01,0.02,0.05,0.1,0.2,0.3,0.5",
    show_default=True,
    callback=numbers,
    help="Weights of the queries against the passage, numbers from 0 to 1.",
)
@click.option(
    "--languages",
    "language_sets",
    multiple=True,
    callback=language_codes,
    help="Languages of the queries to use together, such as ar,bn. May be repeated.  [default: all]",
)
@click.option("--leave-one-out", is_flag=True, help="Also use all languages but one, for each language.")
@click.option(
    "--hits", type=click.IntRange(min=1), default=100, show_default=True, help="Number of passages found per query."
)
@overwrite_option
def sweep(
    index: str,
    queries: tuple[str, ...],
    query_vectors: list[tuple[str, Path]],
    topics: tuple[str, ...],
    output: Path,
    overwrite: bool,
    hits: int,
    max_queries: int | None,
    **given: Any,
) -> None:
    """Search a grid of augmentations without building their indexes; writes a run for each.

    Example: xqg index sweep --index indexes/sample --queries queries.jsonl --topics xqg-sample/te --output runs/sweep
    """
    from xqg_pyserini.index import RULES, SweepGrid, SweepTopics, sweep_index, write_sweep
    from xqg_pyserini.index.sweep import sweep_files

    _check_queries(queries, query_vectors)
    check_output_directory(output, overwrite, sweep_files(output))
    given["rules"] = given["rules"] or RULES.names()
    grid = SweepGrid(**{field.name: given.pop(field.name) for field in fields(SweepGrid)})
    grid.check()
    from xqg_pyserini.data import read_topics
    from xqg_pyserini.host.names import faiss_index_directory

    wanted = read_topics(topics)
    directory = faiss_index_directory(index)
    encoder = _load_encoder(directory, **given)
    source = _source(directory, queries, query_vectors, encoder)
    found = sweep_index(source, SweepTopics.encoded(wanted, encoder, hits), grid, max_queries)
    facts = {"index": str(directory), "topics": topics, "weights": grid.weights, "max_queries": max_queries}
    write_sweep(found, output, facts, overwrite)
    click.echo(f"{output}: {len(found)} runs of {len(wanted)} queries; score them with `xqg evaluate`")


@main.command()
@index_option
@output_option("Index directory to write.")
@click.option(
    "--factory", required=True, help="Kind of index, a Faiss factory string: SQ8, SQfp16, HNSW32, IVF4096,PQ96 …"
)
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=NUMBER",
    callback=pairs("nprobe=32", lower=False),
    help="Search parameter to store in the index, such as nprobe=32. May be repeated.",
)
@click.option(
    "--train-size",
    type=click.IntRange(min=1),
    help="Number of vectors, sampled at random, that the index is trained on.  [default: 200000]",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Seed of the samples for training and for measuring recall."
)
@threads_option
@overwrite_option
def convert(index: str, output: Path, overwrite: bool, **options: Any) -> None:
    """Write an index as another kind of Faiss index, and measure its recall against exact search.

    Example: xqg index convert --index indexes/sample --factory SQ8 --output indexes/sample-int8
    """
    from xqg_pyserini.host.names import faiss_index_directory
    from xqg_pyserini.index import ConvertOptions, convert_index

    report = convert_index(faiss_index_directory(index), output, ConvertOptions(**options), overwrite)
    click.echo(f"{output}: {report}")


@main.command()
@click.argument("shards", nargs=-1, type=PATH, required=True)
@output_option("Index directory to write.")
@click.option("--no-texts", is_flag=True, help="Leave out the passages' texts, as where only some shards have them.")
@overwrite_option
def merge(shards: tuple[Path, ...], output: Path, overwrite: bool, no_texts: bool) -> None:
    """Merge the shards of a corpus, in the order given, into one flat index.

    Example: xqg index merge indexes/part-0 indexes/part-1 --output indexes/whole
    """
    from xqg_pyserini.index import merge_indexes

    passages = merge_indexes(shards, output, overwrite, not no_texts)
    click.echo(f"{output}: {passages} passages of {len(shards)} shards")


@main.command()
@click.argument("index", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def info(index: Path, as_json: bool) -> None:
    """Describe an index: size, kind, encoder, augmentation.

    Example: xqg index info indexes/sample
    """
    from xqg_pyserini.index.describe import describe_index, facts_as_text

    facts = describe_index(index)
    click.echo(json.dumps(facts, ensure_ascii=False, indent=2) if as_json else facts_as_text(facts))


@main.command()
@click.argument("index", type=PATH)
@click.pass_context
def verify(ctx: click.Context, index: Path) -> None:
    """Check an index: checksums, numbers, NaN and zero vectors, repeated passages, texts.

    Exit code 1 if it is not sound.

    Example: xqg index verify indexes/sample
    """
    from xqg_pyserini.index import verify_index

    report = verify_index(index)
    for problem in report.problems:
        click.echo(problem, err=True)
    click.echo(f"{index}: {report}")
    ctx.exit(1 if report.problems else 0)


main.add_command(push)
main.add_command(tune)


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.index")
