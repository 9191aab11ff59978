"""Mining by the workers of a cluster, into the rows that one process would write."""

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Any

from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.engine import RayEngine, ShardedJob, ShardPlan, finished_parts
from xqg_pyserini.engine.forward_reader import ForwardReader
from xqg_pyserini.errors import InputError
from xqg_pyserini.files import atomic_file, read_json, write_json
from xqg_pyserini.train.mining.found_passages import open_found_passages
from xqg_pyserini.train.mining.mining_rules import MiningRules
from xqg_pyserini.train.mining.mining_source import MiningSource
from xqg_pyserini.train.mining.row_miner import RowMiner
from xqg_pyserini.train.mining.rows_writer import RowsWriter

_ROWS, _COUNTS = "rows.jsonl", "counts.json"


@dataclass(frozen=True)
class MiningWork:
    """What is sent to workers.

    Args:
        source: the rows; each worker reads them.
        index: the index directory.
        encoder: the query encoder.
        rules: which candidates are taken.
        reasons: also write why candidates were rejected.
        plan: the shards; its unit is the rows that are mined together.
    """

    source: MiningSource
    index: Path
    encoder: TextEncoder
    rules: MiningRules
    reasons: bool
    plan: ShardPlan

    def parts(
        self, engine: RayEngine, output: Path, facts: Mapping[str, Any], overwrite: bool
    ) -> AbstractContextManager[list[Path]]:
        """The parts of the rows, mined; see ``finished_parts``."""
        return finished_parts(ShardedJob(output, facts, self.plan, self.open, "mine", "queries"), engine, overwrite)

    def open(self) -> "_ShardMiner":
        """The worker."""
        return _ShardMiner(self)


class _ShardMiner:
    """Mines shards; see ``ShardWorker``."""

    def __init__(self, work: MiningWork) -> None:
        opened = work.source.open()
        self._work, self._reader = work, ForwardReader(opened.rows)
        work.encoder.load_queries()
        threads = work.encoder.queries.runtime.threads
        self._miner = RowMiner(work.index, work.encoder, work.rules, opened.excluded, threads)
        # kept as long as the worker: a corpus of an index without texts is put there
        self._scratch = tempfile.TemporaryDirectory()
        if work.rules.needs_answers:
            store = Path(self._scratch.name) / "corpus.sqlite"
            self._miner.texts = open_found_passages(work.index, work.source.corpus, store)

    def write_part(self, number: int, folder: Path) -> None:
        rows, mined, counts = self._work.plan.rows(number), 0, Counter[str]()
        with atomic_file(folder / _ROWS) as stream:
            for chunk in batched(self._reader.rows(rows), self._work.plan.unit):
                lines, counted = self._miner.mine(chunk, self._work.reasons)
                stream.writelines(lines)
                counts.update(counted)
                mined += len(chunk)
        if mined != len(rows):
            raise InputError(f"the rows changed while they were mined: {mined} of {len(rows)} came")
        write_json(folder / _COUNTS, counts)


def write_parts(parts: Sequence[Path], plan: ShardPlan, writer: RowsWriter) -> None:
    """Write what an interrupted run has not written of the parts."""
    for number, part in enumerate(parts):
        rows = plan.rows(number)
        if rows.stop > writer.rows_read:
            writer.add(len(rows), [(part / _ROWS).read_text(encoding="utf-8")], read_json(part / _COUNTS))
