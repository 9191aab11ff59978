"""A run on clean queries, paired with the runs of the same system on the same queries misspelled.

The run of one typo seed is a typo run. What the typo generator changed in a query is read from the edits that it wrote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.answers import best_first
from xqg_pyserini.evaluate.scores import Evaluation, Scores
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.records import Run

#: Persistence of the rank-biased overlap: 0.9 gives the first ten ranks 86 % of the weight.
PERSISTENCE = 0.9


@dataclass(frozen=True)
class QueryEdits:
    """What was misspelled in a query: the operator (several joined by ``+``), and the share of characters changed."""

    operator: str = "none"
    severity: float = 0.0


_UNCHANGED = QueryEdits()


@dataclass(frozen=True)
class PairedScores:
    """One run and one metric on clean queries and on misspelled variants of them.

    Args:
        languages: the language of each of the ``n`` queries.
        clean: ``(n,) float64``.
        typo: ``(typo runs, n) float64``.
        overlap: ``(typo runs, n) float64``, RBO of the first ten passages, clean against typo; None where not measured.
        operators: ``(typo runs, n)``, the typo operator of each; None where not known.
        severity: ``(typo runs, n) float64``, share of the query's characters that changed; None where not known.
        macro: whether scores over several languages are means over languages.
    """

    run: str
    metric: str
    languages: tuple[str, ...]
    clean: Scores
    typo: NDArray[np.float64]
    overlap: NDArray[np.float64] | None = None
    operators: NDArray[np.str_] | None = None
    severity: NDArray[np.float64] | None = None
    macro: bool = False

    @property
    def drop(self) -> Scores:
        """``(n,)`` clean minus typo, averaged over typo runs; NaN where either does not count."""
        return self.clean - mean_of_typo_runs(self.typo)


def pair_typo_runs(
    clean: Evaluation,
    typo: Evaluation,
    run: str,
    metric: str,
    *,
    overlap: NDArray[np.float64] | None = None,
    edits: Sequence[Mapping[str, QueryEdits]] | None = None,
) -> PairedScores:
    """Line up the scores of one run on clean queries and those of its typo runs.

    Args:
        clean: the evaluation on clean queries; ``run`` is one of its runs.
        typo: the evaluation of the same system on misspelled queries; all of its runs are typo runs of ``run``.
        overlap: ``(typo runs, n)``, from ``top_overlap``.
        edits: for each typo run, query id -> what was misspelled.

    Raises:
        InputError: the typo runs were scored on other queries, or edits are not given for every typo run.
    """
    ids = clean.query_ids
    if typo.query_ids != ids:
        raise InputError(f"the typo runs of {run!r} were scored on other queries than the clean run")
    operators, severity = None, None
    if edits is not None:
        check_edits(run, len(typo.runs), len(edits))
        rows = [[found.get(query_id, _UNCHANGED) for query_id in ids] for found in edits]
        operators = np.array([[change.operator for change in row] for row in rows])
        severity = np.array([[change.severity for change in row] for row in rows])
    scores = np.array([typo.of(name, metric) for name in typo.runs])
    macro = metric in clean.macro
    return PairedScores(
        run, metric, clean.languages, clean.of(run, metric), scores, overlap, operators, severity, macro
    )


def check_edits(run: str, typo_runs: int, edits: int) -> None:
    """Raise InputError where a run does not have one file of edits for each of its typo runs."""
    if typo_runs != edits:
        raise InputError(f"run {run!r} has {typo_runs} typo runs and edits for {edits}: one for each is needed")


def read_typo_edits(path: Path) -> dict[str, QueryEdits]:
    """What was misspelled in each query, from the JSON lines that the typo generator writes for one seed.

    Severity is the number of characters that the edits touch divided by the length of the clean query.

    Raises:
        InputError: a line lacks ``query_id``, ``clean`` or ``edits``.
    """
    found = {}
    for number, row in read_jsonl(path):
        try:
            edits = [(str(e["operator"]), max(len(e["old"]), len(e["new"]))) for e in row["edits"]]
            query_id, clean = str(row["query_id"]), str(row["clean"])
        except (KeyError, TypeError) as error:
            raise InputError(
                f"a row of the typo generator's edits is needed: {error} is missing", path, number
            ) from None
        if edits:
            operator = "+".join(sorted({name for name, _ in edits}))
            found[query_id] = QueryEdits(operator, sum(size for _, size in edits) / max(len(clean), 1))
    return found


def mean_of_typo_runs(table: NDArray[np.float64]) -> Scores:
    """``(typo runs, n)`` -> ``(n,)``; NaN values do not count."""
    counted = ~np.isnan(table)
    number = counted.sum(axis=0)
    total = np.where(counted, table, 0.0).sum(axis=0)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def typo_gain(method: PairedScores, baseline: PairedScores) -> Scores:
    """``(n,)``: how much less the method loses to typos than the baseline, query by query."""
    return baseline.drop - method.drop


def mean_severity(paired: PairedScores) -> Scores:
    """``(n,)`` share of characters changed, averaged over typo runs.

    Raises:
        InputError: the edits are not known.
    """
    if paired.severity is None:
        raise InputError("the severity of the typos is not known: give the edits that the typo generator wrote")
    return mean_of_typo_runs(paired.severity)


def top_overlap(clean: Run, typo_runs: Sequence[Run], query_ids: Sequence[str]) -> NDArray[np.float64]:
    """``(typo runs, n)`` rank-biased overlap of the first ten passages, clean against misspelled."""

    def first_ten(run: Run) -> list[list[str]]:
        return [[hit.doc_id for hit in best_first(run.get(query_id, []))[:10]] for query_id in query_ids]

    rankings = first_ten(clean)
    return np.array([list(map(rbo, rankings, first_ten(run))) for run in typo_runs])


def rbo(one: Sequence[str], other: Sequence[str], depth: int = 10, persistence: float = PERSISTENCE) -> float:
    """Extrapolated rank-biased overlap of two rankings cut at ``depth``: 1 is the same ranking, 0 nothing in common.

    This is equation 32 of Webber, Moffat and Zobel (TOIS 2010).
    Two empty rankings are equal (1); an empty and a non-empty one share nothing (0).
    """
    short, long = sorted((list(one[:depth]), list(other[:depth])), key=len)
    if not short:
        return 0.0 if long else 1.0
    s, last = len(short), len(long)
    overlaps = [len(set(short[:d]) & set(long[:d])) for d in range(1, last + 1)]
    at_short, at_long = overlaps[s - 1], overlaps[last - 1]
    observed = sum(overlaps[d - 1] / d * persistence**d for d in range(1, last + 1))
    uneven = sum(at_short * (d - s) / (s * d) * persistence**d for d in range(s + 1, last + 1))
    tail = ((at_long - at_short) / last + at_short / s) * persistence**last
    return (1 - persistence) / persistence * (observed + uneven) + tail
