"""``xqg search``: topics in an index, to a TREC run."""

from pathlib import Path
from typing import Any

import click

from xqg_pyserini.options import (
    PATH,
    XqgCommand,
    batch_size_option,
    device_option,
    encoder_settings_options,
    output_option,
    threads_option,
)


@click.command(cls=XqgCommand)
@click.option("--index", "index", type=PATH, required=True, help="Index directory (ours or any Pyserini Faiss index).")
@click.option("--topics", required=True, help="TSV or JSONL file (also .gz) or an ir_datasets id.")
@output_option("TREC run to write (.gz is compressed).")
@click.option("--encoder", default=None, help="Query encoder.  [default: the index's]")
@click.option("--hits", type=click.IntRange(min=1), default=1000, show_default=True, help="Passages per query.")
@click.option("--tag", default="xqg", show_default=True, help="Name of the run, its last column.")
@batch_size_option
@threads_option
@device_option
@encoder_settings_options("query")
def main(
    index: Path,
    topics: str,
    output: Path,
    encoder: str | None,
    hits: int,
    tag: str,
    batch_size: int,
    threads: int | None,
    device: str,
    **settings: Any,
) -> None:
    """Search topics in an index; writes a TREC run.

    Example: xqg search --index indexes/sample --topics xqg-sample/te --output runs/te.trec
    """
    from xqg_pyserini.data.topics import read_topics

    queries = read_topics(topics)

    from xqg_pyserini.encode.for_index import EncoderChoice, encoder_for_index
    from xqg_pyserini.search.batches import search_queries
    from xqg_pyserini.search.opened_index import OpenedIndex
    from xqg_pyserini.trec import write_run

    opened = OpenedIndex(index, threads)
    choice = EncoderChoice(encoder, settings, device, batch_size, threads)
    text_encoder = encoder_for_index(index, opened.dim, choice)
    count = write_run(output, search_queries(queries, opened, text_encoder.encode_queries, hits), tag)
    click.echo(f"{output}: {count} queries, up to {hits} hits each")


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.search")
