"""Lists as spreadsheets (XLSX). Every text is written as text.

A cell that begins with = is no formula and no link. Amounts are yuan.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO

import xlsxwriter
from flask import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = set("=+-@＝＋－＠\t\r\n")
"""What a cell of CSV begins with that may be run as a formula.

By a spreadsheet program, in half and full width.
"""
Cell = str | int | Decimal | dt.date | None


def spreadsheet(title: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """One sheet with a frozen, filterable head, row by row in bounded memory."""
    out = BytesIO()
    options = {
        "constant_memory": True,
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet("".join(c for c in title if c not in "[]:*?/\\'")[:31])
    bold, day, money = (
        book.add_format(style)
        for style in (
            {"bold": True, "bg_color": "#f3ece4"},
            {"num_format": "yyyy-mm-dd"},
            {"num_format": "#,##0.00"},
        )
    )
    sheet.freeze_panes(1, 0)
    for column, head in enumerate(heads):
        sheet.set_column(column, column, max(12, len(head) * 2 + 2))
        sheet.write_string(0, column, head, bold)
    last = 0
    for last, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, dt.date):
                midnight = dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001
                sheet.write_datetime(last, column, midnight, day)
            elif isinstance(cell, Decimal):
                sheet.write_number(last, column, cell, money)
            elif isinstance(cell, int):
                sheet.write_number(last, column, cell)
            elif cell:
                sheet.write_string(last, column, cell)
    sheet.autofilter(0, 0, last, len(heads) - 1)
    book.close()
    return out.getvalue()


def neutral(cell: Cell) -> Cell:
    """A cell for CSV.

    A text that a spreadsheet program would run as a formula gets an apostrophe before it.
    """
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in FORMULA else cell


def download(name: str, body: bytes) -> Response:
    """A spreadsheet to keep, under its name."""
    response = Response(body, mimetype=XLSX)
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.xlsx")
    return response
