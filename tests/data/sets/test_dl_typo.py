"""DL-Typo: its two sets of queries and their graded judgements."""

import pytest

from tests.data.conftest import Site
from xqg_pyserini.data.sets import dl_typo
from xqg_pyserini.errors import InputError


def test_dl_typo(site: Site) -> None:
    published = {
        "clean": site.remote("query.tsv", b"1\thow to bake\n2\tlyme disease\n"),
        "typo": site.remote("query.typo.tsv", b"1\thow to bkae\n2\tlime desease\n"),
        "qrels": site.remote("qrels.txt", b"1 0 77 3\n1 0 78 0\n2 0 79 1\n"),
    }
    parts = {part.dataset_id: part for part in dl_typo.parts(published)}
    clean, typo = parts["dl-typo/clean"], parts["dl-typo/typo"]
    assert [q.text for q in typo.dataset.queries_iter()] == ["how to bkae", "lime desease"]
    assert [q.query_id for q in clean.dataset.queries_iter()] == ["1", "2"]
    assert typo.dataset.qrels_dict() == {"1": {"77": 3, "78": 0}, "2": {"79": 1}}
    assert set(typo.dataset.qrels_defs()) == {0, 1, 2, 3}
    assert typo.counts == {"docs": 8841823, "queries": 60, "qrels": 3811}
    with pytest.raises(InputError, match="two columns are needed"):
        list(dl_typo.read_queries(site.remote("bad.tsv", b"1 how to bake\n")))
