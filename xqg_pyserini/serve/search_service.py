"""What the server does, whatever the protocol: REST, Pyserini's routes and MCP call these functions."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from xqg_pyserini.encode.index_encoder import IndexRecord
from xqg_pyserini.errors import MissingExtraError, XqgError
from xqg_pyserini.index.components import ScoreParts
from xqg_pyserini.index.milvus.milvus_place import MilvusPlace
from xqg_pyserini.languages import LANGUAGES, language
from xqg_pyserini.records import Hit, Passage
from xqg_pyserini.registry import unknown_name
from xqg_pyserini.rewrite.lexicon import Lexicon
from xqg_pyserini.search.index_place import IndexPlace
from xqg_pyserini.search.milvus_collection import MilvusCollection
from xqg_pyserini.search.opened_index import use_blas_for_small_batches
from xqg_pyserini.search.ranking import Ranking
from xqg_pyserini.search.text_window import passage_window
from xqg_pyserini.serve.micro_batches import MicroBatcher
from xqg_pyserini.serve.problems import RequestError
from xqg_pyserini.serve.schemas import FoundHit, Part, QueryResult, Window
from xqg_pyserini.serve.served_collection import CollectionState
from xqg_pyserini.serve.served_encoder import EncoderPool, ServedEncoder
from xqg_pyserini.serve.served_index import IndexState, IndexWatch
from xqg_pyserini.serve.server_metrics import ServerMetrics
from xqg_pyserini.serve.server_settings import ServerSettings

logger = logging.getLogger(__name__)

#: Characters of a text that are shown for a query.
_WINDOW = 300
#: Places of a score, as Pyserini's server rounds it: what other queries of a batch change are digits behind them.
SCORE_PLACES = 6
#: Hits of each index that are fused, where fewer are wanted.
_FUSED_DEPTH = 100
#: The constant of reciprocal rank fusion.
_RRF_K = 60
#: Threads that read texts and misspell while the one of the encoder works.
_READERS = 2
#: Corrected queries kept: a page asks for the same ones while a person types.
_CORRECTIONS_KEPT = 1024


#: A served index: a directory, or a collection of Milvus.
Served = IndexState | CollectionState


@dataclass(frozen=True)
class Search:
    """One way to search: see ``SearchRequest``."""

    index: str
    encoder: str | None = None
    hits: int = 10
    correct: bool = False
    explain: bool = False
    language: str | None = None
    fuse: Sequence[str] = ()


class SearchService:
    """Served indexes and encoders, and what can be asked of them.

    Args:
        settings: what is served.

    Raises:
        XqgError: an index or an encoder cannot be opened.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self.settings, self.metrics = settings, ServerMetrics()
        use_blas_for_small_batches()
        # one batch at a time: two would share the same processors
        self._compute = ThreadPoolExecutor(1, "compute")
        self._readers = ThreadPoolExecutor(_READERS, "read")
        self._pool = EncoderPool(settings)
        self._encoding: dict[str, MicroBatcher[Sequence[str], np.ndarray]] = {}
        self._pool.load_named([_recorded(place) for _, place in settings.indexes])
        states = [self._open(name, place) for name, place in settings.indexes]
        self.watch = IndexWatch(states, self._reopen, self._readers, self.metrics.count_replacement)
        self._lexicon = Lexicon()
        self._variants = lru_cache(_CORRECTIONS_KEPT)(self._find_variants)

    def close(self) -> None:
        """End the threads when what they run is done."""
        self._compute.shutdown()
        self._readers.shutdown()

    def state(self, name: str) -> Served:
        """The newest state of a served index; raises RequestError (404) for an unknown name."""
        if name not in self.watch.states:
            raise RequestError(404, str(unknown_name("index", name, list(self.watch.states))))
        return self.watch.states[name]

    async def search(self, texts: Sequence[str], search: Search) -> tuple[str, list[QueryResult]]:
        """Search for queries; returns the name of the encoder and a result for each query.

        Raises:
            RequestError: an unknown name, or an encoder that does not fit the index.
            OverloadedError: too many queries wait.
        """
        states = [self.state(name) for name in dict.fromkeys([search.index, *search.fuse])]
        encoders = [self._encoder(state, search.encoder) for state in states]
        groups = await self._groups(texts, search)
        depth = search.hits if len(states) == 1 else max(search.hits, _FUSED_DEPTH)
        found = await asyncio.gather(
            *(self._rank(state, encoder, groups, depth) for state, encoder in zip(states, encoders, strict=True))
        )
        if self.settings.log_queries:
            logger.info("queries in %s: %s", search.index, list(texts))
        if len(states) > 1:
            results = await self._read(self._fused, texts, states, [rankings for _, rankings in found], search.hits)
        else:
            vectors, rankings = found[0]
            results = await self._read(self._details, texts, states[0], vectors, rankings, search.explain)
        corrected = [group[1] if len(group) > 1 else None for group in groups]
        return encoders[0].name, [
            QueryResult(query=text, corrected=better, hits=hits)
            for text, better, hits in zip(texts, corrected, results, strict=True)
        ]

    async def explain(self, query: str, index: str, docid: str, encoder: str | None = None) -> ScoreParts:
        """The parts of the score of a query and a passage.

        Raises:
            RequestError: an unknown name or passage (404), or an index that keeps no components (422).
        """
        state = self.state(index)
        row = await self._row(state, docid)
        if not state.split.directories:
            raise RequestError(422, f"index {index!r} keeps no components, so that its scores cannot be split")
        vectors = await self._encode(self._encoder(state, encoder), [[query]])
        parts = await self._read(state.split, row, vectors[0])
        if parts is None:
            raise RequestError(422, f"passage {docid!r} is in a part of index {index!r} that keeps no components")
        return parts

    async def document(self, index: str, docid: str) -> Passage:
        """A passage of an index.

        Raises:
            RequestError: an unknown name or passage, or an index without texts (404).
        """
        state = self.state(index)
        (passage,) = await self._read(state.passages, [await self._row(state, docid)])
        if passage is None:
            raise RequestError(404, f"index {index!r} holds no texts, only passage ids")
        return passage

    async def in_reader[Result](self, work: Callable[..., Result], *arguments: object) -> Result:
        """Run something short, such as misspelling, beside the event loop."""
        return await self._read(work, *arguments)

    def encoder_names(self) -> list[str]:
        """The served query encoders, those of the indexes first."""
        own = [state.encoder.name for state in self.watch.states.values()]
        return list(dict.fromkeys([*own, *self._pool.by_name]))

    def _open(self, name: str, place: IndexPlace) -> Served:
        if isinstance(place, MilvusPlace):
            # another machine computes: meanwhile this one encodes
            return CollectionState(name, place, self._pool, partial(self._batcher_of_index, self._readers))
        batcher = partial(self._batcher_of_index, self._compute)
        return IndexState(name, place, self._pool, batcher, self.settings.threads)

    def _reopen(self, state: Served) -> Served:
        return self._open(state.name, state.place)

    def _batcher_of_index(
        self, executor: Executor, run: Callable[..., list[Ranking]]
    ) -> MicroBatcher[tuple[np.ndarray, int], Ranking]:
        # the vectors of a batch arrive at once, so that there is nothing to wait for
        return MicroBatcher(run, executor, waiting=self.settings.queued_queries)

    def _encoder(self, state: Served, name: str | None) -> ServedEncoder:
        if name is None:
            return state.encoder
        if name not in state.encoders:
            known = f"its encoders are {', '.join(state.encoders)}"
            raise RequestError(422, f"encoder {name!r} does not fit index {state.name!r} or is not served: {known}")
        return state.encoders[name]

    async def _encode(self, encoder: ServedEncoder, groups: Sequence[Sequence[str]]) -> list[np.ndarray]:
        if encoder.name not in self._encoding:
            self._encoding[encoder.name] = MicroBatcher(
                encoder.encode,
                self._compute,
                self.settings.window_ms / 1000,
                waiting=self.settings.queued_queries,
                observe=self.metrics.observe_batch,
            )
        return await self._encoding[encoder.name].submit(groups)

    async def _rank(
        self, state: Served, encoder: ServedEncoder, groups: Sequence[Sequence[str]], hits: int
    ) -> tuple[list[np.ndarray], list[Ranking]]:
        vectors = await self._encode(encoder, groups)
        return vectors, await state.search.submit([(vector, hits) for vector in vectors])

    async def _groups(self, texts: Sequence[str], search: Search) -> list[list[str]]:
        """Each query, with its corrected version if that is wanted and differs."""
        if not search.correct:
            return [[text] for text in texts]
        if not search.language:
            raise RequestError(422, "spelling correction needs the language of the query")
        try:
            return [await self._read(self._variants, search.language, text) for text in texts]
        except MissingExtraError as error:
            raise RequestError(501, str(error)) from None
        except XqgError as error:
            raise RequestError(422, str(error)) from None

    def _find_variants(self, code: str, text: str) -> list[str]:
        corrector = self._lexicon.corrector(code)
        return corrector.variants(text, 1) if corrector else [text]

    async def _row(self, state: Served, docid: str) -> int:
        row = await self._read(state.row_of, docid)
        if row is None:
            raise RequestError(404, f"index {state.name!r} holds no passage of this id")
        return row

    async def _read[Result](self, work: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._readers, partial(work, *arguments))

    def _details(
        self,
        texts: Sequence[str],
        state: Served,
        vectors: Sequence[np.ndarray],
        rankings: Sequence[Ranking],
        explain: bool,
    ) -> list[list[FoundHit]]:
        """The hits of each query with their texts, and with the parts of their scores if ``explain``."""
        # all at once: a collection is on another machine
        passages = iter(state.passages([row for ranking in rankings for row in ranking.rows]))
        return [
            [
                found_hit(text, Hit(docid, score), rank, next(passages), state.split(row, vector) if explain else None)
                for rank, (row, docid, score) in enumerate(zip(*ranking, strict=True), start=1)
            ]
            for text, vector, ranking in zip(texts, vectors, rankings, strict=True)
        ]

    def _fused(
        self, texts: Sequence[str], states: Sequence[Served], found: Sequence[Sequence[Ranking]], hits: int
    ) -> list[list[FoundHit]]:
        """The hits of several indexes merged; the text of a passage is that of the first index that found it."""
        results = []
        for text, rankings in zip(texts, zip(*found, strict=True), strict=True):
            rows: dict[str, tuple[Served, int]] = {}
            for state, ranking in zip(states, rankings, strict=True):
                for docid, row in zip(ranking.docids, ranking.rows, strict=True):
                    rows.setdefault(docid, (state, row))
            fused = _reciprocal_ranks([ranking.docids for ranking in rankings])[:hits]
            passages = _texts_of({hit.doc_id: rows[hit.doc_id] for hit in fused})
            results.append(
                [found_hit(text, hit, rank, passages[hit.doc_id], None) for rank, hit in enumerate(fused, start=1)]
            )
        return results


