"""Mining with a real encoder and index: against all scores by numpy, CORA, bad input, and runs that are killed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.train.mining.conftest import CITIES, FACTS, Cities, city_rows
from xqg_pyserini.data.answer_matcher import AnswerMatcher
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import InputError, XqgError
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.storage.stored_vectors import StoredVectors
from xqg_pyserini.train import MiningRules, MiningSource, TrainingRow, mine_rows, read_rows, write_rows


@pytest.fixture(scope="module")
def scores(cities: Cities, tiny: Path) -> np.ndarray:
    """Score of each question with each passage, ``(questions, passages)``, by numpy alone."""
    queries = TextEncoder(str(tiny), threads=1).encode_queries([row.query for row in city_rows()])
    return queries @ StoredVectors(cities.index).take(np.arange(len(cities.passages))).T


@pytest.mark.parametrize("margin", [0.0005, None])
def test_rows_are_those_of_all_scores(cities: Cities, scores: np.ndarray, tmp_path: Path, margin: float | None) -> None:
    output, rules = tmp_path / "rows.jsonl", MiningRules(2, 30, 4, margin)
    report = mine_rows(MiningSource([cities.rows]), cities.index, output, rules, reasons=True)
    rejected = {row["query_id"]: row.get("rejected", {}) for _, row in read_jsonl(output)}
    matcher, docids = AnswerMatcher(), list(cities.passages)
    mined = list(read_rows([output]))
    for row, own, given in zip(mined, scores, city_rows(), strict=True):
        positive = own[docids.index(given.positives[0])]
        ceiling = np.inf if margin is None else positive - margin * abs(positive)
        window = sorted(range(len(docids)), key=lambda n: (-own[n], docids[n]))[1:30]
        allowed = [
            n
            for n in window
            if own[n] <= ceiling
            and docids[n] not in given.positives
            and not matcher.has_answer(cities.passages[docids[n]].text, given.answers)
        ]
        assert row.negatives == tuple(docids[n] for n in allowed[:4])
        assert row[:5] == given[:5]
        assert row.scores == pytest.approx([positive, *(own[n] for n in allowed[:4])], abs=2e-6)
        reasons = rejected[row.query_id]
        assert set(reasons).isdisjoint(row.negatives)
        assert all(reason == "positive" for docid, reason in reasons.items() if docid in row.positives)
    assert (report.rows, report.negatives) == (len(mined), sum(len(row.negatives) for row in mined))
    assert sum(report.rejected.values()) == sum(map(len, rejected.values())) > 0


def test_cora_with_answers_in_another_language(cities: Cities, tmp_path: Path) -> None:
    """The answer is written otherwise than in the passages, and a title link names the city."""
    rows = [TrainingRow("q", "which city?", "it", ("Roma-IT",)), TrainingRow("none", "which?", "it", ("Xyz",))]
    data = tmp_path / "data.jsonl"
    write_rows(data, rows)
    (tmp_path / "links.jsonl").write_text('{"Roma-IT": {"en": "Rome"}}\n')
    source = MiningSource([data], title_links=tmp_path / "links.jsonl")
    report = mine_rows(source, cities.index, tmp_path / "o.jsonl", MiningRules(answers="positives", negatives=3))
    (row,) = read_rows([tmp_path / "o.jsonl"])
    assert set(row.positives) == {f"0-{f}" for f in range(len(FACTS))}, "all passages about Rome"
    assert row.answers == ("Roma-IT", "Rome")
    assert len(row.negatives) == 3
    assert list(row.scores[:5]) == sorted(row.scores[:5], reverse=True)
    assert (report.rows, report.positives, report.dropped) == (1, 5, {"no passage that holds an answer": 1})


def test_a_corpus_instead_of_the_index_s_texts(cities: Cities, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.tsv"
    corpus.write_text("".join(f"{p.doc_id}\t{p.text}\t{p.title}\n" for p in cities.passages.values()))
    for name, where in (("a", None), ("b", corpus)):
        mine_rows(MiningSource([cities.rows], corpus=where), cities.index, tmp_path / name, MiningRules(margin=None))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    corpus.write_text("0-0\tRome lies\n")
    with pytest.raises(InputError, match=r"corpus\.tsv: passage '.*' of the index is not in it: give the corpus"):
        mine_rows(MiningSource([cities.rows], corpus=corpus), cities.index, tmp_path / "c", MiningRules(margin=None))


def test_passages_of_a_test_collection_are_left_out(cities: Cities, tmp_path: Path) -> None:
    judged = tmp_path / "qrels.txt"
    judged.write_text("t 0 0-0 1\nt 0 5-1 1\n")
    source = MiningSource([cities.rows], excluded=[judged])
    mine_rows(source, cities.index, tmp_path / "o", MiningRules(margin=None, negatives=50))
    rows = list(read_rows([tmp_path / "o"]))
    assert len(rows) == len(CITIES) * len(FACTS) - 2
    assert not {"0-0", "5-1"} & {docid for row in rows for docid in (*row.positives, *row.negatives)}


@pytest.mark.parametrize(
    ("rows", "rules", "message"),
    [
        ([("q", ("nowhere",), ("x",)), ("r", ("0-0", "lost"), ("x",))], MiningRules(),
         r"index: 2 positives of the rows are not in it, 'nowhere' of query 'q' among them: mine in the index"),
        ([("q", (), ("x",))], MiningRules(), "no row can be mined: 1 have no positives; margins need positives"),
        ([("q", ("0-0",), ())], MiningRules(), "no row can be mined: 1 have no answers; .* --answers ignore"),
        ([("q", (), ())], MiningRules(answers="positives"), "no row can be mined: 1 have no answers"),
        ([], MiningRules(), "no row can be mined, there are none"),
        ([("q", ("0-0",), ("x",))], MiningRules(9, 8), "ranks 9 to 8: the window is empty"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_mined(
    cities: Cities,
    tmp_path: Path,
    rows: list[tuple[str, tuple[str, ...], tuple[str, ...]]],
    rules: MiningRules,
    message: str,
) -> None:
    write_rows(tmp_path / "d", [TrainingRow(q, "?", "en", answers, positives) for q, positives, answers in rows])
    with pytest.raises(XqgError, match=message):
        mine_rows(MiningSource([tmp_path / "d"]), cities.index, tmp_path / "o", rules)
    assert [path.name for path in tmp_path.iterdir()] == ["d"]


def test_what_is_left_out_is_said(cities: Cities, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [TrainingRow("q", "?", "en", ("x",), ("0-0",)), TrainingRow("r", "?", "en", ("x",))]
    write_rows(tmp_path / "d", rows)
    report = mine_rows(MiningSource([tmp_path / "d"]), cities.index, tmp_path / "o", MiningRules(margin=2.0))
    assert report.dropped == {"no positives": 1}
    assert report.without_negatives == report.rows == 1
    assert "rows left out: 1 with no positives" in caplog.text
    assert "1 of 1 rows have no negative: every passage found was rejected (margin 4" in caplog.text


def test_an_index_without_texts(cities: Cities, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("index", "docid", "meta.json"):
        (bare / name).write_bytes((cities.index / name).read_bytes())
    with pytest.raises(XqgError, match=r"bare has no texts in which answers could be looked for: give its --corpus"):
        mine_rows(MiningSource([cities.rows]), bare, tmp_path / "o")
    mine_rows(MiningSource([cities.rows]), bare, tmp_path / "o", MiningRules(answers="ignore", margin=None))
    assert (tmp_path / "o").exists()


def test_killed_runs_give_the_same_bytes(cities: Cities, tiny: Path, tmp_path: Path) -> None:
    """Kills at the sync of each chunk; see ``kill_and_resume``."""
    arguments = [str(part) for part in (cities.rows, cities.index, tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.train.mining.kill_and_resume", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["0", "1", "2", "3"], "chunks that were journalled after each kill"
    assert (tmp_path / "killed.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
