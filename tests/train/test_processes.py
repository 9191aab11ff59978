"""Training in several processes, as ``torchrun`` starts them: the same weights as in one."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.train.material import make_queries, write_queries
from xqg_pyserini.__main__ import main
from xqg_pyserini.errors import XqgError
from xqg_pyserini.files import read_json
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.train import Recipe
from xqg_pyserini.train.processes import Processes

TRAIN = ["train", "query-encoder", "--steps", "6", "--check-every", "3", "--held-out", "20", "--batch-size", "8"]
TRAIN += ["--lora-rank", "2", "--memory-bank-size", "32", "--learning-rate", "5e-3", "--threads", "1"]


def arguments(tiny: Path, queries: Path, output: Path) -> list[str]:
    files = ["--encoder", tiny, "--queries", queries, "--memory-bank", queries.with_name("corpus.jsonl")]
    return [*TRAIN, *map(str, files), "--output", str(output)]


def in_two_processes(words: list[str]) -> str:
    # standalone: a free port instead of a fixed one
    started = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "xqg_pyserini"]
    done = subprocess.run(
        [sys.executable, *started, *words],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
def test_two_processes_give_the_weights_of_one(tiny: Path, tmp_path: Path) -> None:
    queries = write_queries(tmp_path / "q.jsonl", make_queries(120))
    write_queries(tmp_path / "corpus.jsonl", make_queries(50, "fi"))
    main(arguments(tiny, queries, tmp_path / "one"), standalone_mode=False)
    printed = in_two_processes(arguments(tiny, queries, tmp_path / "two"))
    assert printed.count("trained on 120 queries, 6 steps") == 1
    one, two = (load_file(tmp_path / name / "adapter_model.safetensors") for name in ("one", "two"))
    assert one.keys() == two.keys()
    for name, weights in one.items():
        np.testing.assert_allclose(two[name], weights, atol=2e-3, err_msg=name)
    # each process has its share of a step: the mean loss over both is that of one, the part that one sees is not
    logs = [[row for _, row in read_jsonl(tmp_path / name / "log.jsonl") if "loss" in row] for name in ("one", "two")]
    assert len(logs[0]) == len(logs[1]) == 2
    for alone, shared in zip(*logs, strict=True):
        assert shared["loss"] == pytest.approx(alone["loss"], rel=1e-2)
        assert shared["loss_alignment"] != pytest.approx(alone["loss_alignment"], rel=1e-3)
    figures = [read_json(tmp_path / name / "meta.json")["figures"] for name in ("one", "two")]
    assert figures[1]["steps"] == 6
    assert figures[1]["trained"]["robustness"] == pytest.approx(figures[0]["trained"]["robustness"], abs=1e-3)
    assert figures[0]["trained"] != figures[0]["base"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus.jsonl", "one", "q.jsonl", "two"]


def test_one_process_is_the_first_and_knows_what_it_computes() -> None:
    processes = Processes("cpu", 7)
    assert (processes.is_first, processes.device) == (True, "cpu")
    with processes.first_process_first():
        assert processes.broadcast_from_first(lambda: {"mrr": 0.5}) == {"mrr": 0.5}


def test_a_batch_that_cannot_be_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    from accelerate import PartialState

    monkeypatch.setattr(PartialState(cpu=True), "num_processes", 3)
    with pytest.raises(XqgError, match="8 queries per step cannot be shared by 3 processes: change --batch-size"):
        Processes("cpu", 8)


def test_several_processes_are_warned_of_losses_across_a_batch(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from accelerate import PartialState

    recipe = Recipe(losses={"multi-positive": 1}, memory_bank="batch")
    Processes("cpu", 64).warn_of_partial_batches(recipe)
    monkeypatch.setattr(PartialState(cpu=True), "num_processes", 4)
    processes = Processes("cpu", 64)
    processes.warn_of_partial_batches(Recipe())
    assert not caplog.text
    processes.warn_of_partial_batches(recipe)
    assert "multi-positive, the memory bank 'batch': a query is compared with the other queries" in caplog.text
    assert "each of the 4 processes sees 16 of 64 queries: the weights will differ" in caplog.text


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator")
def test_freed_memory_is_kept() -> None:
    """Without the call each of the ten blocks of 64 MB is given out anew, page by page."""
    code = """
import resource
import numpy as np
from xqg_pyserini.train.processes import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        np.ones((1024, 16384), np.float32)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

faults()
print(faults())
keep_freed_memory()
faults()
print(faults())
"""
    env = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    before, after = map(int, done.stdout.split())
    assert after < before / 10, (before, after)
