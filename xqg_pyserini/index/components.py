"""How much of an augmented vector comes from the generated queries of each language.

The file ``components.npy`` lies in an index directory that was augmented with components kept. It is a NumPy array
(``numpy.load(path, mmap_mode="r")`` reads it) of records in the order of the index's rows and, within a row, of the
languages' codes, one for each row and language that has queries:

- ``row``: ``uint32``, the row of the index;
- ``language``: ``S28``, the language's code in UTF-8;
- ``vector``: ``(dim,) float32``, what that language's queries add to the row's vector, all factors included.

What is left of the row's vector when its records are taken away is the part of the passage, so that the parts of an
inner product add up to it. The rounding of a float16 index counts to the passage.
"""

import io
from bisect import bisect_left
from collections.abc import Iterable
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from xqg_pyserini.errors import IndexFormatError, XqgError
from xqg_pyserini.index.query_source import LanguageSums
from xqg_pyserini.storage.index_directory import IndexLayout

_LANGUAGE_BYTES = 28


def record_type(dim: int) -> np.dtype:
    """The type of a record for vectors of ``dim`` values."""
    return np.dtype([("row", "<u4"), ("language", f"S{_LANGUAGE_BYTES}"), ("vector", "<f4", (dim,))])


def _npy_header(record: np.dtype, count: int) -> bytes:
    """The header of NumPy's file format, of the same length for every ``count``: NumPy leaves room for its digits."""
    header, descr = io.BytesIO(), np.lib.format.dtype_to_descr(record)
    np.lib.format.write_array_header_1_0(header, {"descr": descr, "fortran_order": False, "shape": (count,)})
    return header.getvalue()


class ComponentsWriter:
    """Appends the components of blocks of rows to an open file.

    Args:
        stream: opened for appending: empty, or behind what an interrupted run has written.
        dim: length of the vectors.
        languages: codes of the languages that may come.

    Raises:
        XqgError: a language's code is too long.
    """

    def __init__(self, stream: IO[bytes], dim: int, languages: Iterable[str]) -> None:
        self._stream, self._type = stream, record_type(dim)
        for code in languages:
            if len(code.encode()) > _LANGUAGE_BYTES:
                raise XqgError(f"language {code!r}: components can be kept for codes of up to {_LANGUAGE_BYTES} bytes")
        if stream.tell() == 0:
            stream.write(_npy_header(self._type, 0))

    def add(self, sums: LanguageSums, factors: np.ndarray) -> None:
        """Append the components of a block.

        Args:
            sums: sums of query vectors.
            factors: what each language's sum is multiplied with, ``(languages, n) float32``.
        """
        rows, languages = np.nonzero(((sums.counts > 0) & (factors != 0)).T)
        records = np.zeros(len(rows), self._type)
        records["row"] = rows + sums.first_row
        records["language"] = np.array([code.encode() for code in sums.languages])[languages]
        records["vector"] = sums.sums[languages, rows] * factors[languages, rows, None]
        self.add_records(records)

    def add_records(self, records: np.ndarray) -> None:
        """Append records of rows that follow those written."""
        self._stream.write(records.data)

    def finish(self) -> None:
        """Write the final header."""
        end = self._stream.tell()
        count = (end - len(_npy_header(self._type, 0))) // self._type.itemsize
        self._stream.seek(0)
        self._stream.write(_npy_header(self._type, count))
        self._stream.seek(end)


class ScoreParts(NamedTuple):
    """An inner product split into the part of the passage and those of the languages; ``score`` is their sum."""

    score: float
    passage: float
    languages: dict[str, float]


class Components:
    """The components of an augmented index, mapped into memory.

    Args:
        directory: the index directory.

    Raises:
        IndexFormatError: the directory keeps no components, or the file is damaged.
    """

    def __init__(self, directory: Path) -> None:
        path = IndexLayout(directory).components
        if not path.is_file():
            raise IndexFormatError(
                f"{directory} keeps no components: augment again with `xqg index augment --keep-components`"
            )
        try:
            self.records = np.load(path, mmap_mode="r", allow_pickle=False)
        except (ValueError, OSError, EOFError) as error:
            raise IndexFormatError(f"{path}: damaged or truncated: {error}") from None
        if self.records.dtype.names != ("row", "language", "vector"):
            raise IndexFormatError(f"{path}: fields {self.records.dtype.names}: no components")

    def of_row(self, row: int) -> dict[str, np.ndarray]:
        """What each language's queries put into the vector of a row: language -> ``(dim,) float32``."""
        # bisection reads a few records; searchsorted would copy the column out of the map first
        begin = bisect_left(self.records, row, key=lambda record: record["row"])
        end = bisect_left(self.records, row + 1, begin, key=lambda record: record["row"])
        return {record["language"].decode(): record["vector"] for record in self.records[begin:end]}

    def split(self, row: int, vector: np.ndarray, query: np.ndarray) -> ScoreParts:
        """Split the inner product of a query and the stored vector of a row.

        Args:
            row: row of the index.
            vector: the row's stored vector, ``(dim,)``.
            query: vector of the query, ``(dim,)``.
        """
        exact = query.astype(np.float64)
        parts = {language: float(part @ exact) for language, part in self.of_row(row).items()}
        score = float(vector.astype(np.float64) @ exact)
        return ScoreParts(score, score - sum(parts.values()), parts)
