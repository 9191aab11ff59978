"""Options that say where a command computes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from xqg_pyserini.engine.ray_engine import RayEngine
from xqg_pyserini.options import Decorator, UserMistake

_OPTIONS: list[Decorator] = [
    click.option(
        "--engine",
        type=click.Choice(["local", "ray"]),
        default="local",
        show_default=True,
        help="Where to compute: in this process, or by the workers of a Ray cluster (extra ray), with the same result.",
    ),
    click.option(
        "--address",
        help="Of --engine ray: address of the cluster, such as 10.0.0.1:6379.  [default: $RAY_ADDRESS, else Ray is "
        "started on this machine]",
    ),
    click.option(
        "--workers",
        type=click.IntRange(min=1),
        help="Of --engine ray: number of workers, each with its own model and --threads CPU threads (by default 1).  "
        "[default: as many as the cluster has room for]",
    ),
    click.option(
        "--gpus-per-worker",
        type=click.FloatRange(min=0),
        help="Of --engine ray: GPUs of a worker; 0.5 lets two workers share one.  [default: 1 with --device cuda, else "
        "0]",
    ),
]


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command gets them as ``engine``, a ``RayEngine``, or None for this process.

    On Ray, ``threads`` is 1 unless the user gave a number: a worker has that many processors to itself.
    """

    @wraps(command)
    def with_engine(
        *args: Any,
        engine: str,
        address: str | None,
        workers: int | None,
        gpus_per_worker: float | None,
        **others: Any,
    ) -> Any:
        given = {"--address": address, "--workers": workers, "--gpus-per-worker": gpus_per_worker}
        if engine == "local":
            if unused := [name for name, value in given.items() if value is not None]:
                raise UserMistake(f"{unused[0]} needs --engine ray")
            return command(*args, engine=None, **others)
        others["threads"] = others["threads"] or 1
        gpus = float(others["device"].startswith("cuda")) if gpus_per_worker is None else gpus_per_worker
        return command(*args, engine=RayEngine(address, workers, others["threads"], gpus), **others)

    decorated: Callable[..., Any] = with_engine
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


def check_no_shard(engine: RayEngine | None, shard: str) -> None:
    """Refuse ``--shard`` beside ``--engine ray``, which divides the corpus itself."""
    if engine and shard != "1/1":
        raise UserMistake("--shard is for runs without Ray: leave it out, as --engine ray divides the corpus itself")
