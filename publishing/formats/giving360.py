"""Collaborations as grants, in the 360Giving Data Standard (`standard.threesixtygiving.org`).

Made of the published rows alone, so that nothing can be in it that is not in the release. A grant goes from one
organisation to another: a pledge by a person or by somebody without a name, or one that the donor hands out itself, has
no place in it. What is left out is counted in the description.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from models.vocabulary import CollaborationStatus, CollaboratorKind, PackageKind, Programme
from publishing.package import json_text

PATH = "adapters/360giving.json"
PREFIX = "360G-ksbbjakarta-"
"""Ours before every identifier, as the standard asks (to be registered with 360Giving by the city)."""

_AWARDED = frozenset(
    {
        CollaborationStatus.DIKONFIRMASI,
        CollaborationStatus.BERJALAN,
        CollaborationStatus.DILAPORKAN,
        CollaborationStatus.TERVALIDASI,
        CollaborationStatus.SELESAI,
    }
)
_NOT_NAMED = frozenset({"", "Anonim", "Perorangan"})
"""What stands in `nama_kolaborator` where the donor is not named."""

_LEFT_OUT: Mapping[str, tuple[str, str]] = {
    "status": ("belum atau tidak disepakati", "not agreed, or no longer"),
    "funder": ("pemberinya orang atau tidak disebut", "given by a person, or by somebody who is not named"),
    "recipient": ("disalurkan sendiri oleh pemberi", "handed out by the donor itself"),
    "date": ("belum ada tanggal ID terbit", "without a date of agreement"),
    "amount": ("tanpa nilai", "without a value"),
}

Row = Mapping[str, str]


def write_360giving(folder: Path, descriptor: Mapping[str, Any]) -> Path | None:
    """Write the collaborations of a package in a folder as grants; None where it has none that can be one."""
    rows = {resource["name"]: folder / resource["path"] for resource in descriptor["resources"]}
    if not {"kolaborasi", "lembaga"} <= rows.keys():
        return None
    institutions = {row["id_lembaga"]: row for row in _read(rows["lembaga"])}
    regions = {row["kode_wilayah"]: row for row in _read(rows["wilayah"])} if "wilayah" in rows else {}
    grants, left_out = [], Counter[str]()
    for row in _read(rows["kolaborasi"]):
        reason = _reason_to_leave_out(row, institutions)
        if reason:
            left_out[reason] += 1
        else:
            grants.append(_grant(row, institutions[row["id_penyalur"]], regions.get(row["kode_kecamatan"])))
    if not grants:  # a package without grants is not valid
        return None
    file = folder / PATH
    file.parent.mkdir(exist_ok=True)
    file.write_text(json_text(_package(descriptor, grants, left_out)), encoding="utf-8", newline="")
    return file


def _package(descriptor: Mapping[str, Any], grants: list[dict[str, Any]], left_out: Counter[str]) -> dict[str, Any]:
    return {
        "identifier": f"{PREFIX}{descriptor['name']}-{descriptor['version']}",
        "title": f"{descriptor['title_en']}: collaborations as grants, release {descriptor['version']}",
        "description": " ".join([_note(left_out, 0), _note(left_out, 1)]),
        "publisher": {"name": descriptor["contributors"][0]["title"]},
        "license": descriptor["licenses"][0]["path"],
        "grants": grants,
    }


def _note(left_out: Counter[str], language: int) -> str:
    """What is not in it, by the first reason that holds."""
    made = ("Dari tabel kolaborasi rilis ini. Tidak termasuk:", "From the table kolaborasi of this release. Left out:")
    none = ("tidak ada.", "none.")
    parts = [f"{left_out[reason]} {words[language]}" for reason, words in _LEFT_OUT.items() if left_out[reason]]
    return f"{made[language]} {'; '.join(parts) + '.' if parts else none[language]}"


def _reason_to_leave_out(row: Row, institutions: Mapping[str, Row]) -> str:
    """The first required part of a grant that a collaboration lacks; empty when it has all."""
    if row["status"] not in _AWARDED:
        return "status"
    if row["jenis_kolaborator"] == CollaboratorKind.PERORANGAN or row["nama_kolaborator"] in _NOT_NAMED:
        return "funder"
    if row["id_penyalur"] not in institutions:
        return "recipient"
    if not row["tanggal_id_terbit"]:
        return "date"
    return "" if int(row["nilai_komitmen_rp"] or 0) > 0 else "amount"


def _grant(row: Row, institution: Row, kecamatan: Row | None) -> dict[str, Any]:
    kind, programme = PackageKind[row["jenis_paket"]], Programme[row["program"]]
    grant: dict[str, Any] = {
        "id": f"{PREFIX}{row['id_kolaborasi']}",
        "title": f"{kind.label_id} / {kind.label_en} ({row['id_kolaborasi']})",
        "description": (
            f"Komitmen dalam program {programme.label_id}, senilai yang dilaporkan pemberi. / "
            f"Pledge within the programme {programme.label_id} ({programme.label_en}), valued as the donor stated."
        ),
        "currency": "IDR",
        "amountAwarded": int(row["nilai_komitmen_rp"]),
        "awardDate": row["tanggal_id_terbit"],
        "fundingOrganization": [_organisation(_digest(row["nama_kolaborator"]), row["nama_kolaborator"])],
        "recipientOrganization": [_organisation(institution["id_lembaga"], institution["nama_lembaga"])],
        "grantProgramme": [{"code": programme.value, "title": programme.label_id}],
        "classifications": [{"vocabulary": "jenis_paket", "code": kind.value, "title": kind.label_id}],
    }
    if kecamatan:
        place = {"name": kecamatan["nama_wilayah"], "countryCode": "ID", "geoCode": kecamatan["kode_wilayah"]}
        grant["beneficiaryLocation"] = [place]
    return grant


def _organisation(key: str, name: str) -> dict[str, str]:
    return {"id": f"{PREFIX}ORG:{key}", "name": name}


def _digest(name: str) -> str:
    """A key for a donor, who has none in open data: of the published name and nothing else."""
    return hashlib.sha256(" ".join(name.casefold().split()).encode()).hexdigest()[:12]


def _read(file: Path) -> Iterator[Row]:
    with file.open(encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)
