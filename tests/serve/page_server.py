"""Small indexes, and the real server in a thread of this process, for tests of the page."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from tests.search.test_command import run
from xqg_pyserini import sample
from xqg_pyserini.serve.app import create_app
from xqg_pyserini.serve.server_settings import ServerSettings

#: Markup, a right-to-left text, one word that is wider than a phone, and an empty title.
ODD_PASSAGES = (
    "odd-1\t<img src=x onerror=\"document.title='broken'\"> & <b>bold</b>\t<i>Markup</i>\n"
    f"odd-2\tيقع جبل فيزوف في جنوب إيطاليا. {'وهو بركان نشط. ' * 30}\tجبل فيزوف\n"
    f"odd-3\t{'unbroken' * 60}\t\n"
)


def make_indexes(folder: Path, encoder: Path) -> dict[str, Path]:
    """The sample as ``base`` and ``xqg`` (with components), ``odd`` passages, and ``bare`` without texts."""
    (folder / "odd.tsv").write_text(ODD_PASSAGES, encoding="utf-8")
    indexes = {name: folder / name for name in ("base", "xqg", "odd", "bare")}
    encode = ("encode", "--encoder", encoder, "--corpus")
    augment = ("index", "augment", "--index", folder / "base", "--queries", sample.GENERATED, "--keep-components")
    for words in (
        (*encode, sample.PASSAGES, "--output", indexes["base"]),
        (*encode, folder / "odd.tsv", "--output", indexes["odd"]),
        (*encode, folder / "odd.tsv", "--output", indexes["bare"], "--no-texts"),
        (*augment, "--output", indexes["xqg"]),
    ):
        result = run(*words)
        assert result.exit_code == 0, result.output
    return indexes


@contextmanager
def running_server(settings: ServerSettings) -> Iterator[str]:
    """Serve on a free port of this machine; yields the page's address."""
    config = uvicorn.Config(create_app(settings), host="127.0.0.1", port=0, log_level="warning")
    server = uvicorn.Server(config)
    socket = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()
        socket.close()
