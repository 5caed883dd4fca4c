"""Official code lists into the database: the business classification (KBLI) of one version."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.dialects.postgresql import insert

from kernel.errors import KsbbError
from kernel.kbli import Kbli, KbliVersion, UnusableKbli, read_kbli
from models.release import KbliCode
from models.writing import writing

_COLUMNS = {"code": ("code", "kode"), "title": ("title", "judul"), "section": ("section", "kategori")}
_BLOCK = 1_000  # rows of one statement
_SHOWN = 20  # refused rows that the report of a person lists


class UnreadableCodes(KsbbError):
    """A file that is no CSV of codes and titles."""

    code = "UNREADABLE_CODES"


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not taken: its line in the file, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class CodeReport:
    """What became of a file of codes."""

    version: int
    accepted: int
    refused: tuple[RefusedRow, ...]
    dry_run: bool

    def as_dict(self) -> dict[str, object]:
        """The report as values that JSON can hold."""
        refused = [{"line": row.line, "reason": row.reason} for row in self.refused]
        return {"version": self.version, "accepted": self.accepted, "refused": refused, "dry_run": self.dry_run}

    def lines(self) -> list[str]:
        """The report for a person: the counts, then each row that was refused."""
        done = "would be kept" if self.dry_run else "kept"
        head = f"KBLI {self.version}: {self.accepted:,} codes {done}, {len(self.refused):,} rows refused."
        told = [f"  line {row.line}: {row.reason}" for row in self.refused[:_SHOWN]]
        more = len(self.refused) - _SHOWN
        return [head, *told, *([f"  and {more:,} more"] if more > 0 else [])]


@dataclass(frozen=True)
class _Code:
    kbli: Kbli
    title: str

    def row(self, source: str) -> dict[str, object]:
        """The row of `kbli_code`."""
        version, code = int(self.kbli.version), self.kbli.code
        named = {"id": f"{version}:{code}", "version": version, "code": code}
        return {**named, "title": self.title, "section": self.kbli.section, "source": source}


async def import_kbli(uri: str, file: Path, *, version: int, dry_run: bool = False) -> CodeReport:
    """Keep the codes of a CSV file (code, title and perhaps section; or kode, judul, kategori) as one KBLI version.

    A code that is there already takes the title of the file; codes that the file lacks stay. A row that is wrong is
    refused with its line and reason, and the others are kept.

    Raises:
        UnreadableCodes: the file is no such CSV.
        UnusableKbli: the version is unknown.
    """
    if str(version) not in set(KbliVersion):
        raise UnusableKbli(f"KBLI version {version} is unknown; give one of {', '.join(KbliVersion)}.", version=version)
    found: dict[str, _Code] = {}
    refused: list[RefusedRow] = []
    for line, row in _rows(file):
        try:
            code = _read(row, version)
            if code.kbli.code in found:
                raise UnusableKbli(f"KBLI code {code.kbli.code} stands twice; the first one counts.")
            found[code.kbli.code] = code
        except UnusableKbli as reason:
            refused.append(RefusedRow(line, reason.message))
    if not dry_run:
        await _keep(uri, [code.row(file.name) for code in found.values()])
    return CodeReport(version, len(found), tuple(refused), dry_run)


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row by our names for its columns, with the last of its lines."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise UnreadableCodes(f"{file.name} cannot be read as text in UTF-8.") from None
    lines = text.splitlines(keepends=True)
    head = lines[0] if lines else ""
    reader = csv.DictReader(lines, delimiter=";" if head.count(";") > head.count(",") else ",", restval="")
    columns = _columns(list(reader.fieldnames or ()), file)
    for row in reader:
        yield reader.line_num, {ours: (row[theirs] or "").strip() for ours, theirs in columns.items()}


def _columns(names: list[str], file: Path) -> Mapping[str, str]:
    """Our names for the columns of a file, and its own."""
    given = {name.strip().lower(): name for name in names}
    found = {ours: given[name] for ours, spelled in _COLUMNS.items() for name in spelled if name in given}
    if not {"code", "title"} <= found.keys():
        raise UnreadableCodes(
            f"{file.name} must have the columns code and title (or kode and judul), and may have section (kategori)."
        )
    return found


def _read(row: Mapping[str, str], version: int) -> _Code:
    kbli = read_kbli(row["code"], str(version))
    if not row["title"]:
        raise UnusableKbli(f"KBLI code {kbli.code} has no title (judul).")
    section = row.get("section", "").upper()
    if section and section != kbli.section:
        raise UnusableKbli(
            f"KBLI code {kbli.code} lies in section {kbli.section} of KBLI {version}, not in {section} (kategori)."
        )
    return _Code(kbli, row["title"])


async def _keep(uri: str, rows: list[dict[str, object]]) -> None:
    statement = insert(KbliCode)
    said = {name: statement.excluded[name] for name in ("title", "section", "source")}
    async with writing(uri) as connection:
        for start in range(0, len(rows), _BLOCK):
            upsert = statement.on_conflict_do_update(index_elements=[KbliCode.id], set_=said)
            await connection.execute(upsert, rows[start : start + _BLOCK])
