"""Against a real server: ``transformers serve`` with a tiny model, killed and started again in the middle."""

import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from xqg_pyserini.generate import endpoint_client, read_store
from xqg_pyserini.generate.backends import Decoding
from xqg_pyserini.generate.endpoint_client import EndpointOptions
from xqg_pyserini.generate.generation import GenerationOptions, GenerationReport, generate_queries
from xqg_pyserini.generate.store import COMPLETIONS, read_meta_of_store
from xqg_pyserini.records import Passage

for needed in ("fastapi", "uvicorn", "openai"):
    pytest.importorskip(needed, reason="transformers serve needs it")

PASSAGES = [Passage(f"d{i}", f"Title {i}", "A short text.") for i in range(8)]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_server_that_is_killed_and_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_client, "_LONGEST_WAIT", 0.1)
    model, port = tmp_path / "llama", free_port()
    command = [sys.executable, "-m", "tests.generate.serving", str(model), str(port)]
    backend = EndpointOptions(str(model), f"http://127.0.0.1:{port}/v1", concurrency=3, retries=600, price_out=1e6)
    options = GenerationOptions(("fi", "te"), "endpoint", backend, "sap", decoding=Decoding(queries=2, max_tokens=20))
    reports: list[GenerationReport] = []
    work = threading.Thread(target=lambda: reports.append(generate_queries(PASSAGES, options, tmp_path / "store")))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as servers:
        assert servers.stdin is not None
        assert servers.stdout is not None
        assert servers.stdout.readline() == "started\n"
        work.start()
        arrived = tmp_path / ".store.partial" / COMPLETIONS
        while work.is_alive() and not (arrived.exists() and arrived.read_bytes().count(b"\n") > 4):
            time.sleep(0.005)
        servers.stdin.write("again\n")
        servers.stdin.flush()
        assert servers.stdout.readline() == "started\n"
        before = arrived.read_bytes().count(b"\n")
        work.join()
    assert 4 < before < 32, "the kill came in the middle"
    lines = [json.loads(line) for line in (tmp_path / "store" / COMPLETIONS).read_text("utf-8").splitlines()]
    assert len({(line["row"], line["completion"]["sample"]) for line in lines}) == len(lines) == 32
    rows = list(read_store(tmp_path / "store"))
    assert [(row.doc_id, row.language) for row in rows] == [(f"d{i}", code) for i in range(8) for code in ("fi", "te")]
    # random weights write neither summary nor query: kept, and marked
    assert all("no line 'Query in …:' after the summary" in text for row in rows for text in row.origin["problems"])
    assert all(0 < len(text) <= 20 for row in rows for text in row.origin["completions"])
    spent = read_meta_of_store(tmp_path / "store").spent
    assert spent["completion_tokens"] == spent["price"] >= 32
    assert spent["prompt_tokens"] > 32 * 500
    assert reports[0].unusual == 32
