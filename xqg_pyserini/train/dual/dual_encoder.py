"""From rows and a corpus to a trained dual encoder, in named steps; a killed run is resumed at its last checkpoint."""

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.files import check_output_directory
from xqg_pyserini.records import Passage
from xqg_pyserini.storage.jobs import as_job
from xqg_pyserini.train.dual.dual_recipe import DualRecipe
from xqg_pyserini.train.dual.frozen_vectors import FrozenVectors
from xqg_pyserini.train.dual.held_out_pairs import HeldOutRetrieval, split_rows
from xqg_pyserini.train.dual.pair_encoder import PairEncoder
from xqg_pyserini.train.dual.pair_texts import PairPlan
from xqg_pyserini.train.output import OUTPUT_FILES, write_dual_output, write_output
from xqg_pyserini.train.pair_losses import needed_by
from xqg_pyserini.train.processes import Processes
from xqg_pyserini.train.recipe import default_temperature
from xqg_pyserini.train.rows.passage_table import PassageTable, copy_passages
from xqg_pyserini.train.rows.row_checks import check_rows, with_positives
from xqg_pyserini.train.rows.training_row import TrainingRow
from xqg_pyserini.train.run_directory import (
    Where,
    check_packages,
    last_checkpoint,
    memory_advice,
    open_work_directory,
    work_directory,
)


def train_dual_encoder(
    base: str, rows: Sequence[TrainingRow], corpora: Iterable[Iterable[Passage]], recipe: DualRecipe, where: Where
) -> dict[str, Any]:
    """Train a copy of an encoder on queries and their passages.

    Processes that ``torchrun`` started share each batch, and the first one writes. A killed run is resumed by the same
    call. After training both sides the corpus is to be encoded anew; the queries' side alone keeps the base's indexes.

    Args:
        base: name of the encoder.
        rows: see ``read_rows``; each has a language. Those without a positive are left out.
        corpora: hold the passages of the rows (``open_corpus``, ``inline_passages``); read once.
        recipe: see ``DualRecipe``.
        where: see ``Where``.

    Returns:
        figures on the held-out rows, and the steps taken: ``{"base": {...}, "trained": {...}, "steps": n}``.

    Raises:
        InputError: rows that cannot be trained on, or passages that no corpus has.
        OutputExistsError: the output exists, or an unfinished run with other options lies beside it.
        MissingExtraError: a package is not installed.
        EncoderMismatchError: a teacher's vectors are of another length.
        XqgError: see ``DualRecipe.check``; the loss is no number; memory does not suffice.
    """
    recipe.check()
    check_packages(recipe.tuning)
    check_output_directory(where.output, where.overwrite, OUTPUT_FILES)
    rows = with_positives(rows)
    check_rows(rows, recipe)
    processes = Processes(where.device, recipe.schedule.batch_size)
    encoder = _frozen_encoder(base, recipe, processes, where)
    split = split_rows(rows, recipe.held_out, recipe.seed)
    work = work_directory(where.output)
    advice = f"--memory-tokens {max(256, recipe.memory_tokens // 2)}, or a lower --batch-size"
    with memory_advice(f"--memory-tokens {recipe.memory_tokens}", advice):
        with processes.first_process_first():
            open_work_directory(work, dual_job(encoder, rows, recipe), where.overwrite)
            table = copy_passages(work / "passages.jsonl", rows, corpora)
        setting = _Setting(encoder, split.train, table, recipe, processes, where)
        retrieval = HeldOutRetrieval(split.held_out, table, recipe)
        before = processes.broadcast_from_first(
            lambda: retrieval.measure(encoder.encode_queries, encoder.encode_passages)
        )
        trainer = _trainer(setting, retrieval, work)
        trainer.train(resume_from_checkpoint=last_checkpoint(work))
        after = processes.broadcast_from_first(trainer.measurement.measure)
    figures = {"base": before, "trained": after, "steps": trainer.state.global_step}
    if processes.is_first:
        data: dict[str, Any] = {"rows": len(split.train), "held_out": len(split.held_out), "passages": len(table)}
        data["languages"] = dict(sorted(Counter(row.language for row in split.train).items()))
        facts = {"base": encoder.describe(), "data": data, "figures": figures, "recipe": asdict(recipe)}
        _write(where, trainer.encoder, facts, trainer.state.log_history)
        table.close()
        shutil.rmtree(work)
    return figures


