"""What cheaper rules cost: the same estimate with one thing changed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from xqg_pyserini.estimate.estimation import Estimate, estimate_stages
from xqg_pyserini.estimate.machine import Machine
from xqg_pyserini.estimate.workload import Workload

#: Share of the generated queries that the row on duplicates supposes to be some.
_DUPLICATES = 0.1


@dataclass(frozen=True)
class Alternative:
    """A cheaper way to do the same.

    Attributes:
        change: what is done instead.
        how: the option, or the command that does it.
        estimate: what everything takes then.
    """

    change: str
    how: str
    estimate: Estimate


def find_alternatives(workload: Workload, machine: Machine) -> list[Alternative]:
    """Each cheaper way that the workload leaves open, by itself."""
    return [Alternative(change, how, estimate_stages(other, machine)) for change, how, other in _changes(workload)]


def _changes(workload: Workload) -> Iterator[tuple[str, str, Workload]]:
    if workload.dtype != "float16":
        yield "vectors in 16 bits", "--dtype float16", replace(workload, dtype="float16")
    if workload.texts:
        yield "no texts in the index", "encode --no-texts", replace(workload, texts=False)
    if workload.components:
        yield "no components", "augment without --keep-components", replace(workload, components=False)
    per_language = workload.queries_per_passage / workload.languages
    if per_language >= 4:
        half = replace(workload, queries_per_passage=workload.languages * (per_language // 2))
        yield f"{per_language // 2:.0f} queries per language", "generate --queries", half
    if per_language > 1:
        fewest = replace(workload, queries_per_passage=workload.languages)
        yield "one query per language", "generate --queries 1", fewest
    if workload.languages > 1 and workload.queries_per_passage:
        fewer = workload.languages - 1
        left = replace(workload, languages=fewer, queries_per_passage=per_language * fewer)
        yield "one language less", "generate --languages", left
    if workload.queries_per_passage:
        kept = replace(workload, kept=workload.kept * (1 - _DUPLICATES))
        yield f"{_DUPLICATES:.0%} duplicates dropped", "generate filter", kept


def leave_one_out_seconds(workload: Workload, machine: Machine, passages: int) -> float:
    """Time of ``xqg index sweep --leave-one-out`` on a sample of the passages, which tells which languages matter.

    The sweep encodes and adds up the queries of the sample as an augmentation does, once for all settings.
    """
    sample = replace(workload, passages=min(passages, workload.passages), workers=1)
    costs = estimate_stages(sample, machine)
    return sum(stage.seconds or 0 for stage in costs.stages if stage.stage.startswith("index augment"))
