import pytest

from xqg_pyserini.errors import UnknownNameError
from xqg_pyserini.languages import language
from xqg_pyserini.typo import TYPO_OPERATORS, TYPO_PRESETS, TypoGenerator, typo_languages
from xqg_pyserini.typo.presets import preset_for


@pytest.mark.parametrize("code", [own.code for own in typo_languages()])
def test_presets_name_known_operators(code: str) -> None:
    own = language(code)
    for name in ("natural", "keyboard"):
        mix = preset_for(name, own).mix
        assert abs(sum(mix.values()) - 1) < 1e-9
        assert all(operator in TYPO_OPERATORS for operator in mix)
    assert not set(preset_for("natural", own).mix) & {"wrong_layout", "random_sub", "random_insert", "qwerty_sub"}


def test_preset_names() -> None:
    assert TYPO_PRESETS.names() == ["case", "keyboard", "natural", "scramble", "textattack"]
    with pytest.raises(UnknownNameError, match="known: case, keyboard, natural, scramble, textattack"):
        TypoGenerator("en", typo_preset="lazy")
