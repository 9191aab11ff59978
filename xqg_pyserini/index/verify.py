"""Whether an index is sound: checksums, numbers, vectors that no search can use, repeated passages, texts of others."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from xqg_pyserini.errors import XqgError
from xqg_pyserini.files import sha256_of
from xqg_pyserini.index.components import Components
from xqg_pyserini.index.query_source import RowOrder
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.index_directory import IndexLayout, IndexMeta, check_directory, read_meta, stream_docids
from xqg_pyserini.storage.passage_texts import PassageTexts
from xqg_pyserini.storage.stored_vectors import StoredVectors

_EXAMPLES = 3
_RECORDS_PER_BLOCK = 65_536


@dataclass
class IndexReport:
    """What a check of an index found: ``problems`` is empty where it is sound.

    ``shortest`` and ``longest`` are the lengths of its vectors.
    """

    passages: int = 0
    shortest: float = 0.0
    longest: float = 0.0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.passages} passages, vectors of length {self.shortest:.4g} to {self.longest:.4g}, "
            f"{len(self.problems) or 'no'} problems"
        )


def verify_index(directory: Path) -> IndexReport:
    """Check an index directory and report everything that is wrong with it; reads all of it once or twice.

    Raises:
        IndexFormatError: there is no index to check (no such directory, or a file is missing).
    """
    report = IndexReport()
    layout = check_directory(directory)
    meta = _try(report, lambda: read_meta(directory))
    _check_checksums(report, layout, meta)
    base = _try(report, lambda: StoredVectors(directory))
    if base is None:
        return report
    report.passages = base.header.count
    if meta and (meta.dim, meta.count, meta.metric) != (base.header.dim, base.header.count, base.header.metric):
        report.problems.append(
            f"meta.json says {meta.count} vectors of {meta.dim} values ({meta.metric}), the index has "
            f"{base.header.count} of {base.header.dim} ({base.header.metric})"
        )
    _try(report, base.check_docids)
    _check_vectors(report, base)
    if layout.components.exists():
        _try(report, lambda: _check_components(report, Components(directory), base))
    if layout.texts.exists():
        _try(report, lambda: _check_texts(report, PassageTexts(layout.texts), base))
    return report


def _try[T](report: IndexReport, check: Callable[[], T]) -> T | None:
    """The result of a check; a user's error becomes a problem of the report."""
    try:
        return check()
    except XqgError as error:
        report.problems.append(str(error))
        return None


def _check_checksums(report: IndexReport, layout: IndexLayout, meta: IndexMeta | None) -> None:
    for name, recorded in (meta.files if meta else {}).items():
        path = layout.directory / name
        if not path.is_file():
            report.problems.append(f"{name} is missing, meta.json lists it")
        elif sha256_of(path) != recorded:
            report.problems.append(f"{name} is not the file that meta.json describes (SHA-256 differs)")


def _check_vectors(report: IndexReport, base: StoredVectors) -> None:
    shortest, longest = np.inf, 0.0
    row, number, first = 0, Counter[str](), defaultdict[str, list[int]](list)
    with progress(total=base.header.count, unit="passages", what="verify") as bar:
        for vectors in base.blocks():
            lengths = np.linalg.norm(vectors.astype(np.float64), axis=1)
            finite = np.isfinite(lengths)
            for fault, faulty in (("hold NaN or infinity", ~finite), ("are zero", lengths == 0)):
                rows = np.flatnonzero(faulty) + row
                number[fault] += len(rows)
                first[fault] += rows[: _EXAMPLES - len(first[fault])].tolist()
            shortest = lengths[finite].min(initial=shortest)
            longest = lengths[finite].max(initial=longest)
            row += len(vectors)
            bar.update(len(vectors))
    report.shortest, report.longest = (float(shortest), float(longest)) if np.isfinite(shortest) else (0.0, 0.0)
    for fault, examples in first.items():
        if examples:
            docids = [docid for row, docid in enumerate(stream_docids(base.directory)) if row in examples]
            report.problems.append(f"{number[fault]} vectors {fault}, for example of {', '.join(docids)}")


def _check_components(report: IndexReport, components: Components, base: StoredVectors) -> None:
    records, order = components.records, RowOrder()
    if records.dtype["vector"].shape != (base.header.dim,):
        report.problems.append(f"components.npy is for vectors of {records.dtype['vector'].shape[0]} values")
        return
    for start in range(0, len(records), _RECORDS_PER_BLOCK):
        block = records[start : start + _RECORDS_PER_BLOCK]
        rows = block["row"].astype(np.int64)
        if not order.add(rows) or rows[-1] >= base.header.count:
            report.problems.append(f"components.npy: rows out of order or beyond the index near record {start}")
            return
        if not np.isfinite(block["vector"]).all():
            report.problems.append(f"components.npy: NaN or infinity near record {start}")
            return


def _check_texts(report: IndexReport, texts: PassageTexts, base: StoredVectors) -> None:
    name = texts.path.name
    with texts, progress(total=len(texts), unit="passages", what="verify texts") as bar:
        if len(texts) != base.header.count:
            report.problems.append(f"{name}: texts of {len(texts)} passages for {base.header.count} vectors")
            return
        for row, (passage, docid) in enumerate(zip(texts, stream_docids(base.directory), strict=False)):
            if passage.doc_id != docid:
                report.problems.append(f"{name}: row {row} is of passage {passage.doc_id!r}, in docid it is {docid!r}")
                return
            bar.update(1)
