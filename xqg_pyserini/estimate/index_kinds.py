"""Kinds of index by what they hold on disk and in memory, and the machines that serve them."""

import math
from dataclasses import dataclass

from xqg_pyserini.estimate import formulae

#: Links of a passage in the graphs of HNSW and of DiskANN, the defaults of Faiss' and Milvus' documentation.
_HNSW_LINKS, _DISK_LINKS = 32, 64


@dataclass(frozen=True)
class IndexKind:
    """One kind of index of all passages.

    Attributes:
        name: its Faiss factory string, or the name of the graph on disk.
        disk: bytes of its files.
        memory: bytes that a fast search holds in memory.
    """

    name: str
    disk: int
    memory: int

    def machines(self, memory: float, replicas: int = 1) -> int:
        """Machines that hold it: as many as its memory needs, times the replicas.

        Args:
            memory: bytes of memory of one machine that the index may use.
            replicas: copies of each part, for more queries a second and for machines that fail.
        """
        return max(1, math.ceil(self.memory / memory)) * replicas


def list_index_kinds(passages: int, dim: int) -> list[IndexKind]:
    """The kinds that this project writes (flat, and by ``xqg index convert``), and DiskANN, which Milvus has."""
    kinds = [
        ("Flat", formulae.index_bytes(passages, dim, "float32")),
        ("SQfp16", formulae.index_bytes(passages, dim, "float16")),
    ]
    codes = [code for code in (dim // 4, dim // 8) if code and dim % code == 0]
    kinds += [(f"PQ{code}", formulae.pq_bytes(passages, dim, code)) for code in codes]
    if codes:
        lists = formulae.ivf_lists(passages)
        kinds.append((f"IVF{lists},PQ{codes[0]}", formulae.ivf_pq_bytes(passages, dim, codes[0], lists)))
    kinds.append((f"HNSW{_HNSW_LINKS}", formulae.hnsw_bytes(passages, dim, _HNSW_LINKS)))
    found = [IndexKind(name, size, size) for name, size in kinds]
    if codes:
        # vectors and links stay on the disk, codes of all passages in memory
        found.append(IndexKind("DiskANN", formulae.disk_graph_bytes(passages, dim, _DISK_LINKS), passages * codes[-1]))
    return found
