"""Upper and lower case, with the Turkish dotted and dotless i."""

_TURKISH_LOWER = {"I": "ı", "İ": "i"}
_TURKISH_UPPER = {"ı": "I", "i": "İ"}


def lower(text: str, lang: str) -> str:
    """Lower case with as many characters as ``text``, as the language has it."""
    if lang == "tr":
        text = "".join(_TURKISH_LOWER.get(char, char) for char in text)
    small = text.lower()
    return small if len(small) == len(text) else text


def upper(text: str, lang: str) -> str:
    """Upper case with as many characters as ``text``, as the language has it."""
    if lang == "tr":
        text = "".join(_TURKISH_UPPER.get(char, char) for char in text)
    large = text.upper()
    return large if len(large) == len(text) else text


def like(pattern: str, text: str, lang: str) -> str:
    """``text`` in the case of ``pattern``: all capitals, a first capital, or as it is."""
    if not pattern[:1].isupper():
        return text
    if len(pattern) > 1 and pattern.isupper():
        return upper(text, lang)
    return upper(text[:1], lang) + text[1:]
