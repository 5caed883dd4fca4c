"""The thirty messy rows get the verdicts that they were written for."""

from __future__ import annotations

import csv
from pathlib import Path

import asyncpg

from imports.rules import Verdict
from models.server import Server
from tests.imports.importing import import_rows, kbli_list

FILE = Path(__file__).parents[1] / "data" / "impor_kotor_uji.csv"


async def test_each_messy_row_gets_its_verdict_and_reason(database: Server, tables: asyncpg.Connection) -> None:
    await kbli_list(tables)
    with FILE.open(encoding="utf-8", newline="") as file:
        expected = {n: (row["hasil_harapan"], row["alasan_harapan"]) for n, row in enumerate(csv.DictReader(file), 2)}
    result, findings = await import_rows(database, "recipients", FILE, dry_run=True)
    got = {row: (rule.verdict.name, rule.code) for row, rule in reversed([(f[0], f[2]) for f in findings])}
    assert {row: got.get(row, ("TERIMA", "")) for row in expected} == expected
    assert result.rows == 30
    assert result.verdicts[Verdict.TOLAK] == sum(verdict == "TOLAK" for verdict, _ in expected.values())
