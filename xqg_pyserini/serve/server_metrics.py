"""Counts and times of one process, in the text format of Prometheus."""

import os
import resource
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

#: Upper bounds of the histograms' buckets: seconds of requests, queries of batches.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_QUERIES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)


class _Histogram:
    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds, self._counts, self._sum = bounds, [0] * (len(bounds) + 1), 0.0

    def observe(self, value: float) -> None:
        self._counts[sum(value > bound for bound in self._bounds)] += 1
        self._sum += value

    def lines(self, name: str, labels: str) -> Iterator[str]:
        total = 0
        for bound, count in zip((*self._bounds, "+Inf"), self._counts, strict=True):
            total += count
            yield f'{name}_bucket{{{labels}le="{bound}"}} {total}'
        closed = f"{{{labels.rstrip(',')}}}" if labels else ""
        yield f"{name}_sum{closed} {self._sum}"
        yield f"{name}_count{closed} {total}"


class ServerMetrics:
    """What ``GET /metrics`` says of one worker."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, int]] = Counter()
        self._seconds: dict[str, _Histogram] = {}
        self._batches = _Histogram(_QUERIES)
        self._replaced: Counter[str] = Counter()
        self._dropped = 0
        self.running = 0

    def count_request(self, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests[route, status] += 1
        self._seconds.setdefault(route, _Histogram(_SECONDS)).observe(seconds)

    def count_dropped(self) -> None:
        """Count a request whose client left before the answer."""
        self._dropped += 1

    def count_replacement(self, index: str) -> None:
        """Count an index that was replaced on disk and taken up."""
        self._replaced[index] += 1

    def observe_batch(self, queries: int) -> None:
        """Count a batch of queries that were encoded together."""
        self._batches.observe(queries)

    def text(self) -> str:
        """All of it, one sample a line."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield from _head("xqg_requests_total", "counter", "Answered requests by route and status.")
        for (route, status), count in sorted(self._requests.items()):
            yield f'xqg_requests_total{{route="{route}",status="{status}"}} {count}'
        yield from _head("xqg_request_seconds", "histogram", "Seconds from a request's head to the end of its answer.")
        for route, seconds in sorted(self._seconds.items()):
            yield from seconds.lines("xqg_request_seconds", f'route="{route}",')
        yield from _head("xqg_encoded_queries", "histogram", "Queries encoded in one batch.")
        yield from self._batches.lines("xqg_encoded_queries", "")
        yield from _head("xqg_requests_running", "gauge", "Requests that are being answered.")
        yield f"xqg_requests_running {self.running}"
        yield from _head("xqg_requests_dropped_total", "counter", "Requests whose client left before the answer.")
        yield f"xqg_requests_dropped_total {self._dropped}"
        yield from _head("xqg_index_replacements_total", "counter", "Indexes replaced on disk and taken up.")
        for index, count in sorted(self._replaced.items()):
            yield f'xqg_index_replacements_total{{index="{index}"}} {count}'
        yield from _head("process_resident_memory_bytes", "gauge", "Memory of this worker, mapped files included.")
        yield f"process_resident_memory_bytes {_resident_bytes()}"
        yield from _head("xqg_worker", "gauge", "The worker process that answered; each has numbers of its own.")
        yield f'xqg_worker{{pid="{os.getpid()}"}} 1'


def _head(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"


def _resident_bytes() -> int:
    """Bytes in memory now; where /proc is missing, the most that there ever were."""
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
