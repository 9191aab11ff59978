"""``xqg encode``: a corpus into an index directory."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xqg_pyserini.engine.options import check_no_shard, engine_options
from xqg_pyserini.files import check_output_directory
from xqg_pyserini.options import (
    XqgCommand,
    backend_option,
    batch_size_option,
    device_option,
    dtype_option,
    encoder_settings_options,
    output_option,
    overwrite_option,
    threads_option,
)
from xqg_pyserini.storage.index_directory import INDEX_FILES

if TYPE_CHECKING:
    from xqg_pyserini.engine import RayEngine


@click.command(cls=XqgCommand)
@click.option(
    "--corpus",
    required=True,
    help="Passages: a JSONL or TSV file (plain, .gz or .zst), a folder of such files, or an ir_datasets id.",
)
@click.option(
    "--encoder",
    default="embedded",
    show_default=True,
    help="Dual encoder: embedded, a checkpoint directory, or a model hub's id (name or name@revision).",
)
@click.option("--query-encoder", default=None, help="Query encoder to record for searching.  [default: the encoder]")
@output_option("Index directory to write.")
@click.option(
    "--shard", default="1/1", show_default=True, help="Part of the corpus to encode, as I/N: the I-th of N equal parts."
)
@dtype_option("float32")
@click.option("--no-texts", is_flag=True, help="Store no passages beside the vectors; searches then show ids alone.")
@backend_option
@batch_size_option
@click.option(
    "--batch-tokens",
    type=click.IntRange(min=1),
    default=None,
    help="Largest number of tokens encoded at once, padding included.  [default: 512 on a CPU, 32768 on a GPU]",
)
@threads_option
@device_option
@encoder_settings_options("passage")
@engine_options
@overwrite_option
def main(
    corpus: str,
    encoder: str,
    query_encoder: str | None,
    output: Path,
    shard: str,
    dtype: str,
    no_texts: bool,
    backend: str,
    batch_size: int,
    batch_tokens: int | None,
    threads: int | None,
    device: str,
    engine: "RayEngine | None",
    overwrite: bool,
    **settings: Any,
) -> None:
    """Encode a corpus into an index directory that Pyserini reads.

    A run that was interrupted is resumed by the same command.

    Example: xqg encode --corpus xqg-sample --output indexes/sample
    """
    check_output_directory(output, overwrite, INDEX_FILES)
    check_no_shard(engine, shard)
    from xqg_pyserini.data import open_corpus
    from xqg_pyserini.encode import EncodingSource, Shard, TextEncoder, encode_corpus, encode_on

    part = Shard.parse(shard)
    passages = open_corpus(corpus)
    passages.check()
    text_encoder = TextEncoder(encoder, settings, device, batch_size, threads, backend, query_encoder, batch_tokens)
    if not engine:
        text_encoder.load_passages()
    start = time.monotonic()
    if engine:
        source = EncodingSource.of(passages, passages.name)
        meta = encode_on(engine, source, text_encoder, output, overwrite, dtype, not no_texts)
    else:
        meta = encode_corpus(passages, text_encoder, output, passages.name, overwrite, part, dtype, not no_texts)
    seconds = time.monotonic() - start
    click.echo(f"{output}: {meta.count} passages, {meta.dim} dimensions, {seconds:.0f} s")


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.encode")
