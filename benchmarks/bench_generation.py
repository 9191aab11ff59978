"""Writing queries: samples of mT5 beside transformers' ``generate``, and how busy requests keep a server.

The mT5 has random weights, a width of 256, four layers and 20,000 tokens, so that half a minute is enough; it hardly
ever ends a text, so that both sides write the same number of tokens. The server takes half a second for an answer and
answers 64 requests at once; it counts the time that it spends on them.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks.measuring import peak_of
from xqg_pyserini.data import open_corpus
from xqg_pyserini.generate.backends import Decoding
from xqg_pyserini.generate.backends.base import Task
from xqg_pyserini.generate.backends.endpoint import EndpointBackend
from xqg_pyserini.generate.backends.seq2seq import Seq2seqBackend, Seq2seqOptions
from xqg_pyserini.generate.endpoint_client import EndpointOptions
from xqg_pyserini.generate.generation import GenerationOptions, generate_queries
from xqg_pyserini.generate.prompts import PROMPTS, PromptOptions
from xqg_pyserini.languages import language
from xqg_pyserini.records import Passage

Row = tuple[str, str, str, str]
PASSAGES, SAMPLES, TOKENS = 16, 5, 16
SECONDS, CONCURRENCY, REQUESTS = 0.5, 64, 1280
SIZES = (300, 3000)


def run() -> list[Row]:
    """Rows (what, ours, peer, ratio or target)."""
    with tempfile.TemporaryDirectory() as folder:
        return [*bench_seq2seq(Path(folder) / "mt5"), bench_server(), bench_memory(Path(folder))]


def make_model(directory: Path) -> Path:
    """An mT5 with random weights whose tokens are the words of the sample and numbers."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import MT5Config, MT5ForConditionalGeneration, PreTrainedTokenizerFast

    words = dict.fromkeys(word for passage in open_corpus("xqg-sample") for word in passage.text.split())
    pieces = [*["<pad>", "</s>", "<unk>"], *words, *map(str, range(20_000))]
    vocabulary = {piece: i for i, piece in enumerate(list(dict.fromkeys(pieces))[:20_000])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    special = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(directory)
    torch.manual_seed(0)
    config = MT5Config(
        vocab_size=len(vocabulary), d_model=256, d_kv=64, d_ff=512, num_layers=4, num_heads=4, decoder_start_token_id=0
    )
    model = MT5ForConditionalGeneration(config)
    # with transformers' weights one token would have nearly all of the probability
    model.lm_head.weight.data.mul_(0.1)
    model.save_pretrained(directory)
    return directory


def bench_seq2seq(directory: Path) -> Iterator[Row]:
    """Tokens a second, and whether the batch size changes a text."""
    import torch

    make_model(directory)
    prompt = PROMPTS.get("xqg-mt5")(PromptOptions())
    passages = list(open_corpus("xqg-sample"))[:PASSAGES]
    tasks = [Task(i, p, "fi", prompt.text(p, language("fi"))) for i, p in enumerate(passages)]
    decoding = Decoding(SAMPLES, max_tokens=TOKENS)
    backend = Seq2seqBackend(Seq2seqOptions(str(directory), batch_size=16), decoding)
    model, tokenizer = backend._sampler.model, backend.tokenizer
    start = time.perf_counter()
    written = list(backend.generate(tasks))
    ours = _tokens(tokenizer, [c.text for w in written for c in w.completions]) / (time.perf_counter() - start)
    start, texts = time.perf_counter(), []
    torch.manual_seed(0)
    for task in tasks:
        given = tokenizer(task.prompt, truncation=True, max_length=256, return_tensors="pt")
        chosen: dict[str, Any] = {"do_sample": True, "top_k": 10, "num_return_sequences": SAMPLES}
        tokens = model.generate(
            input_ids=given["input_ids"], attention_mask=given["attention_mask"], max_new_tokens=TOKENS, **chosen
        )
        texts += tokenizer.batch_decode(tokens, skip_special_tokens=True)
    theirs = _tokens(tokenizer, texts) / (time.perf_counter() - start)
    what = f"mT5, {SAMPLES} samples: tokens/s (peer: generate, a passage at a time)"
    yield what, f"{ours:,.0f}", f"{theirs:,.0f}", f"{ours / theirs:.1f}x (>= 2)"
    equal = sum(
        [c.text for c in one.completions] == [c.text for c in other.completions]
        for size in (1, 5)
        for one, other in zip(written, _again(directory, decoding, tasks, size), strict=True)
    )
    yield "same text with 1, 5 and 16 prompts at once", f"{equal} of {2 * len(tasks)}", "-", "all"


def _tokens(tokenizer: Any, texts: list[str]) -> int:
    return sum(len(ids) - 1 for ids in tokenizer(texts)["input_ids"])


def _again(directory: Path, decoding: Decoding, tasks: list[Task], size: int) -> Iterator[Any]:
    return Seq2seqBackend(Seq2seqOptions(str(directory), batch_size=size), decoding).generate(tasks)


class _Server(ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 256
    slots, lock = threading.Semaphore(CONCURRENCY), threading.Lock()
    busy, first, last = 0.0, 0.0, 0.0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: Any) -> None:
        """Nothing on stderr."""

    def do_POST(self) -> None:
        arrived = time.monotonic()
        self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.slots:
            began = time.monotonic()
            time.sleep(SECONDS)
            ended = time.monotonic()
        with self.server.lock:
            self.server.busy += ended - began
            self.server.first, self.server.last = self.server.first or arrived, ended
        choice = {"message": {"content": "What is it?"}, "finish_reason": "stop"}
        raw = json.dumps({"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 4}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def do_GET(self) -> None:
        share = self.server.busy / (self.server.last - self.server.first) / CONCURRENCY
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{share}".encode())
        self.close_connection = True


def serve() -> None:
    """The server's process: prints its port."""
    server = _Server(("127.0.0.1", 0), _Handler)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


def bench_server() -> Row:
    """The share of the server's slots that requests fill, from the first to the last of them."""
    import requests

    command = [sys.executable, "-c", "from benchmarks.bench_generation import serve; serve()"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        backend = EndpointBackend(EndpointOptions("m", f"{url}/v1", concurrency=CONCURRENCY), Decoding(5, max_tokens=9))
        tasks = (Task(i, Passage(f"d{i}", "", "Text."), "fi", "Ask.") for i in range(REQUESTS // 5))
        for _ in backend.generate(tasks):
            pass
        busy = float(requests.get(url, timeout=5).text)
        server.kill()
    return f"a server of {CONCURRENCY} slots, {SECONDS} s an answer: busy", f"{busy:.1%}", "-", ">= 90%"


def generate_store(folder: Path, passages: int) -> None:
    """A process that generates for a corpus of so many passages, with completions of a server that is part of it."""
    global SECONDS  # noqa: PLW0603
    SECONDS = 0.0
    server = _Server(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    corpus = folder / f"{passages}.jsonl"
    with corpus.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps({"id": f"d{i}", "text": "A text. " * 60}) + "\n" for i in range(passages))
    options = EndpointOptions("m", f"http://127.0.0.1:{server.server_port}/v1", concurrency=8)
    job = GenerationOptions(("fi",), "endpoint", options, "plain", decoding=Decoding(queries=1))
    generate_queries(open_corpus(corpus), job, folder / f"store-{passages}")


def bench_memory(folder: Path) -> Row:
    """Peak memory of a job on corpora of two sizes."""
    code = (
        "import sys, pathlib; from benchmarks.bench_generation import generate_store; "
        "generate_store(pathlib.Path(sys.argv[1]), int(sys.argv[2]))"
    )
    small, large = (peak_of([sys.executable, "-c", code, str(folder), str(size)]) for size in SIZES)
    what = f"peak memory of a job, {SIZES[1]:,} passages (peer: {SIZES[0]:,})"
    return what, f"{large:.0f} MB", f"{small:.0f} MB", f"{large / small:.2f}x (flat)"
