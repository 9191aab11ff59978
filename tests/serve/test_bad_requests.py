"""Requests that are broken, too large, too slow or too many: each gets its own answer, and the server goes on."""

import contextlib
import json
import resource
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serve.serving import Client, running_app

#: Idle connections of the suite; the benchmark holds 10,000.
_IDLE = 1000


@pytest.fixture(autouse=True)
def still_serving(client: Client) -> Iterator[None]:
    """After each test the server answers as before, and nothing is left running."""
    yield
    assert client.search("Who discovered Ganymede?", "base", hits=1)
    end = time.monotonic() + 5
    while client.service.metrics.running and time.monotonic() < end:
        time.sleep(0.01)
    assert client.service.metrics.running == 0


def raw(client: Client, *request: bytes) -> bytes:
    """What the server sends for some bytes, to the end of the connection."""
    with socket.create_connection(("localhost", client.port), timeout=20) as connection:
        with contextlib.suppress(OSError):  # the server may have answered and closed already
            for part in request:
                connection.sendall(part)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while block := connection.recv(1 << 16):
                answer += block
    return answer


def posted(body: bytes, path: str = "/api/search", *headers: str) -> bytes:
    """A POST of JSON as bytes."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", "Connection: close"]
    return "\r\n".join([*lines, *headers, f"Content-Length: {len(body)}", "", ""]).encode() + body


def status_of(answer: bytes) -> int:
    """The status of an answer."""
    return int(answer.split()[1])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 422),
        (b"null", 422),
        (b"[]", 422),
        (b'"moon"', 422),
        (b'{"query": "moon", "index": "base",}', 400),
        (b'{"query": "\xff\xfe", "index": "base"}', 400),
        (b"\x00\x01\x02", 400),
        (b'{"query": "moon", "index": "base", "hits": NaN}', 422),
        (b'{"query": "moon", "index": "base", "hits": Infinity}', 422),
        (b'{"query": "moon", "index": "base", "hits": 1e999}', 422),
        (b'{"query": "moon", "index": "base", "hits": 99999999999999999999999}', 422),
        (b'{"query": "moon", "index": "base", "hits": ' + b"9" * 10_000 + b"}", 400),
        (b'{"query": NaN, "index": "base"}', 422),
        (b'{"query": "\\ud800", "index": "base"}', 422),
        (b'{"query": "moon \\u0000", "index": "base"}', 200),
        (b'{"query": "moon", "index": "base", "query": {"a": 1}}', 422),
        (b"[" * 100_000, 400),
        (b'{"a":' * 100_000, 400),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_broken_bodies(client: Client, body: bytes, status: int) -> None:
    answer = raw(client, posted(body))
    assert status_of(answer) == status, answer[-300:]
    if status != 200:
        assert json.loads(answer.split(b"\r\n\r\n", 1)[1])["status"] == status


@pytest.mark.parametrize("path", ["/api/search", "/mcp", "/nowhere"])
def test_a_body_of_50_megabytes(client: Client, path: str) -> None:
    before, block = _resident(), b" " * (1 << 20)
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".encode()
    declared = head + b"Content-Length: 50331648\r\n\r\n"
    assert status_of(raw(client, declared, *[block] * 48)) == 413
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    assert status_of(raw(client, chunked, *[b"100000\r\n", block, b"\r\n"] * 48, b"0\r\n\r\n")) == 413
    assert _resident() - before < 10_000


def _resident() -> int:
    """Kilobytes of this process, which runs the server."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize() // 1024


