"""What was given, as open data: to whom help came is never told, by no place, count, code or reversal."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from pathlib import Path

import asyncpg

from kernel.clock import FixedClock
from models.vocabulary import PackageKind, PledgeStatus
from publishing.gate import check
from publishing.pipeline import ReleaseReport
from tests.publishing.city import Publisher
from tests.publishing.given import JUNE, consenting, given, needed, pledged, private, reported
from tests.publishing.rows import CANARY, CANARY_AMOUNT, SENEN, TEBET

KOTA, KECAMATAN = "31.74", "31.74.01"
EVERYWHERE = {"banyak": TEBET, "sekecamatan": KECAMATAN, "pelatihan": TEBET, "keliru": TEBET} | dict.fromkeys(
    ("sedikit", "satu", "tanpa nama"), KOTA
)

Row = dict[str, str]


def table(report: ReleaseReport, name: str) -> list[Row]:
    with (report.folder / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def deliveries(report: ReleaseReport) -> list[Row]:
    return [row for row in table(report, "realisasi") if row["id_kolaborasi"] == "KSBB-UMK-2021-EEEEEE"]


def layers(report: ReleaseReport) -> dict[tuple[str, str], Row]:
    rows = [row for row in table(report, "target_sebaran") if row["periode_data"] == "202106"]
    return {(row["kode_wilayah"], row["jenis_paket"]): row for row in rows}


async def test_a_delivery_to_few_is_told_by_kota(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        await given(city)
    report = await publisher.publish(root)
    check(report.folder)
    rows = deliveries(report)
    assert {row["barang"]: row["kode_wilayah"] for row in rows} == EVERYWHERE
    assert {row["tingkat"] for row in rows if row["kode_wilayah"] == KOTA} == {"KOTA"}
    one = next(row for row in rows if row["barang"] == "satu")
    assert (one["jumlah"], one["satuan"], one["nilai_rp"]) == ("1", "unit", "3000000")


async def test_seats_of_trainings_are_not_told_as_persons_sat_in_them(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        await given(city)
    report = await publisher.publish(root)
    training = next(row for row in deliveries(report) if row["jenis_paket"] == "PELATIHAN")
    assert [training[column] for column in ("jumlah", "jumlah_tambahan", "satuan")] == ["", "", ""]
    assert training["nilai_rp"] == "240000"
    assert layers(report)[(TEBET, "PELATIHAN")]["penyaluran_jumlah"] == ""


async def test_recipients_of_the_public_list_do_not_hide_the_others(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        await given(city)
    await consenting(publisher, "banyak", JUNE - dt.timedelta(1))
    rows = deliveries(await publisher.publish(root))
    assert next(row["kode_wilayah"] for row in rows if row["barang"] == "banyak") == KOTA


async def test_a_later_consent_does_not_show_who_received(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        await given(city)
    before = (await publisher.publish(root)).folder / "data" / "realisasi.csv"
    await consenting(publisher, "banyak", JUNE)
    after = (await publisher.publish(root / "again")).folder / "data" / "realisasi.csv"
    assert before.read_bytes() == after.read_bytes()


async def test_a_reversal_takes_back_what_it_leaves_to_be_read(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        await given(city)
    wrong, undone = sorted(
        (row for row in deliveries(await publisher.publish(root)) if row["barang"] == "keliru"),
        key=lambda row: row["membalik"],
    )
    assert (wrong["jumlah"], wrong["jumlah_tambahan"], wrong["nilai_rp"]) == ("4", "2", "600")
    assert (undone["jumlah"], undone["jumlah_tambahan"], undone["nilai_rp"]) == ("-4", "-2", "-600")
    assert undone["membalik"] == wrong["id_realisasi"] != undone["id_realisasi"]
    assert undone["kode_wilayah"] == wrong["kode_wilayah"]


async def test_reversing_changes_no_row_that_was_published(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        await given(city)
    before = deliveries(await publisher.publish(root))
    connection = await asyncpg.connect(publisher.owner_uri)
    await connection.execute("update ksbb.delivery set status = 'DIBALIK' where item = 'banyak'")
    await connection.execute(
        "update ksbb.delivery_recipient r set received_on = null from ksbb.delivery d"
        " where d.id = r.delivery_id and d.item = 'banyak'"
    )
    await connection.close()
    after = deliveries(await publisher.publish(root, FixedClock(dt.datetime(2021, 7, 2, tzinfo=dt.UTC))))
    assert [row for row in after if row in before] == before
    assert sum(int(row["nilai_rp"]) for row in after) == sum(int(row["nilai_rp"]) for row in before) - 240_000


async def test_codes_of_deliveries_lead_neither_to_keys_nor_to_the_api(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        await given(city)
    codes = {row["id_realisasi"].removeprefix("RLS-") for row in deliveries(await publisher.publish(root))}
    connection = await asyncpg.connect(publisher.owner_uri)
    found = await connection.fetch("select id, public_id from ksbb.delivery")
    await connection.close()
    plain = [part for row in found for part in (row["id"].hex, row["public_id"])]
    plain += [hashlib.sha256(str(row["id"]).encode()).hexdigest() for row in found]
    assert not [code for code in codes if any(code in part for part in plain)]


async def test_needs_of_one_business_stand_in_no_layer(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        await needed(city)
    rows = layers(await publisher.publish(root))
    assert {cell: (row["target_jumlah"], row["target_nilai_rp"]) for cell, row in rows.items()} == {
        (SENEN, "SARPRAS"): ("40", "4000000")
    }


async def test_a_pledge_for_one_business_is_told_by_kota(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        needs, made, person = await needed(city), await given(city), await private(city)
        await pledged(city, made, 7, need_id=needs["site"])
        await pledged(city, made, 2, need_id=needs["business"])
        await pledged(city, made, 3, need_id=needs["premises"])
        await pledged(city, made, 11)
        await pledged(city, person, 5, need_id=needs["site"])
    rows = layers(await publisher.publish(root))
    promised = {cell[0]: row["komitmen_jumlah"] for cell, row in rows.items() if row["komitmen_jumlah"] != "0"}
    assert promised == {SENEN: "7", KOTA: "5", KECAMATAN: "11", "31.71.04": "5"}


async def test_of_a_pledge_that_ended_stands_what_was_delivered(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        made = await given(city)
        await pledged(city, made, 10, status=PledgeStatus.DITARIK, delivered_quantity=4)
        await pledged(city, made, 10, status=PledgeStatus.KEDALUWARSA)
        seats = {"package_kind": PackageKind.PELATIHAN, "delivered_quantity": 3}
        await pledged(city, made, 10, status=PledgeStatus.DITARIK, **seats)
        await pledged(city, made, 10, status=PledgeStatus.DIAJUKAN)
    rows = layers(await publisher.publish(root))
    assert (KECAMATAN, "PELATIHAN") not in rows
    row = rows[(KECAMATAN, "SARPRAS")]
    assert (row["komitmen_jumlah"], row["komitmen_nilai_rp"]) == ("4", "400000")


async def test_what_was_delivered_adds_up_to_the_deliveries(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        await given(city)
    report = await publisher.publish(root)
    told: dict[tuple[str, str], int] = {}
    for row in deliveries(report):
        cell = (row["kode_wilayah"], row["jenis_paket"])
        told[cell] = told.get(cell, 0) + int(row["nilai_rp"])
    assert {cell: int(row["penyaluran_nilai_rp"]) for cell, row in layers(report).items()} == told


async def test_a_reported_figure_stands_beside_what_contradicts_it(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        await reported(city)
    report = await publisher.publish(root)
    check(report.folder)
    rows = {row["id_angka"]: row for row in table(report, "angka_acuan")}
    assert rows["kolaborator_total"]["angka"] == "224"
    assert rows["kolaborator_total"]["hasil_pemeriksaan"] == "SESUAI"
    assert rows["iumk_relaksasi_71115"]["hasil_pemeriksaan"] == "BERTENTANGAN"
    assert "selisih 27165" in rows["iumk_relaksasi_71115"]["pertentangan"]
    assert rows["tekfin"]["hasil_pemeriksaan"] == "TIDAK_DIPERIKSA"
    assert all(row["sumber"] and row["definisi"] for row in rows.values())


async def test_canaries_of_those_who_received_are_nowhere(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        needs, made = await needed(city), await given(city)
        await pledged(city, made, 2, need_id=needs["business"])
        await pledged(city, await private(city), 5)
        await reported(city)
    report = await publisher.publish(root)
    for file in sorted(path for path in report.folder.rglob("*") if path.is_file()):
        for canary in (CANARY, str(CANARY_AMOUNT), "106.123456"):
            assert canary.encode() not in file.read_bytes(), file.name
