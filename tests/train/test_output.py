"""A trained query encoder as others load it: ours, peft's, on the right index and on a wrong one."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.tiny_encoder import make_tiny_encoder
from tests.train.material import make_queries
from xqg_pyserini.encode import EncoderChoice, TextEncoder, adapter, encode_corpus, load_query_encoder
from xqg_pyserini.encode.adapter import find_adapter
from xqg_pyserini.errors import EncoderMismatchError, InputError, UnknownNameError, XqgError
from xqg_pyserini.files import read_json, write_json
from xqg_pyserini.records import Passage
from xqg_pyserini.train import Recipe, Schedule, Tuning, train_query_encoder

TEXTS = ["who wrote the letters", "where is tze castle near the sea"]
TARGETS = ("query", "dense", "word_embeddings")


@pytest.fixture(scope="module")
def trained(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("trained") / "adapter"
    schedule = Schedule(steps=6, batch_size=16, learning_rate=2e-2, check_every=6)
    recipe = Recipe(held_out=20, tuning=Tuning(lora_rank=3, lora_targets=TARGETS), schedule=schedule)
    train_query_encoder(str(tiny), make_queries(120), recipe, output)
    return output


@pytest.fixture(scope="module")
def index(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("index") / "index"
    encode_corpus([Passage(str(i), "", f"passage {i}") for i in range(5)], TextEncoder(str(tiny)), directory)
    return directory


def copy_settings(source: Path, target: Path) -> Path:
    """Give a checkpoint the pooling and normalisation of another; returns ``target``."""
    shutil.copy(source / "modules.json", target)
    shutil.copytree(source / "1_Pooling", target / "1_Pooling")
    return target


def vectors_by_peft(tiny: Path, trained: Path) -> np.ndarray:
    """What a user without this package computes: mean pooling and unit length by hand."""
    import torch
    from peft import PeftModel
    from transformers import AutoModel, AutoTokenizer

    model = PeftModel.from_pretrained(AutoModel.from_pretrained(tiny), str(trained)).eval()
    batch = AutoTokenizer.from_pretrained(tiny)(TEXTS, padding=True, return_tensors="pt")
    with torch.inference_mode():
        hidden = model(**batch).last_hidden_state
    mask = batch["attention_mask"].unsqueeze(-1)
    mean = (hidden * mask).sum(1) / mask.sum(1)
    return torch.nn.functional.normalize(mean, dim=1).numpy()


def test_peft_and_transformers_give_the_same_vectors(tiny: Path, trained: Path) -> None:
    ours = TextEncoder(str(trained)).encode_queries(TEXTS)
    np.testing.assert_allclose(ours, vectors_by_peft(tiny, trained), atol=1e-5)
    assert np.abs(ours - TextEncoder(str(tiny)).encode_queries(TEXTS)).max() > 0.02


def test_the_index_of_the_base_is_searched(tiny: Path, trained: Path, index: Path) -> None:
    encoder = load_query_encoder(index, EncoderChoice(str(trained)))
    np.testing.assert_array_equal(encoder.encode_queries(TEXTS), TextEncoder(str(trained)).encode_queries(TEXTS))
    described = TextEncoder(str(trained)).describe()
    assert described["weights"] == described["query"]["weights"] == TextEncoder(str(tiny)).describe()["weights"]
    assert described["query"]["name"] == str(trained)
    assert described["query"]["adapter"] != described["weights"]


def test_the_index_of_another_base_is_refused(tiny: Path, trained: Path, tmp_path: Path) -> None:
    other = copy_settings(tiny, make_tiny_encoder(tmp_path / "other", seed=9))
    encode_corpus([Passage("1", "", "passage")], TextEncoder(str(other)), tmp_path / "index")
    with pytest.raises(
        EncoderMismatchError, match=r"does not fit the index, made with .*: weights '[0-9a-f]+' instead of"
    ):
        load_query_encoder(tmp_path / "index", EncoderChoice(str(trained)))


def test_a_base_whose_weights_changed_is_refused(trained: Path, tmp_path: Path) -> None:
    copy = tmp_path / "adapter"
    copy.mkdir()
    for path in trained.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    meta = read_json(copy / "meta.json")
    write_json(copy / "meta.json", meta | {"base": meta["base"] | {"weights": "0" * 64}})
    with pytest.raises(EncoderMismatchError, match=r"was trained on .* with weights '0+', but the weights .* are '"):
        TextEncoder(str(copy)).encode_queries(TEXTS)


def test_passages_are_left_to_the_base(tiny: Path, trained: Path, tmp_path: Path) -> None:
    passages = [Passage(str(i), "", f"passage {i}") for i in range(5)]
    pair = TextEncoder(str(trained))
    np.testing.assert_array_equal(pair.encode_passages(passages), TextEncoder(str(tiny)).encode_passages(passages))
    encode_corpus(passages, pair, tmp_path / "index")
    # the index says which query encoder it was made for, and is no other index for that
    chosen = load_query_encoder(tmp_path / "index", EncoderChoice())
    np.testing.assert_array_equal(chosen.encode_queries(TEXTS), pair.encode_queries(TEXTS))
    load_query_encoder(tmp_path / "index", EncoderChoice(str(tiny)))


def test_names_of_the_package() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown adapter 'embedded\+tyop' \(did you mean 'embedded\+typo'\?\)"):
        find_adapter("embedded+tyop")
    assert find_adapter("embedded") is None
    shipped = find_adapter("embedded+typo")
    assert shipped is not None and (shipped.base, shipped.lora) == ("embedded", True)
    assert (shipped.directory / adapter.WEIGHTS).stat().st_size <= 3_000_000


@pytest.mark.usefixtures("embedded")
def test_the_dual_encoder_of_the_package_and_its_query_encoder() -> None:
    dual, queries = find_adapter("embedded+xdr"), find_adapter("embedded+xdr+typo")
    assert dual is not None
    assert queries is not None
    assert (dual.base, dual.both_sides) == ("embedded", True)
    assert (queries.base, queries.both_sides) == ("embedded+xdr", False)
    sizes = [(one.directory / adapter.WEIGHTS).stat().st_size for one in (dual, queries)]
    assert sum(sizes) <= 5_000_000
    # what the query encoder was trained on is what the package has: its queries belong into those indexes
    pair = TextEncoder("embedded+xdr+typo")
    assert pair.name == "embedded+xdr"
    assert pair.queries.checkpoint.weights == pair.passages.checkpoint.weights == queries.base_weights
    assert pair.passages.checkpoint.weights != TextEncoder("embedded").passages.checkpoint.weights


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"meta": None}, "meta.json: no such file: an adapter says there which encoder"),
        ({"meta": {"version": 99}}, "version 99; 'xqg-query-encoder', version 1 is needed"),
        ({"meta": {"base": {}}}, "'base' must hold 'name' and 'weights', got {}"),
        ({"config": {"use_dora": True}}, r"LORA \['use_dora'\]: only plain LoRA is added here"),
        ({"config": {"peft_type": "IA3"}}, "IA3 .*: only plain LoRA"),
        ({"weights": b"junk"}, "adapter_model.safetensors cannot be read"),
    ],
)
def test_damaged_adapters(trained: Path, tmp_path: Path, changes: dict, message: str) -> None:
    for path in trained.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    if "meta" in changes and changes["meta"] is None:
        (tmp_path / "meta.json").unlink()
    elif "meta" in changes:
        write_json(tmp_path / "meta.json", read_json(tmp_path / "meta.json") | changes["meta"])
    if "config" in changes:
        write_json(tmp_path / adapter.CONFIG, read_json(tmp_path / adapter.CONFIG) | changes["config"])
    if "weights" in changes:
        (tmp_path / adapter.WEIGHTS).write_bytes(changes["weights"])
    with pytest.raises(XqgError, match=message):
        TextEncoder(str(tmp_path)).encode_queries(TEXTS)


def test_a_lora_for_another_model_is_refused(trained: Path, tmp_path: Path) -> None:
    from transformers import AutoModel

    model = AutoModel.from_pretrained(make_tiny_encoder(tmp_path / "other", dim=16))
    with pytest.raises(EncoderMismatchError, match="does not fit its base"):
        adapter.add_lora(model, trained)


def test_other_directories_are_no_adapters(tiny: Path, tmp_path: Path) -> None:
    assert find_adapter(str(tiny)) is None
    write_json(tmp_path / "meta.json", {"kind": "xqg-index"})
    assert find_adapter(str(tmp_path)) is None
    (tmp_path / "meta.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="not JSON"):
        find_adapter(str(tmp_path))


def test_settings_of_the_recipe_are_those_of_the_base(tiny: Path, trained: Path) -> None:
    assert TextEncoder(str(trained)).settings == TextEncoder(str(tiny)).settings
