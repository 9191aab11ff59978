"""What the stages write and hold, in bytes: each function says which code writes them.

Sizes that do not depend on the content of texts are exact, and tested against what the stages write. ``meta.json``, a
few kilobytes, is left out. Speeds are not computed here but measured (see ``measure``).
"""

import io
import math

import numpy as np

from xqg_pyserini.generate.query_row import QueryRow
from xqg_pyserini.index.components import record_type
from xqg_pyserini.storage.flat_file import FlatHeader
from xqg_pyserini.storage.text_frames import FRAME, tables
from xqg_pyserini.storage.texts_writer import FRAME_BYTES, FRAME_ROWS

#: Rows are stored as 32-bit numbers (``docid_rows``, ``docid_table``, ``components``), so no single index holds more.
MOST_ROWS = 2**32
# bytes of a file that Faiss writes that are neither codes nor centroids nor lists
_PQ_HEADERS, _IVF_PQ_HEADERS = 86, 180


def docid_digits(passages: int) -> int:
    """Digits of the numbers from 0 to ``passages - 1``, which are taken for the ids."""
    digits, begin = 0, 0
    for length in range(1, len(str(max(passages - 1, 0))) + 1):
        end = min(10**length, passages)
        digits, begin = digits + length * (end - begin), end
    return digits


def index_bytes(passages: int, dim: int, dtype: str) -> int:
    """The file ``index``: a flat Faiss index (``storage.flat_file``)."""
    return FlatHeader(dim, passages, dtype=dtype).file_size


def docid_bytes(passages: int) -> int:
    """The file ``docid``: a line for each id (``storage.index_writer.IndexWriter.add``)."""
    return docid_digits(passages) + passages


def texts_bytes(passages: int, packed: float, line: float) -> int:
    """The file ``texts.jsonl.zst``: frames of a few hundred passages, and tables (``storage.texts_writer``).

    Args:
        passages: number of passages.
        packed: bytes of a passage once its frame is compressed, on average.
        line: bytes of its JSON line, on average, which decide how many passages fill a frame.
    """
    # a frame ends with the line that reaches its size
    per_frame = min(FRAME_ROWS, max(1, math.ceil(FRAME_BYTES / line)))
    frames = -(-passages // per_frame)
    empty, one = (len(tables(np.zeros(number, FRAME))) for number in (0, 1))
    return round(passages * packed) + empty + frames * (one - empty)


def components_bytes(passages: int, dim: int, languages: int) -> int:
    """The file ``components.npy``: a record for each passage and language that has queries (``index.components``)."""
    record = record_type(dim)
    header = io.BytesIO()
    np.save(header, np.empty(0, record))
    return len(header.getvalue()) + passages * languages * record.itemsize


def store_bytes(passages: int, languages: int, queries_per_passage: float, query: float) -> int:
    """The file ``queries.jsonl`` of a store without measures: a row for each passage and language (``query_row``).

    Args:
        passages: number of passages.
        languages: number of languages, whose codes have two letters.
        queries_per_passage: queries of a passage, all languages together.
        query: bytes of a query in UTF-8, on average, of which none needs escapes.
    """
    row = len(QueryRow("", "xx", []).to_line())
    # each query stands in quotes; commas between those of a row
    texts = passages * (queries_per_passage * (query + 3) - languages)
    return round(passages * languages * row + languages * docid_digits(passages) + texts)


def checked_memory(passages: int) -> int:
    """Memory of checking the ids of a corpus before it is read (``data.corpus.Corpus.check``): eight bytes each."""
    return 8 * passages


def augment_memory(passages: int) -> int:
    """Memory of an augmentation that grows with the index: whether a passage has queries (``index.query_counts``), and
    twelve bytes for each row found in a table, where queries come in another order (``storage.docid_table``).
    """
    return (1 + 12) * passages


def search_memory(passages: int) -> int:
    """Memory of an opened index beside the mapped vectors: an offset of 8 bytes for 16 ids (``storage.docids``)."""
    return 8 * -(-passages // 16)


def pq_bytes(passages: int, dim: int, code: int) -> int:
    """A product-quantised index, ``PQ{code}``: codes, 256 centroids for each part, headers (Faiss, ``write_index``)."""
    return passages * code + 4 * 256 * dim + _PQ_HEADERS


def ivf_pq_bytes(passages: int, dim: int, code: int, lists: int) -> int:
    """``IVF{lists},PQ{code}``: with each code its row in 8 bytes; centroids of lists and parts (Faiss)."""
    return passages * (code + 8) + lists * (4 * dim + 8) + 4 * 256 * dim + _IVF_PQ_HEADERS


def hnsw_bytes(passages: int, dim: int, links: int) -> int:
    """``HNSW{links}``: vectors in 32 bits, and links, twice as many on the lowest level, one in ``links`` passages on
    each further level (Malkov and Yashunin, 2018); 12 bytes for where those of a passage begin and its level (Faiss).
    """
    upper = links / (links - 1)
    return round(passages * (4 * dim + 4 * (2 * links + upper) + 12))


def disk_graph_bytes(passages: int, dim: int, links: int) -> int:
    """DiskANN's file: vector, number of links and links of a passage, whole ones in sectors of 4 KB.

    Subramanya et al., "DiskANN: Fast Accurate Billion-point Nearest Neighbor Search on a Single Node", NeurIPS 2019.
    """
    node = 4 * dim + 4 + 4 * links
    sectors = -(-passages // (4096 // node)) if node <= 4096 else passages * -(-node // 4096)
    return 4096 * sectors


def ivf_lists(passages: int) -> int:
    """Lists of an inverted file, ``4 sqrt(n)`` (Faiss, "Guidelines to choose an index")."""
    return max(1, round(4 * math.sqrt(passages)))
