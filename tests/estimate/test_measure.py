"""This machine, measured with a very small encoder; and what is written afterwards is what was estimated."""

import math
from dataclasses import fields
from pathlib import Path

import pytest

from tests.generate.tiny_mt5 import make_tiny_mt5
from xqg_pyserini.encode import TextEncoder, encode_corpus
from xqg_pyserini.estimate import Machine, MeasureOptions, Workload, estimate_stages, measure_machine
from xqg_pyserini.estimate.estimation import index_directory_bytes
from xqg_pyserini.estimate.measured_generator import GeneratorOptions, generation_speed
from xqg_pyserini.estimate.measured_texts import MeasuredTexts
from xqg_pyserini.records import Passage
from xqg_pyserini.sample import PASSAGES
from xqg_pyserini.storage.index_directory import INDEX_FILES


@pytest.fixture(scope="module")
def encoder(tiny: Path) -> TextEncoder:
    return TextEncoder(str(tiny))


@pytest.fixture(scope="module")
def measured(encoder: TextEncoder, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    folder = tmp_path_factory.mktemp("disk")
    machine = measure_machine(encoder, MeasureOptions(seconds=0.5, folder=folder))
    assert list(folder.iterdir()) == []
    return machine


def test_everything_is_measured(measured: Machine, tiny: Path) -> None:
    assert (measured.encoder, measured.dim, measured.backend) == (str(tiny), 32, "torch")
    for field in fields(Machine):
        value = getattr(measured, field.name)
        if field.type is not str and field.name != "generated_per_second":
            assert math.isfinite(value), field.name
            assert value > 0, field.name
    assert measured.generated_per_second == 0
    # a token of this encoder is a character, and it reads 128 of them
    assert measured.passage_tokens == 128


def test_disk_is_that_of_the_run_that_follows(measured: Machine, encoder: TextEncoder, tmp_path: Path) -> None:
    """Vectors and ids to the byte, texts as far as others are packed alike."""
    texts = MeasuredTexts(encoder, None, None)
    # no two passages with one text, which would be packed better
    passages = [
        Passage(one.doc_id, "", " ".join(sorted(one.text.split(), key=lambda word: hash_of(word, row))))
        for row, one in enumerate(texts.passages(500))
    ]
    encode_corpus(passages, encoder, tmp_path / "base")
    written = sum((tmp_path / "base" / name).stat().st_size for name in INDEX_FILES & {"index", "docid"})
    workload = Workload(500, texts=False)
    assert index_directory_bytes(workload, measured) == written
    everything = written + (tmp_path / "base" / "texts.jsonl.zst").stat().st_size
    assert estimate_stages(Workload(500), measured).stage("encode").disk == pytest.approx(everything, rel=0.15)


def hash_of(word: str, row: int) -> int:
    return sum(map(ord, word)) * (row + 7919) % 1013


def test_lengths_of_texts(tiny: Path) -> None:
    encoder = TextEncoder(str(tiny), {"query_max_length": 128})
    plain = MeasuredTexts(encoder, None, None)
    for wanted_passages, wanted_queries in ((40, 12), (100, 60)):
        texts = MeasuredTexts(encoder, wanted_passages, wanted_queries)
        assert texts.passage_tokens == pytest.approx(wanted_passages, rel=0.05)
        assert texts.query_tokens == pytest.approx(wanted_queries, rel=0.05)
        assert (texts.query_bytes < plain.query_bytes) == (wanted_queries < plain.query_tokens)
    assert [one.doc_id for one in plain.passages(3)] == ["0", "1", "2"]
    count = len(PASSAGES.read_text(encoding="utf-8").splitlines())
    repeated = plain.passages(count + 1)
    assert repeated[-1].text == repeated[0].text != repeated[1].text


def test_lengths_beyond_what_an_encoder_reads(encoder: TextEncoder) -> None:
    assert MeasuredTexts(encoder, 5000, None).passage_tokens == 128


def test_generator(tmp_path: Path, encoder: TextEncoder) -> None:
    options = GeneratorOptions(str(make_tiny_mt5(tmp_path / "mt5")), queries=3, threads=1)
    assert generation_speed(options, MeasuredTexts(encoder, None, None), 0.5) > 1
