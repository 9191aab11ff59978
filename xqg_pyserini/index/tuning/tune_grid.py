"""The grid that is tried: kinds of index with their parameters, as options write them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod

from xqg_pyserini.errors import XqgError
from xqg_pyserini.index.milvus.milvus_server import Parameters
from xqg_pyserini.index.options import number_or_word

#: Settings of one index that are tried at most.
_MOST = 1000


@dataclass(frozen=True)
class IndexKind:
    """An index that is built once, and the settings it is searched with.

    Args:
        name: Faiss factory string or Milvus' index type.
        build: parameters of the index.
        searches: search parameters, one setting after the other.
    """

    name: str
    build: Parameters = field(default_factory=dict)
    searches: tuple[Parameters, ...] = ({},)

    def __str__(self) -> str:
        return " ".join([self.name, *as_words(self.build)])


def as_words(parameters: Parameters) -> list[str]:
    """Parameters as they are written: ``["M=16", "efConstruction=200"]``."""
    return [f"{name}={value}" for name, value in parameters.items()]


def parse_kinds(text: str) -> list[IndexKind]:
    """Kinds of index from ``KIND [NAME=VALUE,… …] [: NAME=VALUE,… …]``, what is built before the colon.

    ``HNSW M=16,32 : ef=64,128`` is two indexes, each searched with two settings.

    Raises:
        XqgError: another form, or too many combinations.
    """
    built, _, searched = text.partition(":")
    words = built.split()
    if not words or "=" in words[0].partition(",")[0]:
        raise _wrong(text)
    searches = tuple(_combinations(searched.split(), text))
    return [IndexKind(words[0], build, searches) for build in _combinations(words[1:], text)]


def _combinations(words: Sequence[str], text: str) -> list[Parameters]:
    names, values = [], []
    for word in words:
        name, sign, given = word.partition("=")
        if not (name and sign and all(given.split(","))) or name in names:
            raise _wrong(text)
        names.append(name)
        values.append([number_or_word(one) for one in given.split(",")])
    if prod(map(len, values)) > _MOST:
        raise XqgError(f"--try {text!r}: more than {_MOST} combinations")
    return [dict(zip(names, chosen, strict=True)) for chosen in product(*values)]


def _wrong(text: str) -> XqgError:
    return XqgError(
        f"--try {text!r}: KIND [NAME=VALUE,…] [: NAME=VALUE,…] is needed, such as 'HNSW32 : efSearch=32,64'"
    )


def faiss_kinds(count: int) -> list[str]:
    """The kinds of Faiss index that are tried for ``count`` passages where no others are asked for."""
    lists = _lists(count)
    return ["Flat", "SQ8", "HNSW32 : efSearch=16,32,64,128,256", f"IVF{lists},Flat : nprobe={_probes(lists)}"]


def milvus_kinds(count: int) -> list[str]:
    """As ``faiss_kinds``, of Milvus."""
    lists = _lists(count)
    hnsw = "HNSW M=16 efConstruction=200 : ef=100,200,400"
    return ["FLAT", hnsw, f"IVF_FLAT nlist={lists} : nprobe={_probes(lists)}", "DISKANN : search_list=100,200,400"]


def _lists(count: int) -> int:
    """Inverted lists: the power of two next to four times the root of the passages, at least 39 passages for each."""
    wanted = min(4 * count**0.5, count / 39)
    return 1 << max(1, round(wanted).bit_length() - 1)


def _probes(lists: int) -> str:
    return ",".join(str(1 << power) for power in range(0, lists.bit_length(), 2))
