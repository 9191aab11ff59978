"""Fusion of runs through ranx.

Two things are not left to it. ranx wants every query in every run, so the queries are grouped by the runs that have
them, and weights follow their runs. And ranx's min-max normalisation gives 0 to scores that are all the same: a run's
only passage would count as its worst; here it gets 1, as the best of its run.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from xqg_pyserini.errors import InputError
from xqg_pyserini.quiet import quiet_numba
from xqg_pyserini.records import Hit, Run
from xqg_pyserini.registry import unknown_name
from xqg_pyserini.trec import check_run

_FUSIONS = ["comb_sum", "comb_mnz", "comb_med", "comb_min", "comb_max", "comb_anz", "comb_gmnz", "isr", "log_isr",
            "logn_isr", "rrf", "wsum", "bordafuse", "w_bordafuse", "condorcet", "w_condorcet"]  # fmt: skip
_NORMALISATIONS = ["min-max", "max", "sum", "zmuv", "rank", "borda"]
#: How a dense and a lexical run can be merged.
HYBRID_FUSIONS = ("rrf", "interpolation")


def fuse_runs(
    runs: Sequence[Run],
    method: str = "rrf",
    normalisation: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    depth: int = 1000,
) -> Run:
    """Merge runs into one; equal fused scores are ordered by passage id.

    Args:
        runs: two or more; a query that one lacks is fused from the others, with their own weights.
        method: ranx's name (``rrf``, ``comb_sum``, ``wsum`` …); methods that must be trained are not offered.
        normalisation: of the scores beforehand (``min-max``, ``zmuv`` …); None for none.
        parameters: of the method, such as ``{"k": 60}`` or ``{"weights": (0.7, 0.3)}``.
        depth: number of passages kept for each query.

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
    weights = (parameters or {}).get("weights")
    if weights is not None and len(weights) != len(runs):
        raise InputError(f"{len(weights)} weights for {len(runs)} runs: one for each is needed")
    for number, run in enumerate(runs, start=1):
        check_run(str(number), run)
    fused: Run = {query_id: [] for query_id in query_ids}
    # numbers of the runs that have a query -> the query ids of which that is so
    groups = defaultdict[tuple[int, ...], list[str]](list)
    for query_id in query_ids:
        groups[tuple(number for number, run in enumerate(runs) if run.get(query_id))].append(query_id)
    for present, ids in groups.items():
        chosen = [runs[number] for number in present]
        if len(chosen) == 1:
            fused |= {query_id: list(chosen[0][query_id][:depth]) for query_id in ids}
        else:
            own = dict(parameters or {})
            if weights is not None:
                own["weights"] = tuple(weights[number] for number in present)
            fused |= _fuse(chosen, ids, method, normalisation, own, depth)
    return fused


def fuse_hybrid(dense: Run, lexical: Run, method: str = "rrf", weight: float = 0.5, depth: int = 1000) -> Run:
    """Merge a dense and a lexical run.

    Args:
        dense: the dense run.
        lexical: the lexical run.
        method: ``rrf``, reciprocal rank fusion with k = 60 (Cormack, Clarke and Büttcher, SIGIR 2009), or
            ``interpolation``, the weighted sum of min-max normalised scores.
        weight: weight of the dense scores in an interpolation, from 0 to 1.
        depth: number of passages kept for each query.

    Raises:
        UnknownNameError: no such method.
        InputError: neither run has a hit.
    """
    if method == "rrf":
        return fuse_runs([dense, lexical], "rrf", depth=depth)
    if method != "interpolation":
        raise unknown_name("hybrid fusion", method, list(HYBRID_FUSIONS))
    return fuse_runs([dense, lexical], "wsum", "min-max", {"weights": (weight, 1 - weight)}, depth)


def _fuse(
    runs: Sequence[Run],
    query_ids: Sequence[str],
    method: str,
    normalisation: str | None,
    parameters: dict[str, Any],
    depth: int,
) -> Run:
    import ranx

    if normalisation == "min-max":
        runs, normalisation = [{query_id: _min_max(run[query_id]) for query_id in query_ids} for run in runs], None
    tables = [
        ranx.Run({query_id: {hit.doc_id: float(hit.score) for hit in run[query_id]} for query_id in query_ids})
        for run in runs
    ]
    try:
        with quiet_numba():
            fused = ranx.fuse(runs=tables, norm=normalisation, method=method, params=parameters or None)
    except (TypeError, KeyError) as error:
        raise InputError(f"parameters {parameters!r} do not fit fusion {method!r}: {error}") from None
    return {
        query_id: sorted(
            (Hit(doc_id, float(score)) for doc_id, score in dict(fused.run[query_id]).items()),
            key=lambda hit: (-hit.score, hit.doc_id),
        )[:depth]
        for query_id in query_ids
    }


def _min_max(hits: Sequence[Hit]) -> list[Hit]:
    """Scores from 0 for a run's worst passage to 1 for its best; 1 where all are the same."""
    scores = [hit.score for hit in hits]
    low, width = min(scores), max(scores) - min(scores)
    return [Hit(doc_id, (score - low) / width if width else 1.0) for doc_id, score in hits]
