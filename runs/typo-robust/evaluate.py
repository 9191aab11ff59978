"""Measures query encoders on misspelled queries of languages and passages that the adapter has not seen.

    python runs/typo-robust/evaluate.py DATA --output runs/typo-robust/results [--systems embedded,embedded+typo]

Two collections, English passages and questions in other languages: XQuAD (240 passages) and AfriQA (gold passages of
the test splits). Each system searches the same index of the base encoder, by itself and averaged with a corrected
version of each query (``xqg search --corrections 1``; on an xQG index with the words of its queries, too). MRR@10 of
clean queries, and of queries with 1 and 3 typos of each typo preset, averaged over typo seeds per query before anything
else (the presets other than ``natural`` with one seed unless --all-seeds is given). Vectors are kept: a killed run is
resumed, and more questions or seeds cost only themselves.
"""

import argparse
import hashlib
import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import batched
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from xqg_pyserini.encode import EncoderSettings, TextEncoder
from xqg_pyserini.evaluate import Evaluation, compare_runs
from xqg_pyserini.files import atomic_file, read_json, write_json
from xqg_pyserini.index import RULES
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.records import Passage, Query
from xqg_pyserini.rewrite import CorrectedQueryEncoder, Lexicon
from xqg_pyserini.typo import misspell_queries

logger = logging.getLogger("evaluate")

BASE = "embedded"
_CHUNK = 512
Encode = Callable[[Sequence[Query]], np.ndarray]
SEEDS = (11, 12, 13)
XQUAD = ("ar", "de", "en", "es", "hi", "ru", "tr", "zh")
AFRIQA = ("bem", "hau", "swa", "twi", "yor")


class Condition(NamedTuple):
    """How queries are misspelled."""

    typo_preset: str
    typos: int

    def __str__(self) -> str:
        return f"{self.typo_preset} {self.typos}" if self.typos else "clean"

    def misspell(self, queries: Sequence[Query], typo_seed: int) -> list[Query]:
        """The queries with the condition's typos; clean ones unchanged."""
        if not self.typos:
            return list(queries)
        return misspell_queries(queries, self.typos, typo_seed, self.typo_preset, any_language=True)


CLEAN = Condition("", 0)
CONDITIONS = (
    CLEAN,
    *(Condition(preset, typos) for preset in ("natural", "keyboard", "textattack") for typos in (1, 3)),
)


@dataclass(frozen=True)
class Collection:
    """Passages, questions, the row of each question's passage, and texts whose words the spelling correction knows."""

    name: str
    passages: list[Passage]
    queries: list[Query]
    rows: np.ndarray
    known: tuple[tuple[str, str], ...] = ()


def read_xquad(data: Path, most: int) -> Collection:
    """Questions in all languages on the 240 English passages; the same questions in each language."""
    english = [paragraph for article in _articles(data, "en") for paragraph in article["paragraphs"]]
    passages = [Passage(str(row), "", paragraph["context"]) for row, paragraph in enumerate(english)]
    row_of = {qa["id"]: row for row, paragraph in enumerate(english) for qa in paragraph["qas"]}
    kept = set(sorted(row_of, key=_hash)[:most])
    asked = [query for query in xquad_questions(data) if query.query_id in kept]
    rows = np.array([row_of[query.query_id] for query in asked])
    queries = [query._replace(query_id=f"{query.query_id}-{query.lang}") for query in asked]
    return Collection("xquad", passages, queries, rows)


def xquad_questions(data: Path) -> Iterator[Query]:
    """All questions, language by language; translations share an id."""
    for lang in XQUAD:
        for article in _articles(data, lang):
            for paragraph in article["paragraphs"]:
                for qa in paragraph["qas"]:
                    yield Query(qa["id"], qa["question"], lang)


def _articles(data: Path, lang: str) -> list[dict[str, Any]]:
    articles: list[dict[str, Any]] = read_json(data / "xquad" / f"xquad.{lang}.json")["data"]
    return articles


def read_afriqa(data: Path, most: int) -> Collection:
    """Questions of the test splits on all their gold passages.

    wordfreq has no lexicon of these languages: the words of the other splits' questions, about other things, are used.
    """
    numbers: dict[tuple[str, str], int] = {}
    queries: list[tuple[Query, int]] = []
    for lang in AFRIQA:
        path = data / "afriqa" / lang / f"gold_span_passages.afriqa.{lang}.en.test.json"
        found = []
        for line, row in read_jsonl(path):
            if row["context"] and row["question_lang"]:
                key = (row["title"] or "", row["context"])
                number = numbers.setdefault(key, len(numbers))
                found.append((Query(f"{lang}-{line}", row["question_lang"], lang), number))
        queries += sorted(found, key=lambda pair: _hash(pair[0].query_id))[:most]
    passages = [Passage(str(number), title, text) for (title, text), number in numbers.items()]
    other = [(lang, text) for lang in AFRIQA for text in _other_questions(data, lang)]
    return Collection("afriqa", passages, [q for q, _ in queries], np.array([row for _, row in queries]), tuple(other))


