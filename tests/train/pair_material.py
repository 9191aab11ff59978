"""Rows, passages and a recipe made up for the tests of dual encoders."""

from tests.train.material import make_queries
from xqg_pyserini.records import Passage
from xqg_pyserini.train import DualRecipe, Schedule, TrainingRow, Tuning, TypoMix

_QUERIES = make_queries(90, "en") + make_queries(30, "fi")

PASSAGES = [Passage(f"p{i}", "", f"It is {q.text[3:]}, said {i} people") for i, q in enumerate(_QUERIES)]
ROWS = [
    TrainingRow(
        q.query_id,
        q.text,
        q.lang,
        positives=(f"p{i}",),
        negatives=(f"p{(i + 7) % 120}", f"p{(i + 11) % 120}"),
        scores=(2.0, 1.0, 0.5),
        query_en=q.text if q.lang == "fi" else "",
    )
    for i, q in enumerate(_QUERIES)
]
RECIPE = DualRecipe(
    held_out=20,
    temperature=0.05,
    query_length=48,
    passage_length=64,
    memory_tokens=512,
    typo_mix=TypoMix(typos=(0, 1, 2)),
    tuning=Tuning(lora_rank=4, lora_alpha=8),
    schedule=Schedule(steps=12, batch_size=8, learning_rate=5e-3, check_every=6),
)
