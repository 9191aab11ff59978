"""Passages that a page could show wrongly."""

from pathlib import Path

from tests.search.test_command import run

#: Markup, a right-to-left text, and one word that is wider than a phone below an empty title.
ODD_PASSAGES = (
    "odd-1\t<img src=x onerror=\"document.title='broken'\"> & <b>bold</b>\t<i>Markup</i>\n"
    f"odd-2\tيقع جبل فيزوف في جنوب إيطاليا. {'وهو بركان نشط. ' * 30}\tجبل فيزوف\n"
    f"odd-3\t{'unbroken' * 60}\t\n"
)


def make_odd_indexes(folder: Path, encoder: Path) -> dict[str, Path]:
    """``odd``, and ``bare``, which has the same vectors and no texts."""
    (folder / "odd.tsv").write_text(ODD_PASSAGES, encoding="utf-8")
    words = ("encode", "--encoder", encoder, "--corpus", folder / "odd.tsv", "--output")
    for more in ((folder / "odd",), (folder / "bare", "--no-texts")):
        result = run(*words, *more)
        assert result.exit_code == 0, result.output
    return {"odd": folder / "odd", "bare": folder / "bare"}
