"""Whether an index holds what its encoder makes of its corpus: a sample of passages is encoded again and compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from xqg_pyserini.encode.settings import EncoderSettings
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import IndexFormatError, InputError, XqgError
from xqg_pyserini.records import Passage
from xqg_pyserini.storage.flat_file import open_vectors, read_header
from xqg_pyserini.storage.index_directory import check_directory, read_meta, stream_docids


@dataclass(frozen=True)
class IndexCheck:
    """How stored vectors compare with those of the same passages, encoded now.

    Attributes:
        checked: number of passages compared.
        mean: mean of the cosines.
        lowest: the lowest cosine.
        worst: the passage that has it.
    """

    checked: int
    mean: float
    lowest: float
    worst: str

    @property
    def is_sound(self) -> bool:
        """Whether each vector is that of its passage, but for the rounding of 16 bits and of other processors."""
        return self.lowest >= _SOUND


#: 8-bit products reach .9995 on the embedded encoder; other passages of one encoder are far below.
_SOUND = 0.999


def check_index(directory: Path, passages: Iterable[Passage], sample: int = 32, device: str = "cpu") -> IndexCheck:
    """Encode some of an index's passages again, with the encoder that it records, and compare.

    Args:
        directory: a base index (an augmented one holds no passage's own vector) that is flat, with ``meta.json``.
        passages: its corpus, read once.
        sample: how many passages to compare; the same ones each time.
        device: a torch device.

    Raises:
        XqgError: the index records no encoder, or is augmented.
        IndexFormatError: the index is not flat.
        InputError: the corpus lacks a passage of the index.
        EncoderNotFoundError: the recorded encoder is not available.
    """
    encoder = _recorded_encoder(directory, device)
    layout = check_directory(directory)
    header = read_header(layout.index)
    if header is None:
        raise IndexFormatError(f"{layout.index} is not flat: vectors of other indexes are not those of the passages")
    rows = np.sort(np.random.default_rng(0).choice(header.count, min(sample, header.count), replace=False)).tolist()
    texts = _passages_at(rows, directory, passages)
    now = encoder.encode_passages(texts)
    stored = np.asarray(open_vectors(layout.index, header)[rows], np.float32)
    norms = np.linalg.norm(now, axis=1) * np.linalg.norm(stored, axis=1)
    cosines = (now * stored).sum(axis=1) / np.maximum(norms, np.finfo(np.float32).tiny)
    worst = int(cosines.argmin())
    return IndexCheck(len(texts), float(cosines.mean()), float(cosines[worst]), texts[worst].doc_id)


def _recorded_encoder(directory: Path, device: str) -> TextEncoder:
    meta = read_meta(directory)
    if meta is None or not meta.encoder:
        raise XqgError(f"{directory} records no encoder (it has no meta.json): there is nothing to compare with")
    if meta.augmentation is not None:
        raise XqgError(f"{directory} is augmented: check the base index that it was made from")
    settings = EncoderSettings.from_dict(meta.encoder).to_dict()
    # with whatever is fastest here: backends differ by far less than what is looked for
    return TextEncoder(str(meta.encoder.get("name")), settings, device)


def _passages_at(rows: Sequence[int], directory: Path, passages: Iterable[Passage]) -> list[Passage]:
    """The passages that the index has in those rows, wherever the corpus has them (a shard starts further on)."""
    chosen = set(rows)
    docids = [docid for row, docid in enumerate(stream_docids(directory)) if row in chosen]
    if len(docids) < len(rows):
        raise InputError(f"docids of {len(rows) - len(docids)} rows are missing: another corpus, or a damaged index")
    wanted = set(docids)
    hits = (passage for passage in passages if passage.doc_id in wanted)
    found = {passage.doc_id: passage for passage in islice(hits, len(wanted))}
    if missing := sorted(wanted - set(found)):
        raise InputError(f"passage {missing[0]!r} is missing: another corpus, or a damaged index")
    return [found[docid] for docid in docids]
