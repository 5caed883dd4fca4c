"""Files that are damaged or mean harm are refused with a sentence, in bounded time and memory."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
import zipfile
from pathlib import Path

import asyncpg
import openpyxl
import pytest

from imports.report import harmless
from imports.table import rows_of, survey
from imports.unreadable import SITUATIONS, ColumnsMissing, UnreadableFile
from models.server import Server
from tests.imports.importing import GOOD, a_file, a_row, codes, import_rows, kbli_list

HEAD = ",".join(GOOD)
ROW = ",".join(GOOD.values())


async def _refusal(database: Server, file: Path) -> UnreadableFile:
    start = time.monotonic()
    with pytest.raises(UnreadableFile) as refused:
        await import_rows(database, "recipients", file)
    assert time.monotonic() - start < 30
    assert refused.value.code in SITUATIONS
    assert "3171011708809901" not in refused.value.message
    return refused.value


@pytest.mark.parametrize(
    ("content", "situation"),
    [
        (b"", "BERKAS_KOSONG"),
        (b"\n\n \n", "BERKAS_KOSONG"),
        (HEAD.encode() + b"\n", "BERKAS_TANPA_BARIS"),
        (HEAD.encode() + b"\n" + ROW.replace("Contoh", "Con\0toh").encode(), "BERKAS_NUL"),
        (HEAD.encode() + b"," + b"x" * 10_000_000 + b"\n" + ROW.encode(), "BARIS_TERLALU_PANJANG"),
        (("a," * 300).encode() + b"\n" + ROW.encode(), "JUDUL_TERLALU_LEBAR"),
        (HEAD.encode() + b'\n"' + ROW.encode() + b"\n" + b"1,2\n" * 40_000, "KUTIP_RUSAK"),
        (HEAD.encode() + b'\n"' + ROW.encode(), "KUTIP_RUSAK"),
        (HEAD.encode() + b"\n" + ROW.encode() + b"\n\x81\x8d,", "HURUF_TAK_TERBACA"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "BERKAS_XLS_LAMA"),
        (b"PK\x03\x04 no archive", "XLSX_RUSAK"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_with_its_situation(
    database: Server, tmp_path: Path, content: bytes, situation: str
) -> None:
    (tmp_path / "buruk.csv").write_bytes(content)
    assert (await _refusal(database, tmp_path / "buruk.csv")).code == situation


async def test_a_file_without_a_header_is_told_what_the_header_must_have(database: Server, tmp_path: Path) -> None:
    (tmp_path / "tanpa.csv").write_text(f"{ROW}\n{ROW}\n", encoding="utf-8")
    with pytest.raises(ColumnsMissing) as refused:
        await import_rows(database, "recipients", tmp_path / "tanpa.csv")
    assert "nik" in refused.value.message
    assert "Contoh" not in refused.value.message


async def test_rows_with_too_many_cells_and_control_characters_are_refused_alone(
    database: Server, tables: asyncpg.Connection, tmp_path: Path
) -> None:
    await kbli_list(tables)
    bad = ROW.replace("Warung", "War\x07ung")
    (tmp_path / "b.csv").write_text(f"{HEAD}\n{ROW},lebih\n{ROW},,,\n{bad}\n{ROW[:20]}\n", encoding="utf-8")
    _, findings = await import_rows(database, "recipients", tmp_path / "b.csv", dry_run=True)
    assert (2, "SEL_BERLEBIH") in [(row, rule.code) for row, _, rule, _ in findings]
    assert (4, "KARAKTER_KENDALI") in [(row, rule.code) for row, _, rule, _ in findings]
    assert not [rule.code for row, _, rule, _ in findings if row == 3]


async def test_a_long_cell_is_refused(database: Server, tmp_path: Path) -> None:
    file = a_file(tmp_path, [a_row(nama_usaha="x" * 501)])
    _, findings = await import_rows(database, "recipients", file, dry_run=True)
    assert codes(findings)[0] == "ISI_PANJANG"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters_are_found(tmp_path: Path, encoding: str, delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([["nik", "nama, lengkap", "kelurahan"], ["1", "Caf\u00e9 \u2019Contoh\u2019; satu", "Gambir"]])
    (tmp_path / "f.csv").write_bytes(out.getvalue().encode(encoding))
    with rows_of(tmp_path / "f.csv", survey(tmp_path / "f.csv")) as rows:
        assert [cells for _, cells in rows][1] == ["1", "Caf\u00e9 \u2019Contoh\u2019; satu", "Gambir"]


def _bomb(file: Path, entries: int, size: int) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(entries):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"0" * size)
    return file


@pytest.mark.parametrize(("entries", "size"), [(1, 200_000_000), (1_001, 10)])
async def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    database: Server, tmp_path: Path, entries: int, size: int
) -> None:
    assert (await _refusal(database, _bomb(tmp_path / "bom.xlsx", entries, size))).code == "XLSX_TERLALU_BESAR"


async def test_an_archive_that_is_no_spreadsheet_is_refused(database: Server, tmp_path: Path) -> None:
    assert (await _refusal(database, _bomb(tmp_path / "bukan.xlsx", 1, 10))).code == "XLSX_RUSAK"


async def test_a_spreadsheet_is_read_with_its_numbers_days_and_formulas(
    database: Server, tables: asyncpg.Connection, tmp_path: Path
) -> None:
    await kbli_list(tables)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(list(GOOD))
    typed = {"kbli": 56102, "omzet_per_tahun": 180000000.0, "tgl_daftar": dt.datetime(2020, 7, 15)}  # noqa: DTZ001
    sheet.append([typed.get(name, text) for name, text in a_row(nik="3171011708809921").items()])
    sheet.append([{"nik": 3171011708809920}.get(name, text) for name, text in GOOD.items()])
    formula = a_row(nik="3171011708809922", nama_usaha="=1+1")
    sheet.append(list(formula.values()))
    book.save(tmp_path / "b.xlsx")
    _, findings = await import_rows(database, "recipients", tmp_path / "b.xlsx", dry_run=True)
    worst = {row: rule.code for row, _, rule, _ in reversed(findings)}
    assert worst == {3: "NIK_DIBULATKAN", 4: "ISI_RUMUS"}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\tx", "\r=1"])
def test_no_cell_of_a_report_is_a_formula(text: str) -> None:
    assert harmless(text)[0] == "'"
