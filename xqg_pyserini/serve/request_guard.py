"""What every request passes: key, limits, and a watch for clients that leave; and headers of every answer."""

import asyncio
import contextlib
import hmac
import logging
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xqg_pyserini.serve.problems import problem
from xqg_pyserini.serve.search_service import SearchService

#: Scripts, styles and requests of the page come from this server alone, and are asked for anew: after an update a
#: browser must not mix old files with new answers.
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
#: What needs no key: the page's own files, and whether the server answers.
_OPEN = ("/", "/health")
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}
_PORT = re.compile(r":\d*$")

logger = logging.getLogger(__name__)


class _RefusedError(Exception):
    """An answer instead of the application's."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


class _ClientLeftError(Exception):
    """There is nobody to answer."""


class RequestGuard:
    """ASGI middleware around the whole application.

    Args:
        app: the application.
        service: its settings hold the limits, its metrics count.
    """

    def __init__(self, app: ASGIApp, service: SearchService) -> None:
        self.app, self.settings, self.metrics = app, service.settings, service.metrics
        self._of_client: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or have the application answer it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(send)
        start = time.perf_counter()
        try:
            await self._guarded(scope, receive, answer)
        except _RefusedError as refusal:
            await answer.unless_begun(problem(refusal.status, refusal.detail), scope)
        except _ClientLeftError:
            self.metrics.count_dropped()
            return
        except Exception:
            # the trace goes to the log, and nothing of it to the client
            logger.exception("%s %s failed", scope["method"], _route_of(scope))
            await answer.unless_begun(problem(500, "the server failed; its log says why"), scope)
        self.metrics.count_request(_route_of(scope), answer.status, time.perf_counter() - start)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        self._check_host(headers)
        key = self._check_key(scope, headers)
        client = key or (scope["client"][0] if scope.get("client") else "")
        with self._counted(client):
            body = await self._read_body(headers, receive)
            await _unless_client_leaves(self._answered(scope, send), receive, body, self.settings.request_seconds)

    def _answered(self, scope: Scope, send: Send) -> Callable[[Receive], Awaitable[None]]:
        return lambda receive: self.app(scope, receive, send)

    def _check_host(self, headers: Headers) -> None:
        """Refuse names that are not this server's: a page elsewhere may have its name point here (DNS rebinding)."""
        if self.settings.host not in _LOOPBACK:
            return
        name = _PORT.sub("", headers.get("host", ""))
        if name not in _LOOPBACK and name not in self.settings.allowed_hosts:
            raise _RefusedError(421, "this server answers to its own machine; --allowed-host adds other names")

    def _check_key(self, scope: Scope, headers: Headers) -> str:
        """The key of a request; empty where none is needed."""
        wanted, path = self.settings.api_key, scope["path"]
        if not wanted or path in _OPEN or path.startswith("/page/"):
            return ""
        given = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
        # headers are decoded as Latin-1, whatever they hold
        if not hmac.compare_digest(given.encode("latin-1"), wanted.encode()):
            raise _RefusedError(401, "give the API key of this server in the header X-API-Key")
        return given

    @contextlib.contextmanager
    def _counted(self, client: str) -> Iterator[None]:
        if self.metrics.running >= self.settings.running_requests:
            raise _RefusedError(503, "too many requests at once: try again in a second")
        if self._of_client[client] >= self.settings.requests_per_client:
            raise _RefusedError(429, "too many requests of yours at once: try again in a second")
        self.metrics.running += 1
        self._of_client[client] += 1
        try:
            yield
        finally:
            self.metrics.running -= 1
            self._of_client[client] -= 1
            if not self._of_client[client]:
                del self._of_client[client]

    async def _read_body(self, headers: Headers, receive: Receive) -> bytes:
        limit = self.settings.body_bytes
        too_large = _RefusedError(413, f"the body has more than {limit} bytes")
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise too_large
        body = bytearray()
        try:
            async with asyncio.timeout(self.settings.body_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _ClientLeftError
                    body += message.get("body", b"")
                    if len(body) > limit:
                        raise too_large
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise _RefusedError(408, "the body did not arrive in time") from None


class _Answer:
    """``send`` that adds headers and keeps the status."""

    def __init__(self, send: Send) -> None:
        self._send, self.status = send, 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)

    async def unless_begun(self, response: Response, scope: Scope) -> None:
        """Send a whole response, unless another was begun, which nothing can follow."""
        if not self.status:
            await response(scope, _nothing, self)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


async def _unless_client_leaves(
    answered: Callable[[Receive], Awaitable[None]], receive: Receive, body: bytes, seconds: float
) -> None:
    """Have a request answered; the work is cancelled when its client leaves or when it takes too long."""
    left = asyncio.ensure_future(receive())
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await asyncio.shield(left)

    work = asyncio.ensure_future(answered(replay))
    try:
        await asyncio.wait({work, left}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise _ClientLeftError if left.done() else _RefusedError(503, "the answer took too long")
        await work
    finally:
        for task in (work, left):
            task.cancel()
        await asyncio.gather(work, left, return_exceptions=True)


def _route_of(scope: Scope) -> str:
    """The route's pattern: a path as it was asked for would make a time series for each document."""
    route = scope.get("route")
    return getattr(route, "path", "") or "other"
