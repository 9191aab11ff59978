"""Running the server: one process, or several that share a socket and the mapped vectors."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from functools import partial
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from xqg_pyserini.errors import XqgError
from xqg_pyserini.quiet import show_steps, wait_passively
from xqg_pyserini.search.index_place import open_index
from xqg_pyserini.serve.app import create_app
from xqg_pyserini.serve.mcp_tools import mcp_server
from xqg_pyserini.serve.search_service import SearchService
from xqg_pyserini.serve.server_settings import ServerSettings

logger = logging.getLogger(__name__)

#: Seconds that requests have to end in after SIGTERM.
_DRAIN_SECONDS = 30
#: Seconds after which a silent worker is replaced: on a busy machine, imports alone take ten. uvicorn waits as long for
#: the answer of a worker that is killed while it is asked whether it lives; else a dead one is replaced at once.
_SILENT_SECONDS = 20
#: Bytes of a request's head; more is refused. h11 is asked for by name because httptools has no such limit.
_HEAD_BYTES = 1 << 16
#: Connections that wait to be accepted.
_BACKLOG = 4096


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        XqgError: the port is in use, or the address is not this machine's.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        raise XqgError(f"cannot listen on {host}:{port}: {error.strerror or error}; another --port or --host") from None
    listening.set_inheritable(True)
    return listening


def run_server(settings: ServerSettings, listening: socket.socket, workers: int = 1) -> None:
    """Serve until SIGTERM or Ctrl-C; running requests are answered first.

    Args:
        settings: what is served.
        listening: see ``open_socket``.
        workers: number of processes; each loads the encoders, and one that dies is replaced.

    Raises:
        XqgError: an index or an encoder cannot be opened.
    """
    if workers == 1:
        _run_alone(create_app(settings), listening)
        return
    for _, place in settings.indexes:
        open_index([place])  # what is wrong with an index is told once, not by every worker
    supervisor = Multiprocess(server_config(partial(_app_of_worker, settings), True, workers), [listening])
    supervisor.run()
    if any(worker.exitcode == STARTUP_FAILURE for worker in supervisor.processes):
        raise XqgError("the workers could not start")


def _run_alone(app: Any, listening: socket.socket) -> None:
    # uvicorn answers what runs and then raises the signal again, which would end the process with an error
    signal.signal(signal.SIGTERM, lambda *_: None)
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(server_config(app)).run([listening])


def _app_of_worker(settings: ServerSettings) -> Any:
    """The application in a worker; what a user can mend ends it with one line and is not tried again."""
    wait_passively()
    show_steps()
    try:
        return create_app(settings)
    except XqgError as error:
        logger.error("%s", error)
        sys.exit(STARTUP_FAILURE)


def server_config(app: Any, factory: bool = False, workers: int = 1) -> uvicorn.Config:
    """How uvicorn runs an application, or what ``factory`` makes in each worker."""
    return uvicorn.Config(
        app,
        factory=factory,
        http="h11",
        ws="none",
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        h11_max_incomplete_event_size=_HEAD_BYTES,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        timeout_worker_healthcheck=_SILENT_SECONDS,
    )


def run_mcp_on_stdio(settings: ServerSettings) -> None:
    """Serve MCP on standard input and output until the input ends.

    Raises:
        XqgError: an index or an encoder cannot be opened.
    """
    service = SearchService(settings)

    async def serve() -> None:
        watching = asyncio.create_task(service.watch.run(settings.check_seconds))
        await mcp_server(service).run_stdio_async()
        watching.cancel()

    asyncio.run(serve())
    service.close()


def threads_of_worker(workers: int, threads: int | None) -> int | None:
    """CPU threads of each worker: those that were asked for, else an equal share of the processors."""
    if threads is not None or workers == 1:
        return threads
    return max(1, (os.cpu_count() or 1) // workers)
