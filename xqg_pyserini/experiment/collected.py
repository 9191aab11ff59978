"""A collection as an experiment keeps it: sampled, with ids that are unique over languages, in files of JSON lines."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from xqg_pyserini.data import open_corpus, read_qrels, read_topics
from xqg_pyserini.errors import InputError
from xqg_pyserini.experiment.plan import PASSAGES, TRANSLATIONS, CollectionPlan
from xqg_pyserini.files import atomic_file
from xqg_pyserini.languages import language
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.records import Passage, Query
from xqg_pyserini.trec import Qrels
from xqg_pyserini.trec import read_qrels as read_qrels_file

_SHOWN = 3


class Collected:
    """The files of a sampled collection.

    Args:
        folder: where they lie.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def queries(self) -> list[Query]:
        """The questions that are asked, language by language."""
        return read_queries(self.folder / "queries.jsonl")

    def unasked(self) -> list[Query]:
        """The judged questions that the sample left out, first by the hash of their ids."""
        return read_queries(self.folder / "unasked.jsonl")

    def passages(self) -> list[Passage]:
        """The passages."""
        return [Passage(row["id"], row["title"], row["text"]) for _, row in read_jsonl(self.folder / "passages.jsonl")]

    def qrels(self) -> Qrels:
        """The judgements of all questions, asked or not."""
        return read_qrels_file(self.folder / "qrels.txt")

    def translations(self) -> dict[str, str]:
        """Question id -> its English translation; empty where the collection has none."""
        return {row["id"]: row["text"] for _, row in read_jsonl(self.folder / "translations.jsonl")}

    def lexicon(self) -> Iterator[tuple[str, str]]:
        """``(language, text)`` whose words spelling correction knows."""
        return ((row["lang"], row["text"]) for _, row in read_jsonl(self.folder / "lexicon.jsonl"))


def read_queries(path: Path) -> list[Query]:
    """Queries that ``write_queries`` wrote; a file may be empty."""
    return [Query(row["id"], row["text"], row["lang"], tuple(row["answers"])) for _, row in read_jsonl(path)]


def write_queries(path: Path, queries: Iterable[Query]) -> None:
    """Write queries as JSON lines, which every command reads as topics."""
    rows = ({"id": q.query_id, "text": q.text, "lang": q.lang, "answers": q.answers} for q in queries)
    write_rows(path, rows)


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write objects as JSON lines."""
    with atomic_file(path) as stream:
        stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def collect(plan: CollectionPlan, folder: Path) -> None:
    """Read a collection from its sources and write the sample.

    Raises:
        InputError: a source cannot be read (each is named, with where a missing file belongs); a question has no
            translation; nothing is left.
    """
    by_language = _each_language(plan, lambda code: read_topics(plan.topics.format(language=code), code))
    qrels, translations = _relevant(plan, by_language)
    repeated = Counter(query.query_id for queries in by_language.values() for query in queries)
    asked: list[Query] = []
    unasked: list[Query] = []
    judgements: Qrels = {}
    translated: dict[str, str] = {}
    for code, queries in by_language.items():
        own = language(code).code
        judged = {query.query_id: query for query in queries if _is_judged(qrels[code], query)}
        ranked = sorted(judged, key=lambda query_id: sha256(query_id.encode()).digest())
        kept = set(ranked[: plan.questions])
        order = [*(query_id for query_id in judged if query_id in kept), *(one for one in ranked if one not in kept)]
        for query_id in order:
            unique = f"{query_id}-{own}" if repeated[query_id] > 1 else query_id
            query = judged[query_id]._replace(query_id=unique, lang=own)
            (asked if query_id in kept else unasked).append(query)
            judgements[unique] = qrels[code][query_id]
            if plan.translations and query_id in kept:
                translated[unique] = _translation(plan, translations, query_id, judgements[unique])
    if not asked:
        raise InputError(f"collection {plan.name!r}: no question has a relevant passage")
    write_queries(folder / "queries.jsonl", asked)
    write_queries(folder / "unasked.jsonl", unasked)
    write_rows(folder / "passages.jsonl", (passage_row(passage) for passage in _passages(plan, translations)))
    write_rows(folder / "translations.jsonl", ({"id": name, "text": text} for name, text in translated.items()))
    write_rows(folder / "lexicon.jsonl", ({"lang": q.lang, "text": q.text} for q in _lexicon(plan)))
    with atomic_file(folder / "qrels.txt") as stream:
        stream.writelines(
            f"{query_id} 0 {doc_id} {relevance}\n"
            for query_id, judged in judgements.items()
            for doc_id, relevance in judged.items()
        )


def passage_row(passage: Passage) -> dict[str, str]:
    """A passage as a row of a corpus."""
    return {"id": passage.doc_id, "title": passage.title, "text": passage.text}


def _each_language[T](plan: CollectionPlan, read: Callable[[str], T]) -> dict[str, T]:
    """What is read for every language; what is wrong with several of them is said at once."""
    found, problems = {}, []
    for code in plan.languages:
        try:
            found[code] = read(code)
        except InputError as error:
            problems.append(str(error))
    if problems:
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise InputError(f"collection {plan.name!r}: {'; '.join(problems[:_SHOWN])}{more}")
    return found


def _relevant(plan: CollectionPlan, by_language: dict[str, list[Query]]) -> tuple[dict[str, Qrels], dict[str, str]]:
    """The judgements of each language, and the translations: question or passage id -> English text."""
    translations = {}
    if plan.translations == PASSAGES:
        translations = {passage.doc_id: passage.text for passage in open_corpus(plan.corpus)}
    elif plan.translations:
        translations = {query.query_id: query.text for query in read_topics(plan.translations, "en")}
    if plan.corpus == (TRANSLATIONS,):
        own = {query_id: {query_id: 1} for query_id in translations}
        return dict.fromkeys(by_language, own), translations
    return _each_language(plan, lambda code: read_qrels(plan.qrels.format(language=code))), translations


def _is_judged(qrels: Qrels, query: Query) -> bool:
    return any(relevance > 0 for relevance in qrels.get(query.query_id, {}).values())


def _translation(plan: CollectionPlan, translations: dict[str, str], query_id: str, judged: dict[str, int]) -> str:
    relevant = [doc_id for doc_id, relevance in judged.items() if relevance > 0]
    key = relevant[0] if plan.translations == PASSAGES and len(relevant) == 1 else query_id
    if key not in translations:
        where = "several relevant passages" if len(relevant) > 1 else f"no counterpart in {plan.translations!r}"
        raise InputError(
            f"collection {plan.name!r}: question {query_id!r} has {where}, so its translation is not known"
        )
    return translations[key]


def _passages(plan: CollectionPlan, translations: dict[str, str]) -> Iterable[Passage]:
    if plan.corpus == (TRANSLATIONS,):
        return (Passage(query_id, "", text) for query_id, text in translations.items())
    sources = [one.format(language=code) for one in plan.corpus for code in plan.languages]
    corpus = open_corpus(list(dict.fromkeys(sources)))
    corpus.check()
    return corpus


def _lexicon(plan: CollectionPlan) -> Iterator[Query]:
    for source in plan.lexicon:
        for code in plan.languages if "{language}" in source else ("",):
            yield from read_topics(source.format(language=code), code or None)
