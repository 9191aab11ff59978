"""From queries to a trained query encoder, in named steps; a killed run goes on at its last checkpoint."""

import json
import logging
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xqg_pyserini.encode.adapter import find_adapter
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import MissingExtraError, OutputExistsError, XqgError
from xqg_pyserini.files import check_output_directory, read_json, write_json
from xqg_pyserini.records import Query
from xqg_pyserini.train.held_out import Robustness
from xqg_pyserini.train.output import OUTPUT_FILES, Report, write_output
from xqg_pyserini.train.processes import Processes
from xqg_pyserini.train.recipe import Recipe, Tuning
from xqg_pyserini.train.student import Student
from xqg_pyserini.train.teacher import Teacher, teach
from xqg_pyserini.train.training_queries import Split, split_queries

if TYPE_CHECKING:
    from xqg_pyserini.train.trainer import QueryTrainer

logger = logging.getLogger(__name__)

_JOB = "job.json"


@dataclass(frozen=True)
class Place:
    """Where a run computes and writes.

    Args:
        output: the directory of the trained encoder.
        overwrite: replace it, and discard the unfinished work of a run with another recipe.
        device: a torch device; of several processes on CUDA devices each takes its own.
        threads: CPU threads; None leaves torch's own choice.
    """

    output: Path
    overwrite: bool = False
    device: str = "cpu"
    threads: int | None = None

    @property
    def work(self) -> Path:
        """Checkpoints and log of the unfinished run."""
        return self.output.with_name(f".{self.output.name}.unfinished")


def train_query_encoder(base: str, queries: Sequence[Query], recipe: Recipe, place: Place) -> dict[str, Any]:
    """Teach a copy of an encoder's query side to answer misspelt queries as it answered the clean ones.

    The passage side is not touched, so that every index of the base encoder stays good (the setting of CAPOT,
    arXiv 2304.03401). Labels are not needed. Processes that ``torchrun`` started share each batch; the first writes.

    Args:
        base: name of the encoder.
        queries: with their languages; see ``read_training_queries``.
        recipe: see ``Recipe``.
        place: see ``Place``.

    Returns:
        figures on the held-out queries: ``{"base": {...}, "trained": {...}}``.

    Raises:
        MissingExtraError: a package is not installed.
        OutputExistsError: the output exists, or unfinished work with other options lies beside it.
        XqgError: see ``Recipe.check``; the loss is no number; memory does not suffice.
    """
    recipe.check()
    check_packages(recipe.tuning)
    check_output_directory(place.output, place.overwrite, OUTPUT_FILES)
    if trained := find_adapter(base):
        raise XqgError(f"{base!r} is trained already: train on {trained.base!r}")
    processes = Processes(place.device, recipe.schedule.batch_size)
    encoder = TextEncoder(base, None, processes.device, threads=place.threads)
    described = encoder.describe()
    split = split_queries(queries, recipe.held_out, recipe.seed)
    with memory_advice(recipe.schedule.batch_size):
        with processes.first_alone():
            _take_up_work(place, _job(described, queries, recipe))
            teacher = teach(encoder, split, recipe, place.work)
        robustness = Robustness(
            split.held_out,
            teacher.held_out,
            teacher.train,
            teacher.train if teacher.bank is None else teacher.bank,
            recipe.typos.presets,
            teacher.temperature,
            recipe.seed,
        )
        before = processes.told_by_first(lambda: robustness.measure(encoder.encode_queries))
        student = Student(base, encoder.settings, recipe.tuning, recipe.seed)
        trainer = _train(student, teacher, split, robustness, recipe, place, processes)
    after = processes.told_by_first(lambda: robustness.measure(student.encode))
    figures = {"base": before, "trained": after, "steps": trainer.state.global_step}
    if processes.is_first:
        report = Report(described, recipe.to_dict(), _describe(split), figures, trainer.state.log_history)
        write_output(place.output, student, report, place.overwrite)
        shutil.rmtree(place.work)
    return figures


def check_packages(tuning: Tuning) -> None:
    """Raise MissingExtraError unless everything is installed that training needs."""
    needed = ("accelerate", "peft") if tuning.method == "lora" else ("accelerate",)
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise MissingExtraError(f"training needs {' and '.join(missing)}: pip install 'xqg-pyserini[train]'")


def _train(
    student: Student,
    teacher: Teacher,
    split: Split,
    robustness: Robustness,
    recipe: Recipe,
    place: Place,
    processes: Processes,
) -> "QueryTrainer":
    from xqg_pyserini.train.trainer import QueryTrainer, checkpoints, training_arguments

    arguments = training_arguments(place.work, recipe, place.device)
    trainer = QueryTrainer(student, teacher, split.train, robustness, recipe, arguments, processes)
    done = list(checkpoints(place.work))
    if done:
        logger.info("going on at %s", done[-1].name)
    trainer.train(resume_from_checkpoint=str(done[-1]) if done else None)
    return trainer


def _job(described: Mapping[str, Any], queries: Sequence[Query], recipe: Recipe) -> dict[str, Any]:
    """All that the result depends on; a work directory left by another job is never continued."""
    digest = blake2b(digest_size=16)
    for query in queries:
        digest.update(f"{query.query_id}\t{query.lang}\t{query.text}\n".encode())
    job = {"base": described["name"], "weights": described["weights"], "queries": digest.hexdigest()}
    # through JSON, so that tuples compare equal to the lists of the file
    flat: dict[str, Any] = json.loads(json.dumps(job | _flat(recipe.to_dict())))
    return flat


def _flat(tree: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for key, value in tree.items():
        rows |= _flat(value, f"{above}{key}.") if isinstance(value, Mapping) else {f"{above}{key}": value}
    return rows


def _take_up_work(place: Place, job: dict[str, Any]) -> None:
    """Keep the work directory of the same job, refuse that of another.

    Raises:
        OutputExistsError: names each difference.
    """
    path = place.work / _JOB
    if path.is_file():
        left = read_json(path)
        different = [
            f"{key} {job.get(key)!r} instead of {left.get(key)!r}"
            for key in sorted(set(job) | set(left))
            if job.get(key) != left.get(key)
        ]
        if different and not place.overwrite:
            raise OutputExistsError(
                f"{place.work} holds an unfinished run with other options ({'; '.join(different)}): give those to go "
                f"on, or --overwrite to discard it"
            )
        if different:
            shutil.rmtree(place.work)
    place.work.mkdir(parents=True, exist_ok=True)
    write_json(path, job)


def _describe(split: Split) -> dict[str, Any]:
    languages = Counter(query.lang for query in split.train)
    return {"queries": len(split.train), "held_out": len(split.held_out), "languages": dict(sorted(languages.items()))}


@contextmanager
def memory_advice(batch_size: int) -> Iterator[None]:
    """Turn a lack of memory into an error that names the batch size to try."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        lacking = ("out of memory", "can't allocate memory", "not enough memory")
        if not isinstance(error, MemoryError) and not any(text in str(error).lower() for text in lacking):
            raise
        raise XqgError(
            f"memory does not suffice for --batch-size {batch_size}: try {max(2, batch_size // 2)}, or fewer --variants"
        ) from error
