"""Downloads: real requests to a server on this machine."""

import fcntl
import hashlib
import threading
from pathlib import Path
from typing import IO

import pytest

from tests.data.conftest import Site
from xqg_pyserini.errors import InputError

CONTENT = bytes(range(256)) * 800


def left_over(home: Path) -> list[str]:
    return sorted(p.name for p in (home / "test").glob("*")) if (home / "test").exists() else []


@pytest.mark.parametrize("validator", ["ETag", "Last-Modified"])
def test_an_interrupted_download_resumes_where_it_stopped(site: Site, home: Path, validator: str) -> None:
    file = site.remote("a.bin", CONTENT)
    site.cut, site.validator = [70_000, 60_000], validator
    assert file.path().read_bytes() == CONTENT
    ranges = [wanted for _, wanted in site.requests]
    assert ranges[0] is None
    starts = [int(wanted.removeprefix("bytes=").rstrip("-")) for wanted in ranges[1:] if wanted]
    assert len(starts) == 2
    assert 0 < starts[0] <= 70_000 < starts[1] <= 130_000


def test_a_later_process_resumes_what_an_earlier_one_got(
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
def test_a_reader_that_waited_resumes_from_what_is_there_now(
    site: Site, home: Path, removed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = site.remote("a.bin", CONTENT)
    part = home / "test" / "a.bin.part"
    part.parent.mkdir(parents=True)
    found: list[bytes] = []
    with part.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        asked, lock = threading.Event(), fcntl.flock

        def announced(stream: IO[bytes], operation: int) -> None:
            asked.set()
            lock(stream, operation)

        monkeypatch.setattr(fcntl, "flock", announced)
        waiting = threading.Thread(target=lambda: found.append(file.path().read_bytes()))
        waiting.start()
        assert asked.wait(timeout=20)
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


def test_an_error_page_is_refused_by_its_type_and_by_its_content(site: Site, home: Path) -> None:
    page = b"<!DOCTYPE html>\n<html><body>Sign in</body></html>"
    file = site.remote("a.jsonl", page, sha256=None)
    with pytest.raises(InputError, match=r"refused and removed.*web page \(HTML\)"):
        file.path()
    site.content_type = "text/html; charset=utf-8"
    with pytest.raises(InputError, match=r"sends a web page \(HTML\), not the file; nothing was kept"):
        file.path()
    assert left_over(home) == []


@pytest.mark.parametrize(("status", "message"), [(404, "404 Not Found"), (403, "403 Forbidden"), (503, "503")])
def test_a_refusal_of_the_server_is_told(site: Site, home: Path, status: int, message: str) -> None:
    file = site.remote("a.bin", CONTENT)
    site.status = status
    with pytest.raises(InputError, match=message):
        file.path()
    assert left_over(home) == []
    assert len(site.requests) == (3 if status == 503 else 1), "only a server's own fault is worth another try"


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
