"""Misspelled queries per second on one core, and malformed sequences, compared with MulTypo if it is installed.

The questions are those of XOR-TyDi and MKQA next to the repository (``../shared/data`` or ``$XQG_SHARED_DATA``), else
those of ``examples/typo_languages.py``.
"""

import importlib.util
import json
import os
import random
import runpy
import time
from collections.abc import Callable
from pathlib import Path

from xqg_pyserini.languages import language
from xqg_pyserini.typo import TypoGenerator
from xqg_pyserini.typo.scripts.wellformed import adds_malformed

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("XQG_SHARED_DATA", ROOT.parent / "shared" / "data"))
ALPHABETIC = ("en", "fi", "es", "ru", "ar", "tr", "yo")
OTHERS = ("ko", "vi", "bn", "te", "th", "km", "zh", "ja")
#: Queries per second that the generator should reach.
TARGETS = dict.fromkeys(ALPHABETIC, 20_000) | dict.fromkeys(OTHERS, 5_000)
QUERIES, ROUNDS = 2000, 3

Row = tuple[str, str, str, str]


def questions(lang: str) -> list[str]:
    """``QUERIES`` questions of a language, repeated if there are fewer."""
    found: list[str] = []
    tydi = DATA / "xor_tydi" / "mia_2022_dev_xorqa.jsonl"
    mkqa = DATA / "mkqa" / "mia_dev" / f"mkqa-{ {'zh': 'zh_cn'}.get(lang, lang) }.jsonl"
    for path in (tydi, mkqa):
        if path.exists():
            rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
            found += [row["question"] for row in rows if row.get("lang", lang) == lang]
    if not found:
        found = [runpy.run_path(str(ROOT / "examples" / "typo_languages.py"))["QUESTIONS"][lang]]
    return (found * (QUERIES // len(found) + 1))[:QUERIES]


def rate(misspell: Callable[[str, str], str], texts: list[str]) -> float:
    """Queries per second of processor time: the best of ``ROUNDS`` rounds, after one query to warm up."""
    misspell("warm", texts[0])
    best = 0.0
    for _ in range(ROUNDS):
        start = time.process_time()
        for number, text in enumerate(texts):
            misspell(str(number), text)
        best = max(best, len(texts) / (time.process_time() - start))
    return best


def malformed_share(misspell: Callable[[str, str], str], lang: str, texts: list[str]) -> float:
    """Share of misspelled queries with a sequence that people notice and correct."""
    script = language(lang).script
    return sum(adds_malformed(t, misspell(str(n), t), script) for n, t in enumerate(texts)) / len(texts)


def ours(lang: str) -> Callable[[str, str], str]:
    """Our generator, one typo per query."""
    generator = TypoGenerator(lang, typo_seed=1)
    return lambda query_id, text: generator.generate(query_id, text)[0].text


def multypo(lang: str) -> Callable[[str, str], str]:
    """MulTypo, one typo per query: the smallest rate that its rounding turns into one."""
    from multypo import MultiTypoGenerator

    random.seed(1)
    generator = MultiTypoGenerator(language={"en": "english", "ru": "russian", "ar": "arabic", "bn": "bengali"}[lang])
    return lambda _, text: generator.insert_typos(text, 1 / max(1, len(text.split())))


def run() -> list[Row]:
    """The rows: what, ours, peer, ratio or target."""
    rows: list[Row] = []
    for lang, target in TARGETS.items():
        found = rate(ours(lang), questions(lang))
        rows.append((f"typo: queries/s, {lang}", f"{found:,.0f}", "-", f"target {target:,}: x{found / target:.1f}"))
    if importlib.util.find_spec("multypo") is None:
        return [*rows, ("typo: MulTypo 0.1.1", "-", "not installed", "-")]
    for lang in ("en", "ru", "ar", "bn"):
        texts = questions(lang)
        mine, theirs = rate(ours(lang), texts), rate(multypo(lang), texts)
        rows.append(
            (f"typo: queries/s against MulTypo, {lang}", f"{mine:,.0f}", f"{theirs:,.0f}", f"x{mine / theirs:.1f}")
        )
    texts = questions("bn")
    mine, theirs = (malformed_share(make("bn"), "bn", texts) for make in (ours, multypo))
    rows.append(("typo: malformed queries, bn", f"{mine:.1%}", f"{theirs:.1%}", "target 0 %"))
    return rows


if __name__ == "__main__":
    for row in run():
        print("\t".join(row))
