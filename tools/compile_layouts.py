"""Compile keyboard layouts from xkb-data into ``xqg_pyserini/typo/tables/layouts.json``.

Needs Debian's ``xkb-data`` and ``libxkbcommon0`` (not at run time, only here)::

    apt-get install xkb-data libxkbcommon0
    python tools/compile_layouts.py

For every layout the table holds, per key of the main block, what the key types without and with Shift. Dead keys,
modifiers and empty levels are skipped; presentation forms (the lam-alef key of ``ara``) are written as the
letters that they represent. Letters of another script than most of a layout's are left out: Latin ones on the free keys
of ``ge``, Arabic ones that ``et`` has for want of its own.
"""

import ctypes
import json
import subprocess
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import regex

OUTPUT = Path(__file__).parent.parent / "xqg_pyserini" / "typo" / "tables" / "layouts.json"
COPYRIGHT = Path("/usr/share/doc/xkb-data/copyright")

#: name in our table -> (layout, variant) of xkb
LAYOUTS = {
    "us": ("us", ""), "de": ("de", ""), "fr": ("fr", ""), "es": ("es", ""), "it": ("it", ""), "pt": ("pt", ""),
    "nl": ("nl", ""), "dk": ("dk", ""), "no": ("no", ""), "se": ("se", ""), "fi": ("fi", ""), "pl": ("pl", ""),
    "hu": ("hu", ""), "tr": ("tr", ""), "ro": ("ro", "std"), "gr": ("gr", ""), "ru": ("ru", ""), "il": ("il", ""),
    "ara": ("ara", ""), "th": ("th", ""), "kh": ("kh", ""), "in(ben_inscript)": ("in", "ben_inscript"),
    "in(deva)": ("in", "deva"), "in(tel)": ("in", "tel"), "ng(igbo)": ("ng", "igbo"), "ng(yoruba)": ("ng", "yoruba"),
    "gh(akan)": ("gh", "akan"), "gh(ewe)": ("gh", "ewe"), "sn": ("sn", ""),
    "af": ("af", ""), "af(ps)": ("af", "ps"), "al": ("al", ""), "am": ("am", ""), "az": ("az", ""), "ba": ("ba", ""),
    "bg": ("bg", ""), "bt": ("bt", ""), "by": ("by", ""), "ch(fr)": ("ch", "fr"), "cn(tib)": ("cn", "tib"),
    "cn(ug)": ("cn", "ug"), "cz": ("cz", ""), "ee": ("ee", ""), "es(cat)": ("es", "cat"), "et": ("et", ""),
    "fo": ("fo", ""), "gb": ("gb", ""), "ge": ("ge", ""), "hr": ("hr", ""), "ie": ("ie", ""),
    "in(guj)": ("in", "guj"), "in(guru)": ("in", "guru"), "in(kan)": ("in", "kan"), "in(mal)": ("in", "mal"),
    "in(marathi)": ("in", "marathi"), "in(tam)": ("in", "tam"), "iq(ku_ara)": ("iq", "ku_ara"), "ir": ("ir", ""),
    "is": ("is", ""), "kg": ("kg", ""), "kz": ("kz", ""), "la": ("la", ""), "lk": ("lk", ""), "lt": ("lt", ""),
    "ma": ("ma", ""), "mk": ("mk", ""), "mn": ("mn", ""), "mt": ("mt", ""), "mv": ("mv", ""), "np": ("np", ""),
    "pk": ("pk", ""), "pk(snd)": ("pk", "snd"), "rs": ("rs", ""), "rs(latin)": ("rs", "latin"),
    "ru(bak)": ("ru", "bak"), "ru(tt)": ("ru", "tt"), "si": ("si", ""), "sk": ("sk", ""), "tj": ("tj", ""),
    "tm": ("tm", ""), "tr(ku)": ("tr", "ku"), "ua": ("ua", ""), "uz(latin)": ("uz", "latin"),
}  # fmt: skip
SCRIPTS = (
    "Latin", "Greek", "Cyrillic", "Armenian", "Georgian", "Hebrew", "Arabic", "Thaana", "Ethiopic", "Devanagari",
    "Bengali", "Gurmukhi", "Gujarati", "Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala", "Thai", "Lao", "Tibetan",
    "Khmer",
)  # fmt: skip
BLOCK = ["TLDE", "BKSL", "LSGT"] + [f"{row}{n:02}" for row, keys in
         (("AE", 13), ("AD", 13), ("AC", 12), ("AB", 12)) for n in range(1, keys)]  # fmt: skip


