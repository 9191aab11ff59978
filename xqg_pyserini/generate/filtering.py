"""Filtering a store: what is measured of its queries is measured once, verdicts follow from thresholds that may move.

The file of queries is written anew, measures first and then verdicts, and takes its name in one step; nothing that a
generator wrote is changed or deleted. Measuring can be resumed.
"""

import contextlib
import os
import shutil
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import batched, islice
from pathlib import Path
from typing import Any

from xqg_pyserini.errors import OutputExistsError, XqgError
from xqg_pyserini.generate.filters import FILTERS, MEASURES, Thresholds, Tools
from xqg_pyserini.generate.filters.base import DEPTH, Candidates, LanguageFacts, count_facts
from xqg_pyserini.generate.query_row import QueryRow
from xqg_pyserini.generate.store import StoreMeta, StoreWriter, read_meta_of_store, read_store
from xqg_pyserini.generate.summary import LanguageSummary, StoreSummary
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.generated_queries import KEEP, STORE_COMPLETIONS, STORE_META, STORE_QUERIES
from xqg_pyserini.storage.index_writer import work_directory
from xqg_pyserini.storage.jobs import as_job, input_state

#: Rows measured together: enough queries for full batches and searches. Vectors, and so the last digits of measures,
#: depend on it, and a resumed run begins where a block begins.
_BLOCK = 1024
#: Filters used where none are named: those that need nothing, and those that need an index or texts where these are.
_ALWAYS = ("length", "language")
#: What comes last, because it keeps the best of what the others leave.
_LAST = "duplicate"


@dataclass(frozen=True)
class FilterOptions:
    """Which filters reject what.

    Args:
        filters: names in ``FILTERS``, in the order in which a query gets its verdict; None takes those for which
            ``Tools`` are there. ``duplicate`` always comes last.
        thresholds: what they reject.
    """

    filters: tuple[str, ...] | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)

    def names(self, measured: Collection[str]) -> list[str]:
        """The filters to use.

        Args:
            measured: the measures in ``MEASURES`` that are known or can be taken.

        Raises:
            UnknownNameError: no such filter.
            XqgError: no filter at all, or a rank that is not measured.
        """
        if not 1 <= self.thresholds.round_trip <= DEPTH:
            raise XqgError(f"round trip {self.thresholds.round_trip}: ranks from 1 to {DEPTH} are measured")
        names = list(self.filters if self.filters is not None else self._defaults(measured))
        for name in names:
            FILTERS.get(name)
        if not names:
            raise XqgError(f"at least one filter is needed, of: {', '.join(FILTERS)}")
        return sorted(dict.fromkeys(names), key=lambda name: name == _LAST)

    def _defaults(self, measured: Collection[str]) -> Iterator[str]:
        yield from _ALWAYS
        if "copied" in measured:
            yield "copied"
        if "round-trip" in measured:
            yield "round-trip"
            if self.thresholds.margin is not None or self.thresholds.percentile is not None:
                yield "margin"
        yield _LAST


def filter_store(store: Path, options: FilterOptions | None = None, tools: Tools | None = None) -> StoreSummary:
    """Measure the queries of a store as far as that has not been done, and write a verdict on each.

    Args:
        store: the directory; its file of queries is replaced in one step.
        options: filters and thresholds.
        tools: the index and the texts that filters need.

    Raises:
        XqgError: a filter needs what ``tools`` does not have, an unknown filter, or the store is being written.
        InputError: the directory is no store, or the index or corpus does not hold one of its passages.
    """
    options, tools = options or FilterOptions(), tools or Tools()
    meta = read_meta_of_store(store)
    known = meta.filtered.get("measures", {})
    names = options.names({*known, *tools.measures()})
    wanted = dict.fromkeys(FILTERS.get(name).measure for name in names if FILTERS.get(name).measure)
    settings = as_job({name: _settings(name, tools, known.get(name)) for name in wanted})
    missing = [name for name in wanted if name not in known or known[name] != settings[name]]
    for name in missing:
        # what is not there is missed before anything is written
        MEASURES.get(name)((), tools)
    if missing:
        filtered = {"measures": {**known, **settings}}
        meta = _measure(store, replace(meta, filtered=filtered), missing, tools)
    return _judge(store, meta, names, options.thresholds)


