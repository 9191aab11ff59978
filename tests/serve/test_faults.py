"""A killed worker, an index replaced under load, SIGTERM: nothing is lost."""

import json
import os
import shutil
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

from tests.serve.serving import Client, running_app, running_command, sample_questions
from tests.serve.test_bad_requests import posted, status_of
from xqg_pyserini.files import replace_directory

QUESTIONS = sample_questions("en")[:12]


def _docids(client: Client, question: str) -> tuple[str, ...]:
    return tuple(hit["docid"] for hit in client.search(question, "it", hits=20))


def test_an_index_replaced_again_and_again_under_load(served: dict[str, Path], tmp_path: Path) -> None:
    """Every answer is that of one of the two indexes, with the texts of its passages; none is an error."""
    place = tmp_path / "it"
    answers: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, directory in served.items():
        with running_app({"it": directory}) as client:
            answers[name] = {question: _docids(client, question) for question in QUESTIONS}
    assert answers["base"] != answers["xqg"]
    shutil.copytree(served["base"], place)
    with running_app({"it": place}, check_seconds=0.02) as client:
        stop, wrong, count = threading.Event(), list[Any](), [0]

        def ask(question: str) -> None:
            own = Client(client.port)
            while not stop.is_set():
                found = _docids(own, question)
                document = own.get(f"/api/document/it/{found[0]}")
                if found not in (answers["base"][question], answers["xqg"][question]) or not document.ok:
                    wrong.append((question, found, document.text))
                count[0] += 1

        with ThreadPoolExecutor(4) as pool:
            asking = [pool.submit(ask, question) for question in QUESTIONS[:4]]
            for number in range(8):
                fresh = tmp_path / f"fresh-{number}"
                shutil.copytree(served["xqg" if number % 2 == 0 else "base"], fresh)
                replace_directory(fresh, place)
                time.sleep(0.15)
            stop.set()
            for one in asking:
                one.result()
        assert not wrong
        assert count[0] > 8
        assert {question: _docids(client, question) for question in QUESTIONS} == answers["base"]
        replaced = [line for line in client.get("/metrics").text.splitlines() if "replacements_total{" in line]
        assert int(replaced[0].split()[1]) >= 4


def test_a_broken_replacement_leaves_the_old_index_served(served: dict[str, Path], tmp_path: Path) -> None:
    place, broken = tmp_path / "it", tmp_path / "broken"
    for copy in (place, broken):
        shutil.copytree(served["base"], copy)
    os.truncate(broken / "index", 1000)
    with running_app({"it": place}, check_seconds=0.02) as client:
        before = _docids(client, QUESTIONS[0])
        replace_directory(broken, place)
        time.sleep(0.2)
        assert _docids(client, QUESTIONS[0]) == before
        shutil.rmtree(place)
        time.sleep(0.1)
        assert _docids(client, QUESTIONS[0]) == before
        shutil.copytree(served["xqg"], place)
        time.sleep(0.5)
        assert client.get("/api/about").json()["indexes"][0]["components"]


def test_a_killed_worker_and_sigterm(served: dict[str, Path]) -> None:
    """Clients that try again after a broken connection get every answer; the worker is replaced; SIGTERM drains."""
    with running_command(served, "--workers=2", "--backend=torch") as (server, client):
        before = server.workers()
        assert len(before) == 2
        stop, answered, retried = threading.Event(), [0], [0]

        def ask() -> None:
            while not stop.is_set():
                try:
                    assert Client(client.port).search("moon", "xqg", hits=3)
                    answered[0] += 1
                except requests.ConnectionError:
                    retried[0] += 1

        with ThreadPoolExecutor(4) as pool:
            asking = [pool.submit(ask) for _ in range(4)]
            time.sleep(0.5)
            os.kill(min(before), signal.SIGKILL)
            end = time.monotonic() + 60
            while time.monotonic() < end and (len(server.workers()) < 2 or server.workers() & {min(before)}):
                time.sleep(0.1)
            at_replacement = answered[0]
            time.sleep(0.5)
            stop.set()
            for one in asking:
                one.result()
        assert len(server.workers()) == 2
        assert answered[0] > at_replacement > 0
        assert retried[0] <= 4, "more than the four requests that the killed worker may have had"
        _drain(server.process.pid, client, served)
        assert server.process.wait(timeout=40) == 0
        assert not [line for line in server.log if "Traceback" in line]


def _drain(pid: int, client: Client, served: dict[str, Path]) -> None:
    """SIGTERM while requests run: each is answered, and no new one is accepted."""
    body = json.dumps({"queries": ["moon"] * 64, "index": next(iter(served)), "hits": 20}).encode()
    connections = [socket.create_connection(("localhost", client.port), timeout=40) for _ in range(12)]
    for connection in connections:
        connection.sendall(posted(body))
    time.sleep(0.3)
    os.kill(pid, signal.SIGTERM)
    for connection in connections:
        answer = b""
        while block := connection.recv(1 << 16):
            answer += block
        assert status_of(answer) == 200
        assert len(json.loads(answer.split(b"\r\n\r\n", 1)[1])["results"]) == 64
        connection.close()
