"""Mining training rows from an index, in named steps; a killed run is resumed and gives the same bytes."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from itertools import batched, islice
from pathlib import Path
from typing import NamedTuple

from xqg_pyserini.encode.index_encoder import EncoderChoice, load_query_encoder
from xqg_pyserini.engine import RayEngine, ShardPlan
from xqg_pyserini.errors import InputError
from xqg_pyserini.files import check_output_file
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.jobs import input_state
from xqg_pyserini.train.mining.found_passages import open_found_passages
from xqg_pyserini.train.mining.mining_rules import MiningRules
from xqg_pyserini.train.mining.mining_source import MiningSource
from xqg_pyserini.train.mining.row_miner import RowMiner
from xqg_pyserini.train.mining.rows_writer import RowsWriter
from xqg_pyserini.train.mining.sharded_mining import MiningWork, write_parts
from xqg_pyserini.train.rows.training_row import TrainingRow

logger = logging.getLogger(__name__)

#: Rows mined between two entries of the journal. Part of what the bytes depend on, as encoders sort queries by length.
_CHUNK = 4096


class MiningReport(NamedTuple):
    """What mining gave.

    Attributes:
        rows: rows written.
        negatives: negatives in them.
        positives: positives that their answers told, without those that the rows had.
        rejected: reason -> candidates that it kept from being negatives; see ``Labelling.rejected``.
        dropped: reason -> rows that were not written.
        without_negatives: rows written of which every candidate was rejected.
    """

    rows: int
    negatives: int
    positives: int
    rejected: dict[str, int]
    dropped: dict[str, int]
    without_negatives: int


def mine_rows(
    source: MiningSource,
    index: Path,
    output: Path,
    rules: MiningRules | None = None,
    encoder: EncoderChoice | None = None,
    reasons: bool = False,
    overwrite: bool = False,
    engine: RayEngine | None = None,
) -> MiningReport:
    """Search for each training query and write its row with what becomes a negative, or a positive, of what is found.

    Rows come in the order of their sources, without texts, with the scores of their positives and negatives. Memory
    does not grow with the rows. The same call resumes a killed run.

    Args:
        source: the rows, and what else is read.
        index: the index directory in which negatives are looked for.
        output: JSON lines; see ``read_rows``.
        rules: which candidates are taken.
        encoder: the query encoder; None takes the one that the index records.
        reasons: also write why candidates were rejected, as ``"rejected": {docid: reason}``.
        overwrite: replace the output, and discard an unfinished run with other options.
        engine: workers that mine, each with the encoder and the index; None does it in this process.

    Returns:
        counts of the whole run, also of a resumed one.

    Raises:
        InputError: a row's positive is not in the index, or no row has what the rules need.
        XqgError: the rules contradict each other, or there are no texts in which answers could be looked for.
        OutputExistsError: the output exists, or an unfinished run with other options.
    """
    rules = rules or MiningRules()
    rules.check()
    check_output_file(output, overwrite)
    opened = source.open()
    loaded = load_query_encoder(index, encoder)
    miner = RowMiner(index, loaded, rules, opened.excluded, encoder.threads if encoder else None)
    total = _check_rows(opened.rows(), miner, index)
    job = {"rules": asdict(rules), "index": input_state(index), "encoder": loaded.describe(), "reasons": reasons}
    job |= source.state()
    with ExitStack() as stack:
        writer = stack.enter_context(RowsWriter(output, job, overwrite))
        if engine is None:
            if rules.needs_answers:
                miner.texts = open_found_passages(index, source.corpus, writer.work / "corpus.sqlite")
            _write_rows(islice(opened.rows(), writer.rows_read, None), total, miner, writer, reasons)
        else:
            work = MiningWork(source, index, loaded, rules, reasons, ShardPlan(total, _CHUNK))
            write_parts(stack.enter_context(work.parts(engine, output, job, overwrite)), work.plan, writer)
        writer.finish()
    return _report(writer.counts)


def _write_rows(rows: Iterator[TrainingRow], total: int, miner: RowMiner, writer: RowsWriter, reasons: bool) -> None:
    """Mine the rows that an interrupted run has not mined."""
    with progress(total=total, unit="queries", what="mine") as bar:
        bar.update(writer.rows_read)
        for chunk in batched(rows, _CHUNK):
            lines, counts = miner.mine(chunk, reasons)
            writer.add(len(chunk), lines, counts)
            bar.update(len(chunk))


def _check_rows(rows: Iterator[TrainingRow], miner: RowMiner, index: Path) -> int:
    """The number of rows, once it is known that the index has their positives and that some can be mined.

    Raises:
        InputError: it has not, or none can be mined.
    """
    total, lacking = 0, Counter[str]()
    example: tuple[str, str] | None = None
    for chunk in batched(rows, _CHUNK):
        total += len(chunk)
        lacking.update(reason for row in chunk if (reason := miner.lacking(row)))
        unknown = miner.unknown_positives(chunk)
        lacking["unknown"] += len(unknown)
        example = example or next(iter(unknown), None)
    if example:
        raise InputError(
            f"{lacking['unknown']} positives of the rows are not in it, {example[1]!r} of query {example[0]!r} among "
            f"them: mine in the index of the corpus that the rows were judged on",
            index,
        )
    del lacking["unknown"]
    if total == lacking.total():
        what = " and ".join(f"{count} have {reason}" for reason, count in sorted(lacking.items()))
        raise InputError(
            f"no row can be mined{f': {what}' if what else ', there are none'}; margins need positives (else "
            f"--no-margin), the check of answers needs answers (else --answers ignore)"
        )
    return total


def _report(counts: Counter[str]) -> MiningReport:
    """The counts in words; what went wrong for many is said."""
    parts: dict[str, dict[str, int]] = {"rejected": {}, "dropped": {}}
    for name, count in sorted(counts.items()):
        kind, _, reason = name.partition(":")
        if reason:
            parts[kind][reason] = count
    report = MiningReport(
        counts["rows"], counts["negatives"], counts["positives"], **parts, without_negatives=counts["without negatives"]
    )
    if report.dropped:
        logger.warning("rows left out: %s", ", ".join(f"{n} with {reason}" for reason, n in report.dropped.items()))
    if report.without_negatives:
        logger.warning(
            "%d of %d rows have no negative: every passage found was rejected (%s); look at more ranks, or lower "
            "--margin",
            report.without_negatives,
            report.rows,
            ", ".join(f"{reason} {n}" for reason, n in report.rejected.items()),
        )
    return report