def _other_questions(data: Path, lang: str) -> Iterator[str]:
    for split in ("train", "dev"):
        path = data / "afriqa" / lang / f"gold_span_passages.afriqa.{lang}.en.{split}.json"
        if path.is_file():
            # some rows have NaN instead
            yield from (row["question_lang"] for _, row in read_jsonl(path) if isinstance(row["question_lang"], str))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class KeptVectors:
    """An encoder that remembers: no text is encoded twice, in this run or a later one.

    Args:
        folder: where vectors are kept, one file per system.
        system: name of the encoder.
        runtime: ``threads`` and ``backend`` of ``TextEncoder``.
    """

    def __init__(self, folder: Path, system: str, runtime: dict[str, Any]) -> None:
        self.system, self.runtime = system, runtime
        # a name may be a path; a trained encoder under an old name must not bring old vectors back
        self._path = folder / f"{_hash(system)[:16]}.npz"
        self._known: dict[str, np.ndarray] = {}
        if self._path.is_file():
            with np.load(self._path, allow_pickle=False) as kept:
                if str(kept["fingerprint"]) == self.fingerprint:
                    self._known = dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))

    @cached_property
    def encoder(self) -> TextEncoder:
        """The encoder itself."""
        return TextEncoder(self.system, **self.runtime)

    @property
    def settings(self) -> EncoderSettings:
        """Those of the encoder."""
        return self.encoder.settings

    @property
    def fingerprint(self) -> str:
        """Of everything that the vectors depend on."""
        return json.dumps(self.encoder.describe(), sort_keys=True)

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """``(texts, dim)``."""
        return self._vectors([f"q {_hash(text)[:24]}" for text in texts], texts, self.encoder.encode_queries)

    def encode_passages(self, passages: Sequence[Passage]) -> np.ndarray:
        """``(passages, dim)``."""
        keys = [f"p {_hash(self.encoder.passage_text(passage))[:24]}" for passage in passages]
        return self._vectors(keys, passages, self.encoder.encode_passages)

    def _vectors(self, keys: Sequence[str], items: Sequence[Any], encode: Callable[[Any], np.ndarray]) -> np.ndarray:
        missing = {key: item for key, item in zip(keys, items, strict=True) if key not in self._known}
        for chunk in batched(sorted(missing.items(), key=lambda pair: len(str(pair[1]))), _CHUNK):
            self._known |= zip([key for key, _ in chunk], encode([item for _, item in chunk]), strict=True)
            self._keep()
        return np.stack([self._known[key] for key in keys])

    def _keep(self) -> None:
        with atomic_file(self._path, "wb") as stream:
            known = np.array(list(self._known)), np.stack(list(self._known.values()))
            np.savez(stream, keys=known[0], vectors=known[1], fingerprint=self.fingerprint)


