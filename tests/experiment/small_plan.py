"""A plan on a collection made up here, which a very small encoder searches in seconds."""

import json
from pathlib import Path
from typing import Any

import yaml

#: Language -> words of its questions; Telugu and Swahili are low-resource.
WORDS = {"en": "what is the", "de": "was ist der", "te": "ఏమిటి అది", "sw": "nini hiyo ya"}
TOPICS = ("river", "mountain", "city", "king", "song", "train")


def write_collection(folder: Path) -> None:
    """Twelve passages, and a question about each in every language, whose ids are the same in all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{topic}{number}" for number in (1, 2) for topic in TOPICS]
    _write(
        folder / "passages.jsonl", [{"id": f"p-{name}", "title": "", "text": f"A {name} is here."} for name in names]
    )
    for lang, words in WORDS.items():
        _write(folder / f"{lang}.jsonl", [{"id": name, "text": f"{words} {name}"} for name in names])
    (folder / "qrels.txt").write_text("".join(f"{name} 0 p-{name} 1\n" for name in names), encoding="utf-8")


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def small_plan(collection: Path, encoder: Path) -> dict[str, Any]:
    """A plan with every kind of step but training."""
    return {
        "title": "Small",
        "level": 1,
        "hits": 5,
        "collections": {
            "made-up": {
                "languages": ["de", "te", "sw"],
                "topics": f"{collection}/{{language}}.jsonl",
                "qrels": f"{collection}/qrels.txt",
                "corpus": f"{collection}/passages.jsonl",
                "translations": f"{collection}/en.jsonl",
                "questions": 8,
            },
        },
        "encoders": {"base": {"checkpoint": str(encoder)}},
        "indexes": {"plain": {"encoder": "base"}, "xqg": {"encoder": "base", "augment": {"typos": {"typos": 1}}}},
        "systems": {"base": {"index": "plain"}, "xqg": {"index": "xqg"}},
        "typos": [{"preset": "natural", "typos": 1, "seeds": [1, 2]}],
        "metrics": ["mrr@5", "alignment", "hubness@3"],
        "comparisons": {"xqg": {"system": "xqg", "baseline": "base", "analyses": ["tiers", "severity", "headroom"]}},
        "planned": [{"question": "Does it help?", "comparisons": "xqg"}],
    }


def write_plan(path: Path, plan: dict[str, Any]) -> Path:
    """The plan as a file."""
    path.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path
