"""Rows of a spreadsheet (XLSX), of its first visible sheet; numbers as plain digits, days as YYYY-MM-DD."""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from imports.table import MOST_COLUMNS, Row, is_blank, zip_is_honest
from imports.unreadable import UnreadableFile

MOST_BYTES = 1 << 30  # unpacked; a million rows of 20 columns take about 700 MB of XML
MOST_RATIO = 100  # unpacked to packed; sheets of text reach 10 to 30
MOST_ENTRIES = 1_000  # files in the archive
BLANKS_BEFORE_END = 1_000
"""Blank rows after which a sheet is over: formatting alone may go on for a million rows."""

_BROKEN = (
    zipfile.BadZipFile,
    InvalidFileException,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
)


class ANumber(str):
    """The digits of a cell that a spreadsheet holds as a number: it keeps 15 of them."""

    __slots__ = ()


@contextmanager
def spreadsheet_rows(path: Path) -> Iterator[Iterator[Row]]:
    """The rows of a sheet, the header among them; formulas as their text.

    Raises:
        UnreadableFile: no spreadsheet, or a bomb.
    """
    zip_is_honest(path, MOST_BYTES, MOST_RATIO, MOST_ENTRIES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions that nobody asked for
        try:
            book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
        except _BROKEN:
            raise UnreadableFile("XLSX_RUSAK") from None
        try:
            yield _rows(book)
        finally:
            book.close()


def _rows(book: Any) -> Iterator[Row]:
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not sheets:
        raise UnreadableFile("BERKAS_KOSONG")
    blanks, number = 0, 0
    try:
        for number, values in enumerate(sheets[0].iter_rows(values_only=True, max_col=MOST_COLUMNS + 1), 1):
            cells = [_text(value) for value in values]
            blanks = blanks + 1 if is_blank(cells) else 0
            if blanks > BLANKS_BEFORE_END:
                return
            if not blanks:
                yield number, cells
    except _BROKEN:
        raise UnreadableFile("XLSX_RUSAK", row=number + 1) from None


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "ya" if value else "tidak"
        case int():
            return ANumber(value)
        case float():
            return ANumber(f"{value:.0f}" if value.is_integer() else f"{value:.15g}")
        case dt.datetime() | dt.date():
            return value.isoformat()[:10]
        case _:
            return str(value)
