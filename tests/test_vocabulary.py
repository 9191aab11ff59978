"""One vocabulary: the words that the project does not use for its ideas occur nowhere."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: What is said instead -> patterns of what is not said.
NOT_USED = {
    "typo, edit": [r"\bslips?\b", "misspelt", r"\bslipped\b"],
    "variant": [r"multi.?view", r"misspelled (form|view|draw)s?\b", r"\bviews of (a|the) quer"],
    "typo run": [r"\btypo draws?\b", r"\bdraws? of typos"],
    "spelling correction, corrected query": [r"respel(t|l)", r"--spellings?\b", r"--spelling-queries"],
    "lexicon": [r"\blists? of words"],
    "memory bank": [r"(?<!memory )(?<!memory-)(?<!memory_)\bbank(?!s?\w)", r"\bstand-ins?\b"],
    "stand for": [r"\bstands? for\b", r"\bstood (in )?for\b"],
    "resume": [r"\bgo(es)? on with\b", r"\bgoing on (at|with)\b", r"\bgoes on where\b"],
    "skip": [r"\bpass(es|ed|ing)? over\b"],
    "override": [r"\bput over\b", r"\bputs? .{1,20} over (them|all)\b"],
    "prefetch": [r"\bahead\b"],
    "systems": [r"\brivals?\b"],
    "tier": [r"\bclass(es)? of resources\b"],
    "--language": [r"--lang\b"],
    "--typos, --typo-preset": [r"--edits(?!-)\b", r"--presets?\b"],
    "other phrases of our own": [
        "cannot be had", "to be had", r"told.by.first", "first_alone", r"\b[Cc]ensus", "hung on", r"at most so many",
    ],
}  # fmt: skip
#: Where these words have another meaning, or are quoted: the change log's table of old names, data, and this test.
EXEMPT = {"CHANGELOG.md", "tests/test_vocabulary.py", "LICENSE"}
SUFFIXES = {".py", ".md", ".sh", ".cfg", ".toml", ".yml", ".yaml", ""}


def texts() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    files = [ROOT / name for name in listed if name and name not in EXEMPT]
    return [path for path in files if path.suffix in SUFFIXES and path.is_file()]


@pytest.mark.parametrize("said", NOT_USED)
def test_words_that_are_not_used(said: str) -> None:
    pattern = re.compile("|".join(NOT_USED[said]), re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]!r} instead of {said}"
        for path in texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (match := pattern.search(line))
    ]
    assert not found, "\n" + "\n".join(found)


def test_the_search_finds_such_words() -> None:
    """A pattern that matches nothing would let everything pass."""
    assert re.search(NOT_USED["memory bank"][0], "the bank of vectors")
    assert not re.search(NOT_USED["memory bank"][0], "--memory-bank and a memory bank, memory_bank")
    assert len(texts()) > 200


def test_no_two_modules_share_a_name_and_differ_in_meaning() -> None:
    """The same file name means the same thing: a package's entry points, a registry's base, an aspect of each stage."""
    shared = {"__init__", "__main__", "base", "options", "pyserini_encoder", "sample"}
    seen: dict[str, list[str]] = {}
    for path in sorted((ROOT / "xqg_pyserini").rglob("*.py")):
        seen.setdefault(path.stem, []).append(str(path.relative_to(ROOT)))
    repeated = {name: places for name, places in seen.items() if len(places) > 1 and name not in shared}
    assert not repeated