def _recorded(place: IndexPlace) -> Path | IndexRecord:
    """What loading an encoder needs of an index."""
    return MilvusCollection(place).record if isinstance(place, MilvusPlace) else place


def _texts_of(places: Mapping[str, tuple[Served, int]]) -> dict[str, Passage | None]:
    """The passages of ids by where they are; each index is asked once."""
    found: dict[str, Passage | None] = {}
    for state in {id(state): state for state, _ in places.values()}.values():
        own = {docid: row for docid, (holder, row) in places.items() if holder is state}
        found.update(zip(own, state.passages(list(own.values())), strict=True))
    return found


def _reciprocal_ranks(rankings: Sequence[Sequence[str]]) -> list[Hit]:
    """Passage ids merged by reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009), as ``fuse_runs`` does.

    ranx would keep the first request of each worker waiting while it compiles.
    """
    scores: dict[str, float] = {}
    for docids in rankings:
        for rank, docid in enumerate(docids, start=1):
            scores[docid] = scores.get(docid, 0.0) + 1 / (_RRF_K + rank)
    return sorted((Hit(docid, score) for docid, score in scores.items()), key=lambda hit: (-hit.score, hit.doc_id))


def found_hit(query: str, hit: Hit, rank: int, passage: Passage | None, parts: ScoreParts | None) -> FoundHit:
    """A hit as clients get it."""
    if passage and passage.doc_id != hit.doc_id:
        # the collection was replaced between the question for hits and that for texts
        passage = None
    return FoundHit(
        docid=hit.doc_id,
        rank=rank,
        score=round(hit.score, SCORE_PLACES),
        title=passage.title if passage else None,
        text=passage.text if passage else None,
        window=_window(passage.text, query) if passage else None,
        parts=named_parts(parts) if parts else None,
    )


def named_parts(parts: ScoreParts) -> list[Part]:
    """The part of the passage, then those of the languages, the largest first."""
    known = {own.code for own in LANGUAGES}
    names = {code: language(code).name if code in known else code for code in parts.languages}
    rows = sorted(parts.languages.items(), key=lambda item: -item[1])
    return [
        Part(language=None, name="passage", share=parts.passage),
        *(Part(language=code, name=names[code], share=share) for code, share in rows),
    ]


def _window(text: str, query: str) -> Window | None:
    whole = " ".join(text.split())
    if len(whole) <= _WINDOW:
        return None
    shown = passage_window(text, query, _WINDOW)
    start = whole.find(shown.removeprefix("…").removesuffix("…"))
    return Window(text=shown, start=start, end=start + len(shown.strip("…")))


async def timed[Result](work: Awaitable[Result]) -> tuple[float, Result]:
    """Milliseconds that some work took, and its result."""
    start = time.perf_counter()
    result = await work
    return round(1000 * (time.perf_counter() - start), 2), result
