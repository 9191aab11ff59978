"""From a job to its parts, which the caller merges."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xqg_pyserini.engine.job_parts import JobParts
from xqg_pyserini.engine.ray_engine import RayEngine
from xqg_pyserini.engine.sharded_job import ShardedJob


@contextmanager
def finished_parts(job: ShardedJob, engine: RayEngine, overwrite: bool = False) -> Iterator[list[Path]]:
    """Have the parts computed that are missing; yield the directories of all of them, in their order.

    When the block ends without an exception the parts are deleted, so it writes the output. The same call resumes an
    interrupted run: parts that are there are not computed again.

    Args:
        job: the job.
        engine: what computes them.
        overwrite: discard the parts of another job.

    Raises:
        OutputExistsError: parts of a job with other facts lie beside the output.
        XqgError: another process is computing them, or shards failed; the others are kept.
    """
    with JobParts(job, overwrite) as parts:
        if missing := parts.missing():
            engine.compute(job, parts.folder, missing)
        yield parts.paths()
        parts.remove()
