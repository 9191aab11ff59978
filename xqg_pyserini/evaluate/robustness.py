"""What typos cost a run: clean queries against the same queries misspelled.

The unit is the query: its scores over the typo runs are averaged first, so that ten variants of a query do not count
as ten independent queries.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.intervals import BOOTSTRAP, Bootstrap, Interval
from xqg_pyserini.evaluate.scores import ALL, By, group_masks, mean_over
from xqg_pyserini.evaluate.typo_runs import PairedScores, mean_of_typo_runs

#: A score counts as changed beyond this.
_CHANGED = 1e-9


@dataclass(frozen=True)
class Robustness:
    """What typos cost one run on one metric in one group of queries.

    Args:
        group: language, tier, operator or ``all``.
        clean: mean score on clean queries.
        typo: mean score on misspelled queries.
        drop: clean minus typo.
        relative_drop: 1 - typo / clean, a ratio of means.
        hurt: share of queries that score less, averaged over typo runs.
        helped: share of queries that score more, averaged over typo runs.
        overlap: mean RBO of the first ten passages; NaN where not measured.
    """

    run: str
    metric: str
    group: str
    queries: int
    typo_runs: int
    clean: float
    typo: float
    drop: Interval
    relative_drop: Interval
    hurt: float
    helped: float
    overlap: float


def measure_robustness(
    paired: PairedScores, by: By | None = None, bootstrap: Bootstrap = BOOTSTRAP
) -> list[Robustness]:
    """The cost of typos over all queries and, with ``by``, for each language or tier."""
    masks = {ALL: np.ones(len(paired.clean), dtype=np.bool_)} | group_masks(paired.languages, by)
    return [_row(paired, group, mask, bootstrap) for group, mask in masks.items()]


def measure_robustness_by_operator(paired: PairedScores, bootstrap: Bootstrap = BOOTSTRAP) -> list[Robustness]:
    """The cost of each typo operator: over the typo runs in which a query got it.

    Raises:
        InputError: the operators are not known.
    """
    if paired.operators is None:
        raise InputError("the typo operators are not known: give the edits that the typo generator wrote")
    return [_row(paired, name, paired.operators == name, bootstrap) for name in np.unique(paired.operators).tolist()]


def _row(paired: PairedScores, group: str, keep: NDArray[np.bool_], bootstrap: Bootstrap) -> Robustness:
    """One row from the cells ``(n,)`` or ``(typo runs, n)`` of the table that belong to the group."""
    cells = np.broadcast_to(keep, paired.typo.shape) & ~np.isnan(paired.typo) & ~np.isnan(paired.clean)
    typo = mean_of_typo_runs(np.where(cells, paired.typo, np.nan))
    clean = np.where(np.isnan(typo), np.nan, paired.clean)
    change = np.where(cells, paired.typo - paired.clean, np.nan)
    strata = paired.languages if paired.macro else None
    ratio = bootstrap.ratio(typo, clean, strata)
    drop = bootstrap.difference(clean, typo, strata)
    return Robustness(
        run=paired.run,
        metric=paired.metric,
        group=group,
        queries=int((~np.isnan(typo)).sum()),
        typo_runs=len(paired.typo),
        clean=mean_over(clean, strata),
        typo=mean_over(typo, strata),
        drop=drop,
        relative_drop=Interval(1 - ratio.estimate, 1 - ratio.high, 1 - ratio.low),
        hurt=_share(change < -_CHANGED, cells),
        helped=_share(change > _CHANGED, cells),
        overlap=float("nan") if paired.overlap is None else mean_over(np.where(cells, paired.overlap, np.nan).ravel()),
    )


def _share(event: NDArray[np.bool_], cells: NDArray[np.bool_]) -> float:
    """Mean over queries of the share of their typo runs with the event."""
    return mean_over(mean_of_typo_runs(np.where(cells, event, np.nan)))
