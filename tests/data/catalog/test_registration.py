"""When our data sets are known to ir_datasets."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from xqg_pyserini.data.catalog.families import Part
from xqg_pyserini.data.catalog.registration import catalog


def run(code: str) -> str:
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


LOAD = "print(ir_datasets.load('xor-tydi/dev/te').queries_cls().__name__)"


@pytest.mark.parametrize(
    "code",
    [
        f"import ir_datasets, xqg_pyserini.data; {LOAD}",
        f"import ir_datasets, xqg_pyserini.data.sets.xor_tydi; {LOAD}",
        f"import xqg_pyserini.data, ir_datasets; xqg_pyserini.data.register(); {LOAD}",
        f"import xqg_pyserini.data.sets.xor_tydi, ir_datasets; xqg_pyserini.data.register(); {LOAD}",
        f"from xqg_pyserini.data import read_topics; read_topics('xqg-sample/te'); import ir_datasets; {LOAD}",
        f"from xqg_pyserini.data import open_corpus; open_corpus('xqg-sample'); import ir_datasets; {LOAD}",
    ],
)
def test_importing_after_ir_datasets_registers_and_so_do_the_readers(code: str) -> None:
    assert run(code) == "QuestionWithAnswers\n"


def test_importing_the_package_loads_nothing_and_leaves_nothing_behind() -> None:
    code = (
        "import sys\nbefore = list(sys.meta_path)\nimport xqg_pyserini.data, xqg_pyserini.data.__main__\n"
        "assert 'ir_datasets' not in sys.modules\nassert sys.meta_path == before\n"
        "xqg_pyserini.data.register()\nimport ir_datasets\n"
        "print(len([name for name in ir_datasets.registry if name.startswith('xquad/')]))"
    )
    assert run(code) == "156\n"


def test_each_file_of_sets_is_a_family_and_each_family_gives_data_sets() -> None:
    from xqg_pyserini.data import DATASET_FAMILIES, sets

    files = {path.stem for path in Path(sets.__file__).parent.glob("[!_]*.py")}
    modules = {DATASET_FAMILIES.get(name).parts.__module__.rsplit(".", 1)[1] for name in DATASET_FAMILIES}
    assert modules == files
    assert len(DATASET_FAMILIES.names()) == len(files)
    ids = {part.dataset_id for name in DATASET_FAMILIES for part in _parts(name)}
    assert ids == set(catalog())


def test_a_family_from_outside_the_package_is_one_registration() -> None:
    code = """
from ir_datasets.datasets.base import Dataset
from xqg_pyserini.data import read_topics
from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, About, Family, Part
from xqg_pyserini.data.catalog.handlers import Queries, QuestionWithAnswers

members = {lang: f"mine/{lang}" for lang in ("te", "km")}

def parts():
    for lang in members:
        read = lambda lang=lang: iter([QuestionWithAnswers("q", f"query in {lang}", lang, ())])
        yield Part(f"mine/{lang}", Dataset(Queries(read, (), lang)), About("Mine", "Mine.", "MIT", "", ""), lang)

DATASET_FAMILIES.register("mine")(Family(parts, members, ("mine",)))
print([(query.query_id, query.text) for query in read_topics("mine-low")], len(read_topics("mine/km")))
"""
    assert run(code) == "[('mine/te:q', 'query in te'), ('mine/km:q', 'query in km')] 1\n"


def _parts(name: str) -> Iterator[Part]:
    from xqg_pyserini.data import DATASET_FAMILIES

    return DATASET_FAMILIES.get(name).parts()


def test_an_id_that_is_taken_is_left_alone_and_nothing_is_fetched(tmp_path: Path) -> None:
    code = (
        f"import os; os.environ['IR_DATASETS_HOME'] = {str(tmp_path / 'home')!r}\n"
        "import ir_datasets\nmine = ir_datasets.Dataset()\nir_datasets.registry.register('mkqa/km', mine)\n"
        "from xqg_pyserini.data import register\nregister()\nregister()\n"
        "print(ir_datasets.load('mkqa/km')._constituents[1] is mine, ir_datasets.load('mkqa/th').has_queries())"
    )
    assert run(code) == "True True\n"
    assert not [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
