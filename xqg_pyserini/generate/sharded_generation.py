"""Generating queries by the workers of a cluster, into the store that one process would write."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from math import gcd
from pathlib import Path
from typing import Any

from xqg_pyserini.encode.corpus_index import Shard
from xqg_pyserini.encode.fingerprint import corpus_hash
from xqg_pyserini.engine import RayEngine, ShardedJob, ShardPlan, finished_parts
from xqg_pyserini.engine.forward_reader import ForwardReader
from xqg_pyserini.errors import InputError, XqgError
from xqg_pyserini.files import read_json, write_json
from xqg_pyserini.generate.generation import (
    GenerationOptions,
    GenerationReport,
    OpenedGeneration,
    ShardPassages,
)
from xqg_pyserini.generate.store import StoreWriter, merge_stores
from xqg_pyserini.records import Passage

_STORE, _REPORT = "queries", "report.json"


def generate_on(
    engine: RayEngine, passages: Iterable[Passage], options: GenerationOptions, output: Path, overwrite: bool = False
) -> GenerationReport:
    """Generate queries by workers; see ``generate_queries``, whose rows this gives.

    Args:
        engine: the workers. Each loads the model and reads the corpus, which all must find under the same name.
        passages: the corpus.
        options: see ``GenerationOptions``; the shard is the whole.
        output: directory of the store to write; it appears when it is complete.
        overwrite: replace a store that is there.

    Raises:
        XqgError: the backend asks a server or looks queries up; and see ``RayEngine.compute``.
        OutputExistsError: see ``generate_queries``.
        InputError: the corpus has no passages, or changed meanwhile.
    """
    opened = OpenedGeneration(options)
    if not opened.backend.in_shards:
        raise XqgError(
            f"backend {options.backend!r} runs no model that workers could share: leave --engine ray out (for a "
            f"server, --concurrency sets how much it does at once)"
        )
    total, digest = corpus_hash(passages)
    if not total:
        raise InputError("the corpus is empty")
    made = opened.made(f"{total} passages, {digest}", Shard())
    # tasks whose batches are chosen together stay together
    stride = opened.backend.stride
    plan = ShardPlan(total, stride // gcd(stride, len(opened.languages)))
    work = _GenerationWork(passages.__iter__, options, made, plan)
    job = ShardedJob(output, {"stage": "generate", **made}, plan, work.open, "generate", "passages")
    with finished_parts(job, engine, overwrite) as parts:
        rows = merge_stores([part / _STORE for part in parts], output, overwrite)
        reports = [read_json(part / _REPORT) for part in parts]
    queries, unusual = (sum(report[name] for report in reports) for name in ("queries", "unusual"))
    return GenerationReport(rows, queries, unusual, {})


@dataclass(frozen=True)
class _GenerationWork:
    """What is sent to workers."""

    passages: Callable[[], Iterator[Passage]]
    options: GenerationOptions
    made: dict[str, Any]
    plan: ShardPlan

    def open(self) -> "_ShardGenerator":
        return _ShardGenerator(self)


class _ShardGenerator:
    """Generates for shards; see ``ShardWorker``."""

    def __init__(self, work: _GenerationWork) -> None:
        self._work, self._reader, self._opened = work, ForwardReader(work.passages), OpenedGeneration(work.options)
        if self._opened.made(work.made["corpus"], Shard()) != work.made:
            raise XqgError("this worker's model is another one than that of the job: give all machines the same one")

    def write_part(self, number: int, folder: Path) -> None:
        rows, shard = self._work.plan.rows(number), Shard(number + 1, len(self._work.plan))
        passages = ShardPassages(self._reader.rows(rows), range(len(rows)))
        with StoreWriter(folder / _STORE, {**self._work.made, "shard": str(shard)}) as writer:
            report = self._opened.fill(writer, passages)
            writer.finish(report.spent)
        write_json(folder / _REPORT, asdict(report))
