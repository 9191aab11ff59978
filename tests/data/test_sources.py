"""Telling a path from a data set id."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from xqg_pyserini.data.corpus import open_corpus
from xqg_pyserini.data.qrels import read_qrels
from xqg_pyserini.data.sources import load_dataset
from xqg_pyserini.data.topics import read_topics
from xqg_pyserini.errors import InputError, UnknownNameError

Write = Callable[[str, str | bytes], Path]


def test_an_unknown_source_says_that_both_were_tried() -> None:
    with pytest.raises(InputError) as caught:
        open_corpus("xor-tidy")
    assert str(caught.value) == (
        "'xor-tidy' is neither an existing file nor a known data set; near: xor-tydi (both were tried; "
        "`xqg data list` shows the data sets)"
    )
    with pytest.raises(InputError, match=r"'/no/such.tsv' is neither"):
        read_topics("/no/such.tsv")
    with pytest.raises(UnknownNameError, match="no data set 'mkqa/kn' is known; near: mkqa/"):
        load_dataset("mkqa/kn")


def test_a_data_set_without_the_wanted_part() -> None:
    with pytest.raises(InputError, match=r"'mkqa/km' has no docs \(it has queries\); these have: mkqa/km/"):
        open_corpus("mkqa/km")
    with pytest.raises(InputError, match=r"'xor-tydi' has no queries .*; these have: xor-tydi/train"):
        read_topics("xor-tydi")
    with pytest.raises(InputError, match="'mkqa/km/nq' has no qrels"):
        read_qrels("mkqa/km/nq")


def test_an_existing_path_wins(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("mkqa/km", "not read as it has no format")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="the corpus format"):
        open_corpus("mkqa/km").check()


def test_qrels_from_a_file(write: Write) -> None:
    assert read_qrels(write("q.txt", "-1 0 d1 1\n-1 0 d2 0\n")) == {"-1": {"d1": 1, "d2": 0}}
    with pytest.raises(InputError, match=r"q.txt:1: four columns"):
        read_qrels(write("q.txt", "-1 0 d1\n"))
    with pytest.raises(InputError, match=r"q.txt: no judgements in it"):
        read_qrels(write("q.txt", ""))


def run(code: str) -> str:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


LOAD = "print(ir_datasets.load('xor-tydi/dev/te').queries_cls().__name__)"


@pytest.mark.parametrize(
    "code",
    [
        f"import xqg_pyserini.data, ir_datasets; {LOAD}",
        f"import ir_datasets, xqg_pyserini.data; {LOAD}",
        f"from xqg_pyserini.data.sets.remote import RemoteFile; import ir_datasets; {LOAD}",
        f"import xqg_pyserini.data.sets.xor_tydi, ir_datasets; {LOAD}",
    ],
)
def test_importing_the_package_registers_whatever_is_imported_first(code: str) -> None:
    assert run(code) == "QuestionWithAnswers\n"


def test_importing_the_package_loads_nothing_and_leaves_nothing_behind() -> None:
    code = (
        "import sys, xqg_pyserini.data\nassert 'ir_datasets' not in sys.modules\n"
        "before = [type(finder).__module__ for finder in sys.meta_path]\n"
        "assert 'xqg_pyserini.data.on_import' in before\n"
        "import importlib.util\nassert importlib.util.find_spec('ir_datasets') is not None\n"
        "import ir_datasets\n"
        "after = [type(finder).__module__ for finder in sys.meta_path]\n"
        "assert 'xqg_pyserini.data.on_import' not in after\n"
        "assert 'on_import' not in type(ir_datasets.__spec__.loader).__module__\n"
        "print(len([name for name in ir_datasets.registry if name.startswith('xquad/')]))"
    )
    assert run(code) == "156\n"


def test_an_id_that_is_taken_is_left_alone_and_nothing_is_fetched(tmp_path: Path) -> None:
    code = (
        f"import os; os.environ['IR_DATASETS_HOME'] = {str(tmp_path / 'home')!r}\n"
        "import ir_datasets\nmine = ir_datasets.Dataset()\nir_datasets.registry.register('mkqa/km', mine)\n"
        "import xqg_pyserini.data\nfrom xqg_pyserini.data.sets.registration import register\nregister()\nregister()\n"
        "print(ir_datasets.load('mkqa/km')._constituents[1] is mine, ir_datasets.load('mkqa/th').has_queries())"
    )
    assert run(code) == "True True\n"
    assert not [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
