"""Filling a Milvus collection with the rows of an index directory, resumable and checked."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from xqg_pyserini.errors import IndexFormatError, InputError, OutputExistsError, XqgError
from xqg_pyserini.index.milvus.milvus_server import (
    CALL_SECONDS,
    JOB,
    MOST_BYTES,
    TEXT_FIELDS,
    WORK_SECONDS,
    MilvusServer,
    Parameters,
    as_properties,
)
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.docids import Docids
from xqg_pyserini.storage.index_directory import IndexMeta
from xqg_pyserini.storage.jobs import as_job, input_state, job_difference
from xqg_pyserini.storage.passage_texts import PassageTexts, open_texts
from xqg_pyserini.storage.stored_vectors import StoredVectors

#: Rows of one insertion: with the longest texts that a field holds about half of what a server takes at once.
ROWS = 512
#: Rows that are compared with the index when all are there.
_SAMPLED = 256
#: While rows arrive they can be counted, for which the server wants an index: the one that costs nothing.
_INTERIM = "FLAT"


@dataclass(frozen=True)
class PushOptions:
    """How a collection is indexed.

    Args:
        index_type: Milvus' name: ``FLAT`` (exact), ``HNSW``, ``IVF_FLAT``, ``IVF_PQ``, ``DISKANN`` …
        build: parameters of the index, such as ``{"M": 16, "efConstruction": 200}``.
        search: search parameters that the collection records and searches use, such as ``{"ef": 128}``.
        texts: whether titles and texts become fields.
    """

    index_type: str = "FLAT"
    build: Parameters = field(default_factory=dict)
    search: Parameters = field(default_factory=dict)
    texts: bool = True


class RowSender:
    """Fills a collection with the rows of an index.

    Args:
        server: where it is.
        collection: its own name, no alias.
        base: the index; its ids must have been checked.
        options: how it is indexed, and whether texts are sent.
    """

    def __init__(self, server: MilvusServer, collection: str, base: StoredVectors, options: PushOptions) -> None:
        self._server, self.collection, self._base, self._options = server, collection, base, options
        self._texts: PassageTexts | None = open_texts(base.directory) if options.texts else None

    def open(self, overwrite: bool) -> int:
        """Create the collection, or find it from an interrupted push; the number of rows that it holds.

        Raises:
            OutputExistsError: it holds an unfinished push of another index, which ``overwrite`` would discard.
        """
        job = as_job({"stage": "push", "index": input_state(self._base.directory), "texts": self._texts is not None})
        present = self.collection in self._server.collections()
        if present and not self._is_of(job, overwrite):
            self._server.drop(self.collection)
            present = False
        header, properties = self._base.header, as_properties(self._meta(), self._options.search)
        if not present:
            properties[JOB] = json.dumps(job)
            self._server.create(self.collection, header.dim, self._texts is not None, properties)
            # a server that looks at parameters without vectors refuses wrong ones here, before they are sent
            self._server.build(self.collection, self._options.index_type, header.metric, self._options.build)
        else:
            with self._server.errors():
                self._server.client.alter_collection_properties(self.collection, properties, timeout=CALL_SECONDS)
        self._server.build(self.collection, _INTERIM, header.metric, {})
        return self._server.count(self.collection) if present else 0

    def _is_of(self, job: dict[str, Any], overwrite: bool) -> bool:
        """Whether an unfinished collection is of this push; False where it is another's and may be dropped."""
        old = json.loads(self._server.properties(self.collection).get(JOB, "null"))
        if old == job:
            return True
        if overwrite:
            return False
        raise OutputExistsError(
            f"{self.collection} holds an unfinished push ({job_difference(old, job)}): finish it with the same "
            f"command, or give --overwrite to discard it"
        )

    def _meta(self) -> IndexMeta:
        header = self._base.header
        return replace(
            self._base.recorded(),
            dim=header.dim,
            count=header.count,
            metric=header.metric,
            storage=self._options.index_type,
        )

    def send(self, present: int) -> None:
        """Send the rows that are missing, in row order; ``present`` are there.

        Raises:
            InputError: a text is too long for a field.
            IndexFormatError: a vector holds NaN or infinity.
        """
        first = present - present % ROWS
        with progress(total=self._base.header.count, unit="passages", what="push") as bar:
            bar.update(first)
            for batch in self._batches(first):
                # of the batch that was interrupted some rows may be there
                with self._server.errors():
                    send = self._server.client.upsert if batch[0]["row"] < present else self._server.client.insert
                    send(self.collection, batch, timeout=WORK_SECONDS)
                bar.update(len(batch))
        with self._server.errors():
            self._server.client.flush(self.collection, timeout=WORK_SECONDS)

    def _batches(self, first: int) -> Iterator[list[dict[str, Any]]]:
        """Rows from ``first`` on, as the collection holds them."""
        row = first
        for docids, vectors in self._base.passages(ROWS, first):
            rows = range(row, row + len(docids))
            finite = np.isfinite(vectors).all(axis=1)
            if not finite.all():
                raise IndexFormatError(f"the vector of passage {docids[int(finite.argmin())]!r} holds NaN or infinity")
            batch: list[dict[str, Any]] = [
                {"row": number, "docid": docid, "vector": vector}
                for number, docid, vector in zip(rows, docids, vectors, strict=True)
            ]
            if self._texts is not None:
                for fields, passage in zip(batch, self._texts.passages(rows), strict=True):
                    fields |= {"title": passage.title, "text": passage.text}
            _check_lengths(batch)
            yield batch
            row = rows.stop

    def check(self) -> int:
        """Compare the collection with the index; returns the number of rows that were read back.

        Raises:
            XqgError: rows are missing or too many, or one is not that of the index.
        """
        total, present = self._base.header.count, self._server.count(self.collection)
        if present != total:
            raise XqgError(
                f"{self.collection} holds {present} rows, the index {total}: was it pushed twice at once? Push again "
                f"with --overwrite"
            )
        rng = np.random.default_rng(total)
        chosen = np.sort(rng.choice(total, min(_SAMPLED, total), replace=False))
        docids = dict(zip(chosen.tolist(), Docids(self._base.directory / "docid").take(chosen), strict=True))
        fields = ["docid", "vector", *(TEXT_FIELDS if self._texts else ())]
        found = self._server.rows(self.collection, chosen.tolist(), fields)
        for row, vector in zip(chosen.tolist(), self._base.take(chosen), strict=True):
            wanted = {"row": row, "docid": docids[row]}
            if self._texts is not None:
                passage = self._texts.passage(row)
                wanted |= {"title": passage.title, "text": passage.text}
            own = dict(found.get(row, {}))
            stored = np.asarray(own.pop("vector", []), np.float32)
            if own != wanted or not np.array_equal(stored, vector):
                raise XqgError(
                    f"{self.collection}: row {row} is not that of passage {docids[row]!r}: push again with --overwrite"
                )
        return len(chosen)


def _check_lengths(batch: list[dict[str, Any]]) -> None:
    """Raise InputError for a text, or an id, that no field can hold."""
    for row in batch:
        for name in ("docid", *TEXT_FIELDS):
            size = len(row.get(name, "").encode())
            if size > MOST_BYTES:
                raise InputError(
                    f"passage {row['docid'][:80]!r}: its {name} has {size} bytes, a field of Milvus holds "
                    f"{MOST_BYTES}: push with --no-texts, or split the passage"
                )
