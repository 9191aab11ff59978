"""From rows to a trained query generator; a killed run is resumed at its last checkpoint."""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from hashlib import blake2b
from importlib.util import find_spec
from typing import Any

from xqg_pyserini import __version__
from xqg_pyserini.encode.fingerprint import weights_hash
from xqg_pyserini.errors import MissingExtraError
from xqg_pyserini.files import atomic_directory, check_output_directory, write_json
from xqg_pyserini.generate.checkpoints import KIND, META, Generator, find_generator, load_generator
from xqg_pyserini.generate.prompts import PROMPTS, PromptOptions
from xqg_pyserini.records import Passage
from xqg_pyserini.storage.jobs import as_job
from xqg_pyserini.train.dual.held_out_pairs import RowSplit, split_rows
from xqg_pyserini.train.generator.generator_recipe import GeneratorRecipe
from xqg_pyserini.train.generator.pair_prompts import PairPrompts, check_generator_rows
from xqg_pyserini.train.output import write_log
from xqg_pyserini.train.processes import Processes
from xqg_pyserini.train.rows.passage_table import copy_passages
from xqg_pyserini.train.rows.row_reader import row_line
from xqg_pyserini.train.rows.training_row import TrainingRow
from xqg_pyserini.train.run_directory import Where, last_checkpoint, memory_advice, open_work_directory, work_directory

#: The names such a directory consists of; ``--overwrite`` replaces directories of these and no others.
GENERATOR_FILES = frozenset(
    {META, "log.jsonl", "config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
     "tokenizer_config.json", "special_tokens_map.json", "spiece.model"}
)  # fmt: skip


def train_generator(
    base: str,
    rows: Sequence[TrainingRow],
    corpora: Iterable[Iterable[Passage]],
    recipe: GeneratorRecipe,
    where: Where,
) -> dict[str, Any]:
    """Train a copy of an encoder-decoder model to write the questions of passages, as xQG's generator was trained.

    Processes that ``torchrun`` started share each batch, and the first one writes. A killed run is resumed by the same
    call. The output records its prompt and languages, which ``xqg generate`` holds users to.

    Args:
        base: directory or hub id of the model, such as ``google/mt5-base``.
        rows: see ``read_rows``; each has a language and a positive passage.
        corpora: hold the passages of the rows; read once.
        recipe: see ``GeneratorRecipe``.
        where: see ``Where``.

    Returns:
        the steps taken and the last losses: ``{"steps", "loss", "eval_loss"}``, the last one of held-out pairs.

    Raises:
        InputError: rows that cannot be trained on, or passages that no corpus has.
        OutputExistsError: the output exists, or an unfinished run with other options lies beside it.
        MissingExtraError: a package is not installed.
        XqgError: no such model; see also ``GeneratorRecipe.check``; the loss is no number; memory does not suffice.
    """
    recipe.check()
    if find_spec("accelerate") is None:
        raise MissingExtraError("training needs accelerate: pip install 'xqg-pyserini[train]'")
    check_output_directory(where.output, where.overwrite, GENERATOR_FILES)
    languages = check_generator_rows(rows)
    prompt = PROMPTS.get(recipe.prompt)(PromptOptions())
    generator = find_generator(base)
    processes = Processes(where.device, recipe.part_size or recipe.batch_size)
    split = split_rows(rows, recipe.held_out, recipe.seed) if recipe.held_out else RowSplit(list(rows), [])
    work = work_directory(where.output)
    part = recipe.part_size or recipe.batch_size
    with memory_advice(f"--part-size {part}", f"--part-size {max(1, part // 2)}"):
        with processes.first_process_first():
            open_work_directory(work, _job(generator, rows, recipe), where.overwrite)
            table = copy_passages(work / "passages.jsonl", rows, corpora)
        train, held_out = (PairPrompts(part, table, prompt) for part in split)
        trainer = _trainer(generator, train, held_out, (recipe, work, processes), where.threads)
        trainer.train(resume_from_checkpoint=last_checkpoint(work))
    history = trainer.state.log_history
    figures = {"steps": trainer.state.global_step}
    figures |= {name: row[name] for row in history for name in ("loss", "eval_loss") if name in row}
    if processes.is_first:
        data = {"pairs": len(train), "held_out": len(held_out), "passages": len(table)}
        facts = {"prompt": recipe.prompt, "languages": list(languages), "base": base, "data": data}
        _write(where, trainer, facts | {"figures": figures, "recipe": asdict(recipe)})
        table.close()
        shutil.rmtree(work)
    return figures


def _job(generator: Generator, rows: Sequence[TrainingRow], recipe: GeneratorRecipe) -> dict[str, Any]:
    """All that the result depends on."""
    digest = blake2b(digest_size=16)
    for row in rows:
        digest.update(row_line(row).encode())
    return as_job(
        {
            "base": generator.name,
            "weights": weights_hash(generator.directory),
            "rows": digest.hexdigest(),
            "recipe": asdict(recipe),
        }
    )


def _trainer(generator: Generator, train: PairPrompts, held_out: PairPrompts, run: Any, threads: int | None) -> Any:
    """The trainer of a model that is loaded here."""
    from transformers import set_seed

    from xqg_pyserini.train.generator.generator_trainer import GeneratorRun, GeneratorTrainer

    if threads is not None:
        import torch

        torch.set_num_threads(threads)
    set_seed(run[0].seed)
    tokenizer, model = load_generator(generator, "float32")
    return GeneratorTrainer(model, tokenizer, train, held_out, GeneratorRun(*run))


def _write(where: Where, trainer: Any, facts: dict[str, Any]) -> None:
    with atomic_directory(where.output, where.overwrite, GENERATOR_FILES) as directory:
        trainer.model.save_pretrained(directory, max_shard_size="100GB")
        trainer.tokenizer.save_pretrained(directory)
        write_log(directory, trainer.state.log_history)
        write_json(directory / META, {"kind": KIND, "version": 1, "xqg_pyserini": __version__, **facts})
