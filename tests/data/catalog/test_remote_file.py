"""Published files: fetched once, verified wherever they come from, and placed by hand without network."""

import gzip
import logging
from pathlib import Path

import pytest

from tests.data.catalog.test_download import CONTENT, left_over
from tests.data.conftest import Site
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.errors import InputError


def test_a_file_is_fetched_once_and_verified(site: Site, home: Path) -> None:
    file = site.remote("a.bin", CONTENT, size=len(CONTENT))
    assert file.path(force=False) == home / "test" / "a.bin"
    assert not file.local().exists()
    assert file.path().read_bytes() == CONTENT
    with file.stream() as stream:
        assert stream.read() == CONTENT
    assert site.requests == [("/a.bin", None)]
    assert left_over(home) == ["a.bin"]


@pytest.mark.parametrize(
    ("sha256", "size", "message"),
    [("0" * 64, None, "has the sha256 .*, not the published 0000"), (None, 7, "has 204,800 bytes where .* has 7")],
)
def test_what_was_not_published_is_refused_and_removed(
    site: Site, home: Path, sha256: str | None, size: int | None, message: str
) -> None:
    file = site.remote("a.bin", CONTENT, sha256=sha256, size=size)
    with pytest.raises(InputError, match=r"the download was refused and removed: .*" + message):
        file.path()
    assert left_over(home) == []


def test_a_truncated_archive_is_refused_where_no_checksum_is_published(site: Site, home: Path) -> None:
    archive = gzip.compress(CONTENT * 3)
    with pytest.raises(InputError, match="no whole gzip archive"):
        site.remote("a.jsonl.gz", archive[:-20], sha256=None).path()
    assert left_over(home) == []
    assert site.remote("b.jsonl.gz", archive, sha256=None).path().exists()


def test_without_network_the_message_says_which_file_goes_where(home: Path) -> None:
    file = RemoteFile("http://127.0.0.1:9/x.jsonl", "test/x.jsonl", "free", "ab" * 32, 12345)
    with pytest.raises(InputError) as caught:
        file.path()
    message = str(caught.value)
    assert "http://127.0.0.1:9/x.jsonl cannot be fetched: no connection to its host" in message
    assert f"get it elsewhere (12,345 bytes, sha256 {'ab' * 32}) and put it at {home}/test/x.jsonl" in message
    assert left_over(home) == []


def test_a_file_placed_by_hand_is_verified_not_trusted(site: Site, home: Path) -> None:
    file = site.remote("a.bin", CONTENT)
    local = home / "test" / "a.bin"
    local.parent.mkdir(parents=True)
    local.write_bytes(b"something else")
    with pytest.raises(InputError, match=r"a\.bin: has the sha256 .* remove it"):
        file.path()
    assert local.read_bytes() == b"something else", "the user's file is named, not removed"
    local.write_bytes(CONTENT)
    assert file.path().read_bytes() == CONTENT
    assert site.requests == []
    local.write_bytes(CONTENT[:-1])
    with pytest.raises(InputError, match="has the sha256"):
        file.path()


def test_the_licence_is_shown_once_before_the_download(
    site: Site, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("ir_datasets").setLevel(logging.INFO)
    for name in ("licensed-1.bin", "licensed-2.bin"):
        file = site.remote(name, CONTENT)
        RemoteFile(file.url, file.place, "the licence of both", file.sha256).path()
    assert capfd.readouterr().err.count("the licence of both") == 1
