"""Requests to a server that speaks OpenAI's protocol: one completion each, tried again where that can help."""

import logging
import os
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import urlsplit

from xqg_pyserini.errors import XqgError
from xqg_pyserini.generate.rate_limit import RateLimit

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

logger = logging.getLogger(__name__)

#: Characters per token, roughly, for the limit on tokens before the server has counted them.
_CHARACTERS_PER_TOKEN = 3
_CONNECT_SECONDS = 10.0
#: Seconds before the second try, doubled before each further one up to the longest; a server may ask for more.
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
_TRY_AGAIN = frozenset({408, 409, 425, 429})
#: What no other request to the same address would change.
_HOPELESS = {
    401: "refuses the key: set the environment variable {variable}",
    403: "forbids it: has the key in {variable} the right to use this model?",
    404: "knows neither this address nor this model: --url is what comes before /chat/completions, such as "
    "http://localhost:8000/v1",
    405: "knows no such address: --url is what comes before /chat/completions, such as http://localhost:8000/v1",
}


@dataclass(frozen=True)
class EndpointOptions:
    """A server and how it is asked. The key comes from the environment and is written nowhere.

    Args:
        model: name of the model, as the server calls it.
        url: the address before ``/chat/completions``, such as ``http://localhost:8000/v1``.
        api: ``chat`` for models that follow instructions, ``completions`` for those that continue a text.
        concurrency: requests at once.
        requests_per_minute: limit of the server; None for none.
        tokens_per_minute: limit of the server, on prompts and completions together; None for none.
        timeout: seconds to wait for an answer.
        retries: how often a request is tried again.
        price_in: price of a million tokens of prompts, in any currency.
        price_out: price of a million tokens of completions.
        key_variable: environment variable that holds the key; none is sent where it is not set.
    """

    model: str
    url: str
    api: Literal["chat", "completions"] = "chat"
    concurrency: int = 16
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    timeout: float = 120.0
    retries: int = 6
    price_in: float = 0.0
    price_out: float = 0.0
    key_variable: str = "XQG_API_KEY"


class Reply(NamedTuple):
    """A completion; ``finish`` is the server's reason for its end. Of a refused request the text is empty and
    ``refused`` says why."""

    text: str
    finish: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    refused: str = ""


class _TryAgainError(Exception):
    """A failure that another try may not meet; ``seconds`` is what the server asks to wait."""

    def __init__(self, problem: str, seconds: float | None = None) -> None:
        super().__init__(problem)
        self.seconds = seconds


class StoppedError(Exception):
    """Another request has failed for good, so that this one is not tried."""


