"""A Milvus collection that is served as an index is."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np

from xqg_pyserini.errors import XqgError
from xqg_pyserini.index.components import ScoreParts
from xqg_pyserini.index.milvus.milvus_place import MilvusPlace
from xqg_pyserini.records import Passage
from xqg_pyserini.search.milvus_collection import MilvusCollection
from xqg_pyserini.search.ranking import Ranking
from xqg_pyserini.serve.micro_batches import MicroBatcher
from xqg_pyserini.serve.problems import RequestError
from xqg_pyserini.serve.served_encoder import EncoderPool, ServedEncoder
from xqg_pyserini.serve.served_index import rank_together

#: Rows kept of passage ids that were asked for.
_ROWS_KEPT = 4096


class _NoParts:
    """A collection holds no components, so that its scores cannot be split."""

    directories: Sequence[Path] = ()

    def __call__(self, _row: int, _vector: np.ndarray) -> ScoreParts | None:
        """Nothing."""
        return None


class CollectionState:
    """What a collection records, and its searches; see ``IndexState``, whose attributes it has.

    Searches ask for the alias, which a push gives to another collection in one step: they never see a part of one.

    Raises:
        XqgError: the collection cannot be opened, or no encoder fits it.
    """

    def __init__(
        self,
        name: str,
        place: MilvusPlace,
        pool: EncoderPool,
        batcher: Callable[[Callable[..., list[Ranking]]], MicroBatcher[tuple[np.ndarray, int], Ranking]],
    ) -> None:
        self.name, self.place = name, place
        self.opened = MilvusCollection(place)
        self.identity = self.opened.collection
        self.has_texts, self.split = self.opened.has_texts, _NoParts()
        self.languages = sorted((self.opened.meta.augmentation or {}).get("languages", ()))
        self.encoder = pool.of_index(self.opened.record)
        fitting = pool.fitting(self.opened.record)
        self.encoders: dict[str, ServedEncoder] = {one.name: one for one in [self.encoder, *fitting]}
        self.search = batcher(self._search)
        self._row_of = lru_cache(_ROWS_KEPT)(self.opened.row_of)

    def newest_identity(self) -> str | None:
        """The collection that has the alias now; None where nothing has it, or no server answers."""
        try:
            return self.opened.newest()
        except XqgError:
            return None

    def row_of(self, docid: str) -> int | None:
        """The row of a passage; None where the collection does not hold it."""
        with self._asking():
            return self._row_of(docid)

    def passages(self, rows: Sequence[int]) -> list[Passage | None]:
        """The passages of some rows; None where no texts were pushed."""
        with self._asking():
            return self.opened.passages(rows)

    def _search(self, wanted: list[tuple[np.ndarray, int]]) -> list[Ranking]:
        with self._asking():
            return rank_together(self.opened.rank, wanted)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except XqgError as error:
            # the server's address is nobody else's business
            raise RequestError(
                503, f"the server that holds index {self.name!r} does not answer as it should"
            ) from error
