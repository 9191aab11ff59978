"""The generator on the real questions of XQuAD, MKQA, XOR-TyDi and AfriQA."""

import gzip
import json
from collections import Counter
from collections.abc import Iterable

import pytest

from tests.shared_data import shared_data
from tests.typo.questions import digits_of, malformed, scripts_of
from xqg_pyserini.languages import language
from xqg_pyserini.typo import TypoGenerator
from xqg_pyserini.typo.tables import read_tsv

XOR_TYDI = ("ar", "bn", "fi", "ja", "ko", "ru", "te")
XQUAD = ("ar", "de", "en", "es", "hi", "ru", "tr", "zh")
MKQA = ("ar", "en", "es", "fi", "ja", "km", "ko", "ms", "ru", "sv", "tr", "zh_cn")
MKQA_TEST = ("da", "de", "fr", "he", "hu", "it", "nl", "no", "pl", "pt", "th", "vi", "zh_hk", "zh_tw")
AFRIQA = {"bem": "bem", "ha": "hau", "sw": "swa", "tw": "twi", "yo": "yor"}
MOST = 300


def questions(source: str, lang: str) -> list[str]:
    if source == "xquad":
        rows = json.loads((shared_data("xquad") / f"xquad.{lang}.json").read_text(encoding="utf-8"))["data"]
        return [qa["question"] for article in rows for part in article["paragraphs"] for qa in part["qas"]]
    if source == "xor-tydi":
        rows = _rows(open_text("xor_tydi/mia_2022_dev_xorqa.jsonl"))
        return [row["question"] for row in rows if row["lang"] == lang]
    if source == "mkqa":
        return [row["question"] for row in _rows(open_text(f"mkqa/mia_dev/mkqa-{lang}.jsonl"))]
    if source == "mkqa-test":
        return [row["queries"][lang] for row in _rows(gzip.open(shared_data("mkqa/test_mkqa.jsonl.gz"), "rt"))]
    code = AFRIQA[lang]
    return [
        row["question_lang"] for row in _rows(open_text(f"afriqa/{code}/gold_span_passages.afriqa.{code}.en.test.json"))
    ]


def open_text(name: str) -> list[str]:
    return shared_data(name).read_text(encoding="utf-8").splitlines()


def _rows(lines: Iterable[str]) -> list[dict]:
    return [json.loads(line) for line in lines if line.strip()]


SOURCES = {"xor-tydi": XOR_TYDI, "xquad": XQUAD, "mkqa": MKQA, "mkqa-test": MKQA_TEST, "afriqa": AFRIQA}
CASES = [(source, lang) for source, langs in SOURCES.items() for lang in langs]


@pytest.mark.parametrize(("source", "lang"), CASES)
def test_real_questions(source: str, lang: str) -> None:
    generator, script = TypoGenerator(lang, typo_seed=11), language(lang).script
    texts = questions(source, lang)[:MOST]
    own = [text for text in texts if scripts_of(text) & set(read_tsv("scripts")[script]["unicode"].split())]
    assert len(own) > 0.8 * len(texts)
    unchanged = 0
    for number, text in enumerate(own):
        (query,) = generator.generate(str(number), text)
        unchanged += not query.edits
        assert query.reverse() == query.clean
        assert len(malformed(query.text, script)) <= len(malformed(query.clean, script))
        new_scripts = scripts_of(query.text) - scripts_of(query.clean)
        assert new_scripts <= ({"Hiragana", "Latin"} if script == "Jpan" else set())
        assert digits_of(query.text) == digits_of(query.clean)
    assert unchanged <= 0.01 * len(own)


def test_operators_are_chosen_as_the_preset_says() -> None:
    generator = TypoGenerator("fi", typo_seed=5)
    texts = questions("mkqa", "fi")
    counts = Counter(generator.generate(str(n), text)[0].edits[0].operator for n, text in enumerate(texts))
    total, mix = len(texts), generator.preset.mix
    for name in ("sub_adjacent", "delete", "transpose", "insert_adjacent", "double"):
        share = mix[name] / sum(mix.values())
        least, most = share - 0.03, share + 0.25 * share + 0.03  # what others could not place falls to these
        assert least < counts[name] / total < most, (name, counts)


def test_few_typos_hit_the_first_letter() -> None:
    generator = TypoGenerator("en", typo_preset={"delete": 1}, typo_seed=5)
    edits = [generator.generate(str(n), t)[0] for n, t in enumerate(questions("mkqa", "en"))]
    first = [q.edits[0].start == 0 or q.clean[q.edits[0].start - 1] == " " for q in edits]
    assert 0.02 < sum(first) / len(first) < 0.1
