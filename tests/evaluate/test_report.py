"""The report: every number written, nothing that reaches for the network, and a page that draws in a browser."""

import csv
import json
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.evaluate.test_significance import evaluation
from xqg_pyserini.errors import InputError, MissingExtraError, OutputExistsError, UnknownNameError
from xqg_pyserini.evaluate import (
    Bootstrap,
    EvaluationOptions,
    QueryEdits,
    Reference,
    Report,
    build_report,
    pair_typo_runs,
    write_report,
)
from xqg_pyserini.evaluate.report.tables import BETTER, tables
from xqg_pyserini.evaluate.report.text import escape_latex, latex, markdown, plain
from xqg_pyserini.evaluate.report.write import REPORT_FILES, scores_json

QUICK = Bootstrap(resamples=100)
HOSTILE = "</script><b>x</b> & 100% \\ | _ naïve 東京"
LANGUAGES = ("ar",) * 20 + ("te",) * 20


def make_report(by: str | None = "language", **more: object) -> Report:
    rng = np.random.default_rng(0)
    base = rng.random(40) / 2
    scores = evaluation(False, LANGUAGES, base=base, better=base + 0.3, **{HOSTILE: rng.random(40)})
    edits = [{query_id: QueryEdits("delete", 0.1) for query_id in scores.query_ids}]
    typos = {
        (run, "m"): pair_typo_runs(
            scores, evaluation(False, LANGUAGES, typo=scores.of(run, "m") * factor), run, "m", edits=edits
        )
        for run, factor in (("base", 0.5), ("better", 0.9))
    }
    return build_report(
        scores,
        EvaluationOptions(by=by, bootstrap=QUICK),  # type: ignore[arg-type]
        typos=typos,
        references=[Reference("Published", "Table 1", {"recall@100": {"all": 0.1}, "m": {"ar": 0.4321}})],
        texts=dict.fromkeys(scores.query_ids, HOSTILE),
    )


@pytest.fixture(scope="module")
def report() -> Report:
    return make_report()


