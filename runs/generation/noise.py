"""What filtering is worth for the augmentation of vectors.

    python runs/generation/noise.py DATA --output runs/generation/results --work DIR

The 240 English passages of XQuAD are augmented with half of their human questions in seven languages, of which a share
is replaced by noise: the question of another passage, in every second case in another language. The other half of the
questions, in these languages and English, is searched: MRR@10, averaged over languages, and over seeds of the noise.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
from material import KeptVectors, Material, Question, order, read_xquad

from xqg_pyserini.files import atomic_file, write_json
from xqg_pyserini.generate import FilterOptions, QueryRow, RoundTrip, StoreWriter, Thresholds, Tools, filter_store
from xqg_pyserini.index import AugmentOptions, AugmentSource, RoundTripWeights, augment_index
from xqg_pyserini.search import OpenedIndex

NOISE = (0, 25, 50, 75)
SEEDS = (1, 2, 3)
ALPHAS = (0.3, 0.5)


class System(NamedTuple):
    """Filters with their thresholds, and weights; no filters use all queries."""

    filters: tuple[str, ...] = ()
    thresholds: Thresholds = Thresholds()
    weights: RoundTripWeights | None = None


def _round_trip(k: int, temperature: float | None = None) -> System:
    weights = RoundTripWeights(temperature) if temperature else None
    return System(("language", "round-trip"), Thresholds(round_trip=k), weights)


SYSTEMS = {
    "no filter": System(),
    "language": System(("language",)),
    "round trip 1": _round_trip(1),
    "round trip 10": _round_trip(10),
    "round trip 100": _round_trip(100),
    "margin 0": System(("language", "margin"), Thresholds(margin=0.0)),
    "margin -.02": System(("language", "margin"), Thresholds(margin=-0.02)),
    "margin -.03": System(("language", "margin"), Thresholds(margin=-0.03)),
    "weights .1": System(weights=RoundTripWeights(0.1)),
    "weights .05": System(weights=RoundTripWeights(0.05)),
    "weights .02": System(weights=RoundTripWeights(0.02)),
    "weights .01": System(weights=RoundTripWeights(0.01)),
    "round trip 10, weights .02": _round_trip(10, 0.02),
    "round trip 100, weights .02": _round_trip(100, 0.02),
}


def halves(material: Material) -> tuple[list[Question], list[Question]]:
    """The questions that are used as generated ones, and those that are searched: of each passage one half."""
    keys = defaultdict[str, set[str]](set)
    for question in material.questions:
        keys[question.doc_id].add(_key(question))
    used = {key for of_passage in keys.values() for key in sorted(of_passage, key=order)[: len(of_passage) // 2]}
    english = {_key(one): one._replace(language="en", text=one.english) for one in material.questions}
    searched = [one for one in (*material.questions, *english.values()) if _key(one) not in used]
    return [one for one in material.questions if _key(one) in used], searched


def _key(question: Question) -> str:
    return question.question_id.rsplit("-", 1)[0]


def noisy_rows(questions: Sequence[Question], percent: int, seed: int) -> Iterator[tuple[QueryRow, int]]:
    """Rows with noise in ``percent`` of the queries, and how many of each row's are noise."""
    ordered = sorted(questions, key=lambda one: order(one.question_id, seed))
    others = {lang: [one for one in ordered if one.language == lang] for lang in {one.language for one in ordered}}
    texts: dict[str, str] = {}
    for place, question in enumerate(ordered[: len(ordered) * percent // 100]):
        wanted = [lang for lang in sorted(others) if (lang == question.language) == bool(place % 2)]
        pool = others[min(wanted, key=lambda lang: order(f"{question.question_id} {lang}", seed))]
        start = int(order(question.question_id, seed)[:8], 16)
        texts[question.question_id] = next(
            other.text
            for other in (pool[(start + step) % len(pool)] for step in range(len(pool)))
            if other.doc_id != question.doc_id
        )
    key = lambda one: (int(one.doc_id), one.language)  # noqa: E731
    for (doc_id, language), group in groupby(sorted(questions, key=key), key=key):
        members = list(group)
        row = QueryRow(str(doc_id), language, [texts.get(one.question_id, one.text) for one in members])
        yield row, sum(one.question_id in texts for one in members)


def score(index: Path, searched: Sequence[Question], vectors: KeptVectors) -> float:
    """MRR@10 in percent, averaged over languages."""
    found = OpenedIndex(index).search(vectors.encode_queries([one.text for one in searched]), 10)
    ranks = defaultdict[str, list[float]](list)
    for question, hits in zip(searched, found, strict=True):
        rank = next((place for place, hit in enumerate(hits, start=1) if hit.doc_id == question.doc_id), 0)
        ranks[question.language].append(1 / rank if rank else 0)
    return float(100 * np.mean([np.mean(values) for values in ranks.values()]))


def measure(data: Path, work: Path, threads: int) -> dict[str, dict[str, dict[str, list[float]]]]:
    """System -> alpha -> percent of noise -> scores by seed; and the share of queries that are kept."""
    material, vectors = read_xquad(data), KeptVectors(work, threads)
    base = vectors.index(material, work)
    tools = Tools(round_trip=RoundTrip(base, vectors))
    used, searched = halves(material)
    found: dict[str, dict[str, dict[str, list[float]]]] = {"base": {"": {"": [score(base, searched, vectors)]}}}
    store, output = work / "noise-store", work / "noise-index"
    for percent in NOISE:
        for seed in SEEDS if percent else SEEDS[:1]:
            with StoreWriter(store, {"backend": "noise", "percent": percent, "seed": seed}, overwrite=True) as writer:
                writer.add(row for row, _ in noisy_rows(used, percent, seed))
                writer.finish()
            for name, system in SYSTEMS.items():
                # without a threshold, margin measures what weights need and rejects nothing
                options = FilterOptions(system.filters or ("margin",), system.thresholds)
                summary = filter_store(store, options, tools)
                numbers = summary.languages.values()
                kept = 100 * sum(one.kept or 0 for one in numbers) / sum(one.generated for one in numbers)
                _add(found, name, "kept", percent, kept)
                for alpha in ALPHAS:
                    source = AugmentSource(base, [store], vectors, weights=system.weights)
                    augment_index(source, output, AugmentOptions("mean-norm", alpha), overwrite=True)
                    _add(found, name, str(alpha), percent, score(output, searched, vectors))
    return found


def _add(
    found: dict[str, dict[str, dict[str, list[float]]]], system: str, kind: str, percent: int, value: float
) -> None:
    found.setdefault(system, {}).setdefault(kind, {}).setdefault(str(percent), []).append(value)


def table(found: Mapping[str, Mapping[str, Mapping[str, Sequence[float]]]]) -> Iterator[str]:
    """A line for each system: scores by alpha and noise, and the share of kept queries."""
    yield f"Base index: {found['base'][''][''][0]:.1f}\n"
    kinds = [str(alpha) for alpha in ALPHAS] + ["kept"]
    heads = [f"{kind if kind == 'kept' else f'alpha {kind}'}, {noise} %" for kind in kinds for noise in NOISE]
    yield f"| | {' | '.join(heads)} |"
    yield f"|---|{'---:|' * len(heads)}"
    for name in SYSTEMS:
        cells = [f"{np.mean(found[name][kind][str(noise)]):.1f}" for kind in kinds for noise in NOISE]
        yield f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """Measure all systems."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the collections")
    parser.add_argument("--output", type=Path, required=True, help="folder for noise.json and noise.md")
    parser.add_argument("--work", type=Path, required=True, help="folder for indexes, stores and vectors")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    found = measure(given.data, given.work, given.threads)
    write_json(given.output / "noise.json", found)
    with atomic_file(given.output / "noise.md") as stream:
        stream.writelines(f"{line}\n" for line in table(found))


if __name__ == "__main__":
    main()
