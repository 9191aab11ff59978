"""A store of generated queries: a directory that grows line by line, survives kills and is never half there.

``meta.json`` says how the queries were made, ``queries.jsonl`` has a row for each passage and language in the order of
the corpus, and ``completions.jsonl``, where a generator costs money, every answer in the order of arrival. They grow in
a work directory beside the output, which takes the output's name when it is complete. A line is whole or, at the end of
a killed run, cut; the cut one is dropped. So the bytes of the queries do not depend on where a run was interrupted.
"""

import contextlib
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson

from xqg_pyserini.errors import InputError, OutputExistsError, XqgError
from xqg_pyserini.files import check_output_directory, read_json, replace_directory, write_json
from xqg_pyserini.generate.query_row import QueryRow, read_rows, row_of
from xqg_pyserini.storage.generated_queries import STORE_COMPLETIONS as COMPLETIONS
from xqg_pyserini.storage.generated_queries import STORE_META as META
from xqg_pyserini.storage.generated_queries import STORE_QUERIES as QUERIES
from xqg_pyserini.storage.index_writer import take_lock, work_directory
from xqg_pyserini.storage.jobs import as_job, job_difference

KIND = "xqg-query-store"
VERSION = 1
STORE_FILES = frozenset({META, QUERIES, COMPLETIONS})
_LOCK = "lock"
#: The shard of a whole corpus, as ``made`` has it.
_WHOLE = "1/1"


@dataclass(frozen=True)
class StoreMeta:
    """What ``meta.json`` says.

    Attributes:
        made: how the queries were made, JSON values: backend, model, prompt, decoding, seed, languages, corpus, shard.
        spent: tokens, prices and the like of a generator that costs money.
        filtered: the settings of the filters whose measures and verdicts stand in the rows; empty before they ran.
    """

    made: dict[str, Any]
    spent: dict[str, Any] = field(default_factory=dict)
    filtered: dict[str, Any] = field(default_factory=dict)

    def write(self, directory: Path) -> None:
        """Write ``meta.json`` in one step."""
        write_json(directory / META, {"kind": KIND, "version": VERSION, **asdict(self)})


def read_meta_of_store(directory: Path) -> StoreMeta:
    """How the queries of a store were made.

    Raises:
        InputError: the directory is no store, or one of a newer version.
    """
    if not (directory / META).is_file():
        raise InputError(f"no store of generated queries: {META} is missing", directory)
    facts = read_json(directory / META)
    if facts.get("kind") != KIND:
        raise InputError(f"no store of generated queries: its kind is {facts.get('kind')!r}", directory / META)
    if facts.get("version") != VERSION:
        raise InputError(f"a store of version {facts.get('version')}, this version reads {VERSION}", directory / META)
    return StoreMeta(facts.get("made", {}), facts.get("spent", {}), facts.get("filtered", {}))


def read_store(directory: Path) -> Iterator[QueryRow]:
    """Yield the rows of a finished store; see ``read_meta_of_store`` and ``read_rows`` for what is raised."""
    read_meta_of_store(directory)
    yield from read_rows(directory / QUERIES)


class StoreWriter:
    """Appends rows to a store that appears under its name when it is complete.

    Args:
        output: the directory to write.
        made: all that the queries depend on, JSON values; a run with other values is never resumed.
        overwrite: replace a store that is there, and discard unfinished work with other values.

    Attributes:
        count: rows written; more than 0 after opening when an interrupted run is resumed. The caller skips that many.

    Raises:
        OutputExistsError: ``output`` exists, or unfinished work with other values lies beside it.
        XqgError: another process is writing the same store.
    """

    def __init__(self, output: Path, made: Mapping[str, Any], overwrite: bool = False) -> None:
        check_output_directory(output, overwrite, STORE_FILES)
        self.output, self.work = output, work_directory(output)
        self._made = as_job(made)
        self._completions: Completions | None = None
        self.work.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as on_error:
            self._lock = take_lock(self.work / _LOCK, output)
            on_error.callback(os.close, self._lock)
            self._start(overwrite)
            self.count, size = _whole_lines(self.work / QUERIES)
            self._stream = _append_after(self.work / QUERIES, size)
            on_error.pop_all()

    def _start(self, overwrite: bool) -> None:
        """Record what is made, or check that the unfinished work is the same."""
        if not (self.work / META).exists():
            StoreMeta(self._made).write(self.work)
            return
        there = read_meta_of_store(self.work).made
        if there == self._made:
            return
        if not overwrite:
            raise OutputExistsError(
                f"{self.work} holds unfinished work with other options ({job_difference(there, self._made)}): "
                f"finish it with the same options, or give --overwrite to discard it"
            )
        for name in (QUERIES, COMPLETIONS):
            (self.work / name).unlink(missing_ok=True)
        StoreMeta(self._made).write(self.work)

    @property
    def completions(self) -> "Completions":
        """What was paid for and has arrived; opened at the first use."""
        if self._completions is None:
            self._completions = Completions(self.work / COMPLETIONS, self.count)
        return self._completions

    def add(self, rows: Iterable[QueryRow]) -> None:
        """Append rows, which a kill from now on does not lose."""
        lines = [row.to_line() for row in rows]
        self._stream.write(b"".join(lines))
        self._stream.flush()
        self.count += len(lines)

    def finish(self, spent: Mapping[str, Any] | None = None, meta: StoreMeta | None = None) -> None:
        """Complete the store and give it its name.

        Args:
            spent: tokens and prices, JSON values, for ``meta.json``.
            meta: all that ``meta.json`` says, where a store is written anew.
        """
        os.fsync(self._stream.fileno())
        self._close()
        (meta or StoreMeta(self._made, dict(spent or {}))).write(self.work)
        (self.work / _LOCK).unlink()
        replace_directory(self.work, self.output)

    def _close(self) -> None:
        # what is still in a buffer may not fit on a full disk; the lines before it are whole
        with contextlib.suppress(OSError):
            self._stream.close()
        if self._completions is not None:
            self._completions.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """On an error, keep what is good for the next run; drop the work directory when there is nothing."""
        self._close()
        if kind is not None and self.work.exists() and not _holds_work(self.work):
            shutil.rmtree(self.work, ignore_errors=True)
        os.close(self._lock)


