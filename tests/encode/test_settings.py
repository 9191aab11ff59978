"""Settings: read from a checkpoint's files, overridden by options, compared with those of an index."""

import json
from pathlib import Path
from typing import Any

import pytest

from xqg_pyserini.encode.settings import EncoderSettings, Pooling, check_same, query_side, read_settings
from xqg_pyserini.errors import EncoderMismatchError, InputError


def sentence_transformers_directory(directory: Path, pooling: dict[str, Any], **files: Any) -> Path:
    """The files that state settings, as sentence-transformers writes them (no weights)."""
    kinds = files.get("kinds", ["Transformer", "Pooling", "Normalize"])
    modules = [
        {
            "idx": i,
            "name": str(i),
            "path": "" if i == 0 else f"{i}_{kind}",
            "type": f"sentence_transformers.models.{kind}",
        }
        for i, kind in enumerate(kinds)
    ]
    (directory / "1_Pooling").mkdir(parents=True)
    (directory / "modules.json").write_text(json.dumps(modules))
    (directory / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    (directory / "config.json").write_text(json.dumps({"max_position_embeddings": 77}))
    for name, value in files.items():
        if name != "kinds":
            (directory / f"{name}.json").write_text(json.dumps(value))
    return directory


MEAN = {"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}


def test_a_plain_checkpoint_gets_tevatrons_defaults(tmp_path: Path) -> None:
    settings = read_settings(tmp_path)
    assert settings == EncoderSettings(Pooling.CLS, False, "", "", 32, 128, " ")


def test_sentence_transformers_states_all(tmp_path: Path) -> None:
    directory = sentence_transformers_directory(
        tmp_path / "st",
        MEAN,
        sentence_bert_config={"max_seq_length": 40},
        config_sentence_transformers={"prompts": {"query": "q: ", "document": "d: "}},
    )
    assert read_settings(directory) == EncoderSettings(Pooling.MEAN, True, "q: ", "d: ", 40, 40)


def test_sentence_transformers_states_little(tmp_path: Path) -> None:
    directory = sentence_transformers_directory(
        tmp_path / "st", {"pooling_mode_cls_token": True}, kinds=["Transformer", "Pooling"]
    )
    # no length is stated: as many tokens as the model has positions
    assert read_settings(directory) == EncoderSettings(Pooling.CLS, False, "", "", 77, 77)


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ({"pooling_mode_max_tokens": True}, Pooling.MAX),
        ({"pooling_mode_lasttoken": True}, Pooling.LAST),
        ({"pooling_mode": "mean"}, Pooling.MEAN),
    ],
)
def test_poolings(tmp_path: Path, pooling: dict[str, Any], expected: Pooling) -> None:
    assert read_settings(sentence_transformers_directory(tmp_path / "st", pooling)).pooling is expected


@pytest.mark.parametrize("flags", [{"pooling_mode_weightedmean_tokens": True}, MEAN | {"pooling_mode_cls_token": True}])
def test_unsupported_pooling(tmp_path: Path, flags: dict[str, Any]) -> None:
    directory = sentence_transformers_directory(tmp_path / "st", flags)
    with pytest.raises(
        InputError, match=r"1_Pooling/config\.json: pooling .*: one of cls, mean, max, last is supported"
    ):
        read_settings(directory)


def test_a_dense_layer_is_not_passed_over(tmp_path: Path) -> None:
    directory = sentence_transformers_directory(tmp_path / "st", MEAN, kinds=["Transformer", "Pooling", "Dense"])
    with pytest.raises(
        InputError, match="modules Transformer, Pooling, Dense: only Transformer, Pooling and Normalize"
    ):
        read_settings(directory)


def test_damaged_modules_file(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[{")
    with pytest.raises(InputError, match=r"modules\.json: cannot be read"):
        read_settings(tmp_path)


def test_options_stand_over_what_is_stated() -> None:
    stated = EncoderSettings(Pooling.MEAN, True, "q: ", "d: ", 40, 40)
    changed = stated.changed({"pooling": "max", "normalize": False, "query_prefix": "", "passage_prefix": None})
    assert changed == EncoderSettings(Pooling.MAX, False, "", "d: ", 40, 40)
    assert stated.changed({"normalize": None}) == stated


def test_through_meta_json() -> None:
    settings = EncoderSettings(Pooling.LAST, True, "q: ", "d: ", 40, 50, " | ")
    raw = json.loads(json.dumps({"name": "x", "dim": 3, **settings.to_dict()}))
    assert EncoderSettings.from_dict(raw) == settings


RECORDED = {"name": "a", "dim": 4, "pooling": "cls", "normalize": False, "query_prefix": "", "weights": "11"}


def test_each_difference_is_named() -> None:
    used = RECORDED | {"name": "b", "pooling": "mean", "normalize": True, "query_prefix": "q: ", "weights": "22"}
    message = (
        r"ix: encoder 'b' does not fit the index, made with 'a': pooling 'mean' instead of 'cls'; "
        r"normalize True instead of False; query_prefix 'q: ' instead of ''; weights '22' instead of '11'"
    )
    with pytest.raises(EncoderMismatchError, match=message):
        check_same(RECORDED, used, "ix")


def test_what_does_not_touch_queries_is_not_compared() -> None:
    check_same(RECORDED | {"passage_prefix": "d: "}, RECORDED | {"name": "copy", "passage_prefix": ""}, "ix")
    check_same({}, RECORDED, "ix")


def test_query_side_of_a_pair() -> None:
    assert query_side(RECORDED) == RECORDED
    pair = RECORDED | {"query": {"name": "q", "weights": "33", "pooling": "mean", "normalize": True}}
    assert query_side(pair) == RECORDED | {"name": "q", "weights": "33", "pooling": "mean", "normalize": True}