@pytest.mark.parametrize(
    "path",
    [
        "/page/../app.py",
        "/page/%2e%2e/app.py",
        "/page/..%2fapp.py",
        "/page//etc/passwd",
        "/page/%00",
        "//etc/passwd",
        "/api/document/base/../../../../etc/passwd",
        "/api/document/base/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/api/document/..%2f..%2fetc/passwd",
        "/api/document/base/%00",
        "/api/document/base/%ff%fe",
        "/api/document/base/" + "a" * 5000,
        "/v1//etc/search?query=moon",
        "/v1/..%2f..%2fetc/doc/passwd",
        "/v1/base/doc/..%2f..%2fmeta.json",
    ],
)
def test_tricks_in_paths(client: Client, path: str) -> None:
    answer = raw(client, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert status_of(answer) in (400, 404)
    assert b"root:" not in answer
    assert b"import" not in answer


@pytest.mark.parametrize(
    "flood",
    [
        "".join(f"X-{number}: {'a' * 60}\r\n" for number in range(2000)),
        f"X-Large: {'a' * 1_000_000}\r\n",
        f"Cookie: {'a=b; ' * 50_000}\r\n",
    ],
    ids=["many", "large", "cookies"],
)
def test_floods_of_headers(client: Client, flood: str) -> None:
    answer = raw(client, f"GET /health HTTP/1.1\r\nHost: localhost\r\n{flood}\r\n".encode())
    assert not answer or status_of(answer) in (400, 431)


@pytest.mark.parametrize("request_line", ["GET", "\x00\x01", "GET /health", "A" * 100_000])
def test_what_is_no_request(client: Client, request_line: str) -> None:
    answer = raw(client, f"{request_line}\r\n\r\n".encode())
    assert not answer or status_of(answer) == 400


def test_a_body_that_arrives_too_slowly(served: dict[str, Path]) -> None:
    with running_app({"base": served["base"]}, body_seconds=0.5) as client:
        slow = posted(b'{"query": "moon", "index": "base"}')[:-10]
        threads = [threading.Thread(target=raw, args=(client, slow)) for _ in range(20)]
        start = time.monotonic()
        for thread in threads:
            thread.start()
        assert client.search("moon", "base", hits=1)
        assert status_of(raw(client, slow)) == 408
        for thread in threads:
            thread.join()
        assert time.monotonic() - start < 10


def test_clients_that_read_slowly_do_not_hold_up_others(client: Client) -> None:
    body = json.dumps({"queries": ["moon"] * 64, "index": "base", "hits": 70}).encode()
    lazy = [socket.create_connection(("localhost", client.port)) for _ in range(8)]
    for connection in lazy:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(posted(body))
    assert client.search("moon", "base", hits=1)
    for connection in lazy:
        connection.close()


def test_idle_connections(client: Client) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(_IDLE):
            stack.enter_context(socket.create_connection(("localhost", client.port)))
        for _ in range(5):
            assert client.search("moon", "base", hits=1)


def test_a_request_whose_client_left_is_dropped(served: dict[str, Path]) -> None:
    with running_app({"base": served["base"]}, window_ms=500) as client:
        with socket.create_connection(("localhost", client.port)) as connection:
            connection.sendall(posted(b'{"query": "moon", "index": "base"}'))
            time.sleep(0.1)
        time.sleep(0.2)
        text = client.get("/metrics").text
        assert "xqg_requests_dropped_total 1\n" in text
        time.sleep(0.5)
        # what nobody waits for was never encoded
        assert "xqg_encoded_queries_count 0\n" in client.get("/metrics").text


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        ({"running_requests": 4}, 503),
        ({"requests_per_client": 4}, 429),
        ({"queued_queries": 4}, 503),
    ],
    ids=str,
)
def test_too_many_at_once(served: dict[str, Path], limits: dict[str, int], status: int) -> None:
    with running_app({"base": served["base"]}, window_ms=300, **limits) as client:
        answers: list[tuple[int, str | None]] = []

        def ask() -> None:
            answer = Client(client.port).post("/api/search", {"query": "moon", "index": "base"})
            answers.append((answer.status_code, answer.headers.get("Retry-After")))

        threads = [threading.Thread(target=ask) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(set(answers)) == sorted({(200, None), (status, "1")})
        assert client.search("moon", "base", hits=1)


def test_an_answer_that_takes_too_long(served: dict[str, Path]) -> None:
    with running_app({"base": served["base"]}, window_ms=1000, request_seconds=0.2) as client:
        answer = client.post("/api/search", {"query": "moon", "index": "base"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