class RuleNames(ctypes.Structure):
    """``struct xkb_rule_names``."""

    _fields_ = [(name, ctypes.c_char_p) for name in ("rules", "model", "layout", "variant", "options")]


def library() -> Any:
    """libxkbcommon with the result types of the functions used here."""
    xkb = ctypes.CDLL("libxkbcommon.so.0")
    for name in ("xkb_context_new", "xkb_keymap_new_from_names"):
        getattr(xkb, name).restype = ctypes.c_void_p
    for name in ("xkb_keymap_key_by_name", "xkb_keysym_to_utf32"):
        getattr(xkb, name).restype = ctypes.c_uint32
    return xkb


def character(xkb: Any, keymap: int, code: int, level: int) -> str:
    """What a key types at a level (0 plain, 1 Shift); empty for dead keys, controls and nothing."""
    syms = ctypes.POINTER(ctypes.c_uint32)()
    count = xkb.xkb_keymap_key_get_syms_by_level(ctypes.c_void_p(keymap), code, 0, level, ctypes.byref(syms))
    text = "".join(chr(xkb.xkb_keysym_to_utf32(syms[n])) for n in range(count))
    text = "".join(c for c in text if ord(c) > 32 and ord(c) != 127)
    if any(0xFB50 <= ord(c) <= 0xFEFF for c in text):
        text = unicodedata.normalize("NFKC", text)
    return unicodedata.normalize("NFC", text)


def compile_layout(xkb: Any, layout: str, variant: str) -> dict[str, list[str]]:
    """Key name -> what it types plain and with Shift."""
    context = xkb.xkb_context_new(0)
    names = RuleNames(b"evdev", b"pc105", layout.encode(), variant.encode(), b"")
    keymap = xkb.xkb_keymap_new_from_names(ctypes.c_void_p(context), ctypes.byref(names), 0)
    if not keymap:
        raise SystemExit(f"xkb does not know {layout}({variant})")
    keys = {}
    for key in BLOCK:
        code = xkb.xkb_keymap_key_by_name(ctypes.c_void_p(keymap), key.encode())
        levels = [character(xkb, keymap, code, level) for level in (0, 1)]
        if any(levels):
            keys[key] = levels
    return own_script(keys)


def own_script(keys: dict[str, list[str]]) -> dict[str, list[str]]:
    """The keys with the letters and marks of their most frequent script, and those of no script."""
    typed = "".join(text for levels in keys.values() for text in levels)
    script, _ = Counter({name: len(regex.findall(rf"\p{{Script={name}}}", typed)) for name in SCRIPTS}).most_common(1)[
        0
    ]
    foreign = regex.compile(rf"[[\p{{L}}\p{{M}}]--[\p{{scx={script}}}\p{{scx=Zyyy}}\p{{scx=Zinh}}]]", regex.VERSION1)
    return {key: ["" if foreign.search(text) else text for text in levels] for key, levels in keys.items()}


def version(package: str) -> str:
    """Installed version of a Debian package."""
    done = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True, check=True)
    return f"{package} {done.stdout}"


def main() -> None:
    """Write the table."""
    xkb = library()
    layouts = {name: compile_layout(xkb, *where) for name, where in LAYOUTS.items()}
    lines = [
        f"{json.dumps(name)}: " + json.dumps(keys, ensure_ascii=False, separators=(",", ":"))
        for name, keys in layouts.items()
    ]
    head = {
        "compiled_by": "tools/compile_layouts.py",
        "source": [version("xkb-data"), version("libxkbcommon0")],
        "notice": COPYRIGHT.read_text(encoding="utf-8"),
    }
    body = json.dumps(head, ensure_ascii=False, indent=1)[:-2]
    OUTPUT.write_text(body + ',\n "layouts": {\n  ' + ",\n  ".join(lines) + "\n }\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
