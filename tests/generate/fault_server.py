"""A small real server that speaks OpenAI's protocol, and fails in the ways that servers do."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

#: What a request is answered with: a name of ``Handler``'s faults, or a status with a body.
Answer = str | tuple[int, str]


class FaultServer(ThreadingHTTPServer):
    """Answers each request with the next of ``plan``, then with completions.

    Attributes:
        bodies: what was asked, in the order of arrival.
        keys: the header ``Authorization`` of each request.
        busiest: most requests at once.
        delay: seconds that an answer takes, by the body of the request.
        text: the completion, by the body of the request.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *plan: Answer, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.plan = list(plan)
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.prompts: Counter[tuple[str, int]] = Counter()
        self.now = self.busiest = 0
        self.delay: Callable[[dict[str, Any]], float] = lambda _: 0.0
        self.text: Callable[[dict[str, Any]], str] = lambda body: f"Question {body['seed']}?"
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, *_: Any) -> None:
        """A client that hung up is no news."""

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: FaultServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Nothing on stderr."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.bodies.append(body)
            self.server.keys.append(self.headers.get("Authorization"))
            answer = self.server.plan.pop(0) if self.server.plan else "good"
            self.server.now += 1
            self.server.busiest = max(self.server.busiest, self.server.now)
        time.sleep(self.server.delay(body))
        with self.server.lock:
            self.server.now -= 1
        self.answer(body, answer)

    def answer(self, body: dict[str, Any], answer: Answer) -> None:
        message = {"message": {"role": "assistant", "content": self.server.text(body)}, "finish_reason": "stop"}
        if self.path.endswith("/v1/completions"):
            message = {"text": self.server.text(body), "finish_reason": "length"}
        good = json.dumps({"choices": [message], "usage": {"prompt_tokens": 100, "completion_tokens": 10}})
        match answer:
            case "good":
                with self.server.lock:
                    prompt = body.get("prompt") or body["messages"][0]["content"]
                    self.server.prompts[prompt, body["seed"]] += 1
                self.send(200, good)
            case "half":
                self.send(200, good, cut=len(good) // 2)
            case "nothing":
                self.close_connection = True
            case "silence":
                time.sleep(1.0)
                self.close_connection = True
            case "busy":
                self.send(429, "slow down", {"Retry-After": "0.05"})
            case "moved":
                self.send(307, "", {"Location": "http://127.0.0.1:9/v1/chat/completions"})
            case (int(status), str(text)):
                self.send(status, text)

    def send(self, status: int, text: str, headers: dict[str, str] | None = None, cut: int | None = None) -> None:
        raw = text.encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw[:cut])
        self.close_connection = cut is not None
