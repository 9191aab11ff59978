"""Servers that tests talk to: an application in a thread, and the command in a process of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import uvicorn

from xqg_pyserini.data import open_corpus
from xqg_pyserini.encode import TextEncoder, encode_corpus
from xqg_pyserini.index import AugmentOptions, AugmentSource, augment_index
from xqg_pyserini.sample import GENERATED
from xqg_pyserini.serve import ServerSettings, create_app
from xqg_pyserini.serve.running import open_socket, server_config
from xqg_pyserini.serve.search_service import SearchService

#: Seconds in which a process has loaded its libraries and an encoder.
_START = 120


def make_indexes(folder: Path, checkpoint: Path) -> dict[str, Path]:
    """The sample collection as a base index and an augmented one with components."""
    # the first token's vector of random weights hardly depends on the text: scores would differ in their last digits
    encoder = TextEncoder(str(checkpoint), {"pooling": "mean"})
    base, augmented = folder / "base", folder / "xqg"
    corpus = open_corpus("xqg-sample")
    encode_corpus(corpus, encoder, base, corpus.name)
    augment_index(AugmentSource(base, [GENERATED], encoder), augmented, AugmentOptions(keep_components=True))
    return {"base": base, "xqg": augmented}


class Client:
    """What tests ask of a server.

    Attributes:
        address: ``http://localhost:PORT``.
        service: of an application in this process.
    """

    service: SearchService

    def __init__(self, port: int) -> None:
        self.port, self.address = port, f"http://localhost:{port}"
        self.session = requests.Session()

    def get(self, path: str, **options: Any) -> requests.Response:
        """GET a path."""
        return self.session.get(self.address + path, timeout=30, **options)

    def post(self, path: str, body: Any, **options: Any) -> requests.Response:
        """POST JSON."""
        return self.session.post(self.address + path, json=body, timeout=30, **options)

    def search(self, query: str, index: str, **options: Any) -> list[dict[str, Any]]:
        """The hits of one query."""
        answer = self.post("/api/search", {"query": query, "index": index, **options})
        assert answer.status_code == 200, answer.text
        hits: list[dict[str, Any]] = answer.json()["results"][0]["hits"]
        return hits


@contextmanager
def running_app(indexes: dict[str, Path], **settings: Any) -> Iterator[Client]:
    """An application that serves some indexes, in a thread of this process."""
    app = create_app(ServerSettings(tuple(indexes.items()), **settings))
    with running_asgi(app) as client:
        client.service = app.state.service
        yield client


@contextmanager
def running_asgi(app: Any, waits_for: str = "/health") -> Iterator[Client]:
    """Any application in a thread of this process; ``waits_for`` is a path that it answers."""
    listening = open_socket("127.0.0.1", 0)
    server = uvicorn.Server(server_config(app))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        client = Client(listening.getsockname()[1])
        _wait_for(client, thread.is_alive, waits_for)
        yield client
    finally:
        server.should_exit = True
        thread.join()


class ServerProcess:
    """``xqg serve`` in a process of its own.

    Args:
        indexes: names and directories.
        options: more of the command line.
        environment: variables added to those of this process.
    """

    def __init__(self, indexes: dict[str, Path], *options: str, **environment: str) -> None:
        given = [f"--index={name}={directory}" for name, directory in indexes.items()]
        command = [sys.executable, "-m", "xqg_pyserini.serve", *given, "--port=0", "--threads=1", *options]
        self.process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}, start_new_session=True
        )
        self.log: list[str] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def client(self) -> Client:
        """A client, when the server answers."""
        end = time.monotonic() + _START
        while not (found := re.search(r"http://[^ ]+:(\d+)/", "".join(self.log))):
            assert self.process.poll() is None, "".join(self.log)
            assert time.monotonic() < end, "".join(self.log)
            time.sleep(0.05)
        client = Client(int(found[1]))
        _wait_for(client, lambda: self.process.poll() is None)
        return client

    def workers(self) -> set[int]:
        """Process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        names = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children.split()}
        return {pid for pid, name in names.items() if b"spawn_main" in name}

    def end(self) -> int:
        """SIGTERM, and the exit code; a server that does not end is killed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=40)
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
            self._reading.join()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.log.extend(self.process.stderr)


@contextmanager
def running_command(
    indexes: dict[str, Path], *options: str, **environment: str
) -> Iterator[tuple[ServerProcess, Client]]:
    """``xqg serve`` in a process, and a client of it."""
    server = ServerProcess(indexes, *options, **environment)
    try:
        yield server, server.client()
    finally:
        server.end()


def sample_questions(code: str) -> list[str]:
    """Questions of the sample collection in a language."""
    from xqg_pyserini.sample import QUESTIONS

    rows = map(json.loads, QUESTIONS.read_text(encoding="utf-8").splitlines())
    return [row["text"] for row in rows if row["lang"] == code]


def _wait_for(client: Client, alive: Any, path: str = "/health") -> None:
    end = time.monotonic() + _START
    while time.monotonic() < end:
        assert alive(), "the server ended"
        try:
            if client.get(path).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.05)
    raise AssertionError("the server does not answer")
