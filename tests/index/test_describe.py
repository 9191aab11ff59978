"""What an index directory says about itself."""

from pathlib import Path

from tests.index.samples import DIM, make_index
from xqg_pyserini.index import describe_index
from xqg_pyserini.index.describe import facts_as_text


def test_info(base: Path, tmp_path: Path) -> None:
    facts = describe_index(base)
    assert (facts["passages"], facts["dim"], facts["kind"]) == (60, DIM, "flat, float32")
    assert facts["bytes"] == {name: (base / name).stat().st_size for name in ("index", "docid")}
    assert "passages             60" in facts_as_text(facts)
    assert not facts["texts"]
    facts = describe_index(make_index(tmp_path / "with", texts=True))
    assert facts["texts"]
    assert set(facts["bytes"]) == {"index", "docid", "texts.jsonl.zst"}
    (base / "meta.json").unlink()
    assert describe_index(base)["encoder"] is None
