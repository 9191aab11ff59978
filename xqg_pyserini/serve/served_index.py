"""One state of an index directory, opened whole, and the watch for the next one."""

import asyncio
import logging
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import Executor
from itertools import accumulate
from pathlib import Path
from typing import Protocol

import numpy as np

from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.records import Passage
from xqg_pyserini.search.documents import IndexTexts
from xqg_pyserini.search.explain import ScoreSplitter
from xqg_pyserini.search.opened_index import OpenedIndex
from xqg_pyserini.search.ranking import Ranking
from xqg_pyserini.search.shards import find_shards
from xqg_pyserini.serve.micro_batches import MicroBatcher
from xqg_pyserini.serve.served_encoder import EncoderPool, ServedEncoder
from xqg_pyserini.storage.docid_table import open_docid_table
from xqg_pyserini.storage.index_directory import IndexLayout, read_meta

logger = logging.getLogger(__name__)

#: Times an index that is replaced while it is opened is opened again.
_TRIES = 3

Identity = tuple[tuple[int, int, int], ...]


class IndexState:
    """An index as it was at one moment. Its files are held open: it stays usable when the directory is replaced.

    Attributes:
        name: the name that requests use.
        identity: tells this state of the directory from the next one.
        opened: vectors and ids.
        encoder: the query encoder that the index records.
        encoders: all served encoders that fit it, by name.
        search: gathers searches into batches.

    Raises:
        XqgError: the directory holds no index that can be served.
    """

    def __init__(
        self,
        name: str,
        directory: Path,
        pool: EncoderPool,
        batcher: Callable[[Callable[..., list[Ranking]]], MicroBatcher[tuple[np.ndarray, int], Ranking]],
        threads: int | None = None,
    ) -> None:
        self.name, self.place = name, directory
        for _ in range(_TRIES):
            self.identity = identity_of(directory)
            self.opened = OpenedIndex(directory, threads)
            self._texts, self.split = IndexTexts(self.opened), ScoreSplitter(self.opened)
            self._tables = [open_docid_table(part) for part in self.opened.directories]
            self.languages = _languages_of(self.opened.directories)
            self.encoder = pool.of_index(self.opened.directories[0])
            fitting = pool.fitting(self.opened.directories[0])
            if identity_of(directory) == self.identity:
                break
        else:
            raise IndexFormatError(f"{directory} is being replaced again and again")
        self._starts = list(accumulate((len(table.rows) for table in self._tables), initial=0))
        self.encoders: dict[str, ServedEncoder] = {one.name: one for one in [self.encoder, *fitting]}
        self.search = batcher(self._search)

    @property
    def has_texts(self) -> bool:
        """Whether the texts of all passages are there."""
        return not self._texts.missing

    def newest_identity(self) -> Identity | None:
        """What tells the index that the directory holds now from others; None while it holds none."""
        return identity_of(self.place)

    def row_of(self, docid: str) -> int | None:
        """The row of a passage; None where the index does not hold it."""
        for start, table in zip(self._starts, self._tables, strict=False):
            row = int(table.look_up([docid])[0])
            if row >= 0 and self.opened.docids[start + row] == docid:
                return start + row
        return None

    def passages(self, rows: Sequence[int]) -> list[Passage | None]:
        """The passages of some rows; None where their texts are not in the index."""
        return list(map(self._texts.passage, rows))

    def _search(self, wanted: list[tuple[np.ndarray, int]]) -> list[Ranking]:
        return rank_together(self.opened.rank, wanted)


def rank_together(
    rank: Callable[[np.ndarray, int], Iterable[Ranking]], wanted: Sequence[tuple[np.ndarray, int]]
) -> list[Ranking]:
    """Rankings for query vectors ``(dim,)`` and numbers of hits, by one search."""
    deepest = max(hits for _, hits in wanted)
    rankings = rank(np.stack([vector for vector, _ in wanted]), deepest)
    return [
        Ranking(found.rows[:hits], found.docids[:hits], found.scores[:hits])
        for (_, hits), found in zip(wanted, rankings, strict=True)
    ]


class ServedState(Protocol):
    """What the watch needs of a served index; ``IndexState`` and ``CollectionState`` are such."""

    name: str

    @property
    def identity(self) -> Hashable:
        """Tells this state from the next one."""

    def newest_identity(self) -> Hashable:
        """The identity of what is there now; None while nothing is."""


class IndexWatch[State: ServedState]:
    """The served indexes, each in its newest state that could be opened.

    Args:
        reopen: opens what has taken the place of a state; takes a while and is called in ``executor``.
        executor: looks for new states and opens them.
        observe: called with the name of each index that was replaced.
    """

    def __init__(
        self,
        states: Sequence[State],
        reopen: Callable[[State], State],
        executor: Executor,
        observe: Callable[[str], None],
    ) -> None:
        self.states = {state.name: state for state in states}
        self._reopen, self._executor, self._observe = reopen, executor, observe
        self._warned: dict[str, Hashable] = {}

    async def run(self, seconds: float) -> None:
        """Look for new ones again and again; requests that have a state keep it to their end."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(seconds)
            for name, state in list(self.states.items()):
                newest = await loop.run_in_executor(self._executor, state.newest_identity)
                if newest not in (None, state.identity):
                    await self._take_up(name, state, newest)

    async def _take_up(self, name: str, state: State, newest: Hashable) -> None:
        loop = asyncio.get_running_loop()
        try:
            self.states[name] = await loop.run_in_executor(self._executor, self._reopen, state)
        except Exception as error:
            # whatever it is, it may be mended, and must not end the watch; files that are still copied come later
            self._warn(name, newest, error)
            return
        self._observe(name)
        logger.info("index %s was replaced: the new one is served", name)

    def _warn(self, name: str, identity: Hashable, error: Exception) -> None:
        """Log once for each replacement that it cannot be served."""
        if self._warned.get(name) != identity:
            self._warned[name] = identity
            logger.warning("index %s was replaced by one that cannot be served yet: %s", name, error)


def identity_of(directory: Path) -> Identity | None:
    """What tells an index, or those in a folder, from what replaces it; None while there is none."""
    try:
        return tuple(_identity_of(part) for part in find_shards([directory]))
    except OSError:
        return None


def _identity_of(directory: Path) -> tuple[int, int, int]:
    layout = IndexLayout(directory)
    # a plain Pyserini index has no meta.json
    status = (layout.meta if layout.meta.exists() else layout.index).stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _languages_of(directories: Sequence[Path]) -> list[str]:
    """Codes of the languages of the generated queries in the vectors."""
    metas = [read_meta(directory) for directory in directories]
    found = {code for meta in metas if meta for code in (meta.augmentation or {}).get("languages", ())}
    return sorted(found)
