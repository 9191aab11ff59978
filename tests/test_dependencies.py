"""setup.cfg declares what is imported, and nothing else; with that installed every module imports."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from configparser import ConfigParser
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "xqg_pyserini"

#: Declared, though no line imports them: the exporter of torch imports onnxscript, what transformers reads
#: SentencePiece files with imports protobuf, and pymilvus starts Milvus Lite for a file.
LOADED_BY_OTHERS = {"milvus-lite", "onnxscript", "protobuf"}
#: Extras for those who work on the package.
TOOLS = {"all", "docs", "test", "dev"}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> dict[str, set[str]]:
    """Extra ("" for install_requires) -> names of its distributions."""
    config = ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg")
    lines = {"": config["options"]["install_requires"], **config["options.extras_require"]}
    return {
        extra: {
            normal(found.group())
            for line in text.splitlines()
            if (found := re.match(r"[\w.-]+", line)) and not line.startswith("#")
        }
        for extra, text in lines.items()
    }


def foreign_imports() -> dict[str, set[str]]:
    """Top-level name of a foreign module -> the files that import it."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for name in {name.split(".")[0] for name in names_in(node)} - sys.stdlib_module_names - {PACKAGE.name}:
                found.setdefault(name, set()).add(path.relative_to(ROOT).as_posix())
    return found


def names_in(node: ast.AST) -> list[str]:
    """The modules that a statement imports, or that a call of ``find_spec`` or ``import_module`` looks for."""
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module)):
            return [module]
        case ast.Call(
            func=ast.Name(id="find_spec" | "import_module") | ast.Attribute(attr="find_spec" | "import_module"),
            args=[ast.Constant(value=str(module)), *_],
        ):
            return [module]
    return []


@cache
def distributions() -> Mapping[str, list[str]]:
    """Module -> the distributions that install it; found in seconds, so not before a test asks."""
    return packages_distributions()


@pytest.mark.parametrize("module", sorted(foreign_imports()))
def test_every_import_is_declared(module: str) -> None:
    owners = {normal(name) for name in distributions().get(module, [])}
    assert owners, f"{module} is not installed: {foreign_imports()[module]}"
    assert owners & set().union(*declared().values()), f"{module} of {owners} in {foreign_imports()[module]}"


def test_nothing_else_is_declared() -> None:
    imported = {normal(name) for module in foreign_imports() for name in distributions().get(module, [])}
    wanted = {name for extra, names in declared().items() if extra not in TOOLS for name in names}
    assert wanted - imported - LOADED_BY_OTHERS == set()


EVERYTHING = """
import importlib, json, pathlib, pkgutil
from xqg_pyserini import host
host.start()
import xqg_pyserini

packages = [xqg_pyserini.__name__]
packages += [m.name for m in pkgutil.walk_packages(xqg_pyserini.__path__, "xqg_pyserini.") if m.ispkg]
bad_names = []
for package in map(importlib.import_module, packages):
    folder = pathlib.Path(package.__file__).parent
    for name in getattr(package, "__all__", ()):
        hidden = (folder / f"{name}.py").exists() or (folder / name).is_dir()
        if getattr(package, name, None) is None or hidden:
            bad_names.append(f"{package.__name__}.{name}")
modules = [m.name for m in pkgutil.walk_packages(xqg_pyserini.__path__, "xqg_pyserini.")]
for name in modules:
    importlib.import_module(name)
print(json.dumps({"packages": packages, "modules": modules, "bad_names": bad_names}))
"""


@pytest.fixture(scope="module")
def imported() -> dict[str, list[str]]:
    """What a process says that imports every package and every module; some subclass Pyserini's and need its JVM."""
    done = subprocess.run([sys.executable, "-c", EVERYTHING], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_every_module_imports(imported: dict[str, list[str]]) -> None:
    assert len(imported["modules"]) >= 100


def test_every_package_exports_what_it_names(imported: dict[str, list[str]]) -> None:
    """``__all__`` of every package can be imported, none of its names is hidden by a module of that name."""
    assert len(imported["packages"]) == len(list(PACKAGE.rglob("__init__.py")))
    assert imported["bad_names"] == []


#: Data files that stay in the repository: what a training wrote beside its adapter.
NOT_SHIPPED = {"log.jsonl", "log.svg"}


def test_every_data_file_is_shipped() -> None:
    """A file that is no module is in the wheel only if package_data names it."""
    config = ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg")
    shipped: set[Path] = set()
    for package, text in config["options.package_data"].items():
        patterns = [
            word for line in text.splitlines() if not line.startswith("#") for word in re.split(r"[,\s]+", line)
        ]
        folders = [ROOT.joinpath(*package.split("."))] if package != "*" else [p.parent for p in PACKAGE.rglob("*.py")]
        shipped |= {path for folder in folders for word in patterns if word for path in folder.glob(word)}
    files = {path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert {path.name for path in files - shipped} <= NOT_SHIPPED
    assert not {path.name for path in shipped} & NOT_SHIPPED
