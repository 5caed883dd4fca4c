"""What an import tells: counts, and each finding with its row, column, rule, what is allowed and the cure.

In English and Indonesian, as JSON, CSV or a page. Nothing that stood in the file is repeated, not even its name.
"""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, TextIO

from imports.load import Result
from imports.report_page import page_end, page_row, page_start
from imports.rules import RULES, Verdict, shown
from imports.staging import Finding, Stage
from kernel.errors import BadInput

SHAPES = (".json", ".html", ".csv")
MOST_ON_A_PAGE = 2_000
"""Findings on the page; the other shapes hold them all."""
MOST_AT_A_TERMINAL = 20

_FIELDS = ("row", "column", "verdict", "rule", "found", "allowed", "cure", "found_id", "allowed_id", "cure_id")
_VERDICTS = {
    Verdict.TERIMA: ("taken", "diterima"),
    Verdict.TERIMA_NORMAL: ("taken, spelling made regular", "diterima, penulisan dirapikan"),
    Verdict.PERIKSA: ("to be looked at", "perlu diperiksa"),
    Verdict.TOLAK: ("refused", "ditolak"),
}
_EFFECTS = {"INSERT": ("new", "baru"), "UPDATE": ("changed", "berubah"), "UNCHANGED": ("unchanged", "tetap")}


class UnusableReportName(BadInput):
    """A report file whose name does not tell its shape."""

    code = "UNUSABLE_REPORT_NAME"

    def __init__(self) -> None:
        super().__init__(f"The name of the report (laporan) must end in one of {', '.join(SHAPES)}.")


def check_name(file: Path) -> None:
    """Make sure that a report can be written under a name, before anything is done.

    Raises:
        UnusableReportName: it does not end in a shape that there is.
    """
    if file.suffix.lower() not in SHAPES:
        raise UnusableReportName


def summary(result: Result, rules: list[tuple[str, int]]) -> dict[str, Any]:
    """The counts, for JSON."""
    return {
        "kind": result.kind.name,
        "sha256": result.sha256,
        "encoding": result.encoding,
        "rows": result.rows,
        "kept": result.kept,
        "dry_run": result.dry_run,
        "verdicts": {verdict.name: count for verdict, count in result.verdicts.items()},
        "effects": {name.lower(): count for name, count in result.effects.items()},
        "rules": dict(rules),
        "columns": {name: at + 1 for at, name in result.columns.items()},
        "columns_not_read": [at + 1 for at in result.unread],
    }


def told(finding: Finding) -> dict[str, Any]:
    """One finding, as every shape of the report has it."""
    row, column, code, found = finding
    rule = RULES[code]
    found_en, found_id = shown(found)
    values = (row, column, rule.verdict.name, code, found_en, rule.allowed_en, rule.cure_en)
    return dict(zip(_FIELDS, (*values, found_id, rule.allowed_id, rule.cure_id), strict=True))


def lines(result: Result, rules: list[tuple[str, int]], findings: list[Finding]) -> Iterator[str]:
    """The report for a terminal: what became of the file, each rule, the first findings with their cures."""
    yield " / ".join(outcome(result))
    yield from (f"{count:10,}  {' / '.join(_VERDICTS[verdict])}" for verdict, count in result.verdicts.items())
    yield "  ".join(f"{' / '.join(_EFFECTS[name])}: {count:,}" for name, count in result.effects.items())
    yield from (f"{count:10,}  {code}" for code, count in rules)
    for finding in findings:
        one = told(finding)
        yield f"row {one['row']} {one['column']} {one['rule']}: {one['allowed']} {one['cure']}"
        yield f"    {one['allowed_id']} {one['cure_id']}"


def outcome(result: Result) -> tuple[str, str]:
    """What became of the file, in both languages."""
    good, bad = result.rows - result.bad_rows, result.bad_rows
    if result.dry_run:
        return (
            f"Nothing is kept (dry run): {good:,} rows good, {bad:,} not",
            f"Tidak disimpan (uji coba): {good:,} baris baik, {bad:,} tidak",
        )
    if result.kept:
        return f"{good:,} rows kept, {bad:,} held back", f"{good:,} baris disimpan, {bad:,} ditahan"
    return (
        f"Nothing is kept: {bad:,} of {result.rows:,} rows are not good. Correct them, or take the others with "
        "--accept-valid",
        f"Tidak ada yang disimpan: {bad:,} dari {result.rows:,} baris belum baik. Perbaiki, atau terima sisanya "
        "dengan "
        "--accept-valid",
    )


async def write_report(file: Path, result: Result, stage: Stage) -> None:
    """Write all findings to a file, in the shape that its name tells, a block in memory at a time."""
    check_name(file)
    head = summary(result, await stage.rules())
    with file.open("w", encoding="utf-8", newline="") as out:
        match file.suffix.lower():
            case ".json":
                await _write_json(out, head, stage.findings())
            case ".csv":
                await _write_csv(out, stage.findings())
            case _:
                await _write_page(out, result, stage)


async def _write_json(out: TextIO, head: dict[str, Any], findings: AsyncIterator[Finding]) -> None:
    opening = json.dumps(head, ensure_ascii=False, indent=1)
    out.write(opening[: opening.rindex("}")].rstrip() + ',\n "findings": [')
    between = "\n  "
    async for finding in findings:
        out.write(between + json.dumps(told(finding), ensure_ascii=False))
        between = ",\n  "
    out.write("\n ]\n}\n")


async def _write_csv(out: TextIO, findings: AsyncIterator[Finding]) -> None:
    out.write("\ufeff")  # or spreadsheets take UTF-8 for Windows-1252
    writer = csv.writer(out)
    writer.writerow(_FIELDS)
    async for finding in findings:
        writer.writerow([harmless(value) for value in told(finding).values()])


async def _write_page(out: TextIO, result: Result, stage: Stage) -> None:
    counts = [(_VERDICTS[verdict], count) for verdict, count in result.verdicts.items()]
    counts += [(_EFFECTS[name], count) for name, count in result.effects.items()]
    rules = await stage.rules()
    titles = (result.kind.title_en, result.kind.title_id)
    out.write(page_start(titles, outcome(result), counts, rules, result.sha256))
    async for finding in stage.findings(MOST_ON_A_PAGE):
        out.write(page_row(told(finding)))
    left = sum(count for _, count in rules) - MOST_ON_A_PAGE
    out.write(page_end(max(left, 0)))


def harmless(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
