"""Numbers as people write and read them: ``18M`` passages, 27.6 GB, 6.6 days."""

import re
from decimal import Decimal

from xqg_pyserini.errors import XqgError

_SUFFIXES = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9}
_NUMBER = re.compile(r"(\d{1,3}(?:[,_]\d{3})+|\d+)(\.\d+)?\s*([KMB]?)", re.IGNORECASE | re.ASCII)
_BYTES = (("PB", 10**15), ("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("KB", 10**3))
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


def parse_count(text: str) -> int:
    """A whole number, ``20000``, ``20,000``, ``18M`` or ``1.5B``: K thousand, M million, B billion (10⁹).

    Raises:
        XqgError: it is none of these, or below 1.
    """
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        raise XqgError(f"{text!r}: a number is needed, such as 20000, 18M or 1.5B (K thousand, M million, B billion)")
    whole, fraction, suffix = found.groups()
    number = Decimal(re.sub("[,_]", "", whole) + (fraction or "")) * _SUFFIXES[suffix.upper()]
    if number != int(number) or number < 1:
        raise XqgError(f"{text!r}: a whole number of 1 or more is needed, such as 20000, 18M or 1.5B")
    return int(number)


def count_text(number: float) -> str:
    """A number with its suffix and at most four digits: ``18M``, ``648M``, ``20K``; below ten thousand as it is."""
    if number < 10**4:
        return f"{number:,.4g}" if number < 10**3 else f"{number:,.0f}"
    suffix = next(name for name in ("B", "M", "K") if number >= _SUFFIXES[name])
    return f"{number / _SUFFIXES[suffix]:,.4g}{suffix}" if number < 10**13 else f"{number / 10**9:,.0f}B"


def bytes_text(size: float) -> str:
    """Bytes in decimal units, three digits: ``27.6 GB``."""
    unit, scale = next(((name, scale) for name, scale in _BYTES if size >= 0.9995 * scale), ("bytes", 1))
    return f"{_digits(size / scale)} {unit}"


def duration_text(seconds: float) -> str:
    """A duration in its largest unit: ``6.6 days``, ``3.2 hours``, ``12 minutes``, ``8 s``."""
    for unit, scale in (("days", _DAY), ("hours", _HOUR), ("minutes", _MINUTE)):
        if seconds >= 1.5 * scale:
            return f"{_digits(seconds / scale)} {unit}"
    return f"{_digits(seconds)} s"


def _digits(value: float) -> str:
    """At most one digit behind the point, and none from 100 on; small values keep two digits."""
    if value >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 0.95 else f"{value:.2g}"
