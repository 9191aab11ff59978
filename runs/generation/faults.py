"""Whether filters find planted faults, and how many good questions they lose.

    python runs/generation/faults.py DATA --output runs/generation/results --work DIR

Human questions of XQuAD, MLQA, AfriQA, MKQA and the sample are put into a store as if they had been generated. In each
language 10 % each are replaced by: the question of another passage, a question in another language, the English
question, a sentence of the passage, the first half of the question, and the question without its longest word. Then
each filter is run alone, and the default ones together.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import regex
from material import (
    KeptVectors,
    Material,
    Question,
    limited,
    order,
    read_afriqa,
    read_mkqa,
    read_mlqa,
    read_sample,
    read_xquad,
)

from xqg_pyserini.files import atomic_file, write_json
from xqg_pyserini.generate import (
    CorpusTexts,
    FilterOptions,
    QueryRow,
    RoundTrip,
    StoreWriter,
    Thresholds,
    Tools,
    filter_store,
    read_store,
)

GOOD = "good"
SHARE = 10
#: Fault -> filters that exist for it.
FAULTS = {
    "other passage": ("round-trip",),
    "other language": ("language",),
    "English": ("language",),
    "sentence": ("language", "copied"),
    "cut": ("unfinished",),
    "no entity": (),
}
WITHOUT_PASSAGES = ("other language", "English", "cut")


class Planted(NamedTuple):
    """A question as it is put into the store, and what is wrong with it."""

    question: Question
    text: str
    fault: str


def plant(material: Material) -> list[Planted]:
    """Replace SHARE percent of each language's questions by each kind of fault."""
    texts = {passage.doc_id: passage.text for passage in material.passages}
    faults = list(FAULTS) if material.passages else list(WITHOUT_PASSAGES)
    translations = defaultdict(dict[str, str])
    for question in material.questions:
        translations[_key(question)][question.language] = question.text
    planted = []
    by_language = defaultdict[str, list[Question]](list)
    for question in sorted(material.questions, key=lambda question: order(question.question_id)):
        by_language[question.language].append(question)
    for questions in by_language.values():
        for place, question in enumerate(questions):
            number = place * 100 // len(questions) // SHARE
            fault = faults[number] if number < len(faults) else GOOD
            other = next(one for one in questions[place - 1 :: -1] if one.doc_id != question.doc_id)
            text = _faulty(fault, question, other, texts, translations[_key(question)], by_language)
            planted.append(Planted(question, text, fault if text else GOOD))
    return [one if one.text else one._replace(text=one.question.text) for one in planted]


def _key(question: Question) -> str:
    return question.question_id.rsplit("-", 1)[0]


def _faulty(
    fault: str,
    question: Question,
    other: Question,
    texts: Mapping[str, str],
    translations: Mapping[str, str],
    questions: Mapping[str, list[Question]],
) -> str:
    """The text with the fault; empty where it cannot be made."""
    if fault == "other passage":
        return other.text
    if fault == "other language":
        wanted = [lang for lang in sorted(questions) if lang != question.language]
        lang = min(wanted, key=lambda lang: order(f"{question.question_id} {lang}"))
        return translations.get(lang) or questions[lang][len(question.text) % len(questions[lang])].text
    if fault == "English":
        return question.english
    if fault == "sentence":
        sentences = [one for one in regex.split(r"(?<=[.!?])\s+", texts[question.doc_id]) if len(one.split()) >= 5]
        return min(sentences, key=lambda one: order(f"{question.question_id} {one}"), default="")
    if fault == "cut":
        return _cut(question.text)
    return _without_longest(question.text) if fault == "no entity" else question.text


