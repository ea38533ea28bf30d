"""Tables as files for spreadsheets, with nothing in them that a spreadsheet would run. Pure.

RFC 4180, UTF-8. Cells that begin with ``= + - @``, a tab or a line break are formulas to a spreadsheet (OWASP, CSV injection): they get an apostrophe
in front, and every cell is quoted, so that no separator inside one begins another.
"""

import csv
import io
from collections.abc import Iterable, Sequence

# Also as a spreadsheet reads them in full width, and behind blanks.
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def inert(cell: str) -> str:
    """The text as it is, or with an apostrophe in front when a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(BEGINS_A_FORMULA) or cell.lstrip().startswith(BEGINS_A_FORMULA) else cell


def csv_file(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The file with its first line of names."""
    written = io.StringIO(newline="")
    table = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in (columns, *rows):
        table.writerow([inert(cell) for cell in row])
    return written.getvalue().encode()
