"""From an encoder's name to its checkpoint: paths are not looked up on the hub, and a hub's id may carry a revision."""

import shutil
from pathlib import Path

import huggingface_hub.constants
import pytest

from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.encode.find import find_encoder
from xqg_pyserini.errors import EncoderNotFoundError

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize("name", ["models/mine", "./mine", "../mine", "~/no-such-folder/mine", "/mine", "a/b/mine"])
def test_a_path_that_does_not_exist_is_no_model_id(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EncoderNotFoundError, match=f"^no encoder '{name}': there is no such directory$"):
        find_encoder(name)


@pytest.fixture
def hub(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's local cache, holding one model at one commit, to which the tag v1 points."""
    model = tmp_path / "models--org--tiny"
    shutil.copytree(tiny, model / "snapshots" / COMMIT)
    (model / "refs").mkdir()
    (model / "refs" / "v1").write_text(COMMIT)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    return model


@pytest.mark.parametrize("revision", ["v1", COMMIT])
def test_a_revision_is_found_and_recorded(hub: Path, revision: str) -> None:
    described = TextEncoder(f"org/tiny@{revision}").describe()
    assert described["name"] == f"org/tiny@{revision}"
    assert described["revision"] == COMMIT


def test_a_revision_that_is_not_there(hub: Path) -> None:
    with pytest.raises(EncoderNotFoundError, match="no encoder 'org/tiny' at revision 'v2': neither 'embedded' nor"):
        find_encoder("org/tiny@v2")


def test_a_directory_has_no_revision(tiny: Path) -> None:
    assert "revision" not in TextEncoder(str(tiny)).describe()
