"""Generating through a server: order, what is kept, and that nothing is paid for twice."""

import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.generate.fault_server import FaultServer
from xqg_pyserini.errors import OutputExistsError, XqgError
from xqg_pyserini.generate import endpoint_client, read_store
from xqg_pyserini.generate.backends import Decoding
from xqg_pyserini.generate.endpoint_client import EndpointOptions
from xqg_pyserini.generate.generation import GenerationOptions, GenerationReport, generate_queries
from xqg_pyserini.generate.store import COMPLETIONS, QUERIES, read_meta_of_store
from xqg_pyserini.records import Passage

PASSAGES = [Passage(f"d{i}", "", f"Text {i}.") for i in range(6)]
KEY = "sk-secret-4711"


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_client, "_FIRST_WAIT", 0.01)
    monkeypatch.setenv("XQG_API_KEY", KEY)


def options_for(server: FaultServer, **options: object) -> GenerationOptions:
    backend = EndpointOptions("m", server.url, **{"timeout": 5, "retries": 1, "concurrency": 4, **options})  # type: ignore[arg-type]
    return GenerationOptions(("fi", "te"), "endpoint", backend, "plain", decoding=Decoding(queries=3))


def generate(server: FaultServer, output: Path, **options: object) -> GenerationReport:
    return generate_queries(PASSAGES, options_for(server, **options), output)


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_rows_are_in_order_whatever_the_order_of_arrival(tmp_path: Path) -> None:
    rng = random.Random(0)
    with FaultServer() as server:
        server.delay = lambda _: rng.random() / 50
        report = generate(server, tmp_path / "store", price_in=2.0, price_out=10.0)
    rows = list(read_store(tmp_path / "store"))
    assert [(row.doc_id, row.language) for row in rows] == [(f"d{i}", code) for i in range(6) for code in ("fi", "te")]
    asked = {(prompt, seed): f"Question {seed}?" for prompt, seed in server.prompts}
    for row in rows:
        name = {"fi": "Finnish", "te": "Telugu"}[row.language]
        own = {text for (prompt, _), text in asked.items() if name in prompt and f"Text {row.doc_id[1:]}." in prompt}
        assert set(row.queries) == own
        assert len(own) == 3
    assert server.busiest <= 4
    # 36 requests of 100 and 10 tokens
    spent = {"requests": 36, "prompt_tokens": 3600, "completion_tokens": 360, "price": 0.0108}
    assert report.spent == spent
    assert read_meta_of_store(tmp_path / "store").spent == spent
    assert sorted(line["row"] for line in lines_of(tmp_path / "store" / COMPLETIONS)) == sorted([*range(12)] * 3)
    for file in (tmp_path / "store").iterdir():
        assert KEY not in file.read_text(encoding="utf-8")


def test_the_same_requests_whatever_is_asked_at_once(tmp_path: Path) -> None:
    """Where a server honours seeds, the store is the same."""
    with FaultServer() as server:
        generate(server, tmp_path / "one", concurrency=1)
        generate(server, tmp_path / "many", concurrency=16)
    assert (tmp_path / "one" / QUERIES).read_bytes() == (tmp_path / "many" / QUERIES).read_bytes()
    assert set(server.prompts.values()) == {2}


def test_what_has_arrived_is_not_asked_again(tmp_path: Path) -> None:
    """The server fails for good after twenty answers; a second run asks for the other sixteen."""
    with FaultServer(*["good"] * 20, *[(500, "broken")] * 100) as server:
        rng = random.Random(1)
        server.delay = lambda _: rng.random() / 50
        with pytest.raises(XqgError, match=r"answered 500 \(broken\), 2 times: what has arrived is kept"):
            generate(server, tmp_path / "store")
        assert server.prompts.total() == 20
        partial = tmp_path / ".store.partial"
        assert len(lines_of(partial / COMPLETIONS)) == 20
        with pytest.raises(OutputExistsError, match=r"unfinished work with other options .*model: 'm', now 'other'"):
            generate_queries(PASSAGES, replace_model(options_for(server), "other"), tmp_path / "store")
        server.plan.clear()
        report = generate(server, tmp_path / "store")
    assert set(server.prompts.values()) == {1}
    assert server.prompts.total() == 36
    assert report.spent["requests"] == 36
    with FaultServer() as other:
        generate(other, tmp_path / "whole")
    assert (tmp_path / "store" / QUERIES).read_bytes() == (tmp_path / "whole" / QUERIES).read_bytes()


def replace_model(options: GenerationOptions, model: str) -> GenerationOptions:
    return replace(options, backend_options=replace(options.backend_options, model=model))


CLIENT = """
import sys
from pathlib import Path
from tests.generate.test_endpoint import PASSAGES, options_for, generate_queries
class Server: url = sys.argv[1]
generate_queries(PASSAGES, options_for(Server), Path(sys.argv[2]))
"""


def test_a_client_that_is_killed_asks_again_only_for_what_was_under_way(tmp_path: Path) -> None:
    """Answers arrive four at a time, so that at most four were not written down when the kill came."""
    with FaultServer() as server:
        server.delay = lambda _: 0.05
        command = [sys.executable, "-c", CLIENT, server.url, str(tmp_path / "store")]
        child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        while server.prompts.total() < 14 and child.poll() is None:
            pass
        child.kill()
        assert child.wait() == -9, child.communicate()[1]
        kept = len(lines_of(tmp_path / ".store.partial" / COMPLETIONS))
        assert 10 <= kept < 36
        generate(server, tmp_path / "store")
    assert len(server.prompts) == 36
    assert server.prompts.total() <= 36 + 4
    assert len(lines_of(tmp_path / "store" / COMPLETIONS)) == 36


def test_completions_that_are_not_what_was_asked_are_kept_and_marked(tmp_path: Path) -> None:
    with FaultServer("good", (413, "too long")) as server:
        server.text = lambda body: "Sure:\nQuestion?" if body["seed"] % 2 else "Question?"
        report = generate(server, tmp_path / "store", concurrency=1)
    rows = list(read_store(tmp_path / "store"))
    assert rows[0].queries[1] == ""
    assert rows[0].origin["problems"][1] == "the server answered 413 (too long); nothing was written"
    unusual = 1
    for row in rows:
        for i, query in enumerate(row.queries):
            if query == "Sure:":
                unusual += 1
                assert row.origin["problems"][i] == "2 lines instead of one question"
                assert row.origin["completions"][i] == "Sure:\nQuestion?"
    assert report.unusual == unusual > 5


def test_a_refused_key_ends_the_run_at_once(tmp_path: Path) -> None:
    with FaultServer(*[(401, "no")] * 50) as server, pytest.raises(XqgError, match="answered 401") as error:
        generate(server, tmp_path / "store")
    assert len(server.bodies) <= 4
    assert KEY not in str(error.value)
    assert list(tmp_path.iterdir()) == []
