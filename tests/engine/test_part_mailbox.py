"""Parts on storage behind a URL: whole or not there, each job's by themselves; a run on a cluster that uses one."""

import importlib.util
import pickle
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.engine.marking_job import Marking
from xqg_pyserini.engine import RayEngine, finished_parts
from xqg_pyserini.engine.part_mailbox import PartMailbox
from xqg_pyserini.errors import MissingExtraError, XqgError


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"file://{tmp_path}/mailbox"


def write_part(folder: Path) -> Path:
    (folder / "index").mkdir(parents=True)
    (folder / "index" / "vectors").write_bytes(bytes(range(256)))
    (folder / "counts.json").write_text("{}")
    return folder


def test_a_part_arrives_as_it_was_sent(url: str, tmp_path: Path) -> None:
    mailbox = PartMailbox(url, {"rows": 1})
    assert mailbox.numbers() == set()
    mailbox.put(11, write_part(tmp_path / "made"))
    there = pickle.loads(pickle.dumps(mailbox))
    assert there.numbers() == {11}
    there.take(11, tmp_path / "taken")
    files = {path.relative_to(tmp_path / "taken") for path in (tmp_path / "taken").rglob("*") if path.is_file()}
    assert files == {Path("index/vectors"), Path("counts.json")}
    assert (tmp_path / "taken" / "index" / "vectors").read_bytes() == bytes(range(256))
    there.drop(11)
    assert mailbox.numbers() == set()
    assert not [path for path in (tmp_path / "mailbox").rglob("*") if path.is_file()]


def test_a_part_that_is_cut_off_is_not_there(url: str, tmp_path: Path) -> None:
    mailbox = PartMailbox(url, {})
    mailbox.put(3, write_part(tmp_path / "made"))
    next((tmp_path / "mailbox").rglob("3.complete")).unlink()
    assert mailbox.numbers() == set()


def test_jobs_do_not_meet(url: str, tmp_path: Path) -> None:
    PartMailbox(url, {"rows": 1}).put(0, write_part(tmp_path / "made"))
    assert PartMailbox(url, {"rows": 2}).numbers() == set()


@pytest.mark.skipif(importlib.util.find_spec("s3fs") is not None, reason="s3fs is installed")
def test_storage_whose_package_is_missing() -> None:
    with pytest.raises(MissingExtraError, match=r"^--parts s3://bucket/parts/\w+: Install s3fs to access S3$"):
        PartMailbox("s3://bucket/parts", {}).numbers()


def test_storage_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(XqgError, match=r"--parts nope://x/\w+: Protocol not known: nope"):
        PartMailbox("nope://x", {}).numbers()
    (tmp_path / "file").touch()
    with pytest.raises(XqgError, match=r"^--parts file://.*/file/\w+: NotADirectoryError: "):
        PartMailbox(f"file://{tmp_path}/file", {}).put(0, write_part(tmp_path / "made"))


_DRIVER = """
import sys
from pathlib import Path
from tests.engine.marking_job import Marking
from xqg_pyserini.engine import RayEngine, finished_parts
log, output, address, url = sys.argv[1:]
with finished_parts(Marking(Path(log), seconds=0.3).job(Path(output)), RayEngine(address, workers=1, parts=url)):
    pass
"""


def test_a_driver_that_is_killed_takes_what_is_there(cluster: Any, url: str, tmp_path: Path) -> None:
    """The output of the second run lies elsewhere, as on another machine: the parts come from the storage alone."""
    log = tmp_path / "log"
    log.mkdir()
    first = [sys.executable, "-c", _DRIVER, str(log), str(tmp_path / "one" / "out"), cluster.address, url]
    driver = subprocess.Popen(first)
    while len(list((tmp_path / "one").glob(".out.parts/part-*"))) < 2:
        time.sleep(0.02)
        assert driver.poll() is None
    driver.kill()
    driver.wait()
    job = Marking(log).job(tmp_path / "two" / "out")
    # one that a worker has put there, and that nobody took
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "number").write_text("5")
    PartMailbox(url, job.record).put(5, tmp_path / "made")
    with finished_parts(job, RayEngine(cluster.address, workers=2, parts=url)) as parts:
        assert [int((part / "number").read_text()) for part in parts] == [0, 1, 2, 3, 4, 5]
        assert all(part.parent == tmp_path / "two" / ".out.parts" for part in parts)
    assert 5 not in Marking(log).starts()
    assert 5 not in PartMailbox(url, job.record).numbers()
