"""The table of cells: what is read, what is refused and where."""

import csv
import gzip
import math
from pathlib import Path

import pytest

from tests.evaluate.analysis.tables import table
from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.evaluate import Cell, read_cells, select_cells

HEADER = "system,arm,seed,collection,language,tier,condition,preset,typos,severity,metric,value,queries"
ROW = "dual,typo,11,ntrex,yo,low,natural-1,natural,1,0.03,mrr@10,0.5,200"


def write(folder: Path, *lines: str) -> Path:
    path = folder / "cells.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_one_row(tmp_path: Path) -> None:
    (found,) = read_cells(write(tmp_path, HEADER, "", ROW))
    assert read_cells(write(tmp_path, HEADER, ROW.replace("typo,11", ",")))[0][1:3] == ("", "")
    assert found[:-1] == (
        "dual", "typo", "11", "ntrex", "yo", "low", "natural-1", "natural", 1, 0.03, "mrr@10", 0.5, 200,
    )  # fmt: skip
    assert math.isnan(found.tokens)


def test_columns_in_any_order_with_others_beside_them(tmp_path: Path) -> None:
    names = [*reversed(HEADER.split(",")), "run_file", "tokens"]
    row = [*reversed(ROW.split(",")), '"a, b.trec"', "0.25"]
    (found,) = read_cells(write(tmp_path, ",".join(names), ",".join(row)))
    assert (found.value, found.tokens) == (0.5, 0.25)


def test_what_pandas_and_csv_write_is_read_back(tmp_path: Path) -> None:
    cells = [cell._replace(tokens=0.5) for cell in table(lambda _code, _typos, _arm: 0.5)]
    path = tmp_path / "cells.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([Cell._fields, *cells])
    assert read_cells(path) == cells


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("0.5,200", "0.5"), "12 values for 13 columns"),
        (("low", "poor"), "column 'tier' is low, mid or high, got 'poor'"),
        (("yo", "yyy"), "unknown language 'yyy'"),
        ((",1,0.03", ",one,0.03"), "column 'typos' is a whole number of 0 or more, got 'one'"),
        ((",1,0.03", ",1.5,0.03"), "column 'typos' is a whole number of 0 or more, got '1.5'"),
        (("0.5", "nan"), "column 'value' is a number, got 'nan'"),
        (("0.03", "-1"), "column 'severity' is a number of 0 or more, got '-1'"),
        (("200", "0"), "column 'queries' is a whole number of 1 or more, got '0'"),
        (("mrr@10", ""), "column 'metric' is empty"),
        (("mrr@10", '"mrr'), "not CSV"),
    ],
)
def test_a_bad_value_is_named_with_its_line(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    path = write(tmp_path, HEADER, ROW, ROW.replace("natural-1", "natural-3").replace(*change))
    with pytest.raises(InputError, match=rf"cells\.csv:3: {message}"):
        read_cells(path)


def test_the_table_as_a_whole(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cells\.csv:1: columns missing: arm, queries; got system, "):
        read_cells(write(tmp_path, HEADER.replace(",arm", "").replace(",queries", ""), ROW))
    with pytest.raises(InputError, match=r"cells\.csv: the table has no row below its header"):
        read_cells(write(tmp_path, HEADER))
    with pytest.raises(InputError, match=r"cells\.csv:3: the cell of line 2 is here again: dual, typo, 11, ntrex, yo"):
        read_cells(write(tmp_path, HEADER, ROW, ROW.replace("0.5", "0.6")))
    with pytest.raises(InputError, match=r"cells\.csv:3: language 'yor' is of the tier high here and low in line 2"):
        read_cells(write(tmp_path, HEADER, ROW, ROW.replace("yo,low", "yor,high")))


def test_selection() -> None:
    cells = table(lambda _code, _typos, _arm: 0.5)
    found = select_cells(cells, {"language": ["yo", "de"], "typos": [1]})
    assert {(cell.language, cell.typos) for cell in found} == {("yo", 1), ("de", 1)}
    with pytest.raises(UnknownNameError, match="unknown language 'xx'; known: am, ar"):
        select_cells(cells, {"language": ["xx"]})
    with pytest.raises(UnknownNameError, match=r"unknown column 'languages' \(did you mean 'language'"):
        select_cells(cells, {"languages": ["yo"]})
