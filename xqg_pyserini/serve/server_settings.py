"""What a server is told when it starts; plain values, so that worker processes get them too."""

from dataclasses import dataclass

from xqg_pyserini.search.index_place import IndexPlace


@dataclass(frozen=True)
class ServerSettings:
    """What is served, how and to whom.

    Attributes:
        indexes: names of the indexes, and where they are.
        encoders: names of further query encoders, and what each is loaded from.
        backend: a name in ``BACKENDS``.
        threads: CPU threads of one worker; None leaves the libraries' own choice.
        window_ms: milliseconds that a query waits for others to be encoded with.
        queued_queries: queries that may wait; beyond that requests get 503.
        running_requests: requests answered at once; beyond that they get 503.
        requests_per_client: of them for one client (API key, else address); beyond that it gets 429.
        body_bytes: largest body of a request; a larger one gets 413.
        body_seconds: within which a body must have arrived; else the request gets 408.
        request_seconds: within which a request is answered; else it gets 503.
        check_seconds: how often the index directories are looked at for replacements.
        host: the address that is listened to; on a loopback address only requests to its own names are answered.
        allowed_hosts: further names, such as that of a proxy in front of it.
        api_key: what requests must bring along; empty for none.
        origins: origins of pages on other hosts that may call the API (CORS).
        log_queries: whether queries are written to the log.
    """

    indexes: tuple[tuple[str, IndexPlace], ...]
    encoders: tuple[tuple[str, str], ...] = ()
    backend: str = "auto"
    threads: int | None = None
    window_ms: float = 2.0
    queued_queries: int = 1024
    running_requests: int = 512
    requests_per_client: int = 256
    body_bytes: int = 1 << 20
    body_seconds: float = 15.0
    request_seconds: float = 60.0
    check_seconds: float = 1.0
    host: str = "127.0.0.1"
    allowed_hosts: tuple[str, ...] = ()
    api_key: str = ""
    origins: tuple[str, ...] = ()
    log_queries: bool = False
