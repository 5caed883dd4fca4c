"""A dataset as a spreadsheet (XLSX): the data on the first sheet, what the columns mean on the second."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from traceback import clear_frames
from typing import TYPE_CHECKING, Any

from publishing.formats.cells import Described, Value, columns, values

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_MOST_ROWS = 1_048_575  # of a sheet, below the header
_LONGEST_TEXT = 32_767
_MOST_DIGITS = 999_999_999_999_999
"""The largest whole number that a spreadsheet keeps exactly; beyond it, the digits are text."""
_FIRST_DAY = dt.date(1900, 3, 1)
"""Before it spreadsheets disagree on days; earlier ones are text."""
_CREATED = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
"""The time in every file: none. The same data are the same bytes."""
_MEANING = ("title", "title_en", "description", "description_en", "type", "satuan")
_MEANING_TITLES = (
    "kolom / column",
    "judul",
    "title",
    "penjelasan",
    "description",
    "tipe / type",
    "satuan / unit",
    "wajib / required",
    "kode / codes",
)


class DoesNotFit(Exception):
    """A spreadsheet cannot hold this dataset whole; `why` in both languages."""

    def __init__(self, id_: str, en: str) -> None:
        super().__init__(en)
        self.why = {"why": id_, "why_en": en}


def write_xlsx(source: Path, resource: Mapping[str, Any], target: Path) -> None:
    """Write the rows of a data file, in their order, in the memory of one row. Text stays text, also `=1+1`.

    Raises:
        DoesNotFit: more rows than a sheet has, or a text longer than a cell holds.
        OSError: the file cannot be written.
    """
    from xlsxwriter.exceptions import FileCreateError  # only a publisher should pay for it

    try:
        _write_book(source, resource, target)
    except FileCreateError as failure:
        told = failure.__context__ or failure  # the library hides what the system said
        clear_frames(told.__traceback__)  # and leaves what it was writing open: it is closed with its frames
        raise told from None


def _write_book(source: Path, resource: Mapping[str, Any], target: Path) -> None:
    described = columns(resource)
    with _new_book(target) as book:
        book.set_properties({"title": resource["title"], "created": _CREATED})
        head, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        data, meaning = book.add_worksheet("data"), book.add_worksheet("kamus - dictionary")
        _head(data, [column["name"] for column in described], head)
        _fill(data, values(source, described), day)
        _head(meaning, _MEANING_TITLES, head)
        _fill(meaning, map(_meaning, described), day)


@contextmanager
def _new_book(target: Path) -> Iterator[Workbook]:
    """A workbook, written when it is left; the drafts of its sheets are closed too if that fails."""
    from xlsxwriter import Workbook

    book = Workbook(str(target), {"constant_memory": True, "tmpdir": str(target.parent)})
    try:
        with book:
            yield book
    finally:
        sheets = book.worksheets()
        for draft in (book.fh, *(sheet.fh for sheet in sheets), *(sheet.row_data_fh for sheet in sheets)):
            if draft is not None:
                with suppress(OSError):  # what was not written was told by then
                    draft.close()


def _head(sheet: Worksheet, names: Sequence[str], bold: Format) -> None:
    sheet.freeze_panes(1, 0)
    for at, name in enumerate(names):
        sheet.write_string(0, at, name, bold)


def _fill(sheet: Worksheet, rows: Iterable[Sequence[Value]], day: Format) -> None:
    for number, row in enumerate(rows, start=1):
        if number > _MOST_ROWS:
            raise DoesNotFit(f"Lembar kerja hanya memuat {_MOST_ROWS} baris.", f"A sheet holds only {_MOST_ROWS} rows.")
        for at, value in enumerate(row):
            if value is not None:
                _write(sheet, number, at, value, day)


def _write(sheet: Worksheet, row: int, at: int, value: Value, day: Format) -> None:
    match value:
        case bool():
            sheet.write_boolean(row, at, value)
        case int() | float() if abs(value) <= _MOST_DIGITS:
            sheet.write_number(row, at, value)
        case dt.date() if value >= _FIRST_DAY:
            sheet.write_datetime(row, at, value, day)
        case _:
            if sheet.write_string(row, at, str(value)) != 0:
                raise DoesNotFit(
                    f"Sel hanya memuat {_LONGEST_TEXT} huruf.", f"A cell holds only {_LONGEST_TEXT} characters."
                )


def _meaning(column: Described) -> list[Value]:
    constraints = column.get("constraints", {})
    codes = ", ".join(constraints.get("enum", ()))
    required = "ya / yes" if constraints.get("required") else "tidak / no"
    return [column["name"], *(column.get(name) for name in _MEANING), required, codes]
