"""A release from a real database: what is in it, what is not, and what never changes."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
from pathlib import Path

import asyncpg
import pytest

from datapackages.penerima_agregat.dataset import DATASET as RECIPIENTS
from models.owner import Consent
from models.vocabulary import ConsentPurpose
from publishing.control.ledger import Ledger
from publishing.extract import snapshot
from publishing.formats.every_format import without_formats
from publishing.gate import PackageNotValid, check
from publishing.package import DESCRIPTOR, json_text
from publishing.pipeline import ReleaseReport
from publishing.portals.target import FolderTarget
from publishing.release.checker import checked
from publishing.release.released import LATEST, PublishingIsBusy, ReleaseWasChanged, staging
from publishing.release.verify import FolderPlace, verify
from publishing.sealed import Sealed, SealedRowsAreMissing
from publishing.sealing import Outcome, seal
from tests.publishing.city import SEALED_SPRING, Publisher, as_owner
from tests.publishing.releasing import unpacked
from tests.publishing.rows import CANARY, CANARY_AMOUNT, MANGGARAI, SENEN, TEBET

KEMAYORAN = "31.71.03.1001"

Table = list[dict[str, str]]


def table(report: ReleaseReport, name: str) -> Table:
    with (report.folder / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def persons(report: ReleaseReport, name: str = "RINCIAN") -> list[tuple[str, ...]]:
    wanted = ("periode_data", "kode_wilayah", "tingkat", "kategori_kbli", "skala", "jumlah_penerima")
    return [tuple(row[c] for c in wanted) for row in table(report, "penerima_agregat") if row["tabel"] == name]


async def test_a_release_is_valid_and_says_what_it_holds(publisher: Publisher, root: Path) -> None:
    report = await publisher.publish(root)
    check(report.folder)
    assert report.is_new
    assert report.version == "1.0.1"
    assert {row.dataset: row.rows for row in report.datasets} == {
        "wilayah": 318,
        "lembaga": 2,
        "kolaborasi": 5,
        "penerima_agregat": 7,
        "penerima_anonim": 70,
        "pengaduan": 0,
        "penerima_kumulatif": 1,
        "penyaluran_ulang": 0,
        "pinjaman_agregat": 0,
        "selisih_laporan": 0,
        "serah_terima": 0,
        "realisasi": 6,
        "target_sebaran": 3,
        "angka_acuan": 0,
        "pengungkapan": 0,
    }


async def test_persons_are_counted_by_validation_and_small_groups_climb(publisher: Publisher, root: Path) -> None:
    report = await publisher.publish(root)
    assert persons(report) == [
        ("202012", "31.71", "KOTA", "LAINNYA", "LAINNYA", "15"),
        ("202012", "31.74.01", "KECAMATAN", "C", "MIKRO", "15"),
        ("202012", TEBET, "KELURAHAN", "I", "MIKRO", "30"),
        ("202012", MANGGARAI, "KELURAHAN", "I", "MIKRO", "10"),
    ]
    assert persons(report, "KOTA") == [
        ("202012", "31.71", "KOTA", "SEMUA", "SEMUA", "15"),
        ("202012", "31.74", "KOTA", "SEMUA", "SEMUA", "55"),
    ]
    assert persons(report, "PROVINSI") == [("202012", "31", "PROVINSI", "SEMUA", "SEMUA", "70")]


async def test_a_person_with_two_businesses_is_counted_once(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        collaboration = await city.collaboration("KSBB-UMK-2020-CCCCCC", "PT Contoh Lain")
        owners = await city.recipients(collaboration, 10, "31.75.01.1001")
        again = await city.delivery(collaboration)
        for owner in owners:
            await city.recipient(again, "31.75.01.1001", owner=owner)
    rows = persons(await publisher.publish(root))
    assert [row[-1] for row in rows if row[1].startswith("31.75")] == ["10"]


async def test_owners_in_the_public_list_do_not_hide_those_who_are_not(publisher: Publisher, root: Path) -> None:
    owner = await asyncpg.connect(publisher.owner_uri)
    try:
        await owner.execute(
            "update ksbb.business set listed = true where region_code = $1 and id not in"
            " (select id from ksbb.business where region_code = $1 and kbli_section = 'I' order by id limit 9)",
            TEBET,
        )
    finally:
        await owner.close()
    assert TEBET not in {row[1] for row in persons(await publisher.publish(root))}


async def test_owners_who_left_the_public_list_do_not_hide_those_who_never_were_in_it(
    publisher: Publisher, root: Path
) -> None:
    async with publisher.city() as city:
        collaboration = await city.collaboration("KSBB-UMK-2020-CCCCCC", "PT Contoh Lain")
        owners = await city.recipients(collaboration, 12, KEMAYORAN, "C")
        for owner in owners[:3]:
            left = {"given_on": dt.date(2020, 8, 1), "withdrawn_on": dt.date(2020, 9, 1)}
            await city.row(Consent, owner_id=owner, purpose=ConsentPurpose.TAMPIL_PUBLIK, **left)
    assert KEMAYORAN not in {row[1] for row in persons(await publisher.publish(root))}


async def test_donors_and_loan_collaborations_show_by_rule(publisher: Publisher, root: Path) -> None:
    rows = {row["id_kolaborasi"][-6:]: row for row in table(await publisher.publish(root), "kolaborasi")}
    assert {token: row["nama_kolaborator"] for token, row in rows.items()} == {
        "7K3M9K": "PT Contoh Sejahtera",
        "2D8RXC": "Perorangan",
        "5VTC0T": "Contoh Ibu Ratna",
        "AAAAAA": "Anonim",
        "BBBBBB": "PT Contoh Modal",
    }
    assert rows["BBBBBB"]["status"] == "DIKONFIRMASI"
    assert rows["BBBBBB"]["tanggal_berakhir"] == ""
    assert rows["7K3M9K"]["status"] == "BERJALAN"
    assert rows["7K3M9K"]["id_penyalur"].startswith("AGR-")
    assert rows["AAAAAA"]["kode_kecamatan"] == ""


async def test_canaries_are_nowhere_in_a_release(publisher: Publisher, root: Path) -> None:
    report = await publisher.publish(root)
    for path, content in unpacked(report.folder):
        for canary in (CANARY, str(CANARY_AMOUNT), "106.123456"):
            assert canary not in path
            assert canary.encode() not in content, path


async def test_the_same_data_make_the_same_bytes_and_no_new_release(publisher: Publisher, root: Path) -> None:
    first = await publisher.publish(root / "one")
    again = await publisher.publish(root / "one")
    elsewhere = await publisher.publish(root / "two")
    assert not again.is_new
    assert again.datasets == first.datasets
    assert names(root / "one" / "ksbb-umkm") == ["1.0.1", LATEST]
    assert contents(elsewhere.folder) == contents(first.folder)


async def test_a_release_made_before_there_were_formats_and_seals_is_built_upon(
    publisher: Publisher, root: Path
) -> None:
    first = await publisher.publish(root)
    old = json.loads((first.folder / DESCRIPTOR).read_text(encoding="utf-8"))
    for path in sorted(contents(first.folder)):
        if not path.endswith(".csv"):
            (first.folder / path).unlink()
    (first.folder / DESCRIPTOR).write_text(json_text(without_formats(old)))
    assert not (await publisher.publish(root)).is_new
    second = await publisher.publish(root, SEALED_SPRING)
    assert (second.version, second.is_new) == ("1.0.2", True)
    assert verify(FolderPlace(second.folder)).holds


async def test_a_release_is_signed_and_tells_what_changed(publisher: Publisher, root: Path) -> None:
    await publisher.publish(root)
    second = await publisher.publish(root, SEALED_SPRING)
    assert verify(FolderPlace(second.folder)).holds
    assert checked(second.folder).wrong == 0
    changes = json.loads((second.folder / "changes.json").read_text(encoding="utf-8"))
    counts = next(one for one in changes["datasets"] if one["name"] == "penerima_agregat")
    assert counts["counts"]["removed"] == counts["counts"]["changed"] == 0
    assert {row["key"]["periode_data"] for row in counts["rows"]} == {"202106"}


async def test_a_donor_who_takes_the_consent_back_is_named_in_no_later_release(
    publisher: Publisher, root: Path
) -> None:
    first = await publisher.publish(root)
    await as_owner(publisher.owner_uri, "update ksbb.collaborator set name_consented = false where name ~ 'Ratna'")
    second = await publisher.publish(root)
    assert any(b"Contoh Ibu Ratna" in content for content in contents(first.folder).values())
    assert second.is_new
    for path, content in unpacked(second.folder):
        assert b"Ratna" not in content, path


async def test_a_sealed_period_is_never_counted_again(publisher: Publisher, root: Path) -> None:
    first = persons(await publisher.publish(root))
    async with publisher.city() as city:
        collaboration = await city.collaboration("KSBB-UMK-2021-DDDDDD", "PT Contoh Lambat")
        await city.recipients(collaboration, 1, TEBET)
        await city.recipients(collaboration, 40, SENEN, "C")
    second = await publisher.publish(root, SEALED_SPRING)
    assert second.version == "1.0.2"
    assert (root / "ksbb-umkm" / LATEST).resolve() == second.folder.resolve()
    assert [row for row in persons(second) if row[0] == "202012"] == first
    assert [row for row in persons(second) if row[0] == "202106"] == [
        ("202106", SENEN, "KELURAHAN", "I", "MIKRO", "20")
    ]


async def test_a_release_does_not_tell_few_from_nobody(publisher: Publisher, root: Path) -> None:
    """Not by which periods are sealed, nor in its ledger or report: no complaint and nine make the same bytes."""
    nobody = await publisher.publish(root / "nobody")
    async with publisher.city() as city:
        for days in range(9):
            await city.complaint(TEBET, days)
    few = await publisher.publish(root / "few")
    assert contents(few.folder) == contents(nobody.folder)


async def test_what_came_late_for_a_sealed_period_without_anybody_stays_out(publisher: Publisher, root: Path) -> None:
    await publisher.publish(root)
    async with publisher.city() as city:
        for days in range(20):
            await city.complaint(TEBET, days)
    assert not (await publisher.publish(root)).is_new


async def test_a_dataset_that_left_the_package_does_not_come_back_counted_again(publisher: Publisher) -> None:
    ledger, until = Ledger(b"a secret"), dt.date(2021, 1, 17)

    async def sealed(before: dict[str, Sealed]) -> Outcome:
        async with snapshot(publisher.uri, keep=True) as connection:
            return (await seal(connection, [RECIPIENTS], before, until, ledger))[RECIPIENTS.name]

    first = (await sealed({})).sealed
    assert await sealed({RECIPIENTS.name: first}) == Outcome(first)
    with pytest.raises(SealedRowsAreMissing, match="2 periods"):
        await sealed({})


async def test_a_release_that_was_changed_is_not_built_upon(publisher: Publisher, root: Path) -> None:
    report = await publisher.publish(root)
    file = report.folder / "data" / "penerima_agregat.csv"
    file.write_text(file.read_text().replace(",30\n", ",35\n"))
    with pytest.raises(ReleaseWasChanged, match="penerima_agregat"):
        await publisher.publish(root)


async def test_a_release_that_was_changed_with_its_descriptor_is_not_built_upon(
    publisher: Publisher, root: Path
) -> None:
    report = await publisher.publish(root)
    file, descriptor = report.folder / "data" / "penerima_agregat.csv", report.folder / DESCRIPTOR
    changed = file.read_bytes().replace(b",30\n", b",35\n")
    before, after = (hashlib.sha256(content).hexdigest() for content in (file.read_bytes(), changed))
    file.write_bytes(changed)
    descriptor.write_text(descriptor.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    with pytest.raises(ReleaseWasChanged, match="not what was signed, in 2 places"):
        await publisher.publish(root, SEALED_SPRING)


async def test_a_package_with_an_error_is_refused_and_leaves_nothing(publisher: Publisher, root: Path) -> None:
    async with publisher.city() as city:
        await city.collaboration(f"{CANARY} 31", "PT Contoh Salah")
    with pytest.raises(PackageNotValid) as refused:
        await publisher.publish(root)
    assert "kolaborasi" in refused.value.message
    assert CANARY not in refused.value.message
    assert names(root) == [".lock"]


async def test_a_release_is_handed_to_a_folder_once(publisher: Publisher, root: Path) -> None:
    target = FolderTarget(root / "portal")
    report = await publisher.publish(root / "catalogue", targets=[target])
    delivered = root / "portal" / "ksbb-umkm"
    await publisher.publish(root / "catalogue", targets=[target])
    assert contents(delivered / "1.0.1") == contents(report.folder)
    assert (delivered / LATEST).readlink() == Path("1.0.1")
    check(delivered / LATEST)
    assert verify(FolderPlace.at(str(delivered / LATEST))).holds


async def test_a_release_whose_maker_was_killed_at_the_last_step_counts(publisher: Publisher, root: Path) -> None:
    report = await publisher.publish(root)
    (root / "ksbb-umkm" / LATEST).unlink()
    again = await publisher.publish(root)
    assert not again.is_new
    assert (root / "ksbb-umkm" / LATEST).readlink() == Path(report.version)


async def test_a_dry_run_checks_everything_and_keeps_nothing(publisher: Publisher, root: Path) -> None:
    report = await publisher.publish(root, dry_run=True, targets=[FolderTarget(root / "portal")])
    assert (report.version, report.is_new) == ("1.0.1", True)
    assert names(root) == [".lock"]


async def test_two_publishers_do_not_meet(publisher: Publisher, root: Path) -> None:
    with staging(root), pytest.raises(PublishingIsBusy):
        await publisher.publish(root)


async def test_what_a_killed_publisher_left_is_cleared(publisher: Publisher, root: Path) -> None:
    (root / ".staging-killed" / "release").mkdir(parents=True)
    await publisher.publish(root)
    assert names(root) == [".lock", "keys", "ksbb-umkm"]


@pytest.mark.parametrize("relation", ["ksbb.owner", "ksbb.delivery_recipient", "ksbb_biro_ksd.owner"])
async def test_the_publisher_cannot_read_persons(publisher: Publisher, relation: str) -> None:
    connection = await asyncpg.connect(publisher.uri)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch(f"select * from {relation}")
    finally:
        await connection.close()
