"""An estimate as people read it: tables in plain text, and what they do not say as sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xqg_pyserini.estimate.alternatives import find_alternatives, leave_one_out_seconds
from xqg_pyserini.estimate.amounts import bytes_text, count_text, duration_text
from xqg_pyserini.estimate.estimation import Estimate, StageCost, is_merged
from xqg_pyserini.estimate.formulae import MOST_ROWS
from xqg_pyserini.estimate.index_kinds import IndexKind, list_index_kinds

#: Passages of the sample on which languages are left out one by one.
SWEPT = 100_000
_HOURS_PER_MONTH = 730


@dataclass(frozen=True)
class Prices:
    """What machines cost, in any currency; None where it is not asked for.

    Args:
        worker_hour: an hour of a worker.
        node_memory: bytes of memory of a machine that serves, of which the index may use all.
        node_hour: an hour of such a machine.
        replicas: copies of each part of a served index.
    """

    worker_hour: float | None = None
    node_memory: float | None = None
    node_hour: float | None = None
    replicas: int = 1


def estimate_as_text(estimate: Estimate, prices: Prices) -> str:
    """The tables of stages, of cheaper ways and of kinds of index, with notes."""
    workload, machine = estimate.workload, estimate.machine
    lines = [
        f"{workload}",
        f"Speeds of a worker: {machine.note} ({machine.encoder}, {machine.backend}, {machine.device}).",
        "",
        *_stage_table(estimate, prices),
        "",
        *_alternative_table(estimate),
        "",
        *_kind_table(list_index_kinds(workload.passages, machine.dim), prices),
        "",
        *notes(estimate),
    ]
    return "\n".join(line.rstrip() for line in lines)


def _stage_table(estimate: Estimate, prices: Prices) -> list[str]:
    priced = prices.worker_hour is not None
    rows = [["stage", "time", *(["cost"] if priced else []), "disk", "memory", "mapped", "from"]]
    for stage in estimate.stages:
        time = "?" if stage.seconds is None else duration_text(stage.seconds)
        cost = [] if prices.worker_hour is None else [_cost(stage, prices.worker_hour)]
        sizes = (bytes_text(size) if size else "" for size in (stage.disk, stage.memory, stage.mapped))
        rows.append([stage.stage, time, *cost, *sizes, stage.basis])
    total = [_money(estimate.worker_hours * (prices.worker_hour or 0))] if priced else []
    measured = duration_text(estimate.seconds)
    rows.append(["all", measured, *total, bytes_text(estimate.disk), bytes_text(estimate.memory), "", ""])
    return _table(rows, left={0, len(rows[0]) - 1})


def _cost(stage: StageCost, worker_hour: float) -> str:
    return "?" if stage.seconds is None else _money(stage.seconds / 3600 * stage.workers * worker_hour)


def _alternative_table(estimate: Estimate) -> list[str]:
    rows = [["cheaper", "time", "disk", "mapped", "how"], ["as above", *_sums(estimate), ""]]
    for one in find_alternatives(estimate.workload, estimate.machine):
        rows.append([one.change, *_sums(one.estimate), one.how])
    return _table(rows, left={0, 4})


def _sums(estimate: Estimate) -> list[str]:
    search = estimate.stage("search")
    # where parts are not merged, each worker maps its own
    mapped = search.mapped * search.workers
    return [duration_text(estimate.seconds), bytes_text(estimate.disk), bytes_text(mapped)]


def _kind_table(kinds: Sequence[IndexKind], prices: Prices) -> list[str]:
    served = prices.node_memory is not None
    priced = served and prices.node_hour is not None
    rows = [
        ["index of all passages", "disk", "memory", *(["machines"] if served else []), *(["a month"] if priced else [])]
    ]
    for kind in kinds:
        row = [kind.name, bytes_text(kind.disk), bytes_text(kind.memory)]
        if prices.node_memory is not None:
            machines = kind.machines(prices.node_memory, prices.replicas)
            row.append(f"{machines:,}")
            if prices.node_hour is not None:
                row.append(_money(machines * prices.node_hour * _HOURS_PER_MONTH))
        rows.append(row)
    return _table(rows, left={0})


def notes(estimate: Estimate) -> Iterator[str]:
    """What the tables do not say, a sentence each."""
    workload, machine = estimate.workload, estimate.machine
    if workload.queries_per_passage and workload.languages > 1:
        swept = min(SWEPT, workload.passages)
        seconds = leave_one_out_seconds(workload, machine, swept)
        yield (
            f"Which languages matter: `xqg index sweep --leave-one-out` on {count_text(swept)} passages takes "
            f"{duration_text(seconds)} on one worker."
        )
    if workload.workers > 1 and not is_merged(workload):
        yield (
            f"An index holds up to {count_text(MOST_ROWS)} passages, whose rows are 32-bit numbers: the "
            f"{workload.workers} parts are not merged, and are searched as one by as many workers."
        )
    elif workload.passages >= MOST_ROWS:
        yield f"An index holds up to {count_text(MOST_ROWS)} passages: give --workers, each of which writes a part."
    if any(stage.seconds is None for stage in estimate.stages):
        yield "The time of all stages leaves out those with a question mark."
    yield "What a kind finds beside exact search depends on the vectors; `xqg index convert` measures it."


def _money(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 10 else f"{amount:.2f}"


def _table(rows: Sequence[Sequence[str]], left: set[int]) -> list[str]:
    """Rows in columns; the first row is the head, the columns ``left`` begin at the left."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
