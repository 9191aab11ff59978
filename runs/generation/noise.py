"""What filtering is worth for the augmentation of vectors.

    python runs/generation/noise.py DATA --output runs/generation/results --work DIR

The 240 English passages of XQuAD are augmented with half of their human questions in seven languages, of which a share
is replaced by noise: the question of another passage, in every second case in another language. The other half of the
questions, in these languages and English, is searched: MRR@10, averaged over languages, and over seeds of the noise.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
from material import KeptVectors, Material, Question, order, read_xquad

from xqg_pyserini.files import atomic_file, write_json
from xqg_pyserini.generate import FilterOptions, QueryRow, RoundTrip, StoreWriter, Thresholds, Tools, filter_store
from xqg_pyserini.index import AugmentSource, RoundTripWeights, SweepGrid, SweepTopics, sweep_index
from xqg_pyserini.records import Run

NOISE = (0, 25, 50, 75)
ALPHAS = (0.05, 0.1, 0.2, 0.3, 0.5)


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


def score(run: Run, searched: Sequence[Question]) -> float:
    """MRR@10 in percent, averaged over languages."""
    ranks = defaultdict[str, list[float]](list)
    for question in searched:
        found = [hit.doc_id for hit in run[question.question_id + question.language]]
        ranks[question.language].append(1 / (1 + found.index(question.doc_id)) if question.doc_id in found else 0)
    return float(100 * np.mean([np.mean(values) for values in ranks.values()]))


#: System -> ``kept`` or alpha -> percent of noise -> values by seed.
Found = dict[str, dict[str, dict[str, list[float]]]]


def measure(data: Path, work: Path, threads: int, seeds: int) -> Found:
    """The scores of all systems, and the share of queries that they keep."""
    material, vectors = read_xquad(data), KeptVectors(work, threads)
    base = vectors.index(material, work)
    tools = Tools(round_trip=RoundTrip(base, vectors))
    used, searched = halves(material)
    ids = [one.question_id + one.language for one in searched]
    topics = SweepTopics(ids, vectors.encode_queries([one.text for one in searched]), 10)
    found: Found = {}
    store = work / "noise-store"
    for percent in NOISE:
        for seed in range(1, seeds + 1) if percent else [1]:
            with StoreWriter(store, {"backend": "noise", "percent": percent, "seed": seed}, overwrite=True) as writer:
                writer.add(row for row, _ in noisy_rows(used, percent, seed))
                writer.finish()
            for name, system in SYSTEMS.items():
                # without a threshold, margin measures what weights need and rejects nothing
                options = FilterOptions(system.filters or ("margin",), system.thresholds)
                numbers = filter_store(store, options, tools).languages.values()
                values = {"kept": 100 * sum(one.kept or 0 for one in numbers) / sum(one.generated for one in numbers)}
                source = AugmentSource(base, [store], vectors, weights=system.weights)
                for point, run in sweep_index(source, topics, SweepGrid(("mean-norm",), ALPHAS)).items():
                    values[str(point.alpha)] = score(run, searched)
                for kind, value in values.items():
                    found.setdefault(name, {}).setdefault(kind, {}).setdefault(str(percent), []).append(value)
    return found


def table(found: Found) -> Iterator[str]:
    """A line for each system and alpha, and one for the share of kept queries."""
    yield f"Base index: {found['no filter']['0']['0'][0]:.1f}\n"
    yield f"| | alpha | {' | '.join(f'{percent} % noise' for percent in NOISE)} |"
    yield f"|---|---|{'---:|' * len(NOISE)}"
    for name, kinds in found.items():
        for kind, values in kinds.items():
            if kind != "0":
                cells = [f"{np.mean(values[str(percent)]):.1f}" for percent in NOISE]
                yield f"| {name} | {kind} | {' | '.join(cells)} |"


def main() -> None:
    """Measure all systems."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the collections")
    parser.add_argument("--output", type=Path, required=True, help="folder for noise.json and noise.md")
    parser.add_argument("--work", type=Path, required=True, help="folder for indexes, stores and vectors")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of the noise")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    found = measure(given.data, given.work, given.threads, given.seeds)
    write_json(given.output / "noise.json", found)
    with atomic_file(given.output / "noise.md") as stream:
        stream.writelines(f"{line}\n" for line in table(found))


if __name__ == "__main__":
    main()
