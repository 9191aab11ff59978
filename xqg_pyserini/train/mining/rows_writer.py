"""A file of rows that grows chunk by chunk, so that a killed run is resumed and gives the same bytes.

The rows lie in a work directory beside the output. After each chunk they are synced, and a journal records how many
rows of the input it took and how many bytes it gave.
"""

import os
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from xqg_pyserini.errors import OutputExistsError, XqgError
from xqg_pyserini.files import check_output_file, read_json, sync_directory, write_json
from xqg_pyserini.storage.index_writer import take_lock, work_directory
from xqg_pyserini.storage.jobs import as_job, job_difference

_JOURNAL, _LOCK, _ROWS = "journal.json", "lock", "rows.jsonl"


class RowsWriter:
    """Writes lines that appear under the output's name when all are there.

    Args:
        output: the file to write.
        job: all that the bytes depend on, JSON values; a run of another job is never resumed.
        overwrite: replace a file that is there, and discard the unfinished work of another job.

    Attributes:
        work: the work directory; what else is put there is removed with it.
        rows_read: rows of the input that need not be read again.
        counts: what was counted so far.

    Raises:
        OutputExistsError: ``output`` exists, or unfinished work of another job lies beside it.
        XqgError: another process is writing the same output.
    """

    def __init__(self, output: Path, job: Mapping[str, Any], overwrite: bool = False) -> None:
        check_output_file(output, overwrite)
        self.output, self.work, self._job = output, work_directory(output), as_job(job)
        self.work.mkdir(parents=True, exist_ok=True)
        self._lock = take_lock(self.work / _LOCK, output)
        try:
            journal = self._journal(overwrite)
            self._stream = (self.work / _ROWS).open("ab")
            self._cut(journal["bytes"])
        except BaseException:
            os.close(self._lock)
            raise
        self.rows_read: int = journal["rows_read"]
        self.counts: Counter[str] = Counter(journal["counts"])

    def _journal(self, overwrite: bool) -> dict[str, Any]:
        path = self.work / _JOURNAL
        # a run that was killed while it finished has the rows under the output's name already
        if path.exists() and (self.work / _ROWS).exists():
            journal = read_json(path)
            difference = job_difference(journal.get("job"), self._job)
            if not difference:
                return journal
            if not overwrite:
                raise OutputExistsError(
                    f"{self.work} holds unfinished work with other options ({difference}): finish it with the same "
                    f"options, or give --overwrite to discard it"
                )
        for entry in self.work.iterdir():
            if entry.name != _LOCK:
                entry.unlink()
        return {"rows_read": 0, "bytes": 0, "counts": {}}

    def _cut(self, size: int) -> None:
        """Drop what came after the last entry of the journal."""
        if self._stream.tell() < size:
            self._stream.close()
            raise XqgError(f"{self.work / _ROWS} is shorter than its journal says: delete {self.work} and start again")
        self._stream.truncate(size)
        self._stream.seek(size)

    def add(self, rows_read: int, lines: Sequence[str], counts: Mapping[str, int]) -> None:
        """Append the lines that a chunk of the input gave, which a kill from now on does not lose."""
        self._stream.write("".join(lines).encode())
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self.rows_read += rows_read
        self.counts.update(counts)
        journal = {"job": self._job, "rows_read": self.rows_read, "bytes": self._stream.tell(), "counts": self.counts}
        write_json(self.work / _JOURNAL, journal)

    def finish(self) -> None:
        """Give the file its name."""
        self._stream.close()
        (self.work / _ROWS).replace(self.output)
        sync_directory(self.output.parent)
        shutil.rmtree(self.work)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Keep what is good for the next run."""
        self._stream.close()
        if self.work.exists() and not (self.work / _JOURNAL).exists():
            shutil.rmtree(self.work)
        os.close(self._lock)
