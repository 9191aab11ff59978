"""Tables of cells whose scores are known."""

from collections.abc import Callable, Mapping, Sequence

from xqg_pyserini.evaluate import Cell
from xqg_pyserini.languages import tier

HIGH = ("ar", "de", "en", "es", "fr", "ja", "ru", "zh")
LOW = ("am", "bem", "ha", "ig", "km", "te", "tw", "yo")

#: Language, typos, whether it is the arm -> score.
Score = Callable[[str, int, bool], float]


def table(
    score: Score,
    languages: Sequence[str] = (*HIGH, *LOW),
    typos: Sequence[int] = (0, 1, 3),
    **fields: str,
) -> list[Cell]:
    """The cells of the systems ``arm`` and ``control`` in one collection, with edits of the preset ``natural``."""
    return [
        cell(system, code, number, score(code, number, system == "arm"), fields)
        for system in ("arm", "control")
        for code in languages
        for number in typos
    ]


def cell(system: str, code: str, typos: int, value: float, fields: Mapping[str, str]) -> Cell:
    preset = fields.get("preset", "natural")
    return Cell(
        system=system,
        arm=fields.get("arm", system),
        seed=fields.get("seed", ""),
        collection=fields.get("collection", "ntrex"),
        language=code,
        tier=tier(code),
        condition=f"{preset}-{typos}" if typos else "clean",
        preset=preset if typos else "",
        typos=typos,
        severity=0.02 * typos,
        metric=fields.get("metric", "mrr@10"),
        value=value,
        queries=100,
    )
