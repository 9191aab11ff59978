"""Passages of a test collection are kept out of training rows."""

from pathlib import Path

import pytest

from tests.shared_data import shared_data
from xqg_pyserini.data.sets import afriqa
from xqg_pyserini.train import TrainingRow, judged_passages, without_passages


def test_positives_negatives_and_scores() -> None:
    rows = [
        TrainingRow("a", "?", positives=("p", "t"), negatives=("n", "u"), scores=(4, 3, 2, 1)),
        TrainingRow("b", "?", positives=("t",), negatives=("n",)),
        TrainingRow("c", "?", negatives=("u",)),
        TrainingRow("d", "?", positives=("p",), scores=(1,)),
    ]
    assert list(without_passages(rows, {"t", "u"})) == [
        TrainingRow("a", "?", positives=("p",), negatives=("n",), scores=(4, 2)),
        TrainingRow("c", "?"),
        rows[3],
    ]


def test_judgements_that_are_relevant(tmp_path: Path) -> None:
    path = tmp_path / "qrels.txt"
    path.write_text("q1 0 t 1\nq1 0 n 0\nq2 0 u 2\n")
    assert judged_passages(path) == {"t", "u"}


def test_afriqa_s_test_passages_stand_among_its_training_passages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In five languages, 106 of 1,759 passages."""
    monkeypatch.setenv("IR_DATASETS_HOME", str(tmp_path))
    here = [name.split("/")[1:] for name in afriqa.FILES if name.startswith("gold/")]
    here = [(lang, split) for lang, split in here if lang in {"bem", "hau", "swa", "twi", "yor"}]
    for lang, split in here:
        target = afriqa.FILES[f"gold/{lang}/{split}"].local()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(shared_data(f"afriqa/{lang}/gold_span_passages.afriqa.{lang}.en.{split}.json"))
    tests, training = (
        judged_passages([f"afriqa/{lang}/{split}" for lang, split in here if (split == "test") == is_test])
        for is_test in (True, False)
    )
    assert (len(tests), len(training), len(tests & training)) == (1585, 1759, 106)
