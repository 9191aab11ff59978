"""Numbers as people write them and as they are printed."""

import pytest

from xqg_pyserini.errors import XqgError
from xqg_pyserini.estimate.amounts import bytes_text, count_text, duration_text, parse_count


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("20000", 20_000),
        ("20,000", 20_000),
        ("20_000", 20_000),
        (" 18M ", 18_000_000),
        ("18m", 18_000_000),
        ("1.5B", 1_500_000_000),
        ("2.5 K", 2_500),
        # in floating point this is not whole
        ("1.001K", 1001),
        ("0.3K", 300),
    ],
)
def test_numbers(text: str, number: int) -> None:
    assert parse_count(text) == number


@pytest.mark.parametrize("text", ["", "M", "18X", "18 million", "-3", "1e6", "1,00", "1.5.0M", "٣"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(XqgError, match=r"a number is needed, such as 20000, 18M or 1\.5B"):
        parse_count(text)


@pytest.mark.parametrize("text", ["0", "1.5", "0.0001K", "1.00001K"])
def test_numbers_that_are_not_whole(text: str) -> None:
    with pytest.raises(XqgError, match="a whole number of 1 or more is needed"):
        parse_count(text)


def test_counts_are_short() -> None:
    shown = {
        7: "7",
        31.84: "31.84",
        999: "999",
        1234: "1,234",
        20_000: "20K",
        648_000_000: "648M",
        4_294_967_296: "4.295B",
    }
    assert {number: count_text(number) for number in shown} == shown


def test_bytes_and_durations() -> None:
    sizes = {0: "0 bytes", 999: "999 bytes", 27_648_000_045: "27.6 GB", 999_999: "1.0 MB", 123_456: "123 KB"}
    assert {size: bytes_text(size) for size in sizes} == sizes
    times = {0.034: "0.034 s", 8: "8.0 s", 89: "89.0 s", 90: "1.5 minutes", 5400: "1.5 hours", 10**7: "116 days"}
    assert {seconds: duration_text(seconds) for seconds in times} == times