@pytest.fixture(scope="module")
def directory(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("out") / "report"
    write_report(report, path)
    return path


def test_all_files_are_there(directory: Path) -> None:
    assert {entry.name for entry in directory.iterdir()} == REPORT_FILES


def test_json_holds_every_number(directory: Path, report: Report) -> None:
    found = json.loads((directory / "scores.json").read_text(encoding="utf-8"))
    assert found["means"]["base"]["m"] == report.evaluation.mean("base", "m")
    assert found["per_query"]["better"]["m"] == report.evaluation.of("better", "m").tolist()
    assert {(row["group"], row["run"]) for row in found["comparisons"]} == {
        (group, run) for group in ("all", "ar", "te") for run in ("better", HOSTILE)
    }
    assert found["robustness"][0]["drop"].keys() == {"estimate", "low", "high"}
    assert {row["per_severity"] for row in found["resource_gaps"]} == {False, True}
    assert found["settings"]["test"] == "fisher, two-sided"
    assert found["references"][0]["source"] == "Table 1"


def test_json_has_null_for_what_does_not_count() -> None:
    report = build_report(evaluation(r=np.array([1.0, np.nan])), EvaluationOptions(bootstrap=QUICK))
    found = json.loads(scores_json(report), parse_constant=pytest.fail)
    assert found["per_query"]["r"]["m"] == [1.0, None]


def test_csv_files_can_be_read_back(directory: Path, report: Report) -> None:
    with (directory / "scores.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 3 * 3
    better = next(row for row in rows if (row["group"], row["run"]) == ("te", "better"))
    assert float(better["difference"]) == pytest.approx(0.3)
    assert better["wins"] == "20"
    with (directory / "per_query.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert len(lines) == 3 * 40
    assert float(lines[0]["m"]) == pytest.approx(report.evaluation.of("base", "m")[0])


def test_tables_mark_the_best_the_significant_and_the_published(report: Report) -> None:
    first = tables(report)[0]
    assert first.columns == ("run", "all", "ar", "te")
    base, better, _, published = first.rows
    assert [cell.mark for cell in better.cells] == [BETTER] * 3
    assert all(cell.best for cell in better.cells)
    assert not any(cell.mark or cell.best for cell in base.cells)
    assert published.reference
    assert [cell.text for cell in published.cells] == ["–", "43.21", "–"]
    assert "Published [Table 1]" in published.label


def test_markdown_and_latex(report: Report) -> None:
    table = tables(report)[0]
    score = f"{100 * report.evaluation.mean('better', 'm'):.2f}"
    assert f"**{score}**{BETTER}" in markdown(table)
    assert rf"\textbf{{{score}}}$^{{\dagger}}$" in latex(table)
    assert r"\toprule" in latex(table)
    assert r"\textit{Published [Table 1]}" in latex(table)
    assert escape_latex("a_b & 5% \\") == r"a\_b \& 5\% \textbackslash{}"
    for line in markdown(table).splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == len(table.columns) + 1


def test_plain_columns_line_up_with_wide_letters(report: Report) -> None:
    text = plain(tables(report)[0])
    assert f"*{100 * report.evaluation.mean('better', 'm'):.2f}{BETTER}" in text
    assert "Published [Table 1] (published)" in text


def test_long_details_stay_out_of_the_terminal(report: Report) -> None:
    brief, full = tables(report, brief=True), tables(report)
    assert len(brief) < len(full)
    assert {row.cells[1].text for table in brief if table.title.startswith("Cost of typos") for row in table.rows} == {
        "all"
    }


def test_page_is_self_contained_and_escapes_texts(directory: Path) -> None:
    page = (directory / "report.html").read_text(encoding="utf-8")
    outside = re.sub(r"<script>.*?</script>", "", page, flags=re.S)
    assert not re.search(r"<(?:script|img|iframe)[^>]+src=|<link|url\(|@import|https?://", outside)
    assert "</script><b>x" not in page
    assert "&lt;/script&gt;&lt;b&gt;x&lt;/b&gt;" in outside


def test_page_draws_in_a_browser_without_network(directory: Path, tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here")
    shot = tmp_path / "page.png"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"]
    offline = ["--proxy-server=127.0.0.1:9", "--virtual-time-budget=6000", f"--user-data-dir={tmp_path}"]
    page = (directory / "report.html").as_uri()
    draw = [chromium, *options, *offline, "--window-size=1200,3600", f"--screenshot={shot}", page]
    subprocess.run(draw, check=True, capture_output=True, timeout=120)
    dump = subprocess.run(
        [chromium, *options, *offline, "--dump-dom", page], check=True, capture_output=True, timeout=120, text=True
    ).stdout
    plots = dump.count('class="plotly-graph-div')
    assert plots == 5
    assert dump.count("bar") > 0
    assert dump.count('<svg class="main-svg"') >= plots
    pixels = np.asarray(_image(shot))
    blue = (abs(pixels[..., :3].astype(int) - [0x00, 0x72, 0xB2]).max(axis=2) < 8).sum()
    assert blue > 5_000, "the bars of the first run are not on the page"


def _image(path: Path):  # type: ignore[no-untyped-def]
    image = pytest.importorskip("PIL.Image", reason="Pillow reads the screenshot")
    return image.open(path).convert("RGB")


def test_an_existing_report_is_replaced_only_on_request_and_foreign_files_never(
    directory: Path, report: Report
) -> None:
    with pytest.raises(OutputExistsError, match="--overwrite"):
        write_report(report, directory)
    write_report(report, directory, overwrite=True)
    (directory / "thesis.txt").write_text("x", encoding="utf-8")
    with pytest.raises(OutputExistsError, match=r"holds files of other kinds \(thesis.txt\)"):
        write_report(report, directory, overwrite=True)
    (directory / "thesis.txt").unlink()


def test_without_plotly_the_error_names_the_extra(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    with pytest.raises(MissingExtraError, match=r"report.html needs plotly: pip install 'xqg-pyserini\[reports\]'"):
        write_report(report, tmp_path / "report")
    assert not any(tmp_path.iterdir())


def test_one_run_needs_no_baseline() -> None:
    alone = build_report(evaluation(r=np.array([1.0, 0.0, 0.5])), EvaluationOptions(bootstrap=QUICK))
    assert (alone.baseline, alone.comparisons, alone.groups) == (None, (), ("all",))
    assert not any(cell.best for row in tables(alone)[0].rows for cell in row.cells)
    assert math.isclose(alone.score("all", "r", "m").score.estimate, 0.5)


def test_tiers() -> None:
    found = make_report("tier")
    assert found.groups == ("all", "high", "low")
    assert {row.group for row in found.tiers} == {"high", "low"}


def test_without_a_counted_query_of_low_resource_languages_there_is_no_gap() -> None:
    scores = np.where(np.array(LANGUAGES) == "te", np.nan, 0.5)
    clean = evaluation(False, LANGUAGES, base=scores, run=scores)
    typos = {(run, "m"): pair_typo_runs(clean, clean.only(run), run, "m") for run in clean.runs}
    assert build_report(clean, EvaluationOptions(bootstrap=QUICK), typos=typos).gaps == {}


def test_a_mean_over_languages_is_named_where_it_is_tested() -> None:
    scores = evaluation(True, LANGUAGES, base=np.arange(40) / 40, run=np.arange(40) / 50)
    found = build_report(scores, EvaluationOptions(bootstrap=QUICK, test="student", margin=0.01))
    assert found.settings["mean over languages"] == "m: scores, tests and intervals"
    first, *_, cost = tables(found)
    assert "m: mean over languages, which weigh equally in the difference tested, too." in first.caption
    assert "for a mean over languages the languages are strata" in cost.caption


def test_refusals() -> None:
    scores = evaluation(r=np.zeros(3))
    with pytest.raises(UnknownNameError, match="unknown run 'x'; known: r"):
        build_report(scores, EvaluationOptions(baseline="x"))
    with pytest.raises(InputError, match="scores by language need the language of every query"):
        build_report(scores, EvaluationOptions(by="language"))
    with pytest.raises(UnknownNameError, match="unknown language 'xx'"):
        build_report(evaluation(False, ("xx",) * 3, r=np.zeros(3)), EvaluationOptions(by="tier"))
