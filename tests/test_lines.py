"""Lines of plain and compressed files: what is read, and what is refused with file and line."""

import gzip
import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from xqg_pyserini.errors import InputError
from xqg_pyserini.lines import format_suffix, read_jsonl, read_lines


def two_frames(data: bytes) -> bytes:
    return zstandard.compress(data[: len(data) // 3]) + zstandard.compress(data[len(data) // 3 :])


PACKERS = {"": bytes, ".gz": gzip.compress, ".zst": two_frames}


def test_lines_lose_their_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("\ufeffeins\r\nzwei\n".encode())
    assert list(read_lines(tmp_path / "a")) == [(1, "eins"), (2, "zwei")]


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="missing: no such file"):
        list(read_lines(tmp_path / "missing"))
    with pytest.raises(InputError, match="is a directory, a file is needed"):
        list(read_lines(tmp_path))
    (tmp_path / "latin1").write_bytes(b"good\nb\xe4d\n")
    with pytest.raises(InputError, match=r"latin1:2: not UTF-8: .* at byte 1 of the line"):
        list(read_lines(tmp_path / "latin1"))


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("end", ["\n", ""])
def test_lines_are_the_same_in_every_packing(tmp_path: Path, suffix: str, end: str) -> None:
    lines = [f"line {number}\rఒరెగాన్ {'x' * (number % 70)}" for number in range(20_000)] + ["", "last"]
    path = tmp_path / f"a.txt{suffix}"
    path.write_bytes(PACKERS[suffix](("\n".join(lines) + end).encode()))
    assert [line for _, line in read_lines(path)] == lines
    assert [number for number, _ in read_lines(path)] == list(range(1, len(lines) + 1))
    path.write_bytes(PACKERS[suffix](b""))
    assert list(read_lines(path)) == []


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("left", [0.5, 0.999])
def test_an_archive_that_is_cut_off_or_damaged(tmp_path: Path, suffix: str, left: float) -> None:
    whole = PACKERS[suffix](b"".join(b'{"number": %d}\n' % number for number in range(20_000)))
    path = tmp_path / f"cut.jsonl{suffix}"
    path.write_bytes(whole[: int(len(whole) * left)])
    for read in (read_lines, read_jsonl):
        with pytest.raises(InputError, match=rf"cut\.jsonl\{suffix}: the archive ends too early"):
            list(read(path))
    path.write_bytes(b"no archive at all" * 9)
    with pytest.raises(InputError, match=r"is no sound \w+ archive"):
        list(read_jsonl(path))


def test_a_frame_that_is_missing_whole_cannot_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(two_frames(b'{"a": 1}\n{"a": 2}\n{"a": 3}\n')[: len(zstandard.compress(b'{"a": 1}\n'))])
    assert [row for _, row in read_jsonl(path)] == [{"a": 1}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"id": 1}\n\n{"id": \n', r"a\.jsonl:3: not JSON: .* at column"),
        (b"[1]\n", r"a\.jsonl:1: a JSON object is needed, got list"),
        (b"NaN\n", r"a\.jsonl:1: a JSON object is needed, got float"),
        (b"{}\n <!DOCTYPE html><html>\n", r"a\.jsonl:2: a web page \(HTML\), not JSON lines"),
        (b'{"id": "\xff"}', r"a\.jsonl:1: not JSON: .*utf-8"),
        (b'{"id": "\\ud800"}', r"a\.jsonl:1: not JSON: .*surrogates"),
        (b'{"id": 1}\n\xef\xbb\xbf\xef\xbb\xbf{"id": 1}\n', r"a\.jsonl:2: not JSON"),
    ],
)
def test_bad_json_is_named_by_line(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(InputError, match=message):
        list(read_jsonl(tmp_path / "a.jsonl"))


def test_what_orjson_refuses_and_python_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"id": 1}).encode() + b'\n \n{"loss": NaN, "top": Infinity}\n')
    (one, first), (three, last) = read_jsonl(path)
    assert (one, first, three) == (1, {"id": 1}, 3)
    assert math.isnan(last["loss"])
    assert last["top"] == math.inf


def test_the_suffix_that_says_the_format() -> None:
    suffixes: Callable[[str], str] = lambda name: format_suffix(Path(name))  # noqa: E731
    assert [suffixes(name) for name in ("a.TSV.gz", "b.jsonl.zst", "c.tsv", "d")] == [".tsv", ".jsonl", ".tsv", ""]