def reciprocal_ranks(queries: np.ndarray, passages: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """``(queries,)``: 1 / rank of each query's passage, 0 below rank 10; a tie counts against the query."""
    scores = queries @ passages.T
    ranks = (scores >= scores[np.arange(len(rows)), rows][:, None]).sum(axis=1)
    return np.where(ranks <= 10, 1 / ranks, 0.0)


def encoders(
    systems: Sequence[str], folder: Path, runtime: dict[str, Any], lexicon: Lexicon
) -> Iterator[tuple[str, Encode]]:
    """Each system by itself, and averaged with one corrected version of each query, by the lexicon of its language."""
    for system in systems:
        vectors = KeptVectors(folder, system, runtime)
        yield system, lambda queries, kept=vectors: kept.encode_queries([query.text for query in queries])
        yield f"{system}, corrected", CorrectedQueryEncoder(vectors, lexicon.corrector).encode


def measure(
    collection: Collection, passages: np.ndarray, encode: Encode, all_seeds: bool
) -> Iterator[tuple[Condition, np.ndarray]]:
    """Yield for each condition the reciprocal ranks, ``(queries,)``, averaged over the typo seeds."""
    for condition in CONDITIONS:
        several = condition.typo_preset == "natural" or (all_seeds and condition.typos)
        ranks = [
            reciprocal_ranks(encode(condition.misspell(collection.queries, seed)), passages, collection.rows)
            for seed in (SEEDS if several else SEEDS[:1])
        ]
        yield condition, np.mean(ranks, axis=0)
        logger.info("%s %s: %.1f", collection.name, condition, 100 * np.mean(ranks))


def unasked(data: Path, asked: set[str]) -> tuple[list[Query], np.ndarray]:
    """One question for each of XQuAD's passages, in all languages, that is not asked, and the rows of the passages.

    They are used instead of generated queries.
    """
    english = [paragraph for article in _articles(data, "en") for paragraph in article["paragraphs"]]
    row_of = {qa["id"]: row for row, paragraph in enumerate(english) for qa in paragraph["qas"]}
    chosen: dict[int, str] = {}
    for question in sorted(set(row_of) - asked, key=_hash):
        chosen.setdefault(row_of[question], question)
    queries = [query for query in xquad_questions(data) if chosen.get(row_of[query.query_id]) == query.query_id]
    return queries, np.array([row_of[query.query_id] for query in queries])


def augmented(passages: np.ndarray, queries: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """Passages mixed with the vectors of the queries that they own, by the default rule of xQG."""
    sums = np.zeros_like(passages)
    np.add.at(sums, owners, queries)
    weights = np.bincount(owners, minlength=len(passages)).astype(np.float32)
    rule = RULES.get("mean-norm")
    return rule.mix(passages, sums, weights, rule.default_alpha).apply(passages, sums)


Table = dict[str, dict[Condition, np.ndarray]]


def evaluation_of(collection: Collection, table: Table, condition: Condition) -> Evaluation:
    """The scores of all systems under one condition as an ``Evaluation``, for the paired tests."""
    return Evaluation(
        query_ids=tuple(query.query_id for query in collection.queries),
        languages=tuple(query.lang for query in collection.queries),
        scores={system: {"mrr@10": values[condition]} for system, values in table.items()},
        coverage={},
    )


def figures_of(collection: Collection, table: Table) -> dict[str, object]:
    """Means, drops, differences and p-values, over all queries and per language."""
    langs = np.array([query.lang for query in collection.queries])
    rows: list[dict[str, object]] = []
    for condition in CONDITIONS:
        evaluation = evaluation_of(collection, table, condition)
        tests = compare_runs(evaluation, BASE) if BASE in table and len(table) > 1 else {}
        for system, values in table.items():
            test = tests.get((system, "mrr@10"))
            clean = values[CLEAN]
            rows.append(
                {
                    "condition": str(condition),
                    "system": system,
                    "mrr@10": round(100 * float(values[condition].mean()), 2),
                    "drop": round(100 * float((clean - values[condition]).mean()), 2),
                    "p": None if test is None else test.p_adjusted,
                    "languages": {
                        lang: round(100 * float(values[condition][langs == lang].mean()), 2)
                        for lang in sorted(set(langs))
                    },
                }
            )
    return {"queries": len(langs), "passages": len(collection.passages), "rows": rows}


def markdown(name: str, figures: dict[str, object]) -> str:
    """The figures as a table; ``p`` is Fisher's randomisation test against the base, Holm-corrected over systems."""
    rows = figures["rows"]
    assert isinstance(rows, list)
    langs = list(rows[0]["languages"])
    lines = [
        f"### {name}: {figures['queries']} questions, {figures['passages']} English passages, MRR@10",
        "",
        f"| queries | system | all | drop | p | {' | '.join(langs)} |",
        "|" + "---|" * (5 + len(langs)),
    ]
    for row in rows:
        p = "" if row["p"] is None else f"{row['p']:.4f}"
        each = " | ".join(f"{row['languages'][lang]:.1f}" for lang in langs)
        lines.append(
            f"| {row['condition']} | {row['system']} | {row['mrr@10']:.1f} | {row['drop']:.1f} | {p} | {each} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Read, encode, search, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, help="folder of kept vectors [default: OUTPUT/vectors]")
    parser.add_argument("--systems", default=f"{BASE},{BASE}+typo")
    parser.add_argument("--questions", type=int, default=240, help="of each language")
    parser.add_argument("--all-seeds", action="store_true")
    parser.add_argument("--backend", default="torch")
    parser.add_argument("--collections", default="xquad,afriqa")
    parser.add_argument("--threads", type=int)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    readers = {"xquad": read_xquad, "afriqa": read_afriqa}
    runtime = {"threads": args.threads, "backend": args.backend}
    folder = args.vectors or args.output / "vectors"
    for name in args.collections.split(","):
        collection = readers[name](args.data, args.questions)
        passages = KeptVectors(folder, BASE, runtime).encode_passages(collection.passages)
        indexes = {"": (passages, Lexicon(collection.known))}
        if name == "xquad":
            asked = {query.query_id.rpartition("-")[0] for query in collection.queries}
            generated, owners = unasked(args.data, asked)
            vectors = KeptVectors(folder, BASE, runtime).encode_queries([query.text for query in generated])
            lexicon = Lexicon((query.lang, query.text) for query in generated)
            indexes[" on an xQG index"] = (augmented(passages, vectors, owners), lexicon)
        table: Table = {
            system + suffix: dict(measure(collection, index, encode, args.all_seeds))
            for suffix, (index, lexicon) in indexes.items()
            for system, encode in encoders(args.systems.split(","), folder, runtime, lexicon)
        }
        figures = figures_of(collection, table)
        write_json(args.output / f"{name}.json", {"seeds": SEEDS, "backend": args.backend, **figures})
        with atomic_file(args.output / f"{name}.md") as stream:
            stream.write(markdown(name, figures))
        sys.stdout.write(markdown(name, figures))


if __name__ == "__main__":
    main()
