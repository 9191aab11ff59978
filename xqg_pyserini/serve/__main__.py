"""``xqg serve``: REST, MCP and a page over indexes."""

import os
from pathlib import Path
from typing import Any, override

import click

from xqg_pyserini.options import PATH, UserMistake, XqgCommand, backend_option, threads_option

_KEY = "XQG_API_KEY"
_OWN_ADDRESSES = ("127.0.0.1", "localhost", "::1")


class _Named(click.ParamType):
    """``NAME=VALUE``; a value without a name gets the last part of it."""

    name = "[name=]value"

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Split at the first equals sign."""
        if isinstance(value, tuple):
            return value
        name, sign, rest = value.partition("=")
        if not sign:
            own = value.rpartition("#")[2] if value.startswith("milvus:") else Path(value.rstrip("/")).name
            name, rest = own, value
        if not name.strip() or not rest or "/" in name:
            raise UserMistake(f"{value!r}: NAME=VALUE is needed, such as base=indexes/base; a name has no slash")
        return name, rest


@click.command(cls=XqgCommand)
@click.option(
    "--index",
    "indexes",
    type=_Named(),
    metavar="[NAME=]DIR",
    multiple=True,
    required=True,
    help="Index directory, a folder that holds some, or the name of one of Pyserini's prebuilt Faiss indexes, or "
    "milvus:URI#COLLECTION; the name is what requests use. Repeat it for several.",
)
@click.option(
    "--query-encoder",
    "encoders",
    type=_Named(),
    metavar="[NAME=]ENCODER",
    multiple=True,
    help="A further query encoder that requests may choose, such as embedded+typo; may be repeated. The one that an "
    "index records is always served.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen to; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port; 0 for a free one.")
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
@click.option(
    "--mcp",
    type=click.Choice(["stdio"]),
    help="Serve MCP on standard input and output instead of a port, for a program that starts this command.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes; each holds the encoders in memory, the vectors are shared.",
)
@click.option(
    "--window",
    "window_ms",
    type=click.FloatRange(0, 1000),
    default=2.0,
    show_default=True,
    help="Milliseconds that a query waits for others to be encoded with.",
)
@click.option(
    "--api-key-file",
    type=PATH,
    help=f"File with the key that requests must send in X-API-Key; {_KEY} in the environment does the same.",
)
@click.option("--allowed-host", "allowed_hosts", multiple=True, help="A name that a local server answers to as well.")
@click.option("--cors-origin", "origins", multiple=True, help="Origin whose pages may call the API; may be repeated.")
@click.option("--log-queries", is_flag=True, help="Write queries to the log.")
@backend_option
@threads_option
def main(
    host: str, port: int, open_page: bool, mcp: str | None, workers: int, api_key_file: Path | None, **options: Any
) -> None:
    """Serve indexes: a page, a REST API, Pyserini's routes and MCP.

    Examples:

    \b
      xqg serve --index base=indexes/base --index xqg=indexes/xqg --open
      xqg serve --index xqg=indexes/xqg --query-encoder embedded+typo --host 0.0.0.0 --workers 2
      xqg serve --index xqg=indexes/xqg --mcp stdio
    """
    settings = _settings(host, workers, _api_key(api_key_file), options)
    from xqg_pyserini.serve.running import open_socket, run_mcp_on_stdio, run_server

    if mcp:
        run_mcp_on_stdio(settings)
        return
    listening = open_socket(host, port)
    address = _address(host, listening.getsockname()[1])
    click.echo(f"{', '.join(name for name, _ in settings.indexes)} at {address}", err=True)
    if host not in _OWN_ADDRESSES and not settings.api_key:
        click.echo("note: no API key is set: whoever reaches this machine can search", err=True)
    if open_page:
        click.launch(address)
    run_server(settings, listening, workers)


def _address(host: str, port: int) -> str:
    name = "localhost" if host in ("127.0.0.1", "0.0.0.0") else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/"


def _settings(host: str, workers: int, key: str, options: dict[str, Any]) -> Any:
    try:
        import fastapi  # noqa: F401
        import mcp  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise UserMistake(f"{error.name} is not installed: pip install 'xqg-pyserini[serve]'") from None
    from xqg_pyserini.search.index_place import index_place
    from xqg_pyserini.serve.running import threads_of_worker
    from xqg_pyserini.serve.server_settings import ServerSettings

    _check_names(options["indexes"], "--index")
    _check_names(options["encoders"], "--query-encoder")
    return ServerSettings(
        indexes=tuple((name, index_place(place)) for name, place in options["indexes"]),
        encoders=options["encoders"],
        backend=options["backend"],
        threads=threads_of_worker(workers, options["threads"]),
        window_ms=options["window_ms"],
        host=host,
        allowed_hosts=options["allowed_hosts"],
        api_key=key,
        origins=options["origins"],
        log_queries=options["log_queries"],
    )


def _check_names(named: tuple[tuple[str, str], ...], option: str) -> None:
    names = [name for name, _ in named]
    if twice := [name for name in names if names.count(name) > 1]:
        raise UserMistake(f"{option}: the name {twice[0]!r} is given twice: {option} OTHER={dict(named)[twice[0]]}")


def _api_key(path: Path | None) -> str:
    if path is None:
        return os.environ.get(_KEY, "").strip()
    try:
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UserMistake(f"--api-key-file {path}: {error}") from None
    if not key:
        raise UserMistake(f"--api-key-file {path} is empty")
    return key


if __name__ == "__main__":
    main(prog_name="python -m xqg_pyserini.serve")
