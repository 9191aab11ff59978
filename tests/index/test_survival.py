"""What an augmentation must survive: being killed at any step, and a full disk."""

import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.index.samples import contents, make_index, make_queries, source_of, text_vectors
from tests.storage.texts import passages_of, write_index
from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.index import AugmentOptions, augment_index, merge_indexes, mixing, text_queries, verify_index
from xqg_pyserini.records import GeneratedQuery
from xqg_pyserini.storage import index_writer
from xqg_pyserini.storage.index_directory import IndexMeta
from xqg_pyserini.storage.index_writer import work_directory

OPTIONS = AugmentOptions("mean-norm", 0.3, weights={"te": 2}, keep_components=True)
PASSAGES = 400


def count_steps(last: int, taken: Any) -> Callable[[], None]:
    """End this process as by ``kill -9`` at step ``last``; returns what takes a step, and ``taken`` counts them.

    What comes before and after each ``fsync`` are steps, too.
    """
    fsync = os.fsync

    def step() -> None:
        taken.value += 1
        if taken.value == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted_fsync(handle: int) -> None:
        step()
        fsync(handle)
        step()

    os.fsync = counted_fsync
    index_writer.CHECKPOINT_SECONDS = -1
    return step


def augment_shuffled(base: Path, output: Path, last: int, taken: Any) -> None:
    """Augment with queries out of order, in many small blocks with a checkpoint after each; to encode is a step."""
    mixing.ROWS_PER_BLOCK = 8
    text_queries.SORT_CHUNK = 100
    step = count_steps(last, taken)

    def encode(texts: Sequence[str]) -> np.ndarray:
        step()
        return text_vectors(texts)

    queries = make_queries(PASSAGES)
    shuffled = random.Random(1).sample(queries, len(queries))
    augment_index(source_of(base, shuffled, encode), output, OPTIONS)


def merge_three(base: Path, output: Path, last: int, taken: Any) -> None:
    """Merge three shards with a checkpoint after each."""
    count_steps(last, taken)
    merge_indexes([base / name for name in "abc"], output)


@pytest.fixture
def killed_run() -> Callable[..., tuple[bool, int]]:
    """What runs a task in a process; returns whether it was killed at step ``last``, and the steps it took."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    taken = context.Value("i", 0, lock=False)

    def run(task: Callable[..., None], base: Path, output: Path, last: int = 0) -> tuple[bool, int]:
        taken.value = 0
        process = context.Process(target=task, args=(base, output, last, taken))
        process.start()
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL)
        return process.exitcode != 0, taken.value

    return run


def test_kill_9_at_random_steps(tmp_path: Path, killed_run: Callable[..., tuple[bool, int]]) -> None:
    base = make_index(tmp_path / "base", PASSAGES, texts=True)
    killed, steps = killed_run(augment_shuffled, base, tmp_path / "whole")
    assert not killed
    whole = contents(tmp_path / "whole")
    rng, kills, resumed = random.Random(3), 0, 0
    output, journal = tmp_path / "out", work_directory(tmp_path / "out") / "journal.json"
    while kills < 10:
        resumed += journal.exists() and json.loads(journal.read_text())["count"] > 0
        kills += killed_run(augment_shuffled, base, output, rng.randint(1, steps))[0]
        if output.exists():
            assert contents(output) == whole
            shutil.rmtree(output)
    killed_run(augment_shuffled, base, output)
    assert contents(output) == whole
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base", "out", "whole"]
    # the seed decides how often
    assert resumed >= 3


def test_kill_9_at_every_third_step_of_a_merge(tmp_path: Path, killed_run: Callable[..., tuple[bool, int]]) -> None:
    for number, name in enumerate("abc"):
        write_index(tmp_path / name, passages_of(300, 300 * number))
    killed, steps = killed_run(merge_three, tmp_path, tmp_path / "whole")
    assert not killed
    output = tmp_path / "out"
    for last in range(2, steps, 3):
        killed_run(merge_three, tmp_path, output, last)
        # a resumed run takes fewer steps and may come to its end
        if output.exists():
            assert contents(output) == contents(tmp_path / "whole")
            shutil.rmtree(output)
    killed_run(merge_three, tmp_path, output)
    assert contents(output) == contents(tmp_path / "whole")
    assert verify_index(output).problems == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, Callable[[int], None]]]:
    """A file system of 100 KiB and what sets its size; skips where this process may not mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this process may not mount a small file system")

    def resize(kilobytes: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", str(place)], check=True)

    yield place, resize
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk(
    tmp_path: Path, small_disk: tuple[Path, Callable[[int], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, resize = small_disk
    monkeypatch.setattr(mixing, "ROWS_PER_BLOCK", 64)
    monkeypatch.setattr(index_writer, "CHECKPOINT_SECONDS", 0)
    base = make_index(tmp_path / "base", 4000)
    queries = make_queries(4000, most=1)
    options = AugmentOptions("sum", 0.1)
    augment_index(source_of(base, queries), tmp_path / "whole", options)
    with pytest.raises(OSError, match="No space left on device"):
        augment_index(source_of(base, queries), place / "out", options)
    assert not (place / "out").exists()
    assert (work_directory(place / "out") / "journal.json").exists()
    resize(1000)
    encoded = []

    def encode(texts: Sequence[str]) -> np.ndarray:
        encoded.extend(texts)
        return text_vectors(texts)

    augment_index(source_of(base, queries, encode), place / "out", options)
    assert contents(place / "out") == contents(tmp_path / "whole")
    # what fitted was not done again
    assert len(encoded) < 0.9 * len(queries)


def test_the_disk_that_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside what was there, hardly more than the finished index ever lies on the disk."""
    monkeypatch.setattr(index_writer, "CHECKPOINT_SECONDS", 0)
    base, output = make_index(tmp_path / "base", 20_000), tmp_path / "out"
    sizes = []

    def measure() -> None:
        folders = [path for path in tmp_path.iterdir() if path != base]
        sizes.append(sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file()))

    def encode(texts: Sequence[str]) -> np.ndarray:
        measure()
        return np.ones((len(texts), 16), np.float32)

    write_meta = index_writer.write_meta

    def measured_write_meta(directory: Path, meta: IndexMeta) -> None:
        write_meta(directory, meta)
        measure()

    monkeypatch.setattr(index_writer, "write_meta", measured_write_meta)
    queries = [GeneratedQuery(f"p{row}", "te", "?") for row in range(20_000)]
    augment_index(source_of(base, queries, encode), output, AugmentOptions("sum", 0.1))
    final = sum(path.stat().st_size for path in output.iterdir())
    assert final / 2 < max(sizes) <= 1.02 * final


@pytest.mark.parametrize("name", ["index", "docid", "components.npy", "journal.json"])
def test_unfinished_work_that_was_damaged(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "ROWS_PER_BLOCK", 8)
    base, calls = make_index(tmp_path / "base"), []

    def encode(texts: Sequence[str]) -> np.ndarray:
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return text_vectors(texts)

    with pytest.raises(KeyboardInterrupt):
        augment_index(source_of(base, make_queries(), encode), tmp_path / "out", OPTIONS)
    path = work_directory(tmp_path / "out") / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(IndexFormatError, match=r"delete .*\.out\.partial and start again"):
        augment_index(source_of(base, make_queries()), tmp_path / "out", OPTIONS)
    shutil.rmtree(work_directory(tmp_path / "out"))
    augment_index(source_of(base, make_queries()), tmp_path / "out", OPTIONS)
    augment_index(source_of(base, make_queries()), tmp_path / "whole", OPTIONS)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
