"""Files for spreadsheets: nothing in them runs, and nothing is lost."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.csv_file import BEGINS_A_FORMULA, csv_file, inert

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from("=+-@\t\r\n,\";'"), max_size=12)


def cells_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@pytest.mark.parametrize("start", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1"], ids=ascii)
def test_R70_a_cell_that_a_spreadsheet_would_run_is_made_inert(start: str) -> None:
    assert cells_of(csv_file(["name"], [[start]])) == [["name"], [f"'{start}"]]


@pytest.mark.parametrize("plain", ["Ash Example", "O'Neill", "Müller; Eva", '"quoted"', "a=b", "", "2027-10-31"])
def test_R70_other_cells_stay_as_they_are(plain: str) -> None:
    assert cells_of(csv_file(["name"], [[plain]])) == [["name"], [plain]]


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=4))
def test_R70_what_is_read_back_is_what_was_written_and_no_cell_begins_a_formula(rows: list[list[str]]) -> None:
    read = cells_of(csv_file(["a", "b"], rows))[1:]
    assert read == [[inert(cell) for cell in row] for row in rows]
    assert not any(cell.lstrip().startswith(BEGINS_A_FORMULA) for row in read for cell in row)