class Completions:
    """Answers that were paid for, kept in the order of arrival, each with the number of the row that it is for.

    Args:
        path: the file, made if it is missing.
        first_row: answers for rows before it are in the store already, and not held in memory.

    Attributes:
        waiting: answers for rows that are not in the store yet, by the number of the row; the caller takes them out.
        usage: sums over all answers of the numbers in their ``usage``, such as tokens.
    """

    def __init__(self, path: Path, first_row: int = 0) -> None:
        self.waiting: dict[int, list[dict[str, Any]]] = {}
        self.usage: Counter[str] = Counter()
        _, size = _whole_lines(path, self._keep_from(first_row))
        self._stream = _append_after(path, size)

    def _keep_from(self, first_row: int) -> Any:
        def keep(line: dict[str, Any], _path: Path, _number: int) -> None:
            self.usage.update(line["completion"].get("usage", {}))
            if line["row"] >= first_row:
                self.waiting.setdefault(line["row"], []).append(line["completion"])

        return keep

    def add(self, row: int, completion: Mapping[str, Any]) -> None:
        """Keep an answer for a row: a kill from now on does not lose it. ``waiting`` does not change."""
        self._stream.write(orjson.dumps({"row": row, "completion": completion}) + b"\n")
        self._stream.flush()

    def close(self) -> None:
        """Write the rest to the disk, as far as it fits."""
        if self._stream.closed:
            return
        with contextlib.suppress(OSError):
            os.fsync(self._stream.fileno())
            self._stream.close()


def merge_stores(parts: Sequence[Path], output: Path, overwrite: bool = False) -> int:
    """Write the rows of several stores, one after the other, into one; returns their number.

    The shards ``1/N`` to ``N/N`` of one job give the bytes that the job gives without shards. Other stores (more
    languages, more samples) are recorded beside each other.

    Raises:
        XqgError: no parts, or some but not all shards of a job.
        InputError: a part is no store.
        OutputExistsError: ``output`` exists and may not be replaced.
    """
    if not parts:
        raise XqgError("stores to merge are needed, got none")
    metas = [read_meta_of_store(part) for part in parts]
    total = 0
    with StoreWriter(output, _merged([meta.made for meta in metas]), overwrite) as writer:
        done = writer.count
        for part in parts:
            for row in read_rows(part / QUERIES):
                total += 1
                if total > done:
                    writer.add([row._replace(verdicts=[])])
        writer.finish(_added([meta.spent for meta in metas]))
    return total


def _merged(made: list[dict[str, Any]]) -> dict[str, Any]:
    """How the queries of several stores were made."""
    shards = [one.get("shard", _WHOLE) for one in made]
    whole = [{**one, "shard": _WHOLE} for one in made]
    if set(shards) == {_WHOLE}:
        return made[0] if len(made) == 1 else {"merged": made}
    if any(one != whole[0] for one in whole):
        raise XqgError(f"these are shards of different jobs ({job_difference(whole[0], _first_other(whole))})")
    wanted = [f"{number}/{len(shards)}" for number in range(1, len(shards) + 1)]
    if shards != wanted:
        raise XqgError(f"all shards of a job are needed in their order, got {', '.join(shards)}")
    return whole[0]


def _first_other(made: list[dict[str, Any]]) -> dict[str, Any]:
    return next(one for one in made if one != made[0])


def _added(spent: list[dict[str, Any]]) -> dict[str, Any]:
    """Sums of what the parts cost."""
    names = dict.fromkeys(name for one in spent for name in one)
    return {name: sum(one.get(name, 0) for one in spent) for name in names}


def _holds_work(work: Path) -> bool:
    return any((work / name).is_file() and (work / name).stat().st_size for name in (QUERIES, COMPLETIONS))


def _whole_lines(path: Path, check: Any = row_of) -> tuple[int, int]:
    """Number and bytes of the whole lines at the beginning of a file that a killed run may have cut."""
    count = size = 0
    if not path.exists():
        return 0, 0
    with path.open("rb") as stream:
        for line in stream:
            try:
                check(orjson.loads(line), path, count + 1)
            except (orjson.JSONDecodeError, InputError, TypeError, KeyError):
                break
            if not line.endswith(b"\n"):
                break
            count, size = count + 1, size + len(line)
    return count, size


def _append_after(path: Path, size: int) -> IO[bytes]:
    """Open a file for appending behind its first ``size`` bytes; what comes after them is dropped."""
    stream = path.open("r+b" if path.exists() else "w+b")
    stream.truncate(size)
    stream.seek(size)
    return stream