@dataclass(frozen=True)
class _Setting:
    """What the parts of a run are made from."""

    encoder: TextEncoder
    rows: Sequence[TrainingRow]
    table: PassageTable
    recipe: DualRecipe
    processes: Processes
    where: Where


def _frozen_encoder(name: str, recipe: DualRecipe, processes: Processes, where: Where) -> TextEncoder:
    lengths = {"query_max_length": recipe.query_length, "passage_max_length": recipe.passage_length}
    return TextEncoder(name, lengths, processes.device, threads=where.threads, backend="torch")


def _trainer(setting: _Setting, retrieval: HeldOutRetrieval, work: Path) -> Any:
    from xqg_pyserini.train.dual.pair_trainer import PairTrainer
    from xqg_pyserini.train.encoder_trainer import Measurement

    recipe, rows = setting.recipe, setting.rows
    student = PairEncoder(setting.encoder, recipe)
    lengths = [len(ids) for ids in student.query_tokens([row.query for row in rows])]
    plan = PairPlan(rows, setting.table, recipe, lengths)
    encode_passages = student.encode_passages if student.passages else setting.encoder.encode_passages
    measurement = Measurement(lambda: retrieval.measure(student.encode_queries, encode_passages), "retrieval")
    temperature = recipe.temperature or default_temperature(setting.encoder.settings)
    return PairTrainer(student, plan, _frozen(setting, work), temperature, measurement, work, setting.processes)


def _frozen(setting: _Setting, work: Path) -> Any:
    """The frozen vectors that the recipe needs; the first process computes them, the others read them."""
    from xqg_pyserini.train.dual.pair_trainer import Frozen

    recipe, needs = setting.recipe, needed_by(setting.recipe.losses)

    def vectors(encoder: TextEncoder, name: str) -> FrozenVectors:
        return FrozenVectors(encoder, setting.rows, setting.table, work, name)

    def other(name: str) -> TextEncoder:
        return TextEncoder(name, None, setting.processes.device, threads=setting.where.threads, backend="torch")

    frozen = Frozen()
    if "original" in needs or recipe.train_sides == "query":
        frozen = frozen._replace(original=vectors(setting.encoder, "original"))
    if "english" in needs:
        teacher = other(recipe.teacher) if recipe.teacher else setting.encoder
        check_teacher(teacher, setting.encoder)
        frozen = frozen._replace(english=vectors(teacher, "english"))
    if recipe.guide:
        frozen = frozen._replace(guide=vectors(other(recipe.guide), "guide"))
    with setting.processes.first_process_first():
        for part, kinds in ((frozen.original, ("queries", "passages")), (frozen.guide, ("queries", "passages"))):
            for kind in kinds if part else ():
                getattr(part, kind)
        if frozen.english:
            _ = frozen.english.english
    return frozen


def check_teacher(teacher: TextEncoder, student: TextEncoder) -> None:
    """Raise EncoderMismatchError unless the vectors of both are of one length."""
    from xqg_pyserini.errors import EncoderMismatchError

    if teacher.dim != student.dim:
        raise EncoderMismatchError(
            f"the teacher {teacher.name!r} makes vectors of {teacher.dim} dimensions and {student.name!r} of "
            f"{student.dim}: choose a teacher of the same"
        )


def dual_job(encoder: TextEncoder, rows: Sequence[TrainingRow], recipe: DualRecipe) -> dict[str, Any]:
    """All that the result depends on but the texts of the passages, which an unfinished run has copied."""
    digest = blake2b(digest_size=16)
    for row in rows:
        digest.update(repr(tuple(row)).encode())
    return as_job({"encoder": encoder.describe(), "rows": digest.hexdigest(), "recipe": asdict(recipe)})


def _write(where: Where, encoder: PairEncoder, facts: dict[str, Any], log: Any) -> None:
    if encoder.passages is None:
        write_output(where.output, encoder.queries, facts, log, where.overwrite)
    elif encoder.is_tied:
        write_dual_output(where.output, {"": encoder.queries}, facts, log, where.overwrite)
    else:
        sides = {"query_model": encoder.queries, "passage_model": encoder.passages}
        write_dual_output(where.output, sides, facts, log, where.overwrite)
