"""What releases tell of the same persons in several datasets and years: on the real database, step by step."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import delete, update

from kernel.clock import FixedClock
from models.business import Business
from models.delivery import DeliveryRecipient
from models.release import ToldGroup
from models.vocabulary import InstitutionKind, PackageKind, Programme
from publishing.audit.risk_report import REPORT
from publishing.gate import PackageNotValid
from publishing.package import DESCRIPTOR
from publishing.pipeline import ReleaseReport
from publishing.sealing import RegisterIsNotComplete
from tests.publishing.city import SEALED_AUTUMN, SEALED_SPRING, Publisher
from tests.publishing.rows import SENEN, TEBET
from tests.publishing.test_pipeline import contents, persons, table

KEBON_SIRIH = "31.71.06.1002"
COHORT_IS_TOLD = FixedClock(dt.datetime(2021, 5, 1, tzinfo=dt.UTC))
"""After the yearly revision of 2021, and when the loans of autumn 2020 are three months old."""
A_YEAR_LATER = FixedClock(dt.datetime(2022, 5, 1, tzinfo=dt.UTC))


async def lend(publisher: Publisher, borrowers: int, others: int) -> None:
    """A kelurahan with so many who were paid a loan, and others who received something else in the same programme."""
    async with publisher.city() as city:
        fintech = await city.institution(InstitutionKind.FINTECH, "PT Contoh Pinjam")
        parties = {"package_kind": PackageKind.PINJAMAN_MODAL, "distributor_id": fintech, "programme": Programme.PANGAN}
        lending = await city.collaboration("KSBB-UMK-2020-AAAABB", "PT Contoh Bank", **parties)
        giving = await city.collaboration("KSBB-UMK-2020-AAAACC", "PT Contoh Hibah", programme=Programme.PANGAN)
        for _ in range(borrowers):
            await city.borrower(lending, fintech, KEBON_SIRIH)
        await city.recipients(giving, others, KEBON_SIRIH)


async def loans(publisher: Publisher, root: Path) -> set[tuple[str, str]]:
    report = await publisher.publish(root, COHORT_IS_TOLD)
    return {(row["tabel"], row["jumlah_pinjaman"]) for row in table(report, "pinjaman_agregat")} - {
        ("RINCIAN", "10"),  # those of the city that is there from the start
        ("KOTA", "10"),
        ("PROVINSI", "10"),
    }


@pytest.mark.parametrize(("others", "told"), [(0, True), (9, False), (10, True)])
async def test_loans_are_not_told_where_they_tell_how_few_received_something_else(
    publisher: Publisher, root: Path, others: int, told: bool
) -> None:
    """30 recipients, of whom 21 have a loan: nobody is to subtract. Nor are they told in a total."""
    await lend(publisher, 21, others)
    assert await loans(publisher, root) == ({("RINCIAN", "20"), ("KOTA", "20"), ("PROVINSI", "20")} if told else set())


async def test_the_publisher_reads_no_person_of_the_register(publisher: Publisher, root: Path) -> None:
    await publisher.publish(root)
    connection = await asyncpg.connect(publisher.uri)
    try:
        for statement in (
            "select * from counted_person",
            "select unlisted from ksbb.told_group",
            "insert into told_group (dataset) values ('x')",
            "delete from told_group",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        assert {type(value) for row in await connection.fetch("select * from told_group") for value in row} <= {
            *(int, str, type(await connection.fetchval("select 1::numeric"))),
        }
    finally:
        await connection.close()


async def test_nobody_reads_who_was_put_aside(publisher: Publisher) -> None:
    """Not even the login in whose session they are; and a table of its own that it lays in their way is not written."""
    connection = await asyncpg.connect(publisher.uri)
    try:
        await connection.execute("set default_transaction_read_only = off")
        await connection.execute("create temporary table gathered (person bigint)")  # a copy of a database lets it
        with pytest.raises(asyncpg.DuplicateTableError):
            await connection.execute("select gather_persons('{recipient_counts}', '{202012}')")
        await connection.execute("drop table gathered")
        for statement in ("select * from gathered", "select * from pg_temp.gathered", "drop table pg_temp.gathered"):
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("select gather_persons('{recipient_counts}', '{202012}')")
            assert await connection.fetchval("select sum(persons) from gathered_counts('recipient_counts')")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
            await transaction.rollback()
    finally:
        await connection.close()


async def registered(publisher: Publisher) -> list[int]:
    connection = await asyncpg.connect(publisher.owner_uri)
    try:
        return [row["id"] for row in await connection.fetch("select id from ksbb.told_group order by id")]
    finally:
        await connection.close()


async def test_what_came_to_nothing_is_not_told(
    publisher: Publisher, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publisher.publish(root, dry_run=True)
    assert not await registered(publisher)

    def refuse(_: Path) -> None:
        raise PackageNotValid("not valid")

    with monkeypatch.context() as patched:
        patched.setattr("publishing.pipeline.check", refuse)
        with pytest.raises(PackageNotValid):
            await publisher.publish(root)
    left = await registered(publisher)
    await publisher.publish(root)
    assert left
    assert not set(left) & set(await registered(publisher))
    stands = await registered(publisher)
    assert not (await publisher.publish(root)).is_new
    assert await registered(publisher) == stands


async def test_nothing_is_published_where_the_register_lacks_what_was_told(publisher: Publisher, root: Path) -> None:
    first = await publisher.publish(root)
    async with publisher.writing() as connection:
        await connection.execute(delete(ToldGroup).where(ToldGroup.dataset == "penerima_agregat"))
    with pytest.raises(RegisterIsNotComplete, match="4 figures"):
        await publisher.publish(root, SEALED_SPRING)
    assert (root / "ksbb-umkm" / "latest").resolve() == first.folder.resolve()


async def late(publisher: Publisher, count: int) -> None:
    """People whose receipt in autumn was entered after it was published."""
    async with publisher.city() as city:
        collaboration = await city.collaboration(f"KSBB-UMK-2020-R{count:05}", "PT Contoh Susulan")
        await city.recipients(collaboration, count, TEBET)


AUTUMN = {TEBET: "30", "31.74.01": "15", "31.74.01.1003": "10", "31.71": "15"}


def of_autumn(rows: list[tuple[str, ...]]) -> dict[str, str]:
    return {row[1]: row[-1] for row in rows if row[0] == "202012"}


async def test_a_sealed_figure_changes_in_the_yearly_revision_and_by_ten_persons(
    publisher: Publisher, root: Path
) -> None:
    first = await publisher.publish(root, SEALED_AUTUMN)
    assert of_autumn(persons(first)) == AUTUMN
    await late(publisher, 9)
    revised = await publisher.publish(root, COHORT_IS_TOLD)
    assert of_autumn(persons(revised)) == of_autumn(persons(first)), "nine persons are too few"
    await late(publisher, 3)
    again = await publisher.publish(root, SEALED_SPRING)
    assert of_autumn(persons(again)) == of_autumn(persons(first)), "a revision is once a year"
    next_year = await publisher.publish(root, A_YEAR_LATER)
    assert of_autumn(persons(next_year)) == {**AUTUMN, TEBET: "45"}
    assert of_autumn(persons(first, "PROVINSI")) == {"31": "70"}
    assert of_autumn(persons(next_year, "PROVINSI")) == {"31": "85"}
    stated = json.loads((next_year.folder / DESCRIPTOR).read_text(encoding="utf-8"))["resources"]
    revised_in = {one["name"]: one["revised_in"] for one in stated if "revised_in" in one}
    assert (revised_in["penerima_agregat"]["202012"], revised_in["penerima_kumulatif"]) == (2022, {"202004+": 202204})
    assert not (await publisher.publish(root, A_YEAR_LATER)).is_new


async def test_a_revision_moves_a_person_only_where_both_groups_change(publisher: Publisher, root: Path) -> None:
    """Twelve move from Tebet to Senen: both change by ten or more. One who moves alone is counted where he was."""
    await publisher.publish(root, SEALED_AUTUMN)
    moved = Business.region_code == TEBET, Business.kbli_section == "I"
    async with publisher.writing() as connection:
        keys = (await connection.execute(Business.__table__.select().where(*moved))).scalars().all()
        await connection.execute(update(Business).where(Business.id.in_(keys[:12])).values(region_code=SENEN))
    revised = await publisher.publish(root, COHORT_IS_TOLD)
    assert of_autumn(persons(revised)) == {**AUTUMN, TEBET: "20", "31.71": "30"}
    async with publisher.writing() as connection:
        await connection.execute(update(Business).where(Business.id == keys[12]).values(region_code=SENEN))
    again = await publisher.publish(root, A_YEAR_LATER)
    assert of_autumn(persons(again)) == of_autumn(persons(revised))


async def test_who_stays_in_one_period_or_programme_is_counted_in_others(publisher: Publisher, root: Path) -> None:
    """Twelve of autumn receive in another programme as well, whose group alone may change."""
    async with publisher.writing() as connection:
        where = Business.region_code == TEBET, Business.kbli_section == "I"
        known = (await connection.execute(Business.__table__.select().where(*where))).mappings().all()
    async with publisher.city() as city:
        other = await city.collaboration("KSBB-UMK-2020-AAAADD", "PT Contoh Pangan", programme=Programme.PANGAN)
        delivery = await city.delivery(other)
        for business in known[:12]:
            await city.recipient(delivery, TEBET, owner=business["owner_id"])
    await publisher.publish(root, SEALED_AUTUMN)
    async with publisher.city() as city:
        late_ = await city.delivery(other)
        for _ in range(20):
            await city.recipient(late_, TEBET)
    async with publisher.writing() as connection:  # too few for the group of UMKM, in which the twelve therefore stay
        await connection.execute(delete(DeliveryRecipient).where(DeliveryRecipient.business_id == known[0]["id"]))
    revised = await publisher.publish(root, COHORT_IS_TOLD)
    told = {(row["program"], row["jumlah_penerima"]) for row in table(revised, "penerima_agregat")}
    assert ("PANGAN", "30") in told, "32 of them, though 12 stay in a group of UMKM that did not change"


async def test_a_group_that_would_become_too_small_is_not_revised(publisher: Publisher, root: Path) -> None:
    first = await publisher.publish(root, SEALED_AUTUMN)
    async with publisher.writing() as connection:
        gone = Business.region_code == SENEN, Business.kbli_section == "I"
        keys = (await connection.execute(Business.__table__.select().where(*gone))).scalars().all()
        await connection.execute(delete(DeliveryRecipient).where(DeliveryRecipient.business_id.in_(keys)))
    revised = await publisher.publish(root, COHORT_IS_TOLD)
    assert of_autumn(persons(revised)) == of_autumn(persons(first))


async def test_a_revised_period_is_assessed_again_and_said_to_be(publisher: Publisher, root: Path) -> None:
    await publisher.publish(root, SEALED_AUTUMN)
    await late(publisher, 40)
    revised = await publisher.publish(root, COHORT_IS_TOLD)
    report = json.loads((revised.folder / REPORT).read_text(encoding="utf-8"))
    (recipients,) = [one for one in report["datasets"] if one["name"] == "penerima_agregat"]
    (autumn,) = [one for one in recipients["periods"] if one["period"] == "202012"]
    assert autumn["assessed"]
    assert autumn["derivable_small_numbers"] == 0
    again = await publisher.publish(root, COHORT_IS_TOLD)
    assert not again.is_new
    assert contents(again.folder) == contents(revised.folder)


def ever(report: ReleaseReport) -> str:
    (row,) = table(report, "penerima_kumulatif")
    assert row["sejak"] == "202004+"
    return row["jumlah_penerima"]


def on(month: int, day: int = 1) -> FixedClock:
    return FixedClock(dt.datetime(2021, month, day, tzinfo=dt.UTC))


async def test_the_count_of_all_recipients_moves_once_a_month_and_by_ten(publisher: Publisher, root: Path) -> None:
    """At first 61 of autumn, 20 of spring and 11 with a loan; then some who come late."""
    assert ever(await publisher.publish(root, on(2))) == "90"
    await late(publisher, 9)
    assert ever(await publisher.publish(root, on(3, 20))) == "90", "it would move by nine"
    await late(publisher, 12)
    assert ever(await publisher.publish(root, on(3, 21))) == "90", "this month was decided"
    assert ever(await publisher.publish(root, on(4, 20))) == "115"
    assert not (await publisher.publish(root, on(4, 21))).is_new
