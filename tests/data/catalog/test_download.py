"""Downloads: real requests to a server on this machine."""

import fcntl
import gzip
import hashlib
import logging
import threading
import time
from pathlib import Path

import pytest

from tests.data.conftest import Site
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.errors import InputError

CONTENT = bytes(range(256)) * 800


def left_over(home: Path) -> list[str]:
    return sorted(p.name for p in (home / "test").glob("*")) if (home / "test").exists() else []


def test_a_file_is_fetched_once_and_verified(site: Site, home: Path) -> None:
    file = site.remote("a.bin", CONTENT, size=len(CONTENT))
    assert file.path(force=False) == home / "test" / "a.bin"
    assert not file.local().exists()
    assert file.path().read_bytes() == CONTENT
    with file.stream() as stream:
        assert stream.read() == CONTENT
    assert site.requests == [("/a.bin", None)]
    assert left_over(home) == ["a.bin"]


@pytest.mark.parametrize("validator", ["ETag", "Last-Modified"])
def test_an_interrupted_download_goes_on_where_it_stopped(site: Site, home: Path, validator: str) -> None:
    file = site.remote("a.bin", CONTENT)
    site.cut, site.validator = [70_000, 60_000], validator
    assert file.path().read_bytes() == CONTENT
    ranges = [wanted for _, wanted in site.requests]
    assert ranges[0] is None
    starts = [int(wanted.removeprefix("bytes=").rstrip("-")) for wanted in ranges[1:] if wanted]
    assert len(starts) == 2
    assert 0 < starts[0] <= 70_000 < starts[1] <= 130_000


def test_a_later_process_goes_on_with_what_an_earlier_one_got(
    site: Site, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IR_DATASETS_DL_TRIES", "1")
    file = site.remote("a.bin", CONTENT)
    site.cut = [80_000]
    with pytest.raises(InputError, match=r"cannot be fetched: the connection broke off; the \d+,\d+ bytes .* kept"):
        file.path()
    assert left_over(home) == ["a.bin.part", "a.bin.part.version"]
    assert file.path().read_bytes() == CONTENT
    assert site.requests[-1][1] is not None
    assert left_over(home) == ["a.bin"]


def test_without_a_validator_a_download_starts_again(site: Site, home: Path) -> None:
    file = site.remote("a.bin", CONTENT)
    site.cut, site.validator = [50_000], ""
    assert file.path().read_bytes() == CONTENT
    assert site.requests == [("/a.bin", None), ("/a.bin", None)]


def test_a_file_that_changed_on_the_server_is_not_patched_together(
    site: Site, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IR_DATASETS_DL_TRIES", "1")
    old = site.remote("a.bin", CONTENT, sha256=None)
    site.cut = [80_000]
    with pytest.raises(InputError):
        old.path()
    new = site.remote("a.bin", CONTENT[::-1])
    assert new.path().read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize("extra", [b"", b"left over from something longer"])
def test_a_process_stopped_after_the_last_byte(site: Site, home: Path, extra: bytes) -> None:
    file = site.remote("a.bin", CONTENT)
    part = home / "test" / "a.bin.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT + extra)
    part.with_name("a.bin.part.version").write_text(f'"{hashlib.md5(CONTENT).hexdigest()}"')
    assert file.path().read_bytes() == CONTENT
    assert len(site.requests) == (2 if extra else 1), "what is whole is not sent again"


@pytest.mark.parametrize("removed", [False, True])
def test_a_reader_that_waited_goes_on_from_what_is_there_now(site: Site, home: Path, removed: bool) -> None:
    file = site.remote("a.bin", CONTENT)
    part = home / "test" / "a.bin.part"
    part.parent.mkdir(parents=True)
    found: list[bytes] = []
    with part.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        waiting = threading.Thread(target=lambda: found.append(file.path().read_bytes()))
        waiting.start()
        time.sleep(0.2)
        assert not site.requests, "one download at a time"
        other.write(CONTENT[:100_000])
        other.flush()
        if removed:
            part.unlink()
        else:
            part.with_name("a.bin.part.version").write_text(f'"{hashlib.md5(CONTENT).hexdigest()}"')
    waiting.join(timeout=10)
    assert found == [CONTENT]
    assert site.requests == [("/a.bin", None if removed else "bytes=100000-")]
    assert left_over(home) == ["a.bin"]


def test_a_server_that_keeps_breaking_off_is_given_up(site: Site, home: Path) -> None:
    file = site.remote("a.bin", CONTENT)
    site.cut = [0] * 9
    with pytest.raises(InputError, match="cannot be fetched"):
        file.path()
    assert len(site.requests) == 3
    assert left_over(home) == []


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


def test_an_error_page_is_refused_by_its_type_and_by_its_content(site: Site, home: Path) -> None:
    page = b"<!DOCTYPE html>\n<html><body>Sign in</body></html>"
    file = site.remote("a.jsonl", page, sha256=None)
    with pytest.raises(InputError, match=r"refused and removed.*web page \(HTML\)"):
        file.path()
    site.content_type = "text/html; charset=utf-8"
    with pytest.raises(InputError, match=r"sends a web page \(HTML\), not the file; nothing was kept"):
        file.path()
    assert left_over(home) == []


def test_a_truncated_archive_is_refused_where_no_checksum_is_published(site: Site, home: Path) -> None:
    archive = gzip.compress(CONTENT * 3)
    with pytest.raises(InputError, match="no whole gzip archive"):
        site.remote("a.jsonl.gz", archive[:-20], sha256=None).path()
    assert left_over(home) == []
    assert site.remote("b.jsonl.gz", archive, sha256=None).path().exists()


@pytest.mark.parametrize(("status", "message"), [(404, "404 Not Found"), (403, "403 Forbidden"), (503, "503")])
def test_a_refusal_of_the_server_is_told(site: Site, home: Path, status: int, message: str) -> None:
    file = site.remote("a.bin", CONTENT)
    site.status = status
    with pytest.raises(InputError, match=message):
        file.path()
    assert left_over(home) == []
    assert len(site.requests) == (3 if status == 503 else 1), "only a server's own fault is worth another try"


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


def test_two_readers_share_one_download(site: Site, home: Path) -> None:
    file = site.remote("a.bin", CONTENT * 20)
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(file.path().read_bytes())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert found == [CONTENT * 20] * 4
    assert len(site.requests) == 1
