"""docs/scale.md shows what the code computes."""

import re

from tests.estimate.scale_page import EXAMPLE, PAGE, rebuilt, share_of_peak
from xqg_pyserini.estimate import machine_names, read_machine


def test_tables_and_outputs_are_those_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert len(EXAMPLE.findall(page)) == 5
    assert rebuilt(page) == page, "run: python -m tests.estimate.scale_page"
    assert set(re.findall(r"^\| `([^`]*)` \|", page, re.MULTILINE)) == set(machine_names())


def test_another_number_on_the_page_is_found() -> None:
    page = PAGE.read_text(encoding="utf-8")
    changed = page.replace("27.6 GB", "27.7 GB")
    assert changed != page
    assert rebuilt(changed) == page


def test_the_share_of_the_peak_that_the_page_names() -> None:
    page = PAGE.read_text(encoding="utf-8")
    h100 = read_machine("h100")
    share = f"{h100.passages_per_second:,.0f} passages a second take {100 * share_of_peak(h100):.0f} %"
    assert share in " ".join(page.split())
    # 25 steps of 25 ms for 32 prompts of five samples
    assert round(160 / (25 * 0.025)) == 256
    assert h100.generated_per_second <= 256
