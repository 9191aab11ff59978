"""Clean queries against the same queries misspelt, over several draws of typos.

The unit is the query: its scores over the draws are averaged first, so that ten draws of a query do not count as ten
independent queries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.groups import TIERS, By
from xqg_pyserini.evaluate.intervals import Bootstrap, Interval, mean_over
from xqg_pyserini.evaluate.overlap import rbo
from xqg_pyserini.evaluate.ranked import best_first
from xqg_pyserini.evaluate.scores import Evaluation, Scores, nanmean
from xqg_pyserini.languages import tier
from xqg_pyserini.records import Hit, Run

#: A score counts as changed beyond this.
_CHANGED = 1e-9


@dataclass(frozen=True)
class PairedScores:
    """One run and one metric on clean queries and on draws of their misspelt forms.

    Args:
        run: name of the run.
        metric: name of the metric.
        langs: the language of each of the ``n`` queries.
        clean: ``(n,) float64``.
        typo: ``(draws, n) float64``.
        overlap: ``(draws, n) float64``, RBO of the first ten passages, clean against typo; None where not measured.
        operators: ``(draws, n)``, the typing slip made in each; None where not known.
        severity: ``(draws, n) float64``, share of the query's characters that changed; None where not known.
        macro: whether figures over several languages are means over languages.
    """

    run: str
    metric: str
    langs: tuple[str, ...]
    clean: Scores
    typo: NDArray[np.float64]
    overlap: NDArray[np.float64] | None = None
    operators: NDArray[np.str_] | None = None
    severity: NDArray[np.float64] | None = None
    macro: bool = False

    @property
    def drop(self) -> Scores:
        """``(n,)`` clean minus typo, draws averaged; NaN where either does not count."""
        return self.clean - mean_of_draws(self.typo)


@dataclass(frozen=True)
class Robustness:
    """What typos cost one run on one metric in one group of queries.

    Args:
        run, metric: which.
        group: language, tier, operator or ``all``.
        queries, draws: how many.
        clean, typo: mean scores.
        drop: clean minus typo.
        relative_drop: 1 - typo / clean, a ratio of means.
        hurt, helped: share of queries that score less, more; averaged over draws.
        overlap: mean RBO of the first ten passages; NaN where not measured.
    """

    run: str
    metric: str
    group: str
    queries: int
    draws: int
    clean: float
    typo: float
    drop: Interval
    relative_drop: Interval
    hurt: float
    helped: float
    overlap: float


@dataclass(frozen=True)
class Slip:
    """What was misspelt in a query: the kind of slip (several joined by ``+``), and the share of characters changed."""

    operator: str
    severity: float


def pair(
    clean: Evaluation,
    draws: Evaluation,
    run: str,
    metric: str,
    *,
    overlap: NDArray[np.float64] | None = None,
    edits: Sequence[Mapping[str, Slip]] | None = None,
) -> PairedScores:
    """Line up the scores of one run on clean queries and on the draws.

    Args:
        clean: the evaluation on clean queries; ``run`` is one of its runs.
        draws: the evaluation of the same system on misspelt queries: one of its runs for each draw.
        run, metric: which scores.
        overlap: ``(draws, n)``, from ``top_overlap``.
        edits: for each draw, query id -> what was misspelt.

    Raises:
        InputError: the draws were scored on other queries, or edits are not given for every draw.
    """
    ids = clean.query_ids
    if draws.query_ids != ids:
        raise InputError(f"the typo runs of {run!r} were scored on other queries than the clean run")
    if edits is not None and len(edits) != len(draws.runs):
        raise InputError(
            f"run {run!r} has {len(draws.runs)} typo runs and edits for {len(edits)}: one for each is needed"
        )
    return PairedScores(
        run=run,
        metric=metric,
        langs=clean.langs,
        clean=clean.of(run, metric),
        typo=np.array([draws.of(draw, metric) for draw in draws.runs]),
        overlap=overlap,
        operators=None if edits is None else np.array([[_slip(e, q).operator for q in ids] for e in edits]),
        severity=None if edits is None else np.array([[_slip(e, q).severity for q in ids] for e in edits]),
        macro=metric in clean.macro,
    )


_NO_SLIP = Slip("none", 0.0)


def _slip(edits: Mapping[str, Slip], query_id: str) -> Slip:
    return edits.get(query_id, _NO_SLIP)


def top_overlap(clean: Run, draws: Sequence[Run], query_ids: Sequence[str]) -> NDArray[np.float64]:
    """``(draws, n)`` rank-biased overlap of the first ten passages, clean against misspelt."""
    rankings = [_ids(clean.get(query_id, [])) for query_id in query_ids]
    return np.array(
        [[rbo(r, _ids(draw.get(q, []))) for q, r in zip(query_ids, rankings, strict=True)] for draw in draws]
    )


def _ids(hits: Sequence[Hit]) -> list[str]:
    return [hit.doc_id for hit in best_first(hits)[:10]]


def robustness(paired: PairedScores, by: By | None = None, bootstrap: Bootstrap | None = None) -> list[Robustness]:
    """The cost of typos over all queries and, with ``by``, for each language or tier."""
    bootstrap = bootstrap or Bootstrap()
    n = len(paired.clean)
    rows = [_row(paired, "all", np.ones((1, n), dtype=np.bool_), bootstrap)]
    labels = np.array(paired.langs if by == "lang" else [tier(lang) for lang in paired.langs] if by == "tier" else [])
    order = [name for name in TIERS if name in labels] if by == "tier" else sorted(set(labels))
    return rows + [_row(paired, name, (labels == name)[None], bootstrap) for name in order]


def robustness_by_operator(paired: PairedScores, bootstrap: Bootstrap | None = None) -> list[Robustness]:
    """The cost of each kind of slip: over the draws in which a query got it.

    Raises:
        InputError: the slips are not known.
    """
    if paired.operators is None:
        raise InputError("the kinds of slips are not known: give the edits that the typo generator wrote")
    names = sorted(set(paired.operators.ravel().tolist()))
    return [_row(paired, name, paired.operators == name, bootstrap or Bootstrap()) for name in names]


def _row(paired: PairedScores, group: str, keep: NDArray[np.bool_], bootstrap: Bootstrap) -> Robustness:
    """One row from the cells ``(draws or 1, n)`` of the table that belong to the group."""
    cells = np.broadcast_to(keep, paired.typo.shape) & ~np.isnan(paired.typo) & ~np.isnan(paired.clean)
    typo = mean_of_draws(np.where(cells, paired.typo, np.nan))
    clean = np.where(np.isnan(typo), np.nan, paired.clean)
    change = np.where(cells, paired.typo - paired.clean, np.nan)
    strata = paired.langs if paired.macro else None
    ratio = bootstrap.ratio(typo, clean, strata)
    drop = bootstrap.difference(clean, typo, strata)
    return Robustness(
        run=paired.run,
        metric=paired.metric,
        group=group,
        queries=int((~np.isnan(typo)).sum()),
        draws=len(paired.typo),
        clean=mean_over(clean, strata),
        typo=mean_over(typo, strata),
        drop=drop,
        relative_drop=Interval(1 - ratio.estimate, 1 - ratio.high, 1 - ratio.low),
        hurt=_share(change < -_CHANGED, cells),
        helped=_share(change > _CHANGED, cells),
        overlap=float("nan") if paired.overlap is None else nanmean(np.where(cells, paired.overlap, np.nan)),
    )


def _share(event: NDArray[np.bool_], cells: NDArray[np.bool_]) -> float:
    """Mean over queries of the share of their draws with the event."""
    return nanmean(mean_of_draws(np.where(cells, event, np.nan)))


def mean_of_draws(table: NDArray[np.float64]) -> Scores:
    """``(draws, n)`` -> ``(n,)``; draws that are NaN do not count."""
    counted = ~np.isnan(table)
    number = counted.sum(axis=0)
    total = np.where(counted, table, 0.0).sum(axis=0)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)
