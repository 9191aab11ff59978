"""Pushing an index directory into a Milvus collection, which appears under its name when it is complete and checked."""

import re
from dataclasses import dataclass
from pathlib import Path

from xqg_pyserini.encode.settings import check_same
from xqg_pyserini.errors import OutputExistsError, XqgError
from xqg_pyserini.index.milvus.milvus_place import MilvusPlace
from xqg_pyserini.index.milvus.milvus_server import CALL_SECONDS, MilvusServer
from xqg_pyserini.index.milvus.row_sender import PushOptions, RowSender
from xqg_pyserini.storage.stored_vectors import StoredVectors


@dataclass(frozen=True)
class PushReport:
    """What a push did: ``resumed`` rows were there from an interrupted push, ``compared`` were read back."""

    passages: int
    resumed: int
    compared: int
    replaced: bool

    def __str__(self) -> str:
        resumed = f", {self.resumed} of them by an earlier run" if self.resumed else ""
        replaced = "; replaces the collection that had the name" if self.replaced else ""
        return f"{self.passages} passages{resumed}, counted, {self.compared} of them read back and compared{replaced}"


def push_index(
    index: Path, place: MilvusPlace, options: PushOptions | None = None, overwrite: bool = False
) -> PushReport:
    """Copy an index directory into a Milvus collection.

    Rows are written to a collection of another name (``NAME__1``, ``NAME__2`` …). When the server has all of them, has
    built its index and a sample was read back, ``NAME`` becomes the alias of it in one step, and the collection that
    had the alias is dropped. The same call resumes a push that was interrupted, also with another ``index_type``.

    Args:
        index: directory of the index.
        place: where to push it.
        options: see ``PushOptions``.
        overwrite: replace the collection that has the name, and discard an unfinished push of another index.

    Raises:
        OutputExistsError: the name is taken, or an unfinished push of another index has it.
        EncoderMismatchError: the collection to replace was made with another encoder; its searchers would not notice.
        InputError: a text is too long for a field.
        IndexFormatError: the index is damaged.
        XqgError: what the server, or the way to it, refuses.
    """
    options = options or PushOptions()
    base = StoredVectors(index)
    base.check_docids()
    server = MilvusServer(place.uri)
    live = _check_live(server, place, base, overwrite)
    sender = RowSender(server, _next_name(place.collection, live), base, options)
    resumed = sender.open(overwrite)
    sender.send(resumed)
    server.build(sender.collection, options.index_type, base.header.metric, options.build)
    compared = sender.check()
    _switch(server, place.collection, sender.collection, live)
    return PushReport(base.header.count, resumed, compared, live is not None)


def _check_live(server: MilvusServer, place: MilvusPlace, base: StoredVectors, overwrite: bool) -> str | None:
    """The collection that has the name now, which may be replaced."""
    live = server.collection_of(place.collection)
    if live is None:
        return None
    if not overwrite:
        raise OutputExistsError(f"{place} exists: choose another --collection or give --overwrite")
    meta = server.recorded(live).meta
    check_same(meta.encoder or {}, base.recorded().encoder or {}, str(place))
    if meta.dim != base.header.dim:
        raise XqgError(f"{place} has {meta.dim} dimensions, {base.directory} {base.header.dim}: choose another name")
    return live


def _next_name(alias: str, live: str | None) -> str:
    """The collection that a push fills: its number is one above that of the collection which has the alias."""
    number = live.removeprefix(f"{alias}__") if live else "0"
    return f"{alias}__{int(number) + 1 if number.isdecimal() else 1}"


def _switch(server: MilvusServer, alias: str, collection: str, live: str | None) -> None:
    """Give the alias to a complete collection, and drop what had it, also what an interrupted push left."""
    with server.errors():
        give = server.client.create_alias if live is None else server.client.alter_alias
        give(collection, alias, timeout=CALL_SECONDS)
    numbered = re.compile(rf"{re.escape(alias)}__\d+")
    for name in server.collections():
        if name != collection and numbered.fullmatch(name):
            server.drop(name)
