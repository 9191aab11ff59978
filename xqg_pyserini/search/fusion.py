"""Fusion of runs through ranx."""

from collections.abc import Mapping, Sequence
from typing import Any

from xqg_pyserini.errors import InputError
from xqg_pyserini.quiet import quiet_numba
from xqg_pyserini.records import Hit, Run
from xqg_pyserini.trec import check_run

_FUSIONS = ["comb_sum", "comb_mnz", "comb_med", "comb_min", "comb_max", "comb_anz", "comb_gmnz", "isr", "log_isr",
            "logn_isr", "rrf", "wsum", "bordafuse", "w_bordafuse", "condorcet", "w_condorcet"]  # fmt: skip
_NORMALISATIONS = ["min-max", "max", "sum", "zmuv", "rank", "borda"]


def fuse_runs(
    runs: Sequence[Run],
    method: str = "rrf",
    normalisation: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    depth: int = 1000,
) -> Run:
    """Merge runs into one; equal fused scores are ordered by passage id.

    Args:
        runs: two or more; a query that one lacks is fused from the others.
        method: ranx's name (``rrf``, ``comb_sum``, ``wsum`` …); methods that must be trained take no part.
        normalisation: of the scores beforehand (``min-max``, ``zmuv`` …); none where left out.
        parameters: of the method, such as ``{"k": 60}`` or ``{"weights": (0.7, 0.3)}``.
        depth: passages kept for each query.

    Raises:
        InputError: fewer than two runs, runs without any hits, or a name or parameter that does not fit.
    """
    if method not in _FUSIONS or normalisation not in [None, *_NORMALISATIONS]:
        raise InputError(
            f"fusion {method!r} with normalisation {normalisation!r}: fusions are {', '.join(_FUSIONS)}; "
            f"normalisations are {', '.join(_NORMALISATIONS)} or none"
        )
    query_ids = sorted({query_id for run in runs for query_id, hits in run.items() if hits})
    if len(runs) < 2 or not query_ids:
        raise InputError(f"nothing to fuse: {len(runs)} runs, {len(query_ids)} queries with hits")
    for number, run in enumerate(runs, start=1):
        check_run(str(number), run)
    fused: Run = {query_id: [] for query_id in query_ids}
    for ids in _by_presence(runs, query_ids):
        present = [run for run in runs if run.get(ids[0])]
        if len(present) == 1:
            fused |= {query_id: list(present[0][query_id][:depth]) for query_id in ids}
        else:
            fused |= _fuse(present, ids, method, normalisation, dict(parameters or {}), depth)
    return fused


def _by_presence(runs: Sequence[Run], query_ids: Sequence[str]) -> list[list[str]]:
    """Query ids grouped by which runs have them: ranx wants the same queries in all runs."""
    groups: dict[tuple[bool, ...], list[str]] = {}
    for query_id in query_ids:
        groups.setdefault(tuple(bool(run.get(query_id)) for run in runs), []).append(query_id)
    return list(groups.values())


def _fuse(
    runs: Sequence[Run],
    query_ids: Sequence[str],
    method: str,
    normalisation: str | None,
    parameters: dict[str, Any],
    depth: int,
) -> Run:
    import ranx

    tables = [ranx.Run({q: {h.doc_id: float(h.score) for h in run[q]} for q in query_ids}) for run in runs]
    try:
        with quiet_numba():
            fused = ranx.fuse(runs=tables, norm=normalisation, method=method, params=parameters or None)
    except (TypeError, KeyError) as error:
        raise InputError(f"parameters {parameters!r} do not fit fusion {method!r}: {error}") from None
    return {
        query_id: [Hit(d, float(s)) for d, s in sorted(dict(fused.run[query_id]).items(), key=_best_first)[:depth]]
        for query_id in query_ids
    }


def _best_first(item: tuple[str, float]) -> tuple[float, str]:
    return -item[1], item[0]
