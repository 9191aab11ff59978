"""XQuAD, AfriQA and MKQA as the files that plans name: passages, questions, judgements, words for spelling correction.

    python runs/typo-robust/local_files.py DATA OUTPUT

Two collections, English passages and questions in other languages: XQuAD (240 passages) and AfriQA (gold passages of
the test splits of five languages). Of MKQA the questions of twelve languages, which get the same ids in all of them.
DATA holds ``xquad/xquad.LANG.json``, ``afriqa/LANG/gold_span_passages…`` and ``mkqa/mia_dev/mkqa-LANG.jsonl``.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xqg_pyserini.data import read_topics
from xqg_pyserini.experiment.collected import passage_row, write_queries, write_rows
from xqg_pyserini.files import atomic_file, read_json
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.records import Passage, Query

XQUAD = ("ar", "de", "en", "es", "hi", "ru", "tr", "zh")
MKQA = ("ar", "en", "es", "fi", "ja", "km", "ko", "ms", "ru", "sv", "tr", "zh_cn")
AFRIQA = ("bem", "hau", "swa", "twi", "yor")


@dataclass(frozen=True)
class Collection:
    """Passages, questions, the passage of each question, and texts whose words the spelling correction knows."""

    name: str
    passages: list[Passage]
    queries: list[Query]
    relevant: dict[str, str]
    known: tuple[Query, ...] = ()

    def write(self, folder: Path) -> None:
        """Write ``passages.jsonl``, ``LANG.jsonl`` and ``qrels.txt``, and ``lexicon.jsonl`` where words are known."""
        write_rows(folder / "passages.jsonl", map(passage_row, self.passages))
        for lang in dict.fromkeys(query.lang for query in self.queries):
            write_queries(folder / f"{lang}.jsonl", (query for query in self.queries if query.lang == lang))
        with atomic_file(folder / "qrels.txt") as stream:
            stream.writelines(f"{query_id} 0 {doc_id} 1\n" for query_id, doc_id in self.relevant.items())
        if self.known:
            write_queries(folder / "lexicon.jsonl", self.known)


def read_xquad(data: Path) -> Collection:
    """Questions in all languages on the 240 English passages; translations share an id."""
    english = [paragraph for article in _articles(data, "en") for paragraph in article["paragraphs"]]
    passages = [Passage(str(row), "", paragraph["context"]) for row, paragraph in enumerate(english)]
    relevant = {qa["id"]: str(row) for row, paragraph in enumerate(english) for qa in paragraph["qas"]}
    queries = [query for lang in XQUAD for query in _xquad_questions(data, lang)]
    return Collection("xquad", passages, queries, relevant)


def _xquad_questions(data: Path, lang: str) -> Iterator[Query]:
    for article in _articles(data, lang):
        for paragraph in article["paragraphs"]:
            yield from (Query(qa["id"], qa["question"], lang) for qa in paragraph["qas"])


def _articles(data: Path, lang: str) -> list[dict[str, Any]]:
    articles: list[dict[str, Any]] = read_json(data / "xquad" / f"xquad.{lang}.json")["data"]
    return articles


def read_afriqa(data: Path) -> Collection:
    """Questions of the test splits on all their gold passages.

    wordfreq has no lexicon of these languages: the words of the other splits' questions, about other things, are used.
    """
    numbers: dict[tuple[str, str], str] = {}
    queries, relevant = [], {}
    for lang in AFRIQA:
        for line, row in read_jsonl(_afriqa_file(data, lang, "test")):
            if row["context"] and row["question_lang"]:
                key = (row["title"] or "", row["context"])
                queries.append(Query(f"{lang}-{line}", row["question_lang"], lang))
                relevant[queries[-1].query_id] = numbers.setdefault(key, str(len(numbers)))
    passages = [Passage(number, title, text) for (title, text), number in numbers.items()]
    texts = [(lang, text) for lang in AFRIQA for text in _other_questions(data, lang)]
    known = (Query(str(number), text, lang) for number, (lang, text) in enumerate(texts) if text.strip())
    return Collection("afriqa", passages, queries, relevant, tuple(known))


def _other_questions(data: Path, lang: str) -> Iterator[str]:
    for path in (_afriqa_file(data, lang, split) for split in ("train", "dev")):
        if path.is_file():
            # some rows have NaN instead
            yield from (row["question_lang"] for _, row in read_jsonl(path) if isinstance(row["question_lang"], str))


def _afriqa_file(data: Path, lang: str, split: str) -> Path:
    return data / "afriqa" / lang / f"gold_span_passages.afriqa.{lang}.en.{split}.json"


def mkqa_questions(data: Path, lang: str) -> Iterator[Query]:
    """Questions whose ids, which end in their language, are cut to what translations share."""
    for query in read_topics(str(data / "mkqa" / "mia_dev" / f"mkqa-{lang}.jsonl"), lang):
        yield query._replace(query_id=query.query_id.removesuffix(f"_{lang}"))


def main(data: Path, output: Path) -> None:
    """Write all of them."""
    for collection in (read_xquad(data), read_afriqa(data)):
        collection.write(output / collection.name)
    for lang in MKQA:
        write_queries(output / "mkqa" / f"{lang}.jsonl", mkqa_questions(data, lang))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
