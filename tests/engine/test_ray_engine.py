"""Shards on a real cluster: each once, whatever is killed; what fails is named."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.engine.marking_job import Marking
from xqg_pyserini.engine import RayEngine, finished_parts
from xqg_pyserini.errors import OutputExistsError, XqgError


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "log").mkdir()
    return tmp_path / "log"


@pytest.fixture
def engine(cluster: Any) -> RayEngine:
    return RayEngine(cluster.address, workers=2)


def numbers(parts: list[Path]) -> list[int]:
    """What the parts say, and that nothing else is in them."""
    assert all([path.name for path in part.iterdir()] == ["number"] for part in parts)
    return [int((part / "number").read_text()) for part in parts]


def test_each_shard_is_computed_once_and_the_parts_go(engine: RayEngine, log: Path, tmp_path: Path) -> None:
    marking = Marking(log, seconds=0.1)
    with finished_parts(marking.job(tmp_path / "out"), engine) as parts:
        assert numbers(parts) == [0, 1, 2, 3, 4, 5]
    assert marking.starts() == [0, 1, 2, 3, 4, 5]
    assert {path.name for path in tmp_path.iterdir()} == {"log"}


def test_a_worker_that_is_killed(engine: RayEngine, log: Path, tmp_path: Path) -> None:
    marking = Marking(log, killed=2)
    with finished_parts(marking.job(tmp_path / "out"), engine) as parts:
        assert numbers(parts) == [0, 1, 2, 3, 4, 5]
    assert marking.starts() == [0, 1, 2, 2, 3, 4, 5]


def test_a_shard_that_fails_is_named_and_the_rest_is_kept(engine: RayEngine, log: Path, tmp_path: Path) -> None:
    failing = Marking(log, failing=3)
    message = (
        r"^1 of 6 shards failed 3 times each, the others are done and kept; the same command tries them again: "
        r"shard 3 \(rows 7 to 8\): passage-7: no vector$"
    )
    with pytest.raises(XqgError, match=message), finished_parts(failing.job(tmp_path / "out"), engine):
        pass
    assert failing.starts() == [0, 1, 2, 3, 3, 3, 4, 5]
    with pytest.raises(OutputExistsError, match=r"\.out\.parts holds unfinished work with other options \(rows: 12"):
        finished_parts(failing.job(tmp_path / "out", rows=14), engine).__enter__()
    with finished_parts(Marking(log).job(tmp_path / "out"), engine) as parts:
        assert numbers(parts) == [0, 1, 2, 3, 4, 5]
    assert failing.starts() == [0, 1, 2, 3, 3, 3, 3, 4, 5]


def test_a_node_that_is_killed(cluster: Any, log: Path, tmp_path: Path) -> None:
    """Its shards are computed by the workers that are left."""
    node = cluster.add_node(num_cpus=1, resources={"short-lived": 1})
    marking = Marking(log, seconds=1)

    def kill() -> None:
        while len(marking.processes()) < 3:
            time.sleep(0.1)
        cluster.remove_node(node, allow_graceful=False)

    killer = threading.Thread(target=kill)
    killer.start()
    with finished_parts(marking.job(tmp_path / "out", rows=20), RayEngine(cluster.address)) as parts:
        assert numbers(parts) == list(range(10))
    killer.join()
    assert set(marking.starts()) == set(range(10))
    assert len(marking.starts()) <= 11


_DRIVER = """
import sys
from pathlib import Path
from tests.engine.marking_job import Marking
from xqg_pyserini.engine import RayEngine, finished_parts
log, output, address = sys.argv[1:]
with finished_parts(Marking(Path(log), seconds=0.5).job(Path(output)), RayEngine(address, workers=1)):
    pass
"""


def test_a_driver_that_is_killed(engine: RayEngine, log: Path, tmp_path: Path) -> None:
    """The next one computes what is missing, at once, although workers of the first may still run."""
    output = tmp_path / "out"
    driver = subprocess.Popen([sys.executable, "-c", _DRIVER, str(log), str(output), engine.address or ""])
    while not list(tmp_path.glob(".out.parts/part-*")):
        time.sleep(0.05)
        assert driver.poll() is None
    with pytest.raises(XqgError, match="another process is writing"):
        finished_parts(Marking(log).job(output), engine).__enter__()
    driver.kill()
    driver.wait()
    kept = {path.name: path.stat().st_ino for path in tmp_path.glob(".out.parts/part-*")}
    with finished_parts(Marking(log).job(output), engine) as parts:
        assert numbers(parts) == [0, 1, 2, 3, 4, 5]
        assert kept.items() <= {path.name: path.stat().st_ino for path in parts}.items()
    assert 0 < len(kept) < 6


def _broken() -> Any:
    raise OSError("no such model")


def test_a_job_that_no_worker_can_open(engine: RayEngine, tmp_path: Path) -> None:
    from xqg_pyserini.engine import ShardedJob, ShardPlan

    job = ShardedJob(tmp_path / "out", {}, ShardPlan(4), _broken, "mark", "rows")
    with pytest.raises(XqgError, match="a worker could not begin: OSError: no such model"):
        finished_parts(job, engine).__enter__()
    assert not list(tmp_path.iterdir())


def test_a_cluster_that_is_not_there(log: Path, tmp_path: Path) -> None:
    with pytest.raises(XqgError, match=r"^no Ray at 127\.0\.0\.1:1: Connection refused$"):
        finished_parts(Marking(log).job(tmp_path / "out"), RayEngine("127.0.0.1:1")).__enter__()
