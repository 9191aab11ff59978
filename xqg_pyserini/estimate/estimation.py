"""Time, disk and memory of each stage for a workload on machines of one kind."""

from collections.abc import Iterator
from dataclasses import dataclass

from xqg_pyserini.estimate import formulae
from xqg_pyserini.estimate.amounts import bytes_text, count_text
from xqg_pyserini.estimate.machine import Machine
from xqg_pyserini.estimate.workload import Workload


@dataclass(frozen=True)
class StageCost:
    """What one stage takes.

    Attributes:
        stage: the stage and what it does there.
        seconds: from start to end with all workers; None where nothing was measured.
        disk: bytes that it leaves on the disk, all workers together.
        memory: bytes of memory of one worker.
        basis: the speed it follows from.
        workers: how many work at it at once.
        mapped: bytes of files that a search maps into memory.
    """

    stage: str
    seconds: float | None
    disk: int
    memory: int
    basis: str
    workers: int = 1
    mapped: int = 0


@dataclass(frozen=True)
class Estimate:
    """The costs of all stages, in their order."""

    workload: Workload
    machine: Machine
    stages: tuple[StageCost, ...]

    @property
    def seconds(self) -> float:
        """Time of the stages that were measured, one after the other."""
        return sum(stage.seconds or 0 for stage in self.stages)

    @property
    def disk(self) -> int:
        """Bytes of all that is left on the disk."""
        return sum(stage.disk for stage in self.stages)

    @property
    def memory(self) -> int:
        """The most memory that a worker needs, mapped files not counted."""
        return max(stage.memory for stage in self.stages)

    @property
    def worker_hours(self) -> float:
        """Hours of all workers, each counted while it works."""
        return sum((stage.seconds or 0) * stage.workers for stage in self.stages) / 3600

    def stage(self, name: str) -> StageCost:
        """The first stage whose name begins with ``name``."""
        return next(stage for stage in self.stages if stage.stage.startswith(name))


def estimate_stages(workload: Workload, machine: Machine) -> Estimate:
    """Estimate what each stage takes; each worker is such a machine and has an equal part of the passages.

    Raises:
        XqgError: the numbers of the workload do not fit each other.
    """
    workload.check()
    return Estimate(workload, machine, tuple(_stages(workload, machine)))


def _stages(workload: Workload, machine: Machine) -> Iterator[StageCost]:
    yield _encode(workload, machine)
    if workload.queries_per_passage:
        yield _generate(workload, machine)
        yield _encode_queries(workload, machine)
        yield _augment(workload, machine)
    if is_merged(workload):
        yield _merge(workload, machine)
    yield _search(workload, machine)


def is_merged(workload: Workload) -> bool:
    """Whether the workers' parts become one index: where an index can hold as many passages."""
    return workload.workers > 1 and workload.passages < formulae.MOST_ROWS


def index_directory_bytes(workload: Workload, machine: Machine) -> int:
    """The index directory of all passages: vectors, ids and, where it holds them, texts."""
    texts = 0
    if workload.texts:
        # beside its texts, a line has the id's digits
        line = machine.passage_bytes + formulae.docid_digits(workload.passages) / workload.passages
        texts = formulae.texts_bytes(workload.passages, machine.packed_bytes, line)
    return _vectors_and_ids(workload, machine) + texts


def _vectors_and_ids(workload: Workload, machine: Machine) -> int:
    vectors = formulae.index_bytes(workload.passages, machine.dim, workload.dtype)
    return vectors + formulae.docid_bytes(workload.passages)


def _encode(workload: Workload, machine: Machine) -> StageCost:
    """``encode.corpus_index``: what is encoded is written chunk by chunk."""
    own = workload.per_worker
    encoding = own / machine.passages_per_second + own / machine.written_per_second
    return StageCost(
        "encode",
        machine.start_seconds + _reading(workload, machine) + encoding,
        index_directory_bytes(workload, machine),
        machine.process_bytes + formulae.checked_memory(workload.passages),
        f"{speed(machine.passages_per_second)} passages/s of {machine.passage_tokens:.0f} tokens",
        workload.workers,
    )


def _reading(workload: Workload, machine: Machine) -> float:
    """Seconds for checking the corpus, and for its fingerprint: each worker of several reads all of it for both.

    The reading for the fingerprint of a single worker is part of what is measured as writing.
    """
    return workload.passages / machine.read_per_second * (1 if workload.workers == 1 else 2)


def _generate(workload: Workload, machine: Machine) -> StageCost:
    """``generate.generation``: samples of a sequence-to-sequence model."""
    rate = machine.generated_per_second
    return StageCost(
        "generate",
        _reading(workload, machine) + workload.generated / workload.workers / rate if rate else None,
        formulae.store_bytes(workload.passages, workload.languages, workload.queries_per_passage, machine.query_bytes),
        machine.process_bytes + formulae.checked_memory(workload.passages),
        f"{speed(rate)} queries/s by {machine.generator}" if rate else "time not measured: name a generator",
        workload.workers,
    )


def _encode_queries(workload: Workload, machine: Machine) -> StageCost:
    """``index.text_queries``: an augmentation encodes each query once and keeps no vector of it."""
    return StageCost(
        "index augment, encoding queries",
        machine.start_seconds + workload.augmented / workload.workers / machine.queries_per_second,
        0,
        machine.process_bytes + formulae.augment_memory(workload.per_worker),
        f"{speed(machine.queries_per_second)} queries/s of {machine.query_tokens:.0f} tokens",
        workload.workers,
    )


def _augment(workload: Workload, machine: Machine) -> StageCost:
    """``index.augment``: reading, finding and adding up; texts are a link to those of the base index."""
    components = 0
    if workload.components:
        components = formulae.components_bytes(workload.passages, machine.dim, workload.languages)
    return StageCost(
        "index augment, sums and writing",
        workload.augmented / workload.workers / machine.summed_per_second,
        _vectors_and_ids(workload, machine) + components,
        machine.process_bytes + formulae.augment_memory(workload.per_worker),
        f"{speed(machine.summed_per_second)} queries/s",
        workload.workers,
    )


def _merge(workload: Workload, machine: Machine) -> StageCost:
    """``index.merge``: what the workers have written is written once more, by one of them."""
    size = index_directory_bytes(workload, machine)
    return StageCost(
        "index merge",
        size / machine.written_bytes_per_second,
        size,
        machine.process_bytes,
        f"{bytes_text(machine.written_bytes_per_second)}/s written",
    )


def _search(workload: Workload, machine: Machine) -> StageCost:
    """``search.opened_index``, exact: each query is compared with every passage, a thousand queries together."""
    # where the parts are not merged, each worker searches its own
    parts = 1 if is_merged(workload) else workload.workers
    own = -(-workload.passages // parts)
    return StageCost(
        f"search, {count_text(workload.searched)} queries",
        machine.start_seconds
        + workload.searched / machine.queries_per_second
        + workload.searched * own / machine.scores_per_second,
        0,
        machine.process_bytes + formulae.search_memory(own),
        f"{speed(machine.scores_per_second)} scores/s",
        parts,
        formulae.index_bytes(own, machine.dim, workload.dtype),
    )


def speed(rate: float) -> str:
    """A speed with three digits: ``31.8``, ``336``, ``131M``."""
    return count_text(float(f"{rate:.3g}"))
