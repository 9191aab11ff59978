"""Progress bars: on stderr, only on a terminal, only for what takes longer than two seconds."""

from collections.abc import Iterable
from typing import Any

from tqdm import tqdm


def progress(items: Iterable[Any] | None = None, total: int | None = None, unit: str = "it", what: str = "") -> tqdm:
    """A tqdm bar around ``items`` (or to be updated by hand); silent when stderr is no terminal."""
    return tqdm(items, total=total, unit=f" {unit}", desc=what, delay=2, disable=None, dynamic_ncols=True)
