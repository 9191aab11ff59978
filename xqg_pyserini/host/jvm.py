"""Starting the JVM once, with Anserini, before Pyserini is imported.

Pyserini starts a JVM while it is imported, always asks it for the module ``jdk.incubator.vector``, and stops with
an obscure error where Java is missing, too old, or a runtime without that module. ``start`` does it first and properly.
"""

import logging
import os
import threading
from importlib.util import find_spec
from pathlib import Path

from xqg_pyserini.errors import JavaError
from xqg_pyserini.host.java import VECTOR_MODULE, Java, find_java
from xqg_pyserini.quiet import quiet_stderr

logger = logging.getLogger(__name__)

_ANSERINI_CLASS = "io.anserini.search.SimpleSearcher"
_lock = threading.Lock()


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
        jnius_config.add_options(f"--add-modules={VECTOR_MODULE}")
    if not os.environ.get("PYSERINI_VERBOSE_JVM"):
        jnius_config.add_options(f"-Djava.util.logging.config.file={jar.parent / 'logging.properties'}")
        jnius_config.add_options("-Dslf4j.internal.verbosity=WARN")


def _check_anserini(started_elsewhere: bool) -> None:
    """Load one of Anserini's classes (which starts the JVM, if need be)."""
    with quiet_stderr(unless="PYSERINI_VERBOSE_JVM"):
        import jnius

        try:
            jnius.autoclass(_ANSERINI_CLASS)
        except jnius.JavaException as error:
            who = "another library started the JVM" if started_elsewhere else "the JVM started"
            raise JavaError(
                f"{who} without Anserini's jar ({error}): call xqg_pyserini.host.start() before anything else that "
                f"uses Java (a running JVM cannot take another jar)"
            ) from None
