"""From queries to a trained query encoder, in named steps; a killed run is resumed at its last checkpoint."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path
from typing import Any

from xqg_pyserini.encode.adapter import find_adapter
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import XqgError
from xqg_pyserini.files import check_output_directory
from xqg_pyserini.records import Query
from xqg_pyserini.storage.jobs import as_job, input_state
from xqg_pyserini.train.output import OUTPUT_FILES, write_output
from xqg_pyserini.train.processes import Processes
from xqg_pyserini.train.query_side.held_out import HeldOutRobustness
from xqg_pyserini.train.query_side.teacher import encode_teacher_vectors
from xqg_pyserini.train.query_side.training_queries import split_queries
from xqg_pyserini.train.recipe import MEMORY_BANKS, Recipe
from xqg_pyserini.train.run_directory import (
    check_packages,
    last_checkpoint,
    memory_advice,
    open_work_directory,
    work_directory,
)
from xqg_pyserini.train.student_encoder import StudentEncoder


def train_query_encoder(
    base: str,
    queries: Sequence[Query],
    recipe: Recipe,
    output: Path,
    overwrite: bool = False,
    device: str = "cpu",
    threads: int | None = None,
) -> dict[str, Any]:
    """Train a copy of an encoder's query side to encode misspelled queries as it encoded the clean ones.

    The passage side is not changed, so that every index of the base encoder stays valid (the setting of CAPOT,
    arXiv 2304.03401). Relevance labels are not needed. Processes that ``torchrun`` started share each batch, and the
    first one writes. A killed run is resumed by the same call.

    Args:
        base: name of the encoder.
        queries: with their languages; see ``read_training_queries``.
        recipe: see ``Recipe``.
        output: the directory of the trained encoder.
        overwrite: replace it, and discard an unfinished run with another recipe.
        device: a torch device; of several processes on CUDA devices each takes its own.
        threads: CPU threads; None leaves torch's own choice.

    Returns:
        scores on the held-out queries, and the steps taken: ``{"base": {...}, "trained": {...}, "steps": n}``.

    Raises:
        MissingExtraError: a package is not installed.
        OutputExistsError: the output exists, or an unfinished run with other options lies beside it.
        XqgError: see ``Recipe.check``; the loss is no number; memory does not suffice.
    """
    recipe.check()
    check_packages(recipe.tuning)
    check_output_directory(output, overwrite, OUTPUT_FILES)
    if (trained := find_adapter(base)) and not trained.both_sides:
        raise XqgError(f"{base!r} is trained already: train on {trained.base!r}")
    processes = Processes(device, recipe.schedule.batch_size)
    processes.warn_of_partial_batches(recipe)
    encoder = TextEncoder(base, None, processes.device, threads=threads)
    split = split_queries(queries, recipe.held_out, recipe.seed)
    work = work_directory(output)
    size = recipe.schedule.batch_size
    with memory_advice(f"--batch-size {size}", f"{max(2, size // 2)}, or fewer --variants"):
        job = training_job(encoder, queries, recipe)
        with processes.first_process_first():
            open_work_directory(work, job, overwrite)
            teacher = encode_teacher_vectors(encoder, split, recipe, work)
        robustness = HeldOutRobustness(split.held_out, teacher, recipe)
        before = processes.broadcast_from_first(lambda: robustness.measure(encoder.encode_queries))
        student = StudentEncoder(base, encoder.settings, recipe.tuning, recipe.seed)

        from xqg_pyserini.train.query_side.query_trainer import QueryTrainer

        trainer = QueryTrainer(student, teacher, split.train, robustness, recipe, work, processes)
        trainer.train(resume_from_checkpoint=last_checkpoint(work))
    after = processes.broadcast_from_first(lambda: robustness.measure(student.encode))
    figures = {"base": before, "trained": after, "steps": trainer.state.global_step}
    if processes.is_first:
        data: dict[str, Any] = {"queries": len(split.train), "held_out": len(split.held_out)}
        data["languages"] = dict(sorted(Counter(query.lang for query in split.train).items()))
        facts = {"base": encoder.describe(), "data": data, "figures": figures, "recipe": asdict(recipe)}
        write_output(output, student, facts, trainer.state.log_history, overwrite)
        shutil.rmtree(work)
    return figures


def training_job(encoder: TextEncoder, queries: Sequence[Query], recipe: Recipe) -> dict[str, Any]:
    """All that the result depends on; an unfinished run of another job is never resumed.

    Raises:
        InputError: the memory bank's corpus is not found.
    """
    lines = "".join(f"{query.query_id}\t{query.lang}\t{query.text}\n" for query in queries)
    digest = blake2b(lines.encode(), digest_size=16).hexdigest()
    job: dict[str, Any] = {"encoder": encoder.describe(), "queries": digest, "recipe": asdict(recipe)}
    if recipe.memory_bank not in MEMORY_BANKS:
        from xqg_pyserini.data.corpus import open_corpus

        corpus = open_corpus(recipe.memory_bank)
        job["memory_bank"] = input_state(corpus.path) if corpus.path else corpus.name
    return as_job(job)