def _cut(text: str) -> str:
    words = text.split()
    return " ".join(words[: len(words) // 2]) if len(words) > 3 else text[: len(text) // 2]


def _without_longest(text: str) -> str:
    """The question without its longest word, most often a name; without its middle third where it has no spaces."""
    words = text.split()
    if len(words) < 3:
        third = len(text) // 3
        return text[:third] + text[2 * third :]
    longest = max(words, key=len)
    return " ".join(word for word in words if word is not longest)


def rows_of(planted: list[Planted]) -> Iterator[tuple[QueryRow, list[str]]]:
    """Rows of a store, passage by passage, and the fault of each query."""
    key = lambda one: (one.question.doc_id, one.question.language)  # noqa: E731
    for (doc_id, language), group in groupby(sorted(planted, key=key), key=key):
        members = list(group)
        yield QueryRow(doc_id, language, [one.text for one in members]), [one.fault for one in members]


def measure(material: Material, vectors: KeptVectors, work: Path) -> dict[str, Any]:
    """Rejected queries of each filter, by language and fault."""
    pairs = list(rows_of(plant(material)))
    store = work / f"{material.name}-faults"
    with StoreWriter(store, {"backend": "planted"}, overwrite=True) as writer:
        writer.add(row for row, _ in pairs)
        writer.finish()
    tools, settings = (
        Tools(),
        {name: FilterOptions((name,)) for name in ("length", "language", "unfinished", "duplicate")},
    )
    if material.passages:
        settings["copied"] = FilterOptions(("copied",))
        for k in (1, 10, 100):
            settings[f"round-trip {k}"] = FilterOptions(("round-trip",), Thresholds(round_trip=k))
        for margin in (-0.02, -0.03):
            settings[f"margin {margin}"] = FilterOptions(("margin",), Thresholds(margin=margin))
        settings["lowest 20 %"] = FilterOptions(("margin",), Thresholds(percentile=20))
        tools = Tools(
            CorpusTexts(sorted(material.passages, key=lambda passage: passage.doc_id), material.name),
            RoundTrip(vectors.index(material, work), vectors),
        )
    settings["default"] = FilterOptions()
    if material.passages:
        by_margin = ("length", "language", "copied", "margin", "duplicate")
        settings["margin instead of round-trip"] = FilterOptions(by_margin, Thresholds(margin=-0.03))
    settings["default and unfinished"] = FilterOptions(
        ("length", "language", "unfinished", *(("copied", "round-trip") if material.passages else ()), "duplicate")
    )
    found: dict[str, Any] = {}
    for name, options in settings.items():
        filter_store(store, options, tools)
        rejected, total = defaultdict(Counter[str]), defaultdict(Counter[str])
        for row, (_, faults) in zip(read_store(store), pairs, strict=True):
            for verdict, fault in zip(row.verdicts, faults, strict=True):
                total[row.language][fault] += 1
                rejected[row.language][fault] += verdict != "keep"
        found[name] = {lang: {"rejected": rejected[lang], "total": total[lang]} for lang in sorted(total)}
    return found


def table(found: Mapping[str, Any]) -> Iterator[str]:
    """A line for each filter and language: percent rejected of each kind, and precision."""
    kinds = [GOOD, *FAULTS]
    yield f"| filter | language | {' | '.join(kinds)} | precision |"
    yield f"|---|---|{'---:|' * (len(kinds) + 1)}"
    for name, languages in found.items():
        everything = {
            part: sum((Counter(one[part]) for one in languages.values()), Counter()) for part in ("rejected", "total")
        }
        for lang, one in {**languages, "all": everything}.items():
            cells = [_percent(one["rejected"].get(kind, 0), one["total"].get(kind, 0)) for kind in kinds]
            rejected = sum(one["rejected"].values())
            bad = rejected - one["rejected"].get(GOOD, 0)
            yield f"| {name} | {lang} | {' | '.join(cells)} | {_percent(bad, rejected)} |"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "–"


def main() -> None:
    """Measure all collections, or those named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the collections")
    parser.add_argument("--output", type=Path, required=True, help="folder for the tables")
    parser.add_argument("--work", type=Path, required=True, help="folder for indexes, stores and vectors")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    parser.add_argument("--questions", type=int, help="most questions of a language")
    parser.add_argument("--only", help="names of collections, divided by commas")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    vectors = KeptVectors(given.work, given.threads)
    readers = {"sample": read_sample, "xquad": read_xquad, "mlqa": read_mlqa, "afriqa": read_afriqa, "mkqa": read_mkqa}
    for name in given.only.split(",") if given.only else readers:
        material = readers[name](*([given.data] if name != "sample" else []))
        if given.questions is not None:
            material = limited(material, given.questions)
        found = measure(material, vectors, given.work)
        write_json(given.output / f"faults-{name}.json", found)
        with atomic_file(given.output / f"faults-{name}.md") as stream:
            stream.writelines(f"{line}\n" for line in table(found))


if __name__ == "__main__":
    main()
