"""Human questions on English passages, in many languages, that the experiments of this folder use as generated ones."""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from xqg_pyserini.data import open_corpus, read_topics
from xqg_pyserini.encode import TextEncoder, encode_corpus
from xqg_pyserini.files import atomic_file
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.records import Passage

XQUAD = ("ar", "de", "es", "hi", "ru", "tr", "zh")
MLQA = ("ar", "de", "es", "hi", "vi", "zh")
AFRIQA = {"bem": "bem", "hau": "ha", "swa": "sw", "twi": "tw", "yor": "yo"}
MKQA = ("ar", "es", "fi", "ja", "km", "ko", "ms", "ru", "sv", "tr", "zh_cn")


class Question(NamedTuple):
    """A question about a passage; ``english`` is its translation, empty where there is none."""

    question_id: str
    doc_id: str
    language: str
    text: str
    english: str


class Material(NamedTuple):
    """A collection; without passages nothing can be searched."""

    name: str
    passages: list[Passage]
    questions: list[Question]


def order(text: str, seed: int = 0) -> str:
    """What puts items into an order that depends on nothing else."""
    return hashlib.sha256(f"{seed} {text}".encode()).hexdigest()


def read_xquad(data: Path) -> Material:
    """240 passages, and 1,190 questions in seven languages and English."""
    return _squad("xquad", {lang: data / "xquad" / f"xquad.{lang}.json" for lang in ("en", *XQUAD)})


def read_mlqa(data: Path) -> Material:
    """978 passages, and about 500 questions in each of six languages."""
    return _squad("mlqa", {lang: data / "mlqa" / f"mlqa-dev-r.{lang}.json.gz" for lang in ("en", *MLQA)})


def _squad(name: str, paths: dict[str, Path]) -> Material:
    english: dict[str, tuple[str, str]] = {}
    rows: dict[str, str] = {}
    for context, questions in _paragraphs(paths["en"]):
        row = rows.setdefault(context, str(len(rows)))
        english |= {question["id"]: (row, question["question"]) for question in questions}
    found = [
        Question(
            f"{question['id']}-{lang}",
            english[question["id"]][0],
            lang,
            question["question"],
            english[question["id"]][1],
        )
        for lang, path in paths.items()
        for _, questions in _paragraphs(path)
        for question in questions
        if lang != "en" and question["id"] in english
    ]
    return Material(name, [Passage(row, "", context) for context, row in rows.items()], found)


def _paragraphs(path: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for article in json.loads(raw)["data"]:
        for paragraph in article["paragraphs"]:
            yield paragraph["context"], paragraph["qas"]


def read_afriqa(data: Path) -> Material:
    """Questions in five African languages on their gold passages.

    The language filter's thresholds were chosen on the test splits, which are left out; Swahili has no other.
    """
    rows: dict[tuple[str, str], str] = {}
    found = []
    for folder, lang in AFRIQA.items():
        for path in sorted((data / "afriqa" / folder).glob("*.json")):
            if path.name.endswith("test.json") and lang != "sw":
                continue
            for line, row in read_jsonl(path):
                texts = row["context"], row["question_lang"]
                if not all(isinstance(text, str) and text.strip() for text in texts):
                    continue
                doc_id = rows.setdefault((row["title"] or "", row["context"]), str(len(rows)))
                english = row["question_translated"] if isinstance(row["question_translated"], str) else ""
                found.append(Question(f"{path.stem}-{line}", doc_id, lang, row["question_lang"], english))
    return Material("afriqa", [Passage(row, title, text) for (title, text), row in rows.items()], found)


def read_mkqa(data: Path) -> Material:
    """Questions without passages, in eleven languages; those from the 401st on, of which nothing was chosen."""
    texts = {
        lang: {
            row["id"].rsplit("_", 1)[0] if lang != "zh_cn" else row["id"].split("_")[0]: row["question"]
            for _, row in read_jsonl(data / "mkqa" / "mia_dev" / f"mkqa-{lang}.jsonl")
        }
        for lang in ("en", *MKQA)
    }
    found = [
        Question(f"{key}-{lang}", key, lang, text, texts["en"].get(key, ""))
        for lang in MKQA
        for key, text in list(texts[lang].items())[400:]
    ]
    return Material("mkqa", [], found)


def read_sample() -> Material:
    """The sample: 72 passages, a generated and a human question of each in seven languages."""
    questions = []
    for lang in ("ar", "bn", "fi", "ja", "ko", "ru", "te"):
        topics, english = read_topics(f"xqg-sample/{lang}"), read_topics("xqg-sample/en")
        passages = [passage.doc_id for passage in open_corpus("xqg-sample")]
        questions += [
            Question(f"{query.query_id}-{lang}", doc_id, lang, query.text, other.text)
            for query, other, doc_id in zip(topics, english, passages, strict=True)
        ]
    return Material("sample", list(open_corpus("xqg-sample")), questions)


def limited(material: Material, most: int) -> Material:
    """``most`` questions of each language or fewer, chosen by a hash, and their passages."""
    ordered = sorted(material.questions, key=lambda question: order(question.question_id))
    taken = Counter[str]()
    kept = []
    for question in ordered:
        taken[question.language] += 1
        if taken[question.language] <= most:
            kept.append(question)
    used = {question.doc_id for question in kept}
    passages = [passage for passage in material.passages if passage.doc_id in used]
    return Material(f"{material.name}-{most}", passages, kept)


class KeptVectors:
    """The embedded encoder with vectors of queries that are kept: no text is encoded twice.

    Args:
        folder: where they are kept.
        threads: CPU threads.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        self.encoder = TextEncoder("embedded", threads=threads)
        described = json.dumps(dict(self.encoder.describe()), sort_keys=True)
        self._path = folder / f"queries-{order(described)[:12]}.npz"
        self._known: dict[str, np.ndarray] = {}
        if self._path.is_file():
            with np.load(self._path, allow_pickle=False) as kept:
                self._known = dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))

    @property
    def batch_size(self) -> int:
        """That of the encoder."""
        return self.encoder.batch_size

    def describe(self) -> dict[str, Any]:
        """What the encoder records."""
        return dict(self.encoder.describe())

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """``(n, dim) float32``."""
        keys = [order(text)[:24] for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if missing:
            self._known |= zip(missing, self.encoder.encode_queries(list(missing.values())), strict=True)
            with atomic_file(self._path, "wb") as stream:
                np.savez(stream, keys=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))
        return np.stack([self._known[key] for key in keys])

    def index(self, material: Material, folder: Path) -> Path:
        """The base index of a collection, made where it is missing."""
        directory = folder / f"{material.name}-index"
        if not directory.is_dir():
            encode_corpus(material.passages, self.encoder, directory, material.name)
        return directory
