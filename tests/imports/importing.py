"""Imports for tests: a file in, the result and its findings out."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from imports.context import Context
from imports.kinds import KINDS
from imports.load import Order, Progress, Result, importing
from imports.report import write_report
from imports.rules import RULES, Rule
from imports.staging import Options
from kernel.clock import FixedClock, today
from kernel.keys import KeyMaker
from models.server import Server
from policy.secrets import Secrets

SECRETS = Secrets(bytes(range(32)))
CLOCK = FixedClock(dt.datetime(2021, 1, 4, 3, tzinfo=dt.UTC))
LATER = FixedClock(dt.datetime(2026, 1, 4, 3, tzinfo=dt.UTC))
KBLI = {"56101": "I", "56102": "I", "56103": "I", "01111": "A", "47112": "G", "10710": "C"}

Found = tuple[int, str, Rule, str]

GOOD = {
    "nik": "3171011708809901",
    "nama_pemilik": "Contoh Satu",
    "nama_usaha": "Warung Contoh Satu",
    "wilayah": "Jakarta Pusat",
    "kecamatan": "Gambir",
    "kelurahan": "Gambir",
    "kbli": "56102",
    "skala": "MIKRO",
    "telepon": "081200000001",
    "omzet_per_tahun": "180000000",
    "tgl_daftar": "2020-07-15",
}
"""A row of `recipients` without any finding."""


async def kbli_list(tables: asyncpg.Connection) -> None:
    """A short list of KBLI 2020 in place of what is there."""
    await tables.execute("delete from kbli_code")
    rows = [(f"2020:{code}", 2020, code, "Contoh", section, "contoh") for code, section in KBLI.items()]
    await tables.executemany(
        "insert into kbli_code (id, version, code, title, section, source) values ($1, $2, $3, $4, $5, $6)", rows
    )


async def import_rows(
    database: Server,
    kind: str,
    file: Path,
    *,
    dry_run: bool = False,
    accept_valid: bool = False,
    institution: UUID | None = None,
    report: Path | None = None,
    secrets: Secrets = SECRETS,
    clock: Any = CLOCK,
    progress: Progress = lambda _, __: None,
) -> tuple[Result, list[Found]]:
    """Import a file and give back what came of it."""
    options = Options(dry_run=dry_run, accept_valid=accept_valid, actor="ksbb-import:uji")
    order = Order(KINDS[kind], file, "uji", options, institution)
    async with importing(database.uri(), order, secrets, clock, progress) as (result, stage):
        findings = [(row, column, RULES[rule], found) async for row, column, rule, found in stage.findings()]
        if report is not None:
            await write_report(report, result, stage)
    return result, findings


def a_file(folder: Path, rows: Iterable[Mapping[str, str]], name: str = "berkas.csv", delimiter: str = ",") -> Path:
    """A CSV of rows, with the columns of the first."""
    made = list(rows)
    file = folder / name
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(made[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(made)
    return file


def a_row(**changed: str) -> dict[str, str]:
    """A good row of `recipients`, with some cells changed."""
    return GOOD | changed


def codes(findings: Sequence[Found]) -> list[str]:
    """The codes of the findings, row by row."""
    return [rule.code for _, _, rule, _ in findings]


def context() -> Context:
    """Surroundings of checks without a database."""
    keys = KeyMaker(Random(1), CLOCK)
    return Context(today(CLOCK), CLOCK.now(), SECRETS, keys, "uji", kbli=frozenset(KBLI))
