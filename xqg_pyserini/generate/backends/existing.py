"""Queries that exist, each given to the passage that it finds first: for those who have questions but no generator."""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import batched
from pathlib import Path
from typing import Any, NamedTuple, override

from xqg_pyserini.data.topics import read_topics
from xqg_pyserini.encode.index_encoder import EncoderChoice, load_query_encoder
from xqg_pyserini.errors import InputError
from xqg_pyserini.generate.backends.base import (
    GENERATION_BACKENDS,
    BackendKind,
    Completion,
    Decoding,
    GenerationBackend,
    Task,
    Written,
)
from xqg_pyserini.generate.store import Completions
from xqg_pyserini.languages import language
from xqg_pyserini.records import Query
from xqg_pyserini.search.opened_index import OpenedIndex
from xqg_pyserini.storage.index_directory import read_meta
from xqg_pyserini.storage.jobs import input_state

#: Queries encoded and searched together.
_CHUNK = 4096


@dataclass(frozen=True)
class ExistingOptions:
    """Queries and where they are looked for.

    Args:
        sources: topics with their languages: files or ir_datasets ids.
        index: the base index of the corpus.
        margin: least lead in score of the first passage over the second; a query with less is given to none.
        device: a torch device.
        threads: CPU threads; None leaves the libraries' own choice.
    """

    sources: tuple[str, ...]
    index: Path
    margin: float = 0.0
    device: str = "cpu"
    threads: int | None = None


class Match(NamedTuple):
    """A query that a passage answers, as far as the index can tell."""

    query: str
    score: float
    lead: float


class ExistingBackend(GenerationBackend):
    """Queries that exist, matched to passages by one round trip through the base index.

    A query goes to the passage that ranks first for it, if its score leads the next by the margin; of a passage's
    queries in a language those with the largest lead are taken, as many as are wanted. In memory are the queries, not
    the corpus.

    Raises:
        InputError: a query whose language is not recorded.
    """

    asks = False

    def __init__(self, options: ExistingOptions, decoding: Decoding) -> None:
        self.options, self.decoding = options, decoding
        self.queries = [_with_code(query) for query in read_topics(options.sources)]

    @override
    def languages(self) -> tuple[str, ...] | None:
        return tuple(sorted({query.lang for query in self.queries}))

    @override
    def describe(self) -> dict[str, Any]:
        lines = "".join(f"{query.lang}\t{query.text}\n" for query in self.queries)
        digest = blake2b(lines.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        meta = read_meta(self.options.index)
        index = meta.files if meta else input_state(self.options.index)
        where = {"index": index, "margin": self.options.margin}
        return {"queries": f"{len(self.queries)} queries, {digest}", **where}

    @cached_property
    def matches(self) -> dict[tuple[str, str], list[Match]]:
        """Docid and language -> the queries that found the passage, the largest lead first."""
        choice = EncoderChoice(device=self.options.device, threads=self.options.threads)
        encoder = load_query_encoder(self.options.index, choice)
        index = OpenedIndex(self.options.index, self.options.threads)
        found: dict[tuple[str, str], list[Match]] = {}
        for chunk in batched(self.queries, _CHUNK):
            for query, hits in zip(chunk, index.search(encoder.encode(chunk), 2), strict=True):
                lead = hits[0].score - hits[1].score if len(hits) > 1 else hits[0].score
                if lead >= self.options.margin:
                    key = hits[0].doc_id, query.lang
                    found.setdefault(key, []).append(Match(query.text, hits[0].score, lead))
        return {key: _best(matches, self.decoding.queries) for key, matches in found.items()}

    @override
    def generate(self, tasks: Iterable[Task], kept: Completions | None = None) -> Generator[Written]:
        for task in tasks:
            found = self.matches.get((task.passage.doc_id, task.language), [])
            measures = {"match_score": [m.score for m in found], "match_lead": [m.lead for m in found]}
            yield Written(task, [Completion(match.query) for match in found], measures if found else {})


def _with_code(query: Query) -> Query:
    if not query.lang:
        raise InputError(f"query {query.query_id!r}: its language is not recorded, and is needed here")
    return query._replace(lang=language(query.lang).code)


def _best(matches: Sequence[Match], number: int) -> list[Match]:
    """The queries with the largest lead, each text once."""
    distinct = {match.query: match for match in reversed(matches)}
    return sorted(distinct.values(), key=lambda match: (-match.lead, match.query))[:number]


GENERATION_BACKENDS.register("existing")(BackendKind(ExistingOptions, ExistingBackend))
