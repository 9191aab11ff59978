"""Compile which Chinese and Japanese words sound alike into ``xqg_pyserini/typo/tables/readings_{zh,ja}.json``.

An input method offers words by their sound, so a wrong choice is a word of the same sound. Needs, here only::

    pip install pypinyin jieba opencc-python-reimplemented unidic-lite
    PYTHONPATH=. python tools/compile_readings.py

Words, their order (commonest first) and their sounds are read from jieba's word counts (MIT) and pypinyin (MIT) for
Chinese, OpenCC (Apache-2.0) for the traditional forms, and UniDic (BSD) for Japanese. The characters are limited to
those of level 1 of GB 2312, Big5 and JIS X 0208: nobody chooses a rare character by mistake.
"""

import json
import struct
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from importlib.metadata import distribution, version
from pathlib import Path

TABLES = Path(__file__).parent.parent / "xqg_pyserini" / "typo" / "tables"
WORDS_ZH_READ, WORDS_JA, PER_SOUND = 27_000, 14_000, 4
#: Entries of one part of speech that share one cost, from which on the cost says that the corpus had none of them.
SHARED_COST = 300
#: Encoding, first and last code of level 1.
LEVEL_1 = {
    "simplified": ("gb2312", 0xB0A1, 0xD7F9),
    "traditional": ("big5", 0xA440, 0xC67E),
    "ja": ("euc_jp", 0xB0A1, 0xCFD3),
}


def common(charset: str) -> Callable[[str], bool]:
    """A test for characters of level 1 of a national standard."""
    encoding, first, last = LEVEL_1[charset]

    def test(char: str) -> bool:
        code = char.encode(encoding, "ignore")
        return len(code) == 2 and first <= int.from_bytes(code) <= last

    return test


def write(name: str, head: dict[str, object], parts: dict[str, list[str]]) -> None:
    """One JSON file, one sound a line."""
    body = json.dumps(head, ensure_ascii=False, indent=1)[:-2]
    for part, rows in parts.items():
        body += f",\n {json.dumps(part)}: [\n  " + ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in rows)
        body += "\n ]"
    (TABLES / name).write_text(body + "\n}\n", encoding="utf-8")


def notice(*packages: tuple[str, str]) -> dict[str, object]:
    """Where the table comes from, with the licence texts that the packages carry."""
    texts = [
        Path(str(file.locate())).read_text(encoding="utf-8")
        for package, _ in packages
        for file in distribution(package).files or []
        if "LICENSE" in file.name and package != "opencc-python-reimplemented"  # Apache-2.0, as this project
    ]
    return {
        "compiled_by": "tools/compile_readings.py",
        "source": [f"{package} {version(package)} ({licence})" for package, licence in packages],
        "notice": texts,
    }


def chinese_counts() -> Counter[str]:
    """Word -> how often jieba's corpus has it."""
    import jieba

    counts: Counter[str] = Counter()
    for line in Path(jieba.__file__).with_name("dict.txt").read_text(encoding="utf-8").splitlines():
        word, count, _ = line.split(" ")
        counts[word] = int(count)
    return counts


def chinese_rows(counts: Counter[str], charset: str) -> tuple[list[str], list[str]]:
    """Rows ``sound character character …`` and ``sound word word …``, commonest first."""
    from pypinyin import Style, lazy_pinyin

    is_common = common(charset)
    chars: Counter[str] = Counter()
    for word, count in counts.items():
        for char in filter(is_common, word):
            chars[char] += count
    by_sound: dict[str, list[str]] = defaultdict(list)
    for char, _ in chars.most_common():
        by_sound[lazy_pinyin(char, style=Style.NORMAL, v_to_u=False)[0]].append(char)
    words: dict[str, list[str]] = defaultdict(list)
    frequent = ((w, c) for w, c in counts.most_common() if 2 <= len(w) <= 3 and all(map(is_common, w)))
    for _, (word, _count) in zip(range(WORDS_ZH_READ), frequent, strict=False):
        words[" ".join(lazy_pinyin(word, style=Style.NORMAL))].append(word)
    groups = [(sound, group[:PER_SOUND]) for sound, group in words.items() if len(group) > 1]
    return (
        [f"{sound} {''.join(group)}" for sound, group in sorted(by_sound.items())],
        sorted(f"{sound.replace(' ', chr(39))} {' '.join(group)}" for sound, group in groups),
    )


def compile_chinese() -> None:
    """Simplified and traditional characters and words by toneless pinyin."""
    from opencc import OpenCC

    counts = chinese_counts()
    convert = OpenCC("s2t").convert
    traditional: Counter[str] = Counter()
    for word, count in counts.most_common(120_000):
        traditional[convert(word)] += count
    parts: dict[str, list[str]] = {}
    for charset, words in (("simplified", counts), ("traditional", traditional)):
        parts[f"{charset}_characters"], parts[f"{charset}_words"] = chinese_rows(words, charset)
    head = notice(
        ("jieba", "MIT, Copyright (c) 2013 Sun Junyi"),
        ("pypinyin", "MIT"),
        ("opencc-python-reimplemented", "Apache-2.0"),
    )
    write("readings_zh.json", head, parts)


def unidic_entries() -> Iterator[tuple[int, list[str]]]:
    """``(cost, features)`` of every entry of UniDic's compiled dictionary (MeCab's binary format)."""
    import unidic_lite

    data = Path(unidic_lite.DICDIR, "sys.dic").read_bytes()
    trie, tokens = struct.unpack_from("<2I", data, 24)
    first, features = 72 + trie, 72 + trie + tokens
    for place in range(first, features, 16):
        cost, feature = struct.unpack_from("<hI", data, place + 6)
        start = features + feature
        yield cost, data[start : data.index(b"\0", start)].decode().split(",")


def compile_japanese() -> None:
    """Nouns of two characters and more by their kana.

    Entries that UniDic's training corpus did not contain all have the cost of their part of speech: a cost that very
    many entries share marks rare words, which no input method offers first; they are skipped.
    """
    from xqg_pyserini.typo.scripts.kana import hiragana

    is_common = common("ja")
    entries = [(cost, entry) for cost, entry in unidic_entries() if _is_noun(entry, is_common)]
    shared = Counter((cost, *entry[:3]) for cost, entry in entries)
    best: dict[str, tuple[int, str]] = {}
    for cost, entry in entries:
        word = entry[8]
        if shared[cost, *entry[:3]] < SHARED_COST and (word not in best or cost < best[word][0]):
            best[word] = cost, hiragana(entry[17])
    by_sound: dict[str, list[str]] = defaultdict(list)
    for word, (_, sound) in sorted(best.items(), key=lambda item: (item[1], item[0]))[:WORDS_JA]:
        by_sound[sound].append(word)
    rows = sorted(f"{sound} {' '.join(group[:PER_SOUND])}" for sound, group in by_sound.items())
    write("readings_ja.json", notice(("unidic-lite", "BSD, UniDic Consortium 2011-2017")), {"words": rows})


def _is_noun(entry: list[str], is_common: Callable[[str], bool]) -> bool:
    """Whether an entry is a noun (no personal name) of two to four common characters."""
    if len(entry) < 18 or entry[2] == "人名" or not 2 <= len(entry[8]) <= 4:
        return False
    kind = entry[0] == "名詞" and entry[1] in {"普通名詞", "固有名詞"}
    return (kind or entry[0] == "形状詞") and all(map(is_common, entry[8]))


if __name__ == "__main__":
    compile_chinese()
    compile_japanese()
