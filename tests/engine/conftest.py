"""A Ray cluster of two nodes on this machine, started once for all tests that need it."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from xqg_pyserini.engine import ray_engine

pytest.importorskip("ray", reason="Ray is not installed (extra ray)")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """The cluster; ``address`` is where it is, ``worker_nodes`` are those beside the head."""
    os.environ.update(ray_engine.ENVIRONMENT)
    from ray.cluster_utils import Cluster

    # the head computes nothing: no test may kill it
    started = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_log_monitor": False})
    started.add_node(num_cpus=2)
    yield started
    started.shutdown()