def _settings(measure: str, tools: Tools, known: Any) -> Any:
    """What a measure depends on: it is measured again where that has changed. Without a tool, what is known stays."""
    if measure == "round-trip":
        return tools.round_trip.describe() if tools.round_trip else known
    if measure == "copied" and tools.texts is None:
        return known
    return {}


def _measure(store: Path, meta: StoreMeta, missing: list[str], tools: Tools) -> StoreMeta:
    """Write the store anew with the measures that are missing, from where an interrupted run stopped."""
    job = {"measures": {name: meta.filtered["measures"][name] for name in missing}}
    with _rewriting(store, job) as writer, progress(unit="queries", what="measure queries") as bar:
        # whole blocks are measured, also where a kill left part of one
        start = writer.count - writer.count % _BLOCK
        for block in batched(islice(read_store(store), start, None), _BLOCK):
            measured = [MEASURES.get(name)(block, tools) for name in missing]
            rows = []
            for row, *columns in zip(block, *measured, strict=True):
                measures = dict(row.measures)
                for column in columns:
                    measures |= column
                rows.append(row._replace(measures=measures, verdicts=[]))
            writer.add(rows[max(0, writer.count - start) :])
            start += len(block)
            bar.update(sum(len(row.queries) for row in block))
        writer.finish(meta=meta)
    return meta


def _judge(store: Path, meta: StoreMeta, names: list[str], thresholds: Thresholds) -> StoreSummary:
    """Write the store anew with verdicts."""
    facts: dict[str, LanguageFacts] = {}
    for block in batched(read_store(store), _BLOCK):
        count_facts(facts, block)
    summary = StoreSummary({language: LanguageSummary() for language in sorted(facts)})
    judged = {"filters": names, "thresholds": asdict(thresholds)}
    with _rewriting(store, judged) as writer, progress(unit="queries", what="judge queries") as bar:
        start = 0
        for block in batched(read_store(store), _BLOCK):
            rows = [row._replace(verdicts=verdicts_of(row, names, thresholds, facts[row.language])) for row in block]
            for row in rows:
                summary.languages[row.language].add(row)
            writer.add(rows[max(0, writer.count - start) :])
            start += len(block)
            bar.update(sum(len(row.queries) for row in block))
        writer.finish(meta=replace(meta, filtered={**meta.filtered, **judged}))
    return summary


def verdicts_of(row: QueryRow, names: list[str], thresholds: Thresholds, facts: LanguageFacts) -> list[str]:
    """For each query of a row ``keep``, or the first of the filters that rejects it."""
    verdicts = [KEEP] * len(row.queries)
    for name in names:
        alive = [verdict == KEEP for verdict in verdicts]
        if not any(alive):
            break
        rejected = FILTERS.get(name).rejects(Candidates(row, alive, thresholds, facts))
        verdicts = [
            name if is_alive and is_rejected else verdict
            for verdict, is_alive, is_rejected in zip(verdicts, alive, rejected, strict=True)
        ]
    return verdicts


@contextlib.contextmanager
def _rewriting(store: Path, job: dict[str, Any]) -> Iterator[StoreWriter]:
    """A writer of the store's next state, with what was paid for carried over.

    Raises:
        OutputExistsError: unfinished work of a generator lies beside the store.
    """
    made = {"filtering": job, "store": input_state(store / STORE_QUERIES)}
    work = work_directory(store)
    if (work / STORE_META).exists() and "filtering" not in read_meta_of_store(work).made:
        raise OutputExistsError(f"{work} holds unfinished work of a generator: finish it or delete it")
    # what is left of another filtering cost nothing but time
    with StoreWriter(store, made, overwrite=True) as writer:
        if (store / STORE_COMPLETIONS).exists():
            (work / STORE_COMPLETIONS).unlink(missing_ok=True)
            _link_or_copy(store / STORE_COMPLETIONS, work / STORE_COMPLETIONS)
        yield writer


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
