"""``xqg index tune``."""

import json
from collections.abc import Iterable
from contextlib import ExitStack, closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from xqg_pyserini.errors import XqgError
from xqg_pyserini.index.milvus.milvus_place import SCHEME, parse_uri, shown_uri
from xqg_pyserini.index.options import index_option
from xqg_pyserini.options import XqgCommand, backend_option, check_needed, threads_option

if TYPE_CHECKING:
    import numpy as np

    from xqg_pyserini.index.tuning.tune import Tuned
    from xqg_pyserini.storage.stored_vectors import StoredVectors


@click.command(cls=XqgCommand)
@index_option
@click.option(
    "--to",
    "uri",
    metavar="milvus:URI",
    callback=lambda _ctx, _param, value: value and parse_uri(value),
    help="Tune indexes of a Milvus server instead of Faiss indexes; a collection xqg_tune is filled there and dropped.",
)
@click.option(
    "--try",
    "tried",
    multiple=True,
    metavar="KIND",
    help="Kind of index, its parameters and, after a colon, search parameters, each with values to try, such as "
    "'HNSW32 : efSearch=32,64' (Faiss) or 'HNSW M=16,32 : ef=100,200' (Milvus). May be repeated.  "
    "[default: a small grid for the number of passages]",
)
@click.option(
    "--recall",
    type=click.FloatRange(0, 1),
    default=0.95,
    show_default=True,
    help="Recall@100 against exact search that is wanted.",
)
@click.option(
    "--topics",
    multiple=True,
    help="Queries to search with, as `xqg search` takes them; may be repeated.  [default: a sample of stored vectors, "
    "which are easier than queries]",
)
@click.option("--encoder", help="Encoder of --topics.  [default: that of the index]")
@click.option(
    "--queries", type=click.IntRange(min=1), default=200, show_default=True, help="Number of queries, at most."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the sample of queries.")
@backend_option
@threads_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def tune(
    index: str, uri: str | None, tried: tuple[str, ...], recall: float, as_json: bool, threads: int | None, **given: Any
) -> None:
    """Measure recall and latency of approximate indexes, and find the fastest that recalls enough.

    Each query is searched alone; latency is its median and its 95th percentile.

    Examples:

    \b
      xqg index tune --index indexes/sample --topics xqg-sample/te
      xqg index tune --index indexes/sample --try "HNSW32 : efSearch=16,64" --try "IVF64,Flat : nprobe=1,4"
      xqg index tune --index indexes/sample --to milvus:http://localhost:19530
    """
    check_needed({"encoder": "topics", "backend": "topics"})
    from xqg_pyserini.host.names import faiss_index_directory
    from xqg_pyserini.index.tuning.tune import cheapest, exact_search
    from xqg_pyserini.index.tuning.tune import tune as tune_kinds
    from xqg_pyserini.index.tuning.tune_grid import faiss_kinds, milvus_kinds, parse_kinds
    from xqg_pyserini.index.tuning.tuned_faiss import FaissBuilder
    from xqg_pyserini.index.tuning.tuned_milvus import MilvusBuilder
    from xqg_pyserini.storage.stored_vectors import StoredVectors

    directory = faiss_index_directory(index)
    base = StoredVectors(directory)
    defaults = (milvus_kinds if uri else faiss_kinds)(base.header.count)
    kinds = [kind for text in tried or defaults for kind in parse_kinds(text)]
    exact = exact_search(base, _queries(base, threads=threads, **given))
    with ExitStack() as stack:
        builder = stack.enter_context(closing(MilvusBuilder(uri, base))) if uri else FaissBuilder(directory, threads)
        results = _report(tune_kinds(builder, kinds, exact), as_json)
    if not results:
        raise XqgError("none of the kinds could be tried")
    best = cheapest(results, recall)
    if as_json:
        rows = {"recall": recall, "cheapest": best and asdict(best), "tried": [asdict(one) for one in results]}
        click.echo(json.dumps(rows, indent=2))
    elif best is None:
        click.echo(f"none reaches a recall of {recall:g}: the best is {max(one.recall for one in results):.3f}")
    else:
        click.echo(f"cheapest with a recall of {recall:g}: {best}\n  {_command(best, index, uri)}")


def _queries(
    base: "StoredVectors", topics: tuple[str, ...], encoder: str | None, backend: str, threads: int | None,
    queries: int, seed: int,
) -> "np.ndarray":  # fmt: skip
    """Vectors of queries, ``(n, dim) float32``."""
    from xqg_pyserini.index.convert import sample_rows

    if not topics:
        return base.take(sample_rows(base, queries, seed))
    import numpy as np

    from xqg_pyserini.data import read_topics
    from xqg_pyserini.encode import EncoderChoice, load_query_encoder

    found = read_topics(topics)
    chosen = np.random.default_rng(seed).permutation(len(found))[:queries]
    loaded = load_query_encoder(base.directory, EncoderChoice(encoder, threads=threads, backend=backend))
    return loaded.encode([found[number] for number in sorted(chosen.tolist())])


def _report(measured: "Iterable[Tuned | XqgError]", as_json: bool) -> "list[Tuned]":
    """Print what is measured, as it comes; returns the measurements."""
    results = []
    if not as_json:
        click.echo(f"{'recall@100':>10}  {'ms':>8}  {'p95 ms':>8}  {'build s':>8}  {'MB':>8}  setting")
    for one in measured:
        if isinstance(one, XqgError):
            click.echo(f"skipped {one}", err=True)
            continue
        results.append(one)
        if not as_json:
            size = "" if one.bytes is None else f"{one.bytes / 1e6:.1f}"
            click.echo(
                f"{one.recall:>10.3f}  {one.median_ms:>8.2f}  {one.p95_ms:>8.2f}  {one.build_seconds:>8.1f}  "
                f"{size:>8}  {one}"
            )
    return results


def _command(best: "Tuned", index: str, uri: str | None) -> str:
    """The command that makes the index of a setting."""
    from xqg_pyserini.index.tuning.tune_grid import as_words

    build, search = as_words(best.build), as_words(best.search)
    if uri:
        options = [f"--index-type {best.kind}", *(f"--build {one}" for one in build)]
        command = f"push --index {index} --to {SCHEME}{shown_uri(uri)} --collection NAME"
    else:
        options = [f"--factory {best.kind}", *(f"--parameter {one}" for one in build)]
        command = f"convert --index {index} --output DIR"
    return " ".join(["xqg index", command, *options, *(f"--parameter {one}" for one in search)])
