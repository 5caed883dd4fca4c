"""A file of rows, CSV or XLSX, read in constant memory. Every file is taken to be hostile."""

from __future__ import annotations

import codecs
import csv
import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from imports.unreadable import UnreadableFile

LONGEST_LINE = 262_144  # characters of a line of text; a row of 30 columns has some hundreds
MOST_COLUMNS = 200
DELIMITERS = ",;\t|"
_CHUNK = 1 << 20
_SIGNATURES = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"

Row = tuple[int, list[str]]
"""Number of a row as a spreadsheet counts it (the header is usually 1), and its cells."""


@dataclass(frozen=True)
class Survey:
    """What one pass over the bytes tells: fingerprint, encoding, and about how many rows there are."""

    sha256: str
    encoding: str
    lines: int
    is_spreadsheet: bool


def survey(path: Path) -> Survey:
    """Read a file once, as bytes.

    Raises:
        UnreadableFile: it is empty, cannot be opened, is of the old spreadsheet format, or holds NUL bytes.
    """
    try:
        with path.open("rb") as file:
            return _survey(file)
    except OSError:
        raise UnreadableFile("BERKAS_TAK_TERBUKA") from None


def _survey(file: IO[bytes]) -> Survey:
    start = file.read(4)
    if not start:
        raise UnreadableFile("BERKAS_KOSONG")
    if start == _OLD_EXCEL:
        raise UnreadableFile("BERKAS_XLS_LAMA")
    signed = next((name for bom, name in _SIGNATURES if start.startswith(bom)), "")
    decoder, is_utf8 = codecs.getincrementaldecoder("utf-8")(), signed in ("", "utf-8-sig")
    is_spreadsheet = start == _ZIP
    digest, lines = hashlib.sha256(), 0
    chunk = start + file.read(_CHUNK)
    while chunk:
        digest.update(chunk)
        lines += chunk.count(b"\n")
        if not is_spreadsheet and signed != "utf-16" and b"\0" in chunk:
            raise UnreadableFile("BERKAS_NUL")
        if is_utf8 and not is_spreadsheet:
            is_utf8 = _decodes(decoder, chunk)
        chunk = file.read(_CHUNK)
    if is_utf8 and not is_spreadsheet:
        is_utf8 = _decodes(decoder, b"", final=True)
    return Survey(digest.hexdigest(), signed or ("utf-8" if is_utf8 else "windows-1252"), lines + 1, is_spreadsheet)


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def rows_of(path: Path, found: Survey) -> Iterator[Iterator[Row]]:
    """The rows of a file, the header among them.

    Raises:
        UnreadableFile: when opened or at the row where the file breaks off.
    """
    if found.is_spreadsheet:
        from imports.spreadsheet import spreadsheet_rows

        with spreadsheet_rows(path) as rows:
            yield rows
        return
    with path.open(encoding=found.encoding, newline="") as file:
        yield _text_rows(file)


def _text_rows(file: IO[str]) -> Iterator[Row]:
    lines = _lines(file)
    head = next((line for line in lines if line.strip()), "")
    if not head:
        raise UnreadableFile("BERKAS_KOSONG")
    reader = csv.reader(_after(head, lines), delimiter=_delimiter(head), strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):  # told in the refusal
            if len(cells) > MOST_COLUMNS and number == 1:
                raise UnreadableFile("JUDUL_TERLALU_LEBAR")
            yield number, cells
    except csv.Error:
        raise UnreadableFile("KUTIP_RUSAK", row=number + 1) from None


def _after(head: str, lines: Iterator[str]) -> Iterator[str]:
    yield head
    yield from lines


def _lines(file: IO[str]) -> Iterator[str]:
    """Lines of bounded length."""
    number = 0
    try:
        while line := file.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise UnreadableFile("BARIS_TERLALU_PANJANG", row=number)
            yield line
    except UnicodeDecodeError:
        raise UnreadableFile("HURUF_TAK_TERBACA", row=number + 1) from None


def _delimiter(head: str) -> str:
    """The mark that divides the header into most cells outside quotes."""
    bare = "".join(part for n, part in enumerate(head.split('"')) if n % 2 == 0)
    return max(DELIMITERS, key=bare.count)


def is_blank(cells: Sequence[Any]) -> bool:
    """Whether a row holds nothing."""
    return not any(cell.strip() for cell in cells)


def zip_is_honest(path: Path, most_bytes: int, most_ratio: int, most_entries: int) -> None:
    """Refuse an archive that would unpack to more than it should.

    Raises:
        UnreadableFile: a bomb, or no archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        raise UnreadableFile("XLSX_RUSAK") from None
    unpacked, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if len(entries) > most_entries or unpacked > most_bytes or unpacked > max(packed, 1_000_000) * most_ratio:
        raise UnreadableFile("XLSX_TERLALU_BESAR")
