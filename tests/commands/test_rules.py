"""Every rule of reconciliation finds the planted differences, none where all agree, and each made-up one."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncConnection

from commands.reconcile import compare
from commands.rules import COMPARISONS, Comparison
from models.vocabulary import DiscrepancyMeasure
from tests.conftest import City
from tests.undone import undone

ROOT = Path(__file__).parents[2]
DAY = dt.date(2022, 1, 3)
M = DiscrepancyMeasure
OF = {comparison.measure: comparison for comparison in COMPARISONS}
UNKNOWN = "not exists (select from discrepancy d where d.subject_id = t.id)"
PAID = f"select t.id from loan t where status = 'BERJALAN' and {UNKNOWN} order by id limit 1"
CONFIRMED = f"""select t.id from handover t where status = 'DITERIMA' and {UNKNOWN}
    and exists (select from onward_aid o where o.handover_id = t.id) order by id limit 1"""
DELIVERED = f"""select t.id from delivery t where status = 'TERVALIDASI' and extra_quantity = 0 and quantity > 1
    and {UNKNOWN} order by id limit 1"""
CHECK = """insert into validation (id, public_id, {of}, officer_id, region_code, validated_on, accepted, {what})
    select gen_random_uuid(), 'contoh', t.id, t.id, t.region_code, date '2022-01-02', {accepted}, {amount} - {by}
    from {table} t where t.id = '{id}'"""
WRONG = {
    M.PENCAIRAN: (PAID, "update disbursement set amount = amount + {by} where loan_id = '{id}'"),
    M.NILAI_PENCAIRAN: (
        PAID,
        CHECK.format(
            of="loan_id",
            what="received_amount",
            accepted="false",
            amount="(select sum(amount) from disbursement where loan_id = t.id)",
            table="loan",
            by="{by}",
            id="{id}",
        ),
    ),
    M.PEMBAYARAN: (
        f"select t.id from periodic_report t where {UNKNOWN} order by id limit 1",
        "update periodic_report set total = total + {by} where id = '{id}'",
    ),
    M.SERAH_TERIMA: (CONFIRMED, "update handover set amount = amount + {by} where id = '{id}'"),
    M.NILAI_SERAH_TERIMA: (CONFIRMED, "update handover set received_amount = amount - {by} where id = '{id}'"),
    M.POKOK_DISERAHKAN: (
        CONFIRMED,
        """update handover_loan set amount = amount + {by} where id =
            (select id from handover_loan where handover_id = '{id}' order by id limit 1)""",
    ),
    M.PENYALURAN_ULANG: (
        CONFIRMED,
        """update onward_aid o set amount = o.amount + h.amount + {by}
            - (select sum(amount) from onward_aid where handover_id = h.id)
            from handover h where h.id = '{id}' and o.id =
            (select id from onward_aid where handover_id = h.id order by id limit 1)""",
    ),
    M.NILAI_KOMITMEN: (
        f"""select t.id from collaboration t where number is not null and {UNKNOWN} and not exists (select from pledge p
            where p.collaboration_id = t.id and p.status not in ('DITERIMA', 'TERPENUHI_SEBAGIAN', 'TERPENUHI'))
            and exists (select from pledge p where p.collaboration_id = t.id) order by id limit 1""",
        "update collaboration set pledged_value = pledged_value + {by} where id = '{id}'",
    ),
    M.NILAI_REALISASI: (DELIVERED, "update delivery set value = value + {by} where id = '{id}'"),
    M.JUMLAH_REALISASI: (DELIVERED, "update delivery set quantity = quantity + {by} where id = '{id}'"),
    M.JUMLAH_DITERIMA: (
        DELIVERED,
        CHECK.format(
            of="delivery_id",
            what="received_quantity",
            accepted="true",
            amount="t.quantity",
            table="delivery",
            by="{by}",
            id="{id}",
        ),
    ),
    M.JUMLAH_PINJAMAN: (
        """select c.id from collaboration c join pledge p on p.collaboration_id = c.id where c.number is not null
            and c.package_kind = 'PINJAMAN_MODAL' and p.status = 'TERPENUHI' order by c.id limit 1""",
        """update pledge set quantity = quantity + {by} where id =
            (select id from pledge where collaboration_id = '{id}' order by id limit 1)""",
    ),
}
"""Per measure a subject of which all agree, and how to make it off by so much."""
ONLY_MORE = {M.PENYALURAN_ULANG}
"""What is not given yet is no difference."""


@pytest_asyncio.fixture
async def tables(walled_city: City) -> AsyncIterator[AsyncConnection]:
    """A connection as the owner of the tables; what a test writes is undone."""
    async with undone(walled_city.server.uri()) as connection:
        yield connection


async def found(tables: AsyncConnection, comparison: Comparison) -> dict[Any, tuple[int, int]]:
    """Subjects that differ, with both values."""
    rows = await tables.execute(comparison.differing.params(today=DAY))
    return {row.subject_id: (row.value_a, row.value_b) for row in rows}


def test_every_measure_has_one_rule_and_a_made_up_case() -> None:
    assert [comparison.measure for comparison in COMPARISONS] == list(DiscrepancyMeasure)
    assert set(WRONG) == set(DiscrepancyMeasure)
    assert all(c.english.endswith(".") and c.indonesian.endswith(".") for c in COMPARISONS)


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda c: c.measure)
async def test_a_rule_finds_what_was_planted_by_subject_and_values_and_nothing_else(
    tables: AsyncConnection, comparison: Comparison
) -> None:
    planted = await tables.exec_driver_sql(
        "select subject_id, value_a, value_b from discrepancy where measure = $1", (comparison.measure.value,)
    )
    assert await found(tables, comparison) == {row.subject_id: (row.value_a, row.value_b) for row in planted}


@pytest.mark.parametrize("by", [1, -1])
@pytest.mark.parametrize("measure", WRONG)
async def test_a_rule_finds_a_difference_in_both_directions(
    tables: AsyncConnection, measure: DiscrepancyMeasure, by: int
) -> None:
    subject, wrong = WRONG[measure]
    before = await found(tables, OF[measure])
    id_ = (await tables.exec_driver_sql(subject)).scalar_one()
    assert id_ not in before
    await tables.exec_driver_sql(wrong.format(id=id_, by=f"({by})"))
    after = await found(tables, OF[measure])
    if measure in ONLY_MORE and by < 0:
        assert after == before
        return
    assert set(after) == {*before, id_}
    value_a, value_b = after[id_]
    assert value_a - value_b == by


async def test_a_period_that_is_not_over_is_not_compared(tables: AsyncConnection) -> None:
    await tables.exec_driver_sql("update periodic_report set period = '202201'")
    assert await found(tables, OF[M.PEMBAYARAN]) == {}


async def test_a_report_in_parts_is_compared_as_a_whole(tables: AsyncConnection) -> None:
    before = await found(tables, OF[M.PEMBAYARAN])
    await tables.exec_driver_sql("""insert into periodic_report
        (id, public_id, fintech_id, period, rows, total, received_at, file_sha256)
        select gen_random_uuid(), 'contoh', fintech_id, period, 1, 7, now(), 'x' from periodic_report""")
    await tables.exec_driver_sql("update periodic_report set total = total - 7 where public_id <> 'contoh'")
    assert len(await found(tables, OF[M.PEMBAYARAN])) == len(before)


async def test_a_price_that_is_no_whole_number_is_no_difference(tables: AsyncConnection) -> None:
    id_ = (await tables.exec_driver_sql(DELIVERED)).scalar_one()
    before = await found(tables, OF[M.NILAI_REALISASI])
    await tables.exec_driver_sql(f"""update pledge set estimated_value = estimated_value + 1
        where id = (select pledge_id from delivery where id = '{id_}') and quantity > 1""")
    assert await found(tables, OF[M.NILAI_REALISASI]) == before


async def test_a_reversed_delivery_is_compared_no_more(tables: AsyncConnection) -> None:
    await tables.exec_driver_sql("update delivery set status = 'DIBALIK', value = value + 1, quantity = quantity + 1")
    assert await found(tables, OF[M.NILAI_REALISASI]) == await found(tables, OF[M.JUMLAH_REALISASI]) == {}


async def test_counting_tells_the_new_from_the_known(tables: AsyncConnection) -> None:
    known = await compare(tables, DAY)
    assert (sum(one.differing for one in known), sum(one.new for one in known)) == (12, 0)
    await tables.exec_driver_sql("delete from discrepancy")
    assert sum(one.new for one in await compare(tables, DAY)) == 12


def test_the_command_counts_dry_and_refuses_what_is_no_day(walled_city: City, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KSBB_")}
    environment |= {"KSBB_DATABASE_URL": walled_city.server.uri(), "KSBB_DATA_DIR": str(tmp_path)}

    def ksbb(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cli", "reconcile", "--dry-run", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)

    done = ksbb("--json", "--at", DAY.isoformat())
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [one["measure"] for one in told["rules"]] == [measure.value for measure in DiscrepancyMeasure]
    assert (sum(one["differing"] for one in told["rules"]), told["done"]) == (12, {})
    assert ksbb("--at", "soon").returncode == 1
    assert ksbb("--colour").returncode == 2
