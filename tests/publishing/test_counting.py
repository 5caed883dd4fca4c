"""What the database counts of loans, handovers and complaints, as it stands in a release."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from uuid import uuid4

from kernel.clock import FixedClock
from models.handover import OnwardAid
from models.vocabulary import InstitutionKind, PackageKind
from tests.publishing.city import Publisher
from tests.publishing.rows import AUTUMN_2020, CANARY_AMOUNT, MANGGARAI, TEBET, City
from tests.publishing.test_pipeline import table

LATER = FixedClock(dt.datetime(2021, 8, 1, tzinfo=dt.UTC))
STEP = 5_000_000


async def lent(city: City, number: int, late: int, halves: int, **more: Any) -> None:
    """Loans in Tebet: some paid nothing, some half of it, the others all."""
    fintech = await city.institution(InstitutionKind.FINTECH, "PT Contoh Pinjam")
    loans = {"package_kind": PackageKind.PINJAMAN_MODAL, "distributor_id": fintech}
    lending = await city.collaboration("KSBB-UMK-2020-EEEEEE", "PT Contoh Modal Dua", **loans)
    for at in range(number):
        loan = await city.borrower(lending, fintech, TEBET)
        paid = 0 if at < late else CANARY_AMOUNT // 2 if at < late + halves else CANARY_AMOUNT
        await city.schedule(loan, paid, **more)


def nearest(amount: int) -> str:
    return str((amount + STEP // 2) // STEP * STEP)


async def test_loans_are_told_by_quarter_and_age_with_sums_that_are_rounded(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        await lent(city, 44, late=12, halves=10)
    report = await publisher.publish(root, LATER)
    rows = {row["umur_bulan"]: row for row in table(report, "pinjaman_agregat") if row["kode_wilayah"] == TEBET}
    assert rows.keys() == {"3", "6"}
    row = rows["3"]
    assert (row["triwulan_pencairan"], row["jumlah_pinjaman"]) == ("202012", "45")
    assert row["nilai_disalurkan_rp"] == nearest(44 * CANARY_AMOUNT)
    owed = 12 * CANARY_AMOUNT + 10 * (CANARY_AMOUNT - CANARY_AMOUNT // 2)
    assert row["sisa_pinjaman_rp"] == nearest(owed)
    assert row["nilai_dibayar_rp"] == nearest(44 * CANARY_AMOUNT - owed)
    assert row["jumlah_menunggak"] == ""  # those who paid half are as late: more than ten are, none of them is not


async def test_repayments_that_were_reported_late_count_at_the_next_age(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        await lent(city, 30, late=0, halves=15, reported=dt.datetime(2021, 4, 16, tzinfo=dt.UTC))
    report = await publisher.publish(root, LATER)
    rows = {row["umur_bulan"]: row for row in table(report, "pinjaman_agregat") if row["kode_wilayah"] == TEBET}
    assert rows["3"]["nilai_dibayar_rp"] == ""  # nobody has paid anything
    owed = 15 * (CANARY_AMOUNT - CANARY_AMOUNT // 2)
    assert rows["6"]["sisa_pinjaman_rp"] == nearest(owed)


async def test_a_handover_of_few_loans_is_not_told(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        fintech = await city.institution(InstitutionKind.FINTECH, "PT Contoh Serah")
        many = await city.institution(InstitutionKind.AGREGATOR, "Yayasan Banyak")
        few = await city.institution(InstitutionKind.AGREGATOR, "Yayasan Sedikit")
        lending = await city.collaboration(
            "KSBB-UMK-2020-FFFFFF", "PT Modal", package_kind=PackageKind.PINJAMAN_MODAL, distributor_id=fintech
        )
        loans = [await city.borrower(lending, fintech, MANGGARAI) for _ in range(21)]
        handover = await city.handed_over(fintech, many, loans[:12])
        await city.handed_over(fintech, few, loans[12:])
        parties = {"handover_id": handover, "fintech_id": fintech, "fund_manager_id": many}
        await city.row(OnwardAid, **parties, given_on=AUTUMN_2020)
    report = await publisher.publish(root)
    (row,) = table(report, "serah_terima")
    assert (row["jumlah_pinjaman"], row["nilai_rp"]) == ("10", nearest(12 * CANARY_AMOUNT))
    (passed_on,) = table(report, "penyaluran_ulang")
    assert (passed_on["id_pengelola_dana"], passed_on["jumlah_pinjaman"]) == (row["id_pengelola_dana"], "10")


async def test_complaints_are_told_by_place_with_the_days_that_half_of_them_took(
    publisher: Publisher, root: Path
) -> None:
    async with publisher.city() as city:
        for days in [2] * 7 + [5] * 8:
            await city.complaint(TEBET, days)
        for _ in range(4):
            await city.complaint(MANGGARAI, 9)
    rows = [row for row in table(await publisher.publish(root), "pengaduan") if row["tabel"] == "RINCIAN"]
    assert [(row["jumlah_pengaduan"], row["median_hari"], row["hasil"]) for row in rows] == [("20", "5", "SELESAI")]


async def test_many_complaints_of_one_person_are_those_of_one(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        one = uuid4()
        for _ in range(15):
            await city.complaint(TEBET, 2, complainant_id=one)
    assert table(await publisher.publish(root), "pengaduan") == []
