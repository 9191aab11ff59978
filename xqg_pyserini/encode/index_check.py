"""Whether an index holds what its encoder makes of its corpus: a sample of passages is encoded again and compared."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from heapq import nsmallest
from itertools import islice
from pathlib import Path

import numpy as np

from xqg_pyserini.encode.settings import EncoderSettings
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import IndexFormatError, InputError, XqgError
from xqg_pyserini.records import Passage
from xqg_pyserini.storage.flat_file import open_vectors, read_header
from xqg_pyserini.storage.index_directory import IndexMeta, check_directory, read_meta


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
    meta = _recorded(directory)
    layout = check_directory(directory)
    header = read_header(layout.index)
    if header is None:
        raise IndexFormatError(f"{layout.index} is not flat: vectors of other indexes are not those of the passages")
    rows = _sample_rows(header.count, sample)
    texts = _at(passages, _docids_at(layout.docid, rows), rows)
    encoder = _passage_encoder(meta, device)
    stored = np.asarray(open_vectors(layout.index, header)[rows], np.float32)
    return _compare(texts, encoder.encode_passages(texts), stored)


def _recorded(directory: Path) -> IndexMeta:
    meta = read_meta(directory)
    if meta is None or not meta.encoder:
        raise XqgError(f"{directory} records no encoder (it has no meta.json): there is nothing to compare with")
    if meta.augmentation is not None:
        raise XqgError(f"{directory} is augmented: check the base index that it was made from")
    return meta


def _sample_rows(count: int, sample: int) -> list[int]:
    """Rows spread by hash, in order; the same for each index of that size."""
    return sorted(nsmallest(sample, range(count), key=lambda row: blake2b(row.to_bytes(8), digest_size=8).digest()))


def _docids_at(path: Path, rows: list[int]) -> dict[int, str]:
    wanted = set(rows)
    with path.open(encoding="utf-8") as lines:
        return {row: line.rstrip() for row, line in enumerate(lines) if row in wanted}


def _at(passages: Iterable[Passage], docids: dict[int, str], rows: list[int]) -> list[Passage]:
    """The passages that the index has in those rows, wherever the corpus has them (a shard starts further on)."""
    wanted = set(docids.values())
    found = {passage.doc_id: passage for passage in islice(_only(passages, wanted), len(wanted))}
    missing = sorted(wanted - set(found))
    if missing or len(docids) < len(rows):
        what = f"passage {missing[0]!r} is" if missing else f"docids of {len(rows) - len(docids)} rows are"
        raise InputError(f"{what} missing: another corpus, or a damaged index")
    return [found[docids[row]] for row in rows]


def _only(passages: Iterable[Passage], wanted: set[str]) -> Iterator[Passage]:
    return (passage for passage in passages if passage.doc_id in wanted)


def _passage_encoder(meta: IndexMeta, device: str) -> TextEncoder:
    recorded = dict(meta.encoder or {})
    settings = EncoderSettings.from_dict(recorded).to_dict()
    return TextEncoder(str(recorded.get("name")), settings, device, backend=str(recorded.get("backend", "torch")))


def _compare(passages: list[Passage], now: np.ndarray, stored: np.ndarray) -> IndexCheck:
    norms = np.linalg.norm(now, axis=1) * np.linalg.norm(stored, axis=1)
    cosines = (now * stored).sum(axis=1) / np.maximum(norms, np.finfo(np.float32).tiny)
    worst = int(cosines.argmin())
    return IndexCheck(len(passages), float(cosines.mean()), float(cosines[worst]), passages[worst].doc_id)
