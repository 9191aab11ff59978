"""Clients of a server, in one process: ``python -m benchmarks.serve_load PORT CLIENTS SECONDS [IDLE]`` prints JSON.

Each client asks for ten hits through Pyserini's route, which both servers have, as soon as it has its answer. No query
is asked twice, so that no cache helps. ``IDLE`` further connections are opened and say nothing.
"""

import asyncio
import json
import sys
import time
from itertools import count
from urllib.parse import quote

from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.sample import QUESTIONS

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Load:
    """What the clients share: the queries left, and what was measured."""

    def __init__(self, port: int, seconds: float) -> None:
        self.port, self.end = port, time.monotonic() + seconds
        self.questions = [row["text"] for _, row in read_jsonl(QUESTIONS)]
        self.numbers = count()
        self.seconds: list[float] = []
        self.errors = 0

    async def client(self) -> None:
        """Ask until the time is over."""
        connection = await asyncio.open_connection("localhost", self.port)
        while time.monotonic() < self.end:
            number = next(self.numbers)
            question = f"{self.questions[number % len(self.questions)]} {number}"
            start = time.monotonic()
            try:
                status = await _status(connection, f"/v1/it/search?hits=10&query={quote(question)}")
            except (OSError, EOFError):
                # the server cut the connection
                self.errors += 1
                connection = await asyncio.open_connection("localhost", self.port)
                continue
            self.errors += status != 200
            self.seconds.append(time.monotonic() - start)
        connection[1].close()

    def summary(self, seconds: float) -> dict[str, float]:
        """Queries a second, milliseconds of the median and of the 95th percentile, answers other than 200."""
        ordered = sorted(self.seconds)
        return {
            "rate": len(ordered) / seconds,
            "median_ms": 1000 * ordered[len(ordered) // 2],
            "p95_ms": 1000 * ordered[int(0.95 * len(ordered))],
            "errors": self.errors,
        }


async def _status(connection: Connection, path: str) -> int:
    reader, writer = connection
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
    await reader.readexactly(int(length.split(":")[1]))
    return int(head.split()[1])


async def main(port: int, clients: int, seconds: float, idle: int) -> None:
    """Warm up for a moment, measure, and print the summary."""
    silent = [await asyncio.open_connection("localhost", port) for _ in range(idle)]
    warm = Load(port, min(5.0, seconds / 4))
    await asyncio.gather(*(warm.client() for _ in range(clients)))
    load = Load(port, seconds)
    load.numbers = warm.numbers
    start = time.monotonic()
    await asyncio.gather(*(load.client() for _ in range(clients)))
    print(json.dumps(load.summary(time.monotonic() - start)))
    for _, writer in silent:
        writer.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int((sys.argv[4:] or ["0"])[0])))
