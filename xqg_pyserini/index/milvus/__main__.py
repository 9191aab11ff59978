"""``xqg index push``."""

from pathlib import Path
from typing import Any

import click

from xqg_pyserini.index.milvus.milvus_place import MilvusPlace, check_name, parse_uri
from xqg_pyserini.index.options import index_option, number_or_word, pairs
from xqg_pyserini.options import XqgCommand, overwrite_option


@click.command(cls=XqgCommand)
@index_option
@click.option(
    "--to",
    "uri",
    required=True,
    metavar="milvus:URI",
    callback=lambda _ctx, _param, value: parse_uri(value),
    help="Server, such as milvus:http://localhost:19530, or a file of Milvus Lite, such as milvus:serving.db. The "
    "token is read from XQG_MILVUS_TOKEN in the environment.",
)
@click.option(
    "--collection",
    required=True,
    metavar="NAME",
    callback=lambda _ctx, _param, value: check_name(value),
    help="Name of the collection, which searches use.",
)
@click.option(
    "--index-type",
    default="FLAT",
    show_default=True,
    help="Milvus' index of the vectors: FLAT (exact), HNSW, IVF_FLAT, IVF_PQ, DISKANN … whatever the server knows.",
)
@click.option(
    "--build",
    multiple=True,
    metavar="NAME=VALUE",
    callback=pairs("M=16", number_or_word, lower=False),
    help="Parameter of the index, such as M=16 or nlist=4096. May be repeated.",
)
@click.option(
    "--parameter",
    "search",
    multiple=True,
    metavar="NAME=VALUE",
    callback=pairs("ef=128", number_or_word, lower=False),
    help="Search parameter that the collection records for its searches, such as ef=128 or nprobe=32. May be repeated.",
)
@click.option("--no-texts", is_flag=True, help="Push no titles and texts, only vectors and passage ids.")
@overwrite_option
def push(index: str, uri: str, collection: str, no_texts: bool, overwrite: bool, **options: Any) -> None:
    """Copy an index into a collection of a Milvus server.

    The collection appears under its name when it is complete and checked. The same command resumes a push that was
    interrupted.

    Example: xqg index push --index indexes/sample --to milvus:http://localhost:19530 --collection sample
    """
    from xqg_pyserini.host.names import faiss_index_directory
    from xqg_pyserini.index import PushOptions, push_index

    place = MilvusPlace(uri, collection)
    directory: Path = faiss_index_directory(index)
    report = push_index(directory, place, PushOptions(**options, texts=not no_texts), overwrite)
    click.echo(f"{place}: {report}")
