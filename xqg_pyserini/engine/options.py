"""Options that say where a command computes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from xqg_pyserini.engine.ray_engine import RayEngine
from xqg_pyserini.options import Decorator, UserMistake

_CLUSTER_OPTIONS: list[Decorator] = [
    click.option(
        "--engine",
        type=click.Choice(["local", "ray"]),
        default="local",
        show_default=True,
        help="Where to compute: on this machine, or by the workers of a Ray cluster (extra ray), with the same result.",
    ),
    click.option(
        "--address",
        help="Of --engine ray: address of the cluster, such as 10.0.0.1:6379.  [default: $RAY_ADDRESS, else Ray is "
        "started on this machine]",
    ),
    click.option(
        "--gpus-per-worker",
        type=click.FloatRange(min=0),
        help="Of --engine ray: GPUs of a worker; 0.5 lets two workers share one.  [default: 1 where the device is "
        "cuda, else 0]",
    ),
]
_workers_option = click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Of --engine ray: number of workers, each with its own model and --threads CPU threads (by default 1).  "
    "[default: as many as the cluster has room for]",
)
_parts_option = click.option(
    "--parts",
    metavar="URL",
    help="Of --engine ray: storage through which workers hand over what they compute, where the machines share no "
    "file system, such as s3://bucket/parts (needs s3fs) or gs://bucket/parts (gcsfs).  [default: beside the output]",
)


def cluster_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name a cluster, for a command that has ``--workers`` of its own; see ``engine_of``."""
    for option in reversed(_CLUSTER_OPTIONS):
        command = option(command)
    return command


def engine_of(
    engine: str,
    address: str | None,
    workers: int | None,
    gpus_per_worker: float | None,
    threads: int,
    device: str,
    parts: str | None = None,
) -> RayEngine | None:
    """What the options mean: a cluster, or None for this machine.

    Args:
        engine, address, workers, gpus_per_worker: as given.
        threads: processors of a worker.
        device: torch device that the work runs on.
        parts: as given.

    Raises:
        UserMistake: an option of a cluster without ``--engine ray``.
    """
    given = {"--address": address, "--workers": workers, "--gpus-per-worker": gpus_per_worker,
             "--parts": parts}  # fmt: skip
    if engine == "local":
        if unused := [name for name, value in given.items() if value is not None]:
            raise UserMistake(f"{unused[0]} needs --engine ray")
        return None
    gpus = float(device.startswith("cuda")) if gpus_per_worker is None else gpus_per_worker
    return RayEngine(address, workers, threads, gpus, parts)


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
        parts: str | None,
        **others: Any,
    ) -> Any:
        ray = engine_of(engine, address, workers, gpus_per_worker, others["threads"] or 1, others["device"], parts)
        if ray:
            others["threads"] = ray.cpus
        return command(*args, engine=ray, **others)

    decorated: Callable[..., Any] = with_engine
    return cluster_options(_workers_option(_parts_option(decorated)))


def check_no_shard(engine: RayEngine | None, shard: str) -> None:
    """Refuse ``--shard`` beside ``--engine ray``, which divides the corpus itself."""
    if engine and shard != "1/1":
        raise UserMistake("--shard is for runs without Ray: leave it out, as --engine ray divides the corpus itself")
