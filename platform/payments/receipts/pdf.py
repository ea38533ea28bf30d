"""A paper as PDF: the one file that imports fpdf2. The letters are embedded, so that it reads alike everywhere; nothing in it is fetched or runs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import font_source_sans_pro
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from payments.receipts.paper import Paper

FONTS = Path(font_source_sans_pro.__file__).parent / "files"
TEXT = "Text"
# Latin, Greek and Cyrillic are in the font. A line with other letters is not printed in pieces: the page of the same paper shows it whole.
NOT_PRINTED = "(in letters that this file cannot print; the page of this paper shows them)"
WIDTHS = {3: (20, 100, 40), 6: (20, 58, 32, 24, 24, 24)}
# A file's own time would make two of the same receipt differ.
WRITTEN_AT = datetime(2000, 1, 1, tzinfo=UTC)


def as_pdf(paper: Paper) -> bytes:
    """The same paper gives the same bytes."""
    pdf = _page(paper.title)
    pdf.set_font(TEXT, "B", 18)
    _line(pdf, paper.title, 10)
    pdf.ln(3)
    for label, value in paper.facts:
        pdf.set_font(TEXT, "B", 10)
        _line(pdf, label, 5)
        pdf.set_font(TEXT, "", 10)
        pdf.multi_cell(0, 5, _shown(value), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.ln(1.5)
    pdf.ln(2)
    _table(pdf, paper)
    pdf.ln(4)
    pdf.set_font(TEXT, "", 9)
    for note in paper.notes:
        pdf.multi_cell(0, 4.5, _shown(note), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.ln(1)
    written = bytes(pdf.output())
    _close(pdf)
    return written


def _page(title: str) -> FPDF:
    pdf = FPDF(format="A4")
    pdf.set_creation_date(WRITTEN_AT)
    pdf.set_title(_shown(title))
    pdf.set_lang("en")
    pdf.add_font(TEXT, "", FONTS / "SourceSansPro-Regular.ttf")
    pdf.add_font(TEXT, "B", FONTS / "SourceSansPro-Semibold.ttf")
    pdf.set_margin(18)
    pdf.set_auto_page_break(True, margin=18)
    pdf.add_page()
    return pdf


def _table(pdf: FPDF, paper: Paper) -> None:
    table, wide = paper.table, len(paper.table.head)
    aligned = ("LEFT",) * table.numbers_from + ("RIGHT",) * (wide - table.numbers_from)
    pdf.set_font(TEXT, "", 9 if wide > 3 else 10)
    heading = FontFace(emphasis="BOLD")
    layout = TableBordersLayout.HORIZONTAL_LINES
    with pdf.table(col_widths=WIDTHS[wide], text_align=aligned, headings_style=heading, borders_layout=layout, line_height=5.5, padding=0.8) as drawn:
        for cells in (table.head, *table.rows):
            _row(drawn.row(), cells)
        for cells in table.totals:
            _row(drawn.row(style=heading), cells)


def _row(row: object, cells: Sequence[str]) -> None:
    for cell in cells:
        row.cell(_shown(cell))  # type: ignore[attr-defined]


def _line(pdf: FPDF, text: str, height: float) -> None:
    pdf.cell(0, height, _shown(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _shown(text: str) -> str:
    """Line by line. What the font has no letter for is never handed to it: it would be told to the log."""
    return "\n".join(line if not line or _letters().issuperset(map(ord, line)) else NOT_PRINTED for line in text.split("\n"))


@cache
def _letters() -> frozenset[int]:
    pdf = _page("")
    found = frozenset(pdf.fonts[TEXT.lower()].cmap)  # type: ignore[union-attr]
    _close(pdf)
    return found


def _close(pdf: FPDF) -> None:
    """The files of its fonts."""
    for font in pdf.fonts.values():
        font.ttfont.close()  # type: ignore[union-attr]
