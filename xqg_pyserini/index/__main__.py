"""``xqg index``: everything that makes one index out of another, and what says whether an index is sound."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xqg_pyserini.errors import InputError, XqgError
from xqg_pyserini.files import check_output_directory
from xqg_pyserini.options import (
    PATH,
    XqgGroup,
    backend_option,
    batch_size_option,
    device_option,
    encoder_settings_options,
    output_option,
    overwrite_option,
    threads_option,
)
from xqg_pyserini.storage.index_directory import INDEX_FILES

if TYPE_CHECKING:
    from xqg_pyserini.encode.text_encoder import TextEncoder
    from xqg_pyserini.index.query_source import QueryCensus, QuerySource

Decorated = Callable[..., Any]

_index_option = click.option(
    "--index", "index", required=True, help="Index directory (any Pyserini Faiss index), or the name of a prebuilt one."
)


def _pairs(values: tuple[str, ...], what: str) -> list[tuple[str, str]]:
    """Split ``te=value`` options."""
    for value in values:
        if "=" not in value or value.startswith("=") or value.endswith("="):
            raise XqgError(f"{value!r}: {what} is needed")
    return [(lang.strip().lower(), rest) for lang, rest in (value.split("=", 1) for value in values)]


def _weights(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, float]:
    try:
        return {lang: float(weight) for lang, weight in _pairs(values, "LANGUAGE=NUMBER, such as te=2,")}
    except ValueError:
        raise XqgError(f"--weight {' '.join(values)}: LANGUAGE=NUMBER, such as te=2, is needed") from None


def _codes(value: str) -> tuple[str, ...]:
    """Split ``ar,bn``."""
    return tuple(code.strip().lower() for code in value.split(",") if code.strip())


def _query_options(command: Decorated) -> Decorated:
    """What ``augment`` and ``sweep`` share: generated queries and how they are encoded."""
    options: list[Callable[[Decorated], Decorated]] = [
        click.option(
            "--queries", multiple=True,
            help="Generated queries: JSONL (also .gz, .zst), a folder of it, or the id xor-tydi/xqg-augmented; may be "
            "repeated.",
        ),
        click.option(
            "--query-vectors",
            multiple=True,
            metavar="LANG=DIR",
            help="Instead of --queries: an index directory of query vectors whose docids are those of the passages; "
            "may be repeated.",
        ),
        click.option(
            "--weight", "weights", multiple=True, metavar="LANG=NUMBER", callback=_weights,
            help="Weight of the queries in a language, such as te=2; may be repeated.  [default: 1]",
        ),
        click.option(
            "--max-queries", type=click.IntRange(min=1), default=None,
            help="Use the first so many queries of each passage and language.  [default: all]",
        ),
        click.option("--encoder", default=None, help="Encoder of the queries.  [default: the index's]"),
        backend_option,
        batch_size_option,
        threads_option,
        device_option,
        encoder_settings_options("query"),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.group(cls=XqgGroup)
def main() -> None:
    """Make one index out of another, or check one."""


@main.command()
@_index_option
@_query_options
@output_option("Index directory to write.")
@click.option(
    "--rule",
    default=None,
    help="sum (the paper's), mean or mean-norm.  [default: mean-norm for unit-length vectors, else mean]",
)
@click.option("--alpha", type=float, default=None, help="Weight of the queries, 0-1.  [default: 0.3; 0.01 for sum]")
@click.option("--languages", default=None, help="Use only these, e.g. ar,bn.  [default: all]")
@click.option("--dtype", default=None, help="Store vectors as float32 or float16.  [default: as the index does]")
@click.option("--keep-components", is_flag=True, help="Keep each language's part, for `xqg search --explain`.")
@click.option("--strict", is_flag=True, help="Fail on queries of passages that the index does not hold.")
@overwrite_option
def augment(
    index: str,
    output: Path,
    rule: str | None,
    alpha: float | None,
    languages: str | None,
    weights: dict[str, float],
    max_queries: int | None,
    dtype: str | None,
    keep_components: bool,
    strict: bool,
    overwrite: bool,
    **encoding: Any,
) -> None:
    """Mix the vectors of generated queries into the vectors of their passages (xQG).

    Queries are rows {"docid", "lang", "text"} or {"docid", "generated_queries": {lang: [text, ...]}}. A run that was
    killed is continued by the same command.

    Example: xqg index augment --index indexes/sample --queries queries.jsonl --output indexes/sample-xqg
    """
    from xqg_pyserini.index.rules import RULES, default_rule

    check_output_directory(output, overwrite, INDEX_FILES)
    chosen = None if rule is None else RULES.get(rule)

    from xqg_pyserini.host.names import faiss_index_directory
    from xqg_pyserini.index.augment import AugmentOptions, augment_index

    source, encoder = _source(faiss_index_directory(index), **encoding)
    rule = rule or default_rule(_is_normalized(source, encoder))
    chosen_languages = None if languages is None else _codes(languages)
    alpha = alpha if alpha is not None else (chosen or RULES.get(rule)).default_alpha
    options = AugmentOptions(rule, alpha, chosen_languages, weights, max_queries, dtype, keep_components)
    report = augment_index(source, output, options, overwrite, strict)
    click.echo(
        f"{output}: {report.census.passages} of {report.passages} passages augmented with {report.census.used} queries "
        f"in {len(report.census.languages)} languages (rule {rule}, alpha {alpha:g})"
    )
    if report.without_queries:
        click.echo(f"{report.without_queries} passages have no queries and keep their vectors", err=True)
    _echo_left_out(report.census)


def _echo_left_out(census: "QueryCensus") -> None:
    if census.unknown:
        click.echo(
            f"{census.unknown} queries of unknown passages left out, for example {', '.join(census.unknown_examples)}",
            err=True,
        )
    if census.surplus:
        click.echo(f"{census.surplus} queries left out by --max-queries", err=True)


def _source(
    index: Path,
    queries: tuple[str, ...],
    query_vectors: tuple[str, ...],
    encoder: str | None,
    batch_size: int,
    threads: int | None,
    device: str,
    backend: str,
    **settings: Any,
) -> tuple["QuerySource", "TextEncoder | None"]:
    """Generated queries as texts, with their encoder, or as vectors."""
    if bool(queries) == bool(query_vectors):
        raise XqgError("one of --queries (texts) and --query-vectors (LANG=DIR) is needed")
    if query_vectors:
        from xqg_pyserini.index.vector_queries import VectorSet, VectorSource

        sets = [VectorSet(lang, Path(where)) for lang, where in _pairs(query_vectors, "LANG=DIR, such as te=vectors,")]
        return VectorSource(index, tuple(sets)), None
    from xqg_pyserini.data.generated import read_generated
    from xqg_pyserini.encode.for_index import EncoderChoice, encoder_for_index
    from xqg_pyserini.index.augment import AugmentSource
    from xqg_pyserini.storage.jobs import input_state
    from xqg_pyserini.storage.stored_vectors import StoredVectors

    files = [file for source in queries for file in _shards(source)]
    dim = StoredVectors(index).header.dim
    choice = EncoderChoice(encoder, settings, device, batch_size, threads, backend)
    text_encoder = encoder_for_index(index, dim, choice)
    source = AugmentSource(
        index=index,
        queries=lambda: read_generated(files),
        encode=text_encoder.encode_queries,
        name=json.dumps([input_state(file) if isinstance(file, Path) else file for file in files]),
        encoder=text_encoder.describe(),
        batch_size=batch_size,
    )
    return source, text_encoder


def _shards(source: str) -> list[Path | str]:
    """A file, the JSONL files of a folder in the order of their names, or the id of a data set."""
    from xqg_pyserini.data.sources import resolve

    found = resolve(source, "docs")
    if not isinstance(found, Path):
        return [source]
    if not found.is_dir():
        return [found]
    files: list[Path | str] = [file for file in sorted(found.iterdir()) if ".jsonl" in file.suffixes]
    if not files:
        raise InputError("no .jsonl, .jsonl.gz or .jsonl.zst files in this folder", found)
    return files


def _is_normalized(source: "QuerySource", encoder: "TextEncoder | None") -> bool:
    """Whether the encoder makes vectors of unit length."""
    from xqg_pyserini.storage.index_directory import read_meta

    if encoder is not None:
        return encoder.settings.normalize
    meta = read_meta(source.index)
    if meta is None or not meta.encoder:
        raise XqgError(f"{source.index} records no encoder, so no rule follows from it: give --rule")
    return bool(meta.encoder.get("normalize"))


@main.command()
@_index_option
@_query_options
@click.option("--topics", required=True, multiple=True, help="TSV or JSONL file or ir_datasets id; may be repeated.")
@output_option("Directory for the runs and sweep.json, which says what each run is.")
@click.option("--rule", "rules", multiple=True, help="May be repeated.  [default: all rules]")
@click.option("--alpha", "alphas", default="0.01,0.02,0.05,0.1,0.2,0.3,0.5", show_default=True, help="Numbers, 0-1.")
@click.option(
    "--languages", "language_sets", multiple=True, help="Use only these, e.g. ar,bn; may be repeated.  [default: all]"
)
@click.option("--leave-one-out", is_flag=True, help="Also use all languages but one, for each language.")
@click.option("--hits", type=click.IntRange(min=1), default=100, show_default=True, help="Passages per query.")
@overwrite_option
def sweep(
    index: str,
    topics: tuple[str, ...],
    output: Path,
    rules: tuple[str, ...],
    alphas: str,
    language_sets: tuple[str, ...],
    leave_one_out: bool,
    hits: int,
    weights: dict[str, float],
    max_queries: int | None,
    overwrite: bool,
    **encoding: Any,
) -> None:
    """Search a grid of augmentations without building their indexes; writes a run for each.

    Example: xqg index sweep --index indexes/sample --queries queries.jsonl --topics xqg-sample/te --output runs/sweep
    """
    from xqg_pyserini.index.rules import RULES
    from xqg_pyserini.index.sweep import SweepTopics, sweep_files, sweep_index, write_sweep
    from xqg_pyserini.index.sweep_grid import SweepGrid

    check_output_directory(output, overwrite, sweep_files(output))
    sets: list[tuple[str, ...] | None] = [*map(_codes, language_sets)] or [None]
    grid = SweepGrid(rules or RULES.names(), _numbers(alphas), sets, leave_one_out, weights)
    grid.check()

    from xqg_pyserini.data.topics import read_topics
    from xqg_pyserini.encode.for_index import EncoderChoice, encoder_for_index
    from xqg_pyserini.host.names import faiss_index_directory
    from xqg_pyserini.storage.stored_vectors import StoredVectors

    wanted = [query for name in topics for query in read_topics(name)]
    directory = faiss_index_directory(index)
    source, encoder = _source(directory, **encoding)
    if encoder is None:
        choice = EncoderChoice(**{name: encoding[name] for name in ("device", "batch_size", "threads", "backend")})
        encoder = encoder_for_index(directory, StoredVectors(directory).header.dim, choice)
    vectors = encoder.encode_queries([query.text for query in wanted])
    found = sweep_index(source, SweepTopics([query.query_id for query in wanted], vectors, hits), grid, max_queries)
    write_sweep(found, output, {"index": str(directory), "topics": topics, "weights": weights}, overwrite)
    click.echo(f"{output}: {len(found)} runs of {len(wanted)} queries; score them with `xqg evaluate`")


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise XqgError(f"--alpha {text!r}: numbers from 0 to 1, separated by commas, are needed") from None


@main.command()
@_index_option
@output_option("Index directory to write.")
@click.option("--factory", required=True, help="Faiss factory string: SQ8, SQfp16, HNSW32, IVF4096,PQ96 and more.")
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=NUMBER", help="Stored in it, e.g. nprobe=32.")
@click.option("--train-size", type=click.IntRange(min=1), default=200_000, show_default=True, help="Vectors.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the training sample.")
@threads_option
@overwrite_option
def convert(
    index: str,
    output: Path,
    factory: str,
    parameters: tuple[str, ...],
    train_size: int,
    seed: int,
    threads: int | None,
    overwrite: bool,
) -> None:
    """Write an index as another kind of Faiss index, and measure what exact search loses.

    Example: xqg index convert --index indexes/sample --factory SQ8 --output indexes/sample-int8
    """
    try:
        stored = {name: float(value) for name, value in (pair.split("=", 1) for pair in parameters)}
    except ValueError:
        raise XqgError(f"--parameter {' '.join(parameters)}: NAME=NUMBER, such as nprobe=32, is needed") from None
    from xqg_pyserini.host.names import faiss_index_directory
    from xqg_pyserini.index.convert import ConvertOptions, convert_index

    options = ConvertOptions(factory, stored, train_size, seed=seed, threads=threads)
    report = convert_index(faiss_index_directory(index), output, options, overwrite)
    click.echo(
        f"{output}: {report.passages} passages, {report.size / report.base_size:.2f} of the size, "
        f"recall@{report.k} against exact search {report.recall:.3f} (stored vectors as queries)"
    )


@main.command()
@click.argument("shards", nargs=-1, type=PATH, required=True)
@output_option("Index directory to write.")
@overwrite_option
def merge(shards: tuple[Path, ...], output: Path, overwrite: bool) -> None:
    """Put the shards of a corpus together, in the order given, as one flat index.

    Example: xqg index merge indexes/part-0 indexes/part-1 --output indexes/whole
    """
    from xqg_pyserini.index.merge import merge_indexes

    click.echo(f"{output}: {merge_indexes(shards, output, overwrite)} passages of {len(shards)} shards")


@main.command()
@click.argument("index", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="As a JSON object.")
def info(index: Path, as_json: bool) -> None:
    """Say what an index is: size, kind, encoder, augmentation.

    Example: xqg index info indexes/sample
    """
    from xqg_pyserini.index.info import facts_as_text, index_facts

    facts = index_facts(index)
    click.echo(json.dumps(facts, ensure_ascii=False, indent=2) if as_json else facts_as_text(facts))


@main.command()
@click.argument("index", type=PATH)
@click.pass_context
def verify(ctx: click.Context, index: Path) -> None:
    """Check an index: checksums, numbers, NaN and zero vectors, passages that stand twice. Exit code 1: not sound.

    Example: xqg index verify indexes/sample
    """
    from xqg_pyserini.index.verify import verify_index

    report = verify_index(index)
    for problem in report.problems:
        click.echo(problem, err=True)
    click.echo(
        f"{index}: {report.passages} passages, vectors of length {report.shortest:.4g} to {report.longest:.4g}, "
        f"{len(report.problems) or 'no'} problems"
    )
    ctx.exit(1 if report.problems else 0)


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.index")
