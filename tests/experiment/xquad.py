"""XQuAD as corpus, topics, judgements and generated queries, read from the files beside the checkout."""

import json
from functools import cache

from tests.shared_data import shared_data
from xqg_pyserini.records import GeneratedQuery, Passage, Query
from xqg_pyserini.trec import Qrels


@cache
def paragraphs(lang: str) -> list[dict]:
    """The 240 paragraphs of a language, in the order that all languages share."""
    raw = json.loads(shared_data(f"xquad/xquad.{lang}.json").read_text(encoding="utf-8"))
    return [paragraph for article in raw["data"] for paragraph in article["paragraphs"]]


def passages() -> list[Passage]:
    """The English passages; ids are ``p0`` to ``p239``."""
    return [Passage(f"p{i}", "", paragraph["context"]) for i, paragraph in enumerate(paragraphs("en"))]


def questions(lang: str) -> tuple[list[Query], Qrels]:
    """The 1,190 questions of a language, and the passage of each."""
    queries, qrels = [], {}
    for i, paragraph in enumerate(paragraphs(lang)):
        for question in paragraph["qas"]:
            query_id = f"{question['id']}-{lang}"
            queries.append(Query(query_id, question["question"].strip(), lang))
            qrels[query_id] = {f"p{i}": 1}
    return queries, qrels


def split(lang: str) -> tuple[list[GeneratedQuery], list[Query]]:
    """Every other question of each passage as a generated query, the others as test queries."""
    generated, test = [], []
    for i, paragraph in enumerate(paragraphs(lang)):
        for number, question in enumerate(paragraph["qas"]):
            text = question["question"].strip()
            if number % 2:
                test.append(Query(f"{question['id']}-{lang}", text, lang))
            else:
                generated.append(GeneratedQuery(f"p{i}", lang, text))
    return generated, test
