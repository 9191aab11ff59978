"""``xqg encode``: a corpus into an index directory."""

from pathlib import Path
from typing import Any

import click

from xqg_pyserini.files import check_output_directory
from xqg_pyserini.layouts import INDEX_FILES
from xqg_pyserini.options import (
    XqgCommand,
    batch_size_option,
    device_option,
    encoder_settings_options,
    output_option,
    overwrite_option,
    threads_option,
)


@click.command(cls=XqgCommand)
@click.option("--corpus", required=True, help="JSONL or TSV file (also .gz), a folder of JSONL, or an ir_datasets id.")
@click.option("--encoder", default="embedded", show_default=True, help="embedded, a checkpoint directory or hub id.")
@output_option("Index directory to write.")
@batch_size_option
@threads_option
@device_option
@encoder_settings_options("passage")
@overwrite_option
def main(
    corpus: str,
    encoder: str,
    output: Path,
    batch_size: int,
    threads: int | None,
    device: str,
    overwrite: bool,
    **settings: Any,
) -> None:
    """Encode a corpus into an index directory that Pyserini reads.

    Example: xqg encode --corpus xqg-sample --output indexes/sample
    """
    check_output_directory(output, overwrite, INDEX_FILES)
    from xqg_pyserini.data.corpus import open_corpus

    passages = open_corpus(corpus)
    total = passages.check()

    from xqg_pyserini.encode.corpus_index import encode_corpus
    from xqg_pyserini.encode.text_encoder import TextEncoder

    text_encoder = TextEncoder(encoder, settings, device, batch_size, threads)
    meta = encode_corpus(passages, text_encoder, output, passages.name, total, overwrite)
    click.echo(f"{output}: {meta.count} passages, {meta.dim} dimensions")


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.encode")
