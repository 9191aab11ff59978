"""Documents by id and by number: parity with ir_datasets' own store, atomic building, and what is refused."""

import pickletools
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import ir_datasets
import pytest
from ir_datasets.indices import PickleLz4FullStore

from xqg_pyserini.data.catalog.docstore import SqliteDocstore
from xqg_pyserini.data.catalog.handlers import TitledDoc
from xqg_pyserini.data.sets.xor_passages import AugmentedDoc
from xqg_pyserini.errors import InputError
from xqg_pyserini.records import GeneratedQuery

DOCS = [TitledDoc(str(number), f"పేజీ {number}", f'text\n\t"{number}\'"' * (number % 7)) for number in range(300)]


def store(path: Path) -> SqliteDocstore:
    return SqliteDocstore(path / "docs.sqlite", lambda: iter(DOCS), TitledDoc)


@pytest.fixture
def both(tmp_path: Path) -> tuple[SqliteDocstore, PickleLz4FullStore]:
    """Our store and ir_datasets' own, over the same documents."""
    old = PickleLz4FullStore(str(tmp_path / "docs.pklz4"), lambda: iter(DOCS), TitledDoc, "doc_id", ["doc_id"])
    return store(tmp_path), old


def test_look_ups_are_those_of_the_pickled_store(both: tuple[SqliteDocstore, PickleLz4FullStore]) -> None:
    for docs in both:
        assert not docs.built()
        assert docs.get("17") == DOCS[17]
        assert docs.built()
        assert docs.get("17", "title") == "పేజీ 17"
        assert docs.get_many(["5", "nowhere", "299"]) == {"5": DOCS[5], "299": DOCS[299]}
        assert docs.get_many(["5"], "text") == {"5": DOCS[5].text}
        assert docs.count() == 300
        assert list(docs.get_many_iter([])) == []
        with pytest.raises(KeyError, match="nowhere"):
            docs.get("nowhere")
        assert type(docs.get("17")) is TitledDoc


@pytest.mark.parametrize(
    "key", [slice(None), slice(3, 8), slice(290, None), slice(None, 100, 30), slice(5, 5), slice(-3, None)], ids=str
)
def test_slices_are_those_of_the_pickled_store(both: tuple[SqliteDocstore, PickleLz4FullStore], key: slice) -> None:
    ours, theirs = (list(iter(docs)[key]) for docs in both)  # type: ignore[index]
    assert ours == theirs == DOCS[key]


def test_iterators_are_those_of_the_pickled_store(both: tuple[SqliteDocstore, PickleLz4FullStore]) -> None:
    for docs in both:
        iterator = iter(docs)
        assert next(iterator) == DOCS[0]
        assert iterator[4] == DOCS[5], "what has been read is gone"  # type: ignore[index]
        assert iterator[-1] == DOCS[-1]  # type: ignore[index]
        assert list(iterator[10:20][2:4]) == DOCS[13:15]  # type: ignore[index]
        with pytest.raises(IndexError):
            iterator[299]  # type: ignore[index]
        assert list(iterator) == DOCS[1:]


def test_nothing_in_the_file_is_pickled(tmp_path: Path) -> None:
    store(tmp_path).build()
    with sqlite3.connect(tmp_path / "docs.sqlite") as database:
        (record,) = database.execute("SELECT record FROM docs WHERE doc_id = '1'").fetchone()
    database.close()
    assert record == '["1","పేజీ 1","text\\n\\t\\"1\'\\""]'.encode()
    with pytest.raises(ValueError, match="opcode"):
        pickletools.dis(record)


def test_nested_records_come_back_as_they_were(tmp_path: Path) -> None:
    doc = AugmentedDoc("1", "t", "x", (GeneratedQuery("1", "te", "ఏ"), GeneratedQuery("1", "fi", "k")))
    docs = SqliteDocstore(tmp_path / "a.sqlite", lambda: iter([doc]), AugmentedDoc)
    found = docs.get("1")
    assert found == doc
    assert [type(query) for query in found.generated_queries] == [GeneratedQuery, GeneratedQuery]


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[TitledDoc]:
        yield from DOCS
        raise InputError("the corpus ends here")

    docs = SqliteDocstore(tmp_path / "docs.sqlite", broken, TitledDoc)
    with pytest.raises(InputError, match="the corpus ends here"):
        docs.get("1")
    assert not docs.built()
    assert list(tmp_path.iterdir()) == []


def test_threads_share_a_store_and_its_building(tmp_path: Path) -> None:
    docs = store(tmp_path)
    found: list[TitledDoc] = []
    threads = [threading.Thread(target=lambda n=n: found.append(docs.get(str(n)))) for n in range(8)]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(DOCS[:8])
    assert [path.name for path in tmp_path.iterdir()] == ["docs.sqlite"]


def test_a_file_of_something_else(tmp_path: Path) -> None:
    store(tmp_path).build()
    other = SqliteDocstore(tmp_path / "docs.sqlite", lambda: iter(()), AugmentedDoc)
    with pytest.raises(InputError, match=r"has the fields \('doc_id', 'title', 'text'\) of an older version: remove"):
        other.count()
    (tmp_path / "docs.sqlite").write_text("no database at all" * 99)
    with pytest.raises(InputError, match=r"is no document store .*: remove it"):
        store(tmp_path).get("1")
    store(tmp_path).clear_cache()
    assert store(tmp_path).get("1") == DOCS[1]


def test_data_sets_use_it(home: Path) -> None:
    docs = ir_datasets.load("xqg-sample").docs_store()
    assert type(docs) is SqliteDocstore
    assert docs.path == home / "xqg-sample" / "docs.sqlite"
