"""Sentri: rounds of training, encoding and mining, each encoder trained from scratch (Sorokin et al., NAACL 2022).

Passages that hold an answer in any language are the next round's positives, others that rank high its negatives. A
round whose encoder is not better on the dev rows is the last one.
"""

import logging
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from xqg_pyserini.data.corpus import open_corpus
from xqg_pyserini.encode.corpus_index import encode_corpus
from xqg_pyserini.encode.index_encoder import EncoderChoice
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import InputError, XqgError
from xqg_pyserini.files import atomic_directory, check_output_directory, read_json, write_json
from xqg_pyserini.storage.jobs import as_job
from xqg_pyserini.train.dual.dual_encoder import dual_job, train_dual_encoder
from xqg_pyserini.train.dual.dual_recipe import DualRecipe
from xqg_pyserini.train.mining.first_relevant import mean_reciprocal_rank
from xqg_pyserini.train.mining.mine import mine_rows
from xqg_pyserini.train.mining.mining_rules import MiningRules
from xqg_pyserini.train.mining.mining_source import MiningSource
from xqg_pyserini.train.rows.row_reader import read_rows, write_rows
from xqg_pyserini.train.rows.training_row import TrainingRow
from xqg_pyserini.train.run_directory import Where, open_work_directory, work_directory

logger = logging.getLogger(__name__)

ENCODER, ROWS, ROUNDS = "encoder", "rows.jsonl", "rounds.json"
SENTRI_FILES = frozenset({ENCODER, ROWS, ROUNDS})


@dataclass(frozen=True)
class Sentri:
    """What the rounds depend on.

    Args:
        base: encoder from which every round starts.
        source: training rows with their corpus, and where more answers come from. The rows with positives are trained
            on in the first round, all that have answers or positives in the others.
        dev: rows to measure on, with positives or answers; none of their queries may be trained on.
        recipe: how an encoder is trained; both sides.
        rules: how passages are labelled between two rounds.
        rounds: largest number of rounds.
    """

    base: str
    source: MiningSource
    dev: Sequence[str | Path]
    recipe: DualRecipe
    rules: MiningRules = field(default_factory=lambda: MiningRules(last_rank=100, answers="positives"))
    rounds: int = 3

    def check(self) -> None:
        """Raise XqgError where rounds would gain nothing."""
        self.recipe.check()
        self.rules.check()
        if self.rounds < 1:
            raise XqgError(f"{self.rounds} rounds: at least 1 is needed")
        if self.source.corpus is None:
            raise XqgError("Sentri needs the corpus, which every round encodes")
        if self.recipe.train_sides != "both":
            raise XqgError("Sentri trains both sides: give --train-sides both, or a recipe that does")


class Round(NamedTuple):
    """A finished round.

    Attributes:
        number: from 1.
        rows: training rows.
        positives: their positives.
        dev: MRR@10 on the dev rows.
    """

    number: int
    rows: int
    positives: int
    dev: float


def train_sentri(sentri: Sentri, where: Where) -> list[Round]:
    """Run rounds until the dev figure stops rising, and write the best round's encoder and rows.

    The output is a directory with ``encoder``, ``rows.jsonl`` (what it was trained on) and ``rounds.json``. A killed
    run is resumed by the same call, inside a round too; it may be given more rounds.

    Returns:
        the rounds that were run; the last one is the best one, or comes after it.

    Raises:
        XqgError: see ``Sentri.check``, ``train_dual_encoder`` and ``mine_rows``.
        InputError: dev queries are among the training queries.
        OutputExistsError: the output exists, or an unfinished run with other options.
    """
    sentri.check()
    check_output_directory(where.output, where.overwrite, SENTRI_FILES)
    rows = list(read_rows(sentri.source.data, sentri.source.language))
    dev = list(read_rows(sentri.dev, sentri.source.language))
    _check_dev(rows, dev)
    work = work_directory(where.output)
    open_work_directory(work, _job(sentri, rows, dev), where.overwrite)
    finished: list[Round] = []
    while len(finished) < sentri.rounds and (len(finished) < 2 or finished[-1].dev > finished[-2].dev):
        finished.append(_round(sentri, dev, len(finished) + 1, work, where))
        logger.info("round %d: MRR@10 %.4f on the dev rows", finished[-1].number, finished[-1].dev)
    best = max(finished, key=lambda one: one.dev)
    with atomic_directory(where.output, where.overwrite, SENTRI_FILES) as output:
        shutil.copytree(work / str(best.number) / ENCODER, output / ENCODER)
        shutil.copy(work / str(best.number) / ROWS, output / ROWS)
        write_json(output / ROUNDS, {"best": best.number, "rounds": [one._asdict() for one in finished]})
    shutil.rmtree(work)
    return finished


def _round(sentri: Sentri, dev: Sequence[TrainingRow], number: int, work: Path, where: Where) -> Round:
    """A round, or what an interrupted run has left to do of it."""
    folder, report = work / str(number), work / str(number) / "round.json"
    if report.exists():
        return Round(**read_json(report))
    folder.mkdir(exist_ok=True)
    if not (folder / ROWS).exists():
        _make_rows(sentri, number, work, where)
    rows = list(read_rows([folder / ROWS]))
    corpus = open_corpus(_corpus(sentri))
    if not (folder / ENCODER).exists():
        there = Where(folder / ENCODER, device=where.device, threads=where.threads)
        train_dual_encoder(sentri.base, rows, [corpus], sentri.recipe, there)
    encoder = TextEncoder(str(folder / ENCODER), device=where.device, threads=where.threads)
    if not (folder / "index").exists():
        encode_corpus(corpus, encoder, folder / "index", corpus.name)
    figure = mean_reciprocal_rank(dev, folder / "index", encoder, where.threads)
    done = Round(number, len(rows), sum(len(row.positives) for row in rows), figure)
    write_json(report, done._asdict())
    return done


def _make_rows(sentri: Sentri, number: int, work: Path, where: Where) -> None:
    """Write the rows of a round: those given that have positives, later what the last round's encoder finds."""
    output = work / str(number) / ROWS
    if number == 1:
        opened = sentri.source.open()
        write_rows(output, (row for row in opened.rows() if row.positives))
        return
    before = work / str(number - 1)
    choice = EncoderChoice(str(before / ENCODER), device=where.device, threads=where.threads)
    # the texts stand in the index
    mine_rows(replace(sentri.source, corpus=None), before / "index", output, sentri.rules, choice)


def _corpus(sentri: Sentri) -> str | Path:
    assert sentri.source.corpus is not None
    return sentri.source.corpus


def _check_dev(rows: Sequence[TrainingRow], dev: Sequence[TrainingRow]) -> None:
    if not dev:
        raise InputError("no dev rows to measure on")
    asked = {row.query for row in rows}
    if shared := [row for row in dev if row.query in asked]:
        raise InputError(
            f"{len(shared)} of {len(dev)} dev queries are among the training queries, {shared[0].query!r} among them: "
            f"keep them apart"
        )


def _job(sentri: Sentri, rows: Sequence[TrainingRow], dev: Sequence[TrainingRow]) -> dict[str, Any]:
    """All that the rounds depend on, but how many there may be."""
    trained, measured = (dual_job(TextEncoder(sentri.base), some, sentri.recipe) for some in (rows, dev))
    facts = {"source": sentri.source.state(), "rules": asdict(sentri.rules), "dev": measured["rows"]}
    return as_job(facts | trained)
