"""Where a collection is: ``milvus:URI#NAME``, as options name it."""

import re
from dataclasses import dataclass
from pathlib import Path

from xqg_pyserini.errors import XqgError

SCHEME = "milvus:"
#: What Milvus allows as a name, with room for the number that a push adds.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
_CREDENTIALS = re.compile(r"//[^/@]*@")


@dataclass(frozen=True)
class MilvusPlace:
    """A collection on a server, or in a file of Milvus Lite.

    Attributes:
        uri: ``http://HOST:19530``, ``https://HOST/DATABASE``, or a path that ends in ``.db``.
        collection: its name, an alias.
    """

    uri: str
    collection: str

    def __str__(self) -> str:
        return f"{SCHEME}{shown_uri(self.uri)}#{self.collection}"


def is_milvus(text: object) -> bool:
    """Whether an option names a Milvus collection and no directory."""
    return isinstance(text, str) and text.startswith(SCHEME)


def parse_uri(text: str) -> str:
    """The URI in ``milvus:URI``.

    Raises:
        XqgError: the scheme or the URI is missing, or a collection is named too.
    """
    uri = text.removeprefix(SCHEME)
    if not is_milvus(text) or not uri or "#" in uri:
        raise XqgError(f"{text!r}: milvus:URI is needed, such as milvus:http://localhost:19530 or milvus:serving.db")
    return str(Path(uri).expanduser()) if uri.startswith("~") else uri


def parse_place(text: str) -> MilvusPlace:
    """The server and the collection in ``milvus:URI#NAME``.

    Raises:
        XqgError: a part is missing, or Milvus does not allow the name.
    """
    uri, _, name = text.rpartition("#")
    if not uri:
        raise XqgError(f"{text!r}: milvus:URI#NAME is needed, such as milvus:http://localhost:19530#passages")
    return MilvusPlace(parse_uri(uri), check_name(name))


def check_name(name: str) -> str:
    """A name as it is; raises XqgError for one that Milvus does not allow."""
    if not _NAME.fullmatch(name):
        raise XqgError(f"collection {name!r}: a name is letters, digits and underscores, at most 200, no digit first")
    return name


def shown_uri(uri: str) -> str:
    """A URI without user and password, for messages."""
    return _CREDENTIALS.sub("//", uri)
