"""A web server on this machine, and a home for ir_datasets that is thrown away."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import ir_datasets
import pytest

from xqg_pyserini.data.catalog.families import Part
from xqg_pyserini.data.catalog.registration import register
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.data.sets import xquad

MODIFIED = "Sun, 02 Feb 2020 20:02:02 GMT"


@dataclass
class Site:
    """What the server serves, and what it was asked.

    ``cut`` is after how many bytes the server breaks off the first answers (one entry an answer); ``status`` and
    ``content_type`` change every answer; ``validator`` is the header that identifies a version of a file, if any.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    cut: list[int] = field(default_factory=list)
    status: int = 200
    content_type: str = "application/octet-stream"
    validator: str = "ETag"

    def remote(self, name: str, content: bytes, *, sha256: str | None = "right", size: int | None = None) -> RemoteFile:
        """Serve ``content`` under ``name``; the file as the package describes it."""
        self.files[f"/{name}"] = content
        if sha256 == "right":
            sha256 = hashlib.sha256(content).hexdigest()
        return RemoteFile(f"{self.url}/{name}", f"test/{name}", f"licence of {name}", sha256, size)


def handler_of(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            site.requests.append((self.path, wanted))
            content = site.files.get(self.path)
            if content is None or site.status != 200:
                self.send_error(404 if content is None else site.status)
                return
            tag = f'"{hashlib.md5(content).hexdigest()}"' if site.validator == "ETag" else MODIFIED
            start = 0
            if wanted and site.validator and self.headers.get("If-Range") == tag:
                start = int(wanted.removeprefix("bytes=").rstrip("-"))
            if start >= len(content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.answer(content, start, tag)

        def answer(self, content: bytes, start: int, tag: str) -> None:
            self.send_response(206 if start else 200)
            self.send_header("Content-Type", site.content_type)
            self.send_header("Content-Length", str(len(content) - start))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            if site.validator:
                self.send_header(site.validator, tag)
                self.send_header("Accept-Ranges", "bytes")
            self.end_headers()
            end = len(content)
            if site.cut:
                end = start + site.cut.pop(0)
                self.close_connection = True
            self.wfile.write(content[start:end])

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@pytest.fixture(autouse=True, scope="session")
def registered() -> None:
    """Our data sets, known to ir_datasets."""
    register()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home for ir_datasets."""
    folder = tmp_path / "irds"
    monkeypatch.setenv("IR_DATASETS_HOME", str(folder))
    monkeypatch.setenv("IR_DATASETS_DL_TIMEOUT", "5")
    monkeypatch.setattr("xqg_pyserini.data.catalog.download._WAIT_SECONDS", 0.01)
    return folder


@pytest.fixture
def site(home: Path) -> Iterator[Site]:
    """A web server on the loopback interface."""
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(site))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}"
    yield site
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file in the test's folder; returns its path."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


@pytest.fixture
def small_xquad(site: Site, monkeypatch: pytest.MonkeyPatch) -> dict[str, Part]:
    """XQuAD with one passage and two questions, served here, in place of the published files."""
    published = {}
    for lang in xquad.LANGUAGES:
        answers = [{"text": "Rome", "answer_start": 0}]
        asked = [{"id": name, "question": f"{name} {lang}?", "answers": answers} for name in ("q1", "q2")]
        article = {"title": "A_city", "paragraphs": [{"context": f"Rome {lang}", "qas": asked}]}
        published[lang] = site.remote(f"xquad.{lang}.json", json.dumps({"data": [article]}).encode())
    parts = {part.dataset_id: part for part in xquad.parts(published)}
    for name, part in parts.items():
        monkeypatch.setitem(ir_datasets.registry._registered, name, part.dataset)
    return parts
