"""A connection to Milvus: the one module that imports pymilvus, and tells its errors in one line."""

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np

from xqg_pyserini.errors import IndexFormatError, MissingExtraError, UnknownNameError, XqgError
from xqg_pyserini.index.milvus.milvus_place import MilvusPlace, shown_uri
from xqg_pyserini.registry import unknown_name
from xqg_pyserini.storage.index_directory import IndexMeta, meta_of

#: Environment variable with the API key of a server, or ``user:password``.
TOKEN = "XQG_MILVUS_TOKEN"
#: Seconds after which a server that does not answer is given up: for a connection, for a question, for work.
CONNECT_SECONDS, CALL_SECONDS, WORK_SECONDS = 10.0, 30.0, 3600.0
#: Passages that a server returns for one query (Milvus' limit).
MOST_HITS = 16_384
#: Hits asked for at once: the answer stays below 20 MB or so of ids.
_HITS_PER_CALL = 1 << 18
#: Search parameters that may not be below the number of hits.
_AT_LEAST_HITS = {"ef", "search_list"}
#: Fields that hold the passages' texts, and the length in UTF-8 that a field can hold.
TEXT_FIELDS, MOST_BYTES = ("title", "text"), 65_535
_METRICS = {"inner_product": "IP", "l2": "L2"}
#: Names of the properties in which a collection records how it was made.
META, PARAMETERS, JOB = "xqg.meta", "xqg.search_parameters", "xqg.job"

Parameters = Mapping[str, int | float | str]


class FoundRows(NamedTuple):
    """What a search found: scores and rows ``(queries, k)``, row -1 where there are fewer, and the ids of rows."""

    scores: np.ndarray
    rows: np.ndarray
    docids: dict[int, str]


class Recorded(NamedTuple):
    """What a collection records of itself; ``fields`` are the names of its fields."""

    meta: IndexMeta
    parameters: dict[str, Any]
    fields: frozenset[str]