class EndpointClient:
    """Asks a server; used by several threads at once.

    Args:
        options: see ``EndpointOptions``.
        temperature: sent with each request.
        max_tokens: largest number of tokens of a completion.

    Raises:
        XqgError: the address or the key cannot be used.
    """

    def __init__(self, options: EndpointOptions, temperature: float, max_tokens: int) -> None:
        check_url(options.url)
        self.options, self.temperature, self.max_tokens = options, temperature, max_tokens
        path = "chat/completions" if options.api == "chat" else "completions"
        self.address = f"{options.url.rstrip('/')}/{path}"
        self._key = _read_key(options.key_variable)
        self._requests, self._tokens = RateLimit(options.requests_per_minute), RateLimit(options.tokens_per_minute)
        self._threads = threading.local()
        self._jitter = random.Random()
        self.stop = threading.Event()
        #: Whether any request was answered: before, a refused one means that all will be.
        self.answered = False

    def ask(self, prompt: str, seed: int) -> Reply:
        """A completion of a prompt.

        Raises:
            XqgError: the server refuses every request, or has failed at every try.
            StoppedError: another request has failed for good.
        """
        body = self._body(prompt, seed)
        estimate = len(prompt) / _CHARACTERS_PER_TOKEN + self.max_tokens
        problem = ""
        for number in range(self.options.retries + 1):
            self._wait(max(self._requests.reserve(), self._tokens.reserve(estimate)))
            try:
                reply = self._read(self._send(body))
            except _TryAgainError as error:
                problem = str(error)
                logger.debug("try %d of %s: %s", number + 1, self.address, problem)
                if number < self.options.retries:
                    self._back_off(number, error.seconds)
                continue
            self._tokens.settle(reply.prompt_tokens + reply.completion_tokens - estimate)
            return reply
        tries = self.options.retries + 1
        raise XqgError(
            f"{self.address} {problem}, {tries} times: what has arrived is kept; the same command asks for the rest"
        )

    def _body(self, prompt: str, seed: int) -> dict[str, Any]:
        given = (
            {"messages": [{"role": "user", "content": prompt}]} if self.options.api == "chat" else {"prompt": prompt}
        )
        # many servers take seeds of 32 bits
        decoding = {"temperature": self.temperature, "max_tokens": self.max_tokens, "seed": seed & 0x7FFFFFFF}
        return {"model": self.options.model, **given, **decoding}

    def _wait(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise StoppedError

    def _back_off(self, number: int, asked: float | None) -> None:
        """Wait longer after each try, each thread for another time; where the server says how long, all wait."""
        if asked is not None:
            self._requests.pause(asked)
        else:
            self._wait(min(_FIRST_WAIT * 2.0**number, _LONGEST_WAIT) * self._jitter.uniform(0.5, 1.0))

    @property
    def _session(self) -> "Session":
        if not hasattr(self._threads, "session"):
            from requests import Session

            self._threads.session = Session()
        session: Session = self._threads.session
        return session

    def _authorise(self, request: "PreparedRequest") -> "PreparedRequest":
        # given as auth, because otherwise requests would put a key of the user's .netrc in its place
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request

    def _send(self, body: Mapping[str, Any]) -> "Response":
        from requests import exceptions

        seconds = (_CONNECT_SECONDS, self.options.timeout)
        try:
            return self._session.post(
                self.address, json=body, timeout=seconds, auth=self._authorise, allow_redirects=False
            )
        except exceptions.ReadTimeout:
            raise _TryAgainError(f"gave no answer in {self.options.timeout:g} s") from None
        except (exceptions.ChunkedEncodingError, exceptions.ContentDecodingError):
            raise _TryAgainError("sent half an answer") from None
        except exceptions.RequestException as error:
            raise _TryAgainError(f"was not reached ({type(error).__name__})") from None

    def _read(self, response: "Response") -> Reply:
        status = response.status_code
        if status in _HOPELESS and not (status == 404 and self.answered):
            self._fail(f"answered {status}: it {_HOPELESS[status].format(variable=self.options.key_variable)}")
        if 300 <= status < 400:
            self._fail(f"answered {status}, a redirection: give the address that it leads to")
        if status in _TRY_AGAIN or status >= 500 or status == 404:
            self._check_quota(response)
            raise _TryAgainError(f"answered {status}{self._said(response)}", retry_after(response.headers))
        if status >= 400:
            said = f"answered {status}{self._said(response)}"
            if not self.answered:
                self._fail(said)
            return Reply("", refused=said)
        reply = self._completion(response)
        self.answered = True
        return reply

    def _check_quota(self, response: "Response") -> None:
        """Money that has run out does not come back by waiting."""
        if "insufficient_quota" in response.text:
            self._fail(f"answered {response.status_code}: the quota is used up (insufficient_quota)")

    def _completion(self, response: "Response") -> Reply:
        try:
            row = response.json()
            choice, usage = row["choices"][0], row.get("usage") or {}
            text = choice["message"]["content"] if self.options.api == "chat" else choice["text"]
            counts = int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
        except (ValueError, LookupError, TypeError, AttributeError):
            page = response.text.lstrip()[:200].lower().startswith(("<!doctype", "<html"))
            what = "a web page (HTML)" if page else "something that is no completion"
            if page and not self.answered:
                self._fail(f"answered with {what}: --url is what comes before /chat/completions")
            raise _TryAgainError(f"answered with {what}") from None
        return Reply(text or "", str(choice.get("finish_reason") or ""), *counts)

    def _said(self, response: "Response") -> str:
        """The beginning of what the server says, in one line, without the key."""
        said = " ".join(response.text.split())
        if self._key:
            said = said.replace(self._key, "[key]")
        return f" ({said[:200]})" if said else ""

    def _fail(self, problem: str) -> None:
        raise XqgError(f"{self.address} {problem}")


def check_url(url: str) -> None:
    """Raise XqgError unless ``url`` is an address without a password or a query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.username or parts.password or parts.query:
        # the address is not repeated: it may hold a key
        raise XqgError("--url must be an address without user, password and query; a key comes from the environment")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise XqgError(f"--url must be an address such as http://localhost:8000/v1, got {url!r}")


def _read_key(variable: str) -> str:
    key = os.environ.get(variable, "").strip()
    if not all("!" <= character <= "~" for character in key):
        raise XqgError(f"the key in the environment variable {variable} holds white space or letters outside ASCII")
    return key


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait, from its ``Retry-After``: a number or a date."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.replace(".", "", 1).isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
