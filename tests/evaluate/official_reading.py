"""The official XOR-Retrieve procedure, read line by line and written down plainly, to hold ours against."""

from collections.abc import Callable, Mapping, Sequence
from statistics import mean

from xqg_pyserini.evaluate.xor_official import Prediction


def official_reading(
    predictions: Sequence[Prediction],
    gold: Mapping[str, Sequence[str]],
    budget: int,
    word_tokenize: Callable[[str], list[str]],
) -> tuple[dict[str, tuple[int, int]], float | None]:
    """Language -> (hits, counted), and the macro-average in per cent."""
    per_language: dict[str, list[int]] = {}
    for row in predictions:
        if row.id not in gold:
            continue
        per_language.setdefault(row.lang, [0, 0])
        wanted = [answer for answer in gold[row.id] if answer not in ("yes", "no")]
        if not wanted:
            continue
        per_language[row.lang][1] += 1
        tokens: list[str] = []
        for text in row.ctxs:
            tokens.extend(word_tokenize(text))
            if len(tokens) >= budget:
                break
        joined = " ".join(tokens[:budget])
        if any(answer in joined for answer in wanted):
            per_language[row.lang][0] += 1
    kept = {lang: (hit, count) for lang, (hit, count) in per_language.items() if count > 0}
    scores = [hit / count * 100 for hit, count in kept.values()]
    return kept, mean(scores) if scores else None
