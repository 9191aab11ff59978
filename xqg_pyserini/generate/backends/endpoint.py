"""Models behind a server that speaks OpenAI's protocol; what was paid for is never asked again."""

import threading
from collections import Counter, deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, cast, override

from xqg_pyserini.errors import XqgError
from xqg_pyserini.generate.backends.base import (
    GENERATION_BACKENDS,
    BackendKind,
    Completion,
    Decoding,
    GenerationBackend,
    Task,
    Written,
    sample_seed,
)
from xqg_pyserini.generate.endpoint_client import EndpointClient, EndpointOptions, Reply, StoppedError
from xqg_pyserini.generate.store import Completions

#: Requests that are begun or wait to begin, for each one that runs: a slow one at the head holds up no others.
_WINDOW = 8


class _Asked(NamedTuple):
    """A task with a reply, or one on its way, for each of its samples."""

    task: Task
    replies: "list[Reply | Future[Reply]]"


class EndpointBackend(GenerationBackend):
    """One request for each completion, many at once.

    Raises:
        XqgError: the address or the key cannot be used.
    """

    keeps_answers = True

    def __init__(self, options: EndpointOptions, decoding: Decoding) -> None:
        self.options, self.decoding = options, decoding
        self._client = EndpointClient(options, decoding.temperature, cast(int, decoding.max_tokens))
        self._lock = threading.Lock()
        self._usage = Counter({"requests": 0, "prompt_tokens": 0, "completion_tokens": 0})
        self._failure: BaseException | None = None

    @override
    def describe(self) -> dict[str, Any]:
        return {"model": self.options.model, "api": self.options.api}

    @override
    def spent(self) -> dict[str, Any]:
        price = self._usage["prompt_tokens"] * self.options.price_in
        price += self._usage["completion_tokens"] * self.options.price_out
        return {**self._usage, "price": round(price / 1e6, 6)}

    @override
    def generate(self, tasks: Iterable[Task], kept: Completions | None = None) -> Generator[Written]:
        if kept is not None:
            self._usage.update(kept.usage)
        waiting: deque[_Asked] = deque()
        with ThreadPoolExecutor(self.options.concurrency, "xqg-endpoint") as pool:
            try:
                for task in tasks:
                    waiting.append(self._begin(task, pool, kept))
                    while len(waiting) * self.decoding.queries >= self.options.concurrency * _WINDOW:
                        yield self._end(waiting.popleft())
                while waiting:
                    yield self._end(waiting.popleft())
            finally:
                # requests that run are paid for: their answers are waited for and kept
                self._client.stop.set()
                pool.shutdown(wait=True, cancel_futures=True)

    def _begin(self, task: Task, pool: ThreadPoolExecutor, kept: Completions | None) -> _Asked:
        arrived: dict[int, Reply] = {}
        for answer in kept.waiting.pop(task.row, []) if kept is not None else []:
            arrived[answer["sample"]] = Reply(*answer["reply"])
        replies: list[Reply | Future[Reply]] = []
        for sample in range(self.decoding.queries):
            replies.append(arrived.get(sample) or pool.submit(self._ask, task, sample, kept))
        return _Asked(task, replies)

    def _ask(self, task: Task, sample: int, kept: Completions | None) -> Reply:
        seed = sample_seed(self.decoding.seed, task.passage.doc_id, task.language, sample)
        try:
            reply = self._client.ask(task.prompt, seed)
        except StoppedError:
            raise
        except BaseException as error:
            self._failure = self._failure or error
            self._client.stop.set()
            raise
        usage = {"requests": 1, "prompt_tokens": reply.prompt_tokens, "completion_tokens": reply.completion_tokens}
        with self._lock:
            self._usage.update(usage)
            if kept is not None:
                kept.add(task.row, {"sample": sample, "reply": list(reply), "usage": usage})
        return reply

    def _end(self, asked: _Asked) -> Written:
        replies = [reply if isinstance(reply, Reply) else self._result(reply) for reply in asked.replies]
        return Written(asked.task, [Completion(reply.text, _note(reply)) for reply in replies])

    def _result(self, future: "Future[Reply]") -> Reply:
        try:
            return future.result()
        except StoppedError:
            # why the others were stopped
            raise self._failure or XqgError("the requests were stopped") from None


def _note(reply: Reply) -> str:
    """What is unusual of a reply."""
    if reply.refused:
        return f"the server {reply.refused}"
    return "cut at the largest number of tokens" if reply.finish == "length" else ""


GENERATION_BACKENDS.register("endpoint")(BackendKind(EndpointOptions, EndpointBackend))
