"""A trained encoder as one checkpoint that other libraries load: LoRAs are added to the weights."""

from pathlib import Path
from typing import Any

from xqg_pyserini.encode.checkpoint import find_pair
from xqg_pyserini.encode.sentence_transformers_files import write_sentence_transformers_files
from xqg_pyserini.errors import XqgError
from xqg_pyserini.files import atomic_directory
from xqg_pyserini.train.output import OUTPUT_FILES


def export_sentence_transformers(encoder: str, output: Path, overwrite: bool = False) -> None:
    """Write an encoder as a directory of sentence-transformers, which transformers and Pyserini load too.

    Args:
        encoder: name of the encoder; one whose sides share their weights.
        output: the directory.
        overwrite: replace it if it exists.

    Raises:
        XqgError: the encoder has two sides of different weights, which one checkpoint cannot hold.
        EncoderNotFoundError: no such encoder.
        OutputExistsError: the output exists.
    """
    import torch

    passage, query = find_pair(encoder)
    if query is not passage:
        raise XqgError(
            f"{encoder!r} encodes queries and passages with different weights, and a checkpoint holds one side: export "
            f"{query.name!r} or {passage.name!r}, or train with --towers tied"
        )
    settings = passage.settings
    with atomic_directory(output, overwrite, OUTPUT_FILES) as directory:
        model: Any = passage.load_model(torch.float32)
        model.save_pretrained(directory)
        passage.load_tokenizer().save_pretrained(directory)
        length = max(settings.query_max_length, settings.passage_max_length)
        write_sentence_transformers_files(directory, settings, passage.dim, length)
