"""Rounds of training and mining with a tiny encoder, interrupted and not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.train.pair_material import PASSAGES, RECIPE, ROWS
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import InputError, OutputExistsError, XqgError
from xqg_pyserini.train import MiningSource, Schedule, Sentri, Where, read_rows, train_sentri, write_rows
from xqg_pyserini.train.mining import sentri as module

#: Every passage tells its number of people; that is the answer of its question.
ANSWERED = [row._replace(answers=(f"{n} people",), negatives=(), scores=()) for n, row in enumerate(ROWS)]


@pytest.fixture
def setting(tiny: Path, tmp_path: Path) -> Sentri:
    """Rows of which the first half has its positives, the second answers only, and the last ones are kept for dev."""
    rows = [*ANSWERED[:50], *(row._replace(positives=()) for row in ANSWERED[50:100])]
    write_rows(tmp_path / "rows.jsonl", rows)
    write_rows(tmp_path / "dev.jsonl", ANSWERED[100:])
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("".join(json.dumps({"id": p.doc_id, "title": p.title, "text": p.text}) + "\n" for p in PASSAGES))
    recipe = replace(RECIPE, schedule=Schedule(steps=4, batch_size=8, learning_rate=5e-3, check_every=4), held_out=10)
    source = MiningSource([tmp_path / "rows.jsonl"], corpus=corpus)
    return Sentri(str(tiny), source, [tmp_path / "dev.jsonl"], recipe, rounds=2)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}


def test_rounds_and_an_interrupted_one(setting: Sentri, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = train_sentri(setting, Where(tmp_path / "whole", threads=1))
    assert [(one.number, one.rows) for one in whole[:1]] == [(1, 50)]
    assert len(whole) == 2, "one round cannot know that it is the best"
    assert whole[1].rows > 50, "answers alone give positives"
    best = max(whole, key=lambda one: one.dev)
    told = json.loads((tmp_path / "whole" / "rounds.json").read_text())
    assert (told["best"], [row["dev"] for row in told["rounds"]]) == (best.number, [one.dev for one in whole])
    rows = list(read_rows([tmp_path / "whole" / "rows.jsonl"]))
    assert sum(len(row.positives) for row in rows) == best.positives
    TextEncoder(str(tmp_path / "whole" / "encoder"), threads=1).encode_passages(PASSAGES[:1])

    encode, calls = module.encode_corpus, []

    def interrupted(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return encode(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "encode_corpus", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train_sentri(setting, Where(tmp_path / "again", threads=1))
    with pytest.raises(OutputExistsError, match=r"rules\.last_rank: 100, now 9"):
        train_sentri(replace(setting, rules=replace(setting.rules, last_rank=9)), Where(tmp_path / "again", threads=1))
    assert train_sentri(setting, Where(tmp_path / "again", threads=1)) == whole
    assert len(calls) == 3, "what was done is not done again"
    first, second = files(tmp_path / "whole"), files(tmp_path / "again")
    assert {name for name in first if first[name] != second[name]} <= {"encoder/log.jsonl", "encoder/log.svg"}
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rounds": 0}, "0 rounds: at least 1 is needed"),
        ({"recipe": replace(RECIPE, train_sides="query")}, "Sentri trains both sides: give --train-sides both"),
        ({"source": MiningSource(["x"])}, "Sentri needs the corpus, which every round encodes"),
    ],
)
def test_settings_that_cannot_work(setting: Sentri, tmp_path: Path, change: dict[str, object], message: str) -> None:
    with pytest.raises(XqgError, match=message):
        train_sentri(replace(setting, **change), Where(tmp_path / "o"))  # type: ignore[arg-type]


def test_dev_queries_are_not_trained_on(setting: Sentri, tmp_path: Path) -> None:
    write_rows(tmp_path / "dev.jsonl", ANSWERED[40:60])
    with pytest.raises(InputError, match=r"20 of 20 dev queries are among the training queries, 'en .*' among them"):
        train_sentri(setting, Where(tmp_path / "o"))
    assert not (tmp_path / "o").exists()
