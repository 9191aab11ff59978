"""What ``--index`` names: an index directory, a prebuilt index, or a Milvus collection."""

from collections.abc import Sequence
from pathlib import Path

from xqg_pyserini.errors import XqgError
from xqg_pyserini.host.names import faiss_index_directory
from xqg_pyserini.index.milvus.milvus_place import MilvusPlace, is_milvus, parse_place
from xqg_pyserini.search.milvus_collection import MilvusCollection
from xqg_pyserini.search.opened_index import OpenedIndex

IndexPlace = Path | MilvusPlace


def index_place(name: str) -> IndexPlace:
    """Where an index is that a user names.

    Args:
        name: a directory, one of Pyserini's prebuilt Faiss indexes (downloaded if need be), or ``milvus:URI#NAME``.

    Raises:
        IndexFormatError: neither a directory nor a prebuilt Faiss index.
        XqgError: the name of a collection is incomplete, or the prebuilt index cannot be downloaded.
    """
    return parse_place(name) if is_milvus(name) else faiss_index_directory(name)


def open_index(places: Sequence[IndexPlace], threads: int | None = None) -> OpenedIndex | MilvusCollection:
    """Open index directories, which are searched as one, or one Milvus collection.

    Args:
        places: see ``index_place``.
        threads: CPU threads of Faiss; None leaves its own choice.

    Raises:
        XqgError: it cannot be opened, or a collection is given with something else.
    """
    collections = [place for place in places if isinstance(place, MilvusPlace)]
    if not collections:
        return OpenedIndex([place for place in places if isinstance(place, Path)], threads)
    if len(places) > 1:
        raise XqgError(f"{collections[0]} is searched alone: give one --index")
    return MilvusCollection(collections[0])