class MilvusServer:
    """A server, or a file of Milvus Lite, which serves one process at a time.

    Args:
        uri: see ``MilvusPlace``.

    Attributes:
        client: pymilvus' client; use it inside ``errors``.

    Raises:
        MissingExtraError: pymilvus is not installed.
        XqgError: no server answers, or it refuses the token.
    """

    def __init__(self, uri: str) -> None:
        self.uri, self.shown = uri, shown_uri(uri)
        client_class = _client_class()
        with self.errors():
            self.client: Any = client_class(uri, token=os.environ.get(TOKEN, ""), timeout=CONNECT_SECONDS)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn what the server, or the way to it, refuses into an XqgError."""
        from pymilvus.exceptions import MilvusException

        try:
            yield
        except MilvusException as error:
            raise XqgError(f"{self.shown}: {_reason(error)}") from error

    def collection_of(self, alias: str) -> str | None:
        """The collection that has an alias; None where nothing has the name.

        Raises:
            XqgError: the name is that of a collection itself, which no push made.
        """
        from pymilvus.exceptions import MilvusException

        with self.errors():
            if not self.client.has_collection(alias, timeout=CALL_SECONDS):
                return None
            try:
                return str(self.client.describe_alias(alias, timeout=CALL_SECONDS)["collection_name"])
            except MilvusException:
                if alias not in self.client.list_collections(timeout=CALL_SECONDS):
                    raise
        raise XqgError(f"{self.shown}: {alias!r} is not a collection that `xqg index push` has completed")

    def existing_collection(self, place: MilvusPlace) -> str:
        """The collection of a place; raises UnknownNameError, which lists the aliases there are."""
        collection = self.collection_of(place.collection)
        if collection is None:
            known = sorted(alias for name in self.collections() for alias in self._aliases(name))
            raise UnknownNameError(f"{self.shown}: {unknown_name('collection', place.collection, known)}")
        return collection

    def collections(self) -> list[str]:
        """The names of all collections."""
        with self.errors():
            return list(self.client.list_collections(timeout=CALL_SECONDS))

    def _aliases(self, collection: str) -> list[str]:
        with self.errors():
            return list(self.client.list_aliases(collection, timeout=CALL_SECONDS)["aliases"])

    def properties(self, collection: str) -> dict[str, str]:
        """The properties of a collection."""
        return dict(self._description(collection).get("properties") or {})

    def recorded(self, collection: str) -> Recorded:
        """What a pushed collection records.

        Raises:
            IndexFormatError: it records nothing that this release reads.
        """
        described = self._description(collection)
        properties, place = described.get("properties") or {}, f"{self.shown}: collection {collection!r}"
        try:
            meta, parameters = json.loads(properties[META]), json.loads(properties[PARAMETERS])
        except (KeyError, ValueError):
            raise IndexFormatError(f"{place} does not record how it was made: write it with `xqg index push`") from None
        return Recorded(meta_of(meta, place), parameters, frozenset(field["name"] for field in described["fields"]))

    def _description(self, collection: str) -> dict[str, Any]:
        with self.errors():
            return dict(self.client.describe_collection(collection, timeout=CALL_SECONDS))

    def create(self, collection: str, dim: int, with_texts: bool, properties: Mapping[str, str]) -> None:
        """Create a collection of passages: row (the key), docid, vector and, where they are wanted, title and text."""
        from pymilvus import DataType

        schema = self.client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("row", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
        for name in ("docid", *TEXT_FIELDS) if with_texts else ("docid",):
            schema.add_field(name, DataType.VARCHAR, max_length=MOST_BYTES)
        with self.errors():
            self.client.create_collection(collection, schema=schema, properties=dict(properties), timeout=CALL_SECONDS)

    def drop(self, collection: str) -> None:
        """Delete a collection."""
        with self.errors():
            self.client.drop_collection(collection, timeout=CALL_SECONDS)

    def build(self, collection: str, index_type: str, metric: str, parameters: Parameters) -> None:
        """Give the vectors another index, wait until it is built, and load the collection."""
        vectors = self.client.prepare_index_params()
        vectors.add_index("vector", index_type=index_type, metric_type=_METRICS[metric], params=dict(parameters))
        docids = self.client.prepare_index_params()
        docids.add_index("docid", index_type="INVERTED")
        with self.errors():
            self.client.release_collection(collection, timeout=CALL_SECONDS)
            present = self.client.list_indexes(collection, timeout=CALL_SECONDS)
            if "vector" in present:
                self.client.drop_index(collection, "vector", timeout=CALL_SECONDS)
            if "docid" not in present:
                self.client.create_index(collection, docids, timeout=WORK_SECONDS)
            self.client.create_index(collection, vectors, timeout=WORK_SECONDS)
            self.client.load_collection(collection, timeout=WORK_SECONDS)

    def load(self, collection: str) -> None:
        """Have a collection in the server's memory, which searching needs."""
        with self.errors():
            state = self.client.get_load_state(collection, timeout=CALL_SECONDS)
            # loading again would ask a cluster for another number of replicas
            if str(getattr(state.get("state"), "name", state.get("state"))) != "Loaded":
                self.client.load_collection(collection, timeout=WORK_SECONDS)

    def count(self, collection: str) -> int:
        """The number of rows that searches see."""
        options = {"filter": "", "output_fields": ["count(*)"], "consistency_level": "Strong"}
        with self.errors():
            return int(self.client.query(collection, timeout=WORK_SECONDS, **options)[0]["count(*)"])

    def rows(self, collection: str, rows: Sequence[int], fields: Sequence[str]) -> dict[int, dict[str, Any]]:
        """Fields of some rows by row; rows that the collection does not hold are not among them."""
        with self.errors():
            found = self.client.get(collection, list(rows), ["row", *fields], timeout=CALL_SECONDS)
        return {int(one["row"]): one for one in found}

    def row_of(self, collection: str, docid: str) -> int | None:
        """The row of a passage id; None where the collection does not hold it."""
        wanted = f"docid == {json.dumps(docid, ensure_ascii=False)}"
        with self.errors():
            found = self.client.query(collection, wanted, ["row"], timeout=CALL_SECONDS)
        return int(found[0]["row"]) if found else None

    def search(self, collection: str, vectors: np.ndarray, k: int, parameters: Parameters) -> FoundRows:
        """The best ``k`` rows for each of ``vectors``, ``(queries, dim) float32``.

        Args:
            collection: its name or alias.
            vectors: the queries.
            k: at most ``MOST_HITS``.
            parameters: of the index, such as ``{"ef": 128}``; ``ef`` and ``search_list`` are raised to ``k`` where
                they are lower, because Milvus refuses less.
        """
        raised = {name: max(value, k) if name in _AT_LEAST_HITS else value for name, value in parameters.items()}
        options = {"search_params": {"params": raised}, "output_fields": ["docid"], "timeout": WORK_SECONDS}
        scores, rows = np.zeros((len(vectors), k), np.float32), np.full((len(vectors), k), -1, np.int64)
        docids: dict[int, str] = {}
        step = max(1, _HITS_PER_CALL // k)
        for start in range(0, len(vectors), step):
            with self.errors():
                found = self.client.search(collection, vectors[start : start + step], limit=k, **options)
            for query, hits in enumerate(found, start=start):
                scores[query, : len(hits)], rows[query, : len(hits)] = hits.distances, hits.ids
                docids.update((hit["row"], hit["entity"]["docid"]) for hit in hits)
        return FoundRows(scores, rows, docids)


def as_properties(meta: IndexMeta, parameters: Parameters) -> dict[str, str]:
    """What a collection records, as ``MilvusServer.recorded`` reads it."""
    return {META: json.dumps(asdict(meta), ensure_ascii=False), PARAMETERS: json.dumps(dict(parameters))}


def _client_class() -> Any:
    # gRPC's core prints what it is told of connections, which is raised as well
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        from pymilvus import MilvusClient
    except ImportError:
        raise MissingExtraError("Milvus needs pymilvus: pip install 'xqg-pyserini[milvus]'") from None
    # whatever they log is raised as well, and told in one line
    for library in ("pymilvus", "pymilvus.milvus_client", "milvus_lite"):
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)
    return MilvusClient


def _reason(error: Any) -> str:
    """What a person can do about an error of pymilvus."""
    text, status = " ".join(str(error.message).split()), _grpc_status(error)
    if status in ("UNAUTHENTICATED", "PERMISSION_DENIED") or "auth check failure" in text:
        return f"the server refuses the token: set {TOKEN} to an API key or to user:password"
    if status in ("UNAVAILABLE", "DEADLINE_EXCEEDED") or "Fail connecting" in text:
        return "no Milvus server answers there: start it, or give another URI"
    if text == "Open local milvus failed":
        return (
            "Milvus Lite cannot open it: another process has it open (serve it with `milvus-lite server`), or the "
            "file is of another version"
        )
    return f"Milvus: {text}" if text else f"Milvus answers error {error.code} without a reason"


def _grpc_status(error: BaseException) -> str:
    """Name of the gRPC status that an error of pymilvus comes from; empty where it comes from the server itself."""
    code = getattr(error.__cause__, "code", None)
    return str(getattr(code(), "name", "")) if callable(code) else ""
