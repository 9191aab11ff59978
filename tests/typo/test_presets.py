import pytest

from xqg_pyserini.errors import UnknownNameError
from xqg_pyserini.languages import LANGUAGES, Language
from xqg_pyserini.typo import TYPO_OPERATORS, TYPO_PRESETS, TypoGenerator
from xqg_pyserini.typo.presets import preset_for


@pytest.mark.parametrize("own", LANGUAGES, ids=lambda own: own.code)
def test_presets_name_known_operators(own: Language) -> None:
    for name in ("natural", "keyboard"):
        mix = preset_for(name, own).mix
        assert abs(sum(mix.values()) - 1) < 1e-9
        assert all(operator in TYPO_OPERATORS for operator in mix)
    assert not set(preset_for("natural", own).mix) & {"wrong_layout", "random_sub", "random_insert", "qwerty_sub"}


def test_preset_names() -> None:
    assert TYPO_PRESETS.names() == ["keyboard", "natural", "textattack"]
    with pytest.raises(UnknownNameError, match="known: keyboard, natural, textattack"):
        TypoGenerator("en", typo_preset="lazy")
