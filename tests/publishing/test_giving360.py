"""360Giving: every grant has what the standard requires, and nobody is in it who is not named as a body."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from publishing.formats.giving360 import PATH, write_360giving
from tests.publishing.city import Publisher, as_owner
from tests.publishing.rows import CANARY

REQUIRED = {  # of a grant, by hand from 360-giving-schema.json
    "id": str,
    "title": str,
    "description": str,
    "currency": str,
    "amountAwarded": int,
    "awardDate": str,
    "recipientOrganization": list,
    "fundingOrganization": list,
}
RIGHT = {
    "id_kolaborasi": "KSBB-UMK-2020-7K3M9K",
    "program": "UMKM",
    "jenis_paket": "PELATIHAN",
    "jenis_kolaborator": "DUNIA_USAHA",
    "nama_kolaborator": "PT Contoh Sejahtera",
    "id_penyalur": "AGR-0123456789",
    "kode_kecamatan": "31.74.01",
    "nilai_komitmen_rp": "75000000",
    "status": "BERJALAN",
    "tanggal_id_terbit": "2020-08-12",
}
DESCRIPTOR = {
    "name": "contoh",
    "version": "1.0.1",
    "title_en": "Example",
    "contributors": [{"title": "Pemprov DKI Jakarta"}],
    "licenses": [{"path": "https://creativecommons.org/licenses/by/4.0/"}],
    "resources": [{"name": name, "path": f"{name}.csv"} for name in ("kolaborasi", "lembaga", "wilayah")],
}


def grants_of(folder: Path, *rows: dict[str, str]) -> dict[str, Any]:
    """What is made of some collaborations."""
    _table(folder / "kolaborasi.csv", *rows)
    _table(folder / "lembaga.csv", {"id_lembaga": "AGR-0123456789", "nama_lembaga": "Yayasan Contoh"})
    _table(folder / "wilayah.csv", {"kode_wilayah": "31.74.01", "nama_wilayah": "Tebet"})
    file = write_360giving(folder, DESCRIPTOR)
    return json.loads(file.read_text()) if file else {"grants": []}


def _table(file: Path, *rows: dict[str, str]) -> None:
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    file.write_text("".join(",".join(line) + "\n" for line in lines))


def complaints(grant: dict[str, Any]) -> list[str]:
    """What the standard would say of a grant."""
    found = [name for name, kind in REQUIRED.items() if not isinstance(grant.get(name), kind) or not grant[name]]
    for role in ("recipientOrganization", "fundingOrganization"):
        found += [role for body in grant[role] if not (body.get("id") and body.get("name"))]
    return found + ([] if grant["currency"] == "IDR" and len(grant["title"]) < 140 else ["currency or title"])


def test_a_grant_has_all_that_is_required(tmp_path: Path) -> None:
    package = grants_of(tmp_path, RIGHT)
    (grant,) = package["grants"]
    assert complaints(grant) == []
    assert grant["id"] == "360G-ksbbjakarta-KSBB-UMK-2020-7K3M9K"
    assert (grant["amountAwarded"], grant["awardDate"]) == (75_000_000, "2020-08-12")
    assert grant["recipientOrganization"][0]["name"] == "Yayasan Contoh"
    assert grant["beneficiaryLocation"][0]["geoCode"] == "31.74.01"
    assert "Left out: none." in package["description"]


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"nama_kolaborator": "Anonim"}, "1 given by a person, or by somebody who is not named"),
        ({"jenis_kolaborator": "PERORANGAN"}, "1 given by a person, or by somebody who is not named"),
        ({"id_penyalur": ""}, "1 handed out by the donor itself"),
        ({"tanggal_id_terbit": ""}, "1 without a date of agreement"),
        ({"nilai_komitmen_rp": "0"}, "1 without a value"),
        ({"status": "DIBATALKAN"}, "1 not agreed, or no longer"),
        ({"status": "DIAJUKAN"}, "1 not agreed, or no longer"),
    ],
)
def test_what_lacks_a_required_part_is_left_out_and_counted(tmp_path: Path, change: dict[str, str], note: str) -> None:
    package = grants_of(tmp_path, RIGHT, {**RIGHT, "id_kolaborasi": "KSBB-UMK-2020-000000", **change})
    assert [grant["id"][-6:] for grant in package["grants"]] == ["7K3M9K"]
    assert f"Left out: {note}." in package["description"]


def test_a_package_without_grants_is_not_written(tmp_path: Path) -> None:
    assert grants_of(tmp_path, {**RIGHT, "nama_kolaborator": "Perorangan"})["grants"] == []
    assert not (tmp_path / PATH).exists()


def test_a_donor_has_one_identifier_however_the_name_is_spaced(tmp_path: Path) -> None:
    package = grants_of(tmp_path, RIGHT, {**RIGHT, "nama_kolaborator": "PT  CONTOH Sejahtera"})
    assert len({grant["fundingOrganization"][0]["id"] for grant in package["grants"]}) == 1


async def test_a_release_has_its_grants_and_no_person_in_them(publisher: Publisher, root: Path) -> None:
    await as_owner(publisher.owner_uri, "update ksbb.collaboration set number_issued_on = '2020-08-12'")
    report = await publisher.publish(root)
    text = (report.folder / PATH).read_text()
    assert CANARY not in text
    assert "Ratna" not in text
    grants = json.loads(text)["grants"]
    assert [complaints(grant) for grant in grants] == [[], []]
    assert {grant["fundingOrganization"][0]["name"] for grant in grants} == {"PT Contoh Sejahtera", "PT Contoh Modal"}
