"""``xqg encode``: a corpus into an index directory."""

import time
from pathlib import Path
from typing import Any

import click

from xqg_pyserini.files import check_output_directory
from xqg_pyserini.options import (
    XqgCommand,
    backend_option,
    batch_size_option,
    device_option,
    encoder_settings_options,
    output_option,
    overwrite_option,
    threads_option,
)
from xqg_pyserini.storage.index_directory import INDEX_FILES


@click.command(cls=XqgCommand)
@click.option("--corpus", required=True, help="JSONL or TSV file (also .gz), a folder of JSONL, or an ir_datasets id.")
@click.option("--encoder", default="embedded", show_default=True, help="embedded, a checkpoint directory or hub id.")
@click.option("--query-encoder", default=None, help="Encoder of queries, to be recorded.  [default: the encoder]")
@output_option("Index directory to write.")
@click.option("--shard", default="1/1", show_default=True, help="I/N: encode the I-th of N parts of the corpus.")
@click.option(
    "--dtype", type=click.Choice(["float32", "float16"]), default="float32", show_default=True, help="Stored vectors."
)
@backend_option
@batch_size_option
@click.option("--batch-tokens", type=click.IntRange(min=1), default=None, help="Tokens encoded at once, at most.")
@threads_option
@device_option
@encoder_settings_options("passage")
@overwrite_option
def main(
    corpus: str,
    encoder: str,
    query_encoder: str | None,
    output: Path,
    shard: str,
    dtype: str,
    backend: str,
    batch_size: int,
    batch_tokens: int | None,
    threads: int | None,
    device: str,
    overwrite: bool,
    **settings: Any,
) -> None:
    """Encode a corpus into an index directory that Pyserini reads.

    Killed, the same command goes on where it was.

    Example: xqg encode --corpus xqg-sample --output indexes/sample
    """
    check_output_directory(output, overwrite, INDEX_FILES)
    from xqg_pyserini.data.corpus import open_corpus
    from xqg_pyserini.encode.corpus_index import Shard, encode_corpus

    part = Shard.parse(shard)
    passages = open_corpus(corpus)
    passages.check()

    from xqg_pyserini.encode.text_encoder import TextEncoder

    text_encoder = TextEncoder(encoder, settings, device, batch_size, threads, backend, query_encoder, batch_tokens)
    text_encoder.load_passages()
    start = time.monotonic()
    meta = encode_corpus(passages, text_encoder, output, passages.name, overwrite, part, dtype)
    seconds = time.monotonic() - start
    click.echo(f"{output}: {meta.count} passages, {meta.dim} dimensions, {seconds:.0f} s")


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.encode")
