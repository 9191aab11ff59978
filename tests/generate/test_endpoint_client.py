"""One request to a real server that fails: what is tried again, what is not, and what the error says."""

import logging
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.generate.fault_server import Answer, FaultServer
from xqg_pyserini.errors import XqgError
from xqg_pyserini.generate import endpoint_client
from xqg_pyserini.generate.endpoint_client import EndpointClient, EndpointOptions, check_url, retry_after
from xqg_pyserini.generate.rate_limit import RateLimit

KEY = "sk-secret-4711"
PAGE = "<!DOCTYPE html><html><body>Welcome</body></html>"


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_client, "_FIRST_WAIT", 0.01)
    monkeypatch.setenv("XQG_API_KEY", KEY)


def client_of(server: FaultServer, **options: object) -> EndpointClient:
    given = EndpointOptions("m", server.url, **{"timeout": 5, "retries": 2, **options})  # type: ignore[arg-type]
    return EndpointClient(given, 0.7, 64)


def test_a_request_and_its_completion() -> None:
    with FaultServer() as server:
        reply = client_of(server).ask("Ask.", (1 << 62) + 5)
        text = client_of(server, api="completions").ask("Go on", 7)
    assert reply == ("Question 5?", "stop", 100, 10, "")
    assert text == ("Question 7?", "length", 100, 10, "")
    assert server.bodies == [
        {
            "model": "m",
            "messages": [{"role": "user", "content": "Ask."}],
            "temperature": 0.7,
            "max_tokens": 64,
            "seed": 5,
        },
        {"model": "m", "prompt": "Go on", "temperature": 0.7, "max_tokens": 64, "seed": 7},
    ]
    assert server.keys == [f"Bearer {KEY}"] * 2


@pytest.mark.parametrize(
    "fault", ["busy", "half", "nothing", (500, "oops"), (503, PAGE), (200, ""), (200, '{"choices": []}'), (200, "{")]
)
def test_what_is_tried_again(fault: Answer) -> None:
    with FaultServer(fault, fault) as server:
        assert client_of(server).ask("Ask.", 5).text == "Question 5?"
        assert len(server.bodies) == 3


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ((401, f"bad key {KEY}"), "answered 401: it refuses the key: set the environment variable XQG_API_KEY"),
        ((403, "no"), "answered 403: it forbids it: has the key in XQG_API_KEY the right to use this model?"),
        ((404, "no"), "answered 404: it knows neither this address nor this model: --url is what comes before"),
        ((400, f"key {KEY}:\nno model m"), r"answered 400 \(key \[key\]: no model m\)"),
        ((422, ""), "answered 422"),
        ((200, PAGE), r"answered with a web page \(HTML\): --url is what comes before /chat/completions"),
        ("moved", "answered 307, a redirection: give the address that it leads to"),
        ((429, '{"code": "insufficient_quota"}'), "answered 429: the quota is used up"),
    ],
)
def test_what_is_not_tried_again(fault: Answer, message: str) -> None:
    with FaultServer(fault) as server:
        with pytest.raises(XqgError, match=message) as error:
            client_of(server).ask("Ask.", 5)
        assert len(server.bodies) == 1
    assert KEY not in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (
            (500, f"oops {KEY}"),
            r"answered 500 \(oops \[key\]\), 3 times: what has arrived is kept; the same command asks",
        ),
        ("half", "sent half an answer, 3 times"),
        ("nothing", r"was not reached \(ConnectionError\), 3 times"),
        ((200, "[]"), "answered with something that is no completion, 3 times"),
        ("silence", r"gave no answer in 0.1 s, 3 times"),
    ],
)
def test_what_fails_at_every_try(fault: Answer, message: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with FaultServer(fault, fault, fault) as server, pytest.raises(XqgError, match=message) as error:
        client_of(server, timeout=0.1 if fault == "silence" else 5).ask("Ask.", 5)
    assert KEY not in str(error.value) + caplog.text


def test_a_server_that_is_not_there() -> None:
    with FaultServer() as server:
        pass
    with pytest.raises(
        XqgError, match=r"127.0.0.1:\d+/v1/chat/completions was not reached \(ConnectionError\), 3 times"
    ):
        client_of(server).ask("Ask.", 5)


def test_a_refusal_after_an_answer_is_of_that_prompt_alone() -> None:
    """A page or an unknown address, too, is no longer the user's mistake."""
    with FaultServer("good", (400, "too long"), (200, PAGE), (404, "starting")) as server:
        client = client_of(server)
        client.ask("Ask.", 5)
        assert client.ask("Too long.", 6).refused == "answered 400 (too long)"
        assert client.ask("Ask.", 7).text == "Question 7?"


def test_retry_after_holds_all_back() -> None:
    with FaultServer("busy") as server:
        client = client_of(server)
        start = time.monotonic()
        client.ask("Ask.", 5)
        assert time.monotonic() - start >= 0.05


def test_retry_after_is_a_number_or_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert retry_after({"Retry-After": "2.5"}) == 2.5
    assert 85 < (retry_after({"Retry-After": soon}) or 0) <= 90
    assert retry_after({"Retry-After": "Thu, 01 Jan 2015 00:00:00 GMT"}) == 0
    assert retry_after({"Retry-After": "soon"}) is None
    assert retry_after({}) is None


def test_rate_limit_by_hand() -> None:
    """Thirty a minute is one in two seconds; what was reserved too much is given back."""
    now = [100.0]
    limit = RateLimit(30, lambda: now[0])
    assert [limit.reserve() for _ in range(3)] == [0, 2, 4]
    now[0] = 105.0
    assert limit.reserve(5) == 1.0
    limit.settle(-4)
    assert limit.reserve() == 3.0
    limit.pause(30)
    assert limit.reserve() == 30
    now[0] = 1000.0
    assert limit.reserve() == 0
    free = RateLimit(None, lambda: now[0])
    assert [free.reserve(1e9) for _ in range(2)] == [0, 0]


def test_limits_of_requests_and_tokens_make_requests_wait() -> None:
    """600 requests a minute: the third starts after 0.2 s. The server counts 110 tokens: at 66,000 a minute 0.1 s."""
    for limits in ({"requests_per_minute": 600}, {"tokens_per_minute": 66_000}):
        with FaultServer() as server:
            client = client_of(server, **limits)
            start = time.monotonic()
            for seed in range(3):
                client.ask("Ask.", seed)
            assert time.monotonic() - start >= 0.19


def test_a_key_of_netrc_is_not_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password other", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with FaultServer() as server:
        client_of(server).ask("Ask.", 5)
        monkeypatch.delenv("XQG_API_KEY")
        client_of(server).ask("Ask.", 5)
    assert server.keys == [f"Bearer {KEY}", None]


@pytest.mark.parametrize("url", ["http://me:pw@host/v1", "http://host/v1?key=sk-1", "localhost:8000", "ftp://host", ""])
def test_addresses_that_cannot_be_used(url: str) -> None:
    with pytest.raises(XqgError, match=r"--url must be an address") as error:
        check_url(url)
    assert "pw" not in str(error.value)
    assert "sk-1" not in str(error.value)


def test_keys_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", f"{KEY}\nX-Other: 1")
    with FaultServer() as server, pytest.raises(XqgError, match="the key in the environment variable MY_KEY") as error:
        client_of(server, key_variable="MY_KEY")
    assert KEY not in str(error.value)
