"""Repayments from a file obey the rules of form E, in the name of one fintech."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest_asyncio

from commands.check import check
from commands.invariants.all import invariants
from models.writing import writing
from tests.acting import Acting
from tests.imports.importing import a_file, codes, import_rows

RUNNING = """select l.id, l.public_id, l.fintech_id, l.disbursed_on, l.principal - coalesce((select sum(amount)
  from ksbb.repayment r where r.loan_id = l.id), 0) as owed from ksbb.loan l
  where l.status = 'BERJALAN' and l.fintech_id = (select fintech_id from ksbb.loan where status = 'BERJALAN' limit 1)
  order by l.id limit 3"""


@pytest_asyncio.fixture(loop_scope="session")
async def loans(acting: Acting) -> list[Any]:
    """Running loans of one fintech with what is owed on them."""
    return list(await acting.tables.fetch(RUNNING))


def _paid(loan: Any, key: str, amount: str) -> dict[str, str]:
    return {
        "loan_id": loan["public_id"],
        "pembayaran": amount,
        "tanggal bayar": "3 Januari 2022",
        "no_invoice": f"CONTOH/{key}",
        "kunci": key,
    }


async def _import(acting: Acting, folder: Path, loans: list[Any], rows: list[dict[str, str]], **how: Any) -> Any:
    of = {"institution": loans[0]["fintech_id"], "secrets": acting.city.secrets, "clock": acting.clock}
    return await import_rows(acting.city.server, "repayments", a_file(folder, rows), **of, **how)


async def _count(acting: Acting) -> tuple[int, ...]:
    tables = ("repayment", "ledger_posting", "event", "audit_entry", "imported_file")
    return tuple([await acting.tables.fetchval(f"select count(*) from ksbb.{table}") for table in tables])


async def test_a_file_is_recorded_once_and_settles_loans(acting: Acting, loans: list[Any], tmp_path: Path) -> None:
    rows = [_paid(loans[0], "uji-impor-1", "Rp 1.000,00"), _paid(loans[1], "uji-impor-2", str(loans[1]["owed"]))]
    before = await _count(acting)
    planned, _ = await _import(acting, tmp_path, loans, rows, dry_run=True)
    assert (planned.kept, planned.effects["INSERT"]) == (False, 2)
    assert await _count(acting) == before
    result, _ = await _import(acting, tmp_path, loans, rows)
    assert result.effects == {"INSERT": 2, "UPDATE": 0, "UNCHANGED": 0}
    status = await acting.tables.fetchval("select status from ksbb.loan where id = $1", loans[1]["id"])
    assert status == "LUNAS"
    after = await _count(acting)
    assert after[:2] == (before[0] + 2, before[1] + 2)
    async with writing(acting.city.server.uri()) as connection:
        assert all(one.holds for one in await check(connection, invariants(None)))
    again, _ = await _import(acting, tmp_path, loans, rows)
    assert again.effects == {"INSERT": 0, "UPDATE": 0, "UNCHANGED": 2}
    assert await _count(acting) == after


async def test_what_form_e_refuses_is_named_by_row_and_stops_the_file(
    acting: Acting, loans: list[Any], tmp_path: Path
) -> None:
    foreign = await acting.tables.fetchrow(
        "select public_id from ksbb.loan where fintech_id <> $1 limit 1", loans[0]["fintech_id"]
    )
    rows = [
        _paid(loans[2], "uji-impor-3", "1000"),
        _paid(loans[2], "uji-impor-4", "99000000"),
        _paid(foreign, "uji-impor-5", "1000"),
        _paid(loans[2], "uji-impor-3", "1000"),
        _paid(loans[2], "uji-impor-6", "0"),
    ]
    before = await _count(acting)
    result, findings = await _import(acting, tmp_path, loans, rows)
    assert not result.kept
    assert await _count(acting) == before
    told = {row: (rule.code, found) for row, _, rule, found in findings if not rule.verdict.is_kept}
    assert told[3] == ("PEMBAYARAN_DITOLAK", "REPAYMENT_EXCEEDS_BALANCE")
    assert told[4] == ("PEMBAYARAN_DITOLAK", "NOT_FOUND")
    assert told[5][0] == "BARIS_GANDA"
    assert told[6][0] == "ANGKA_NEGATIF"
    result, findings = await _import(acting, tmp_path, loans, rows, accept_valid=True)
    assert (result.effects["INSERT"], result.bad_rows) == (1, 4)
    assert codes(findings).count("PEMBAYARAN_DITOLAK") == 2
