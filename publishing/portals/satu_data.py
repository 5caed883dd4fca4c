"""A release in the shape in which Satu Data Jakarta takes data: per dataset a folder with a table and its metadata.

The table is CSV with semicolons: `periode_data` first, codes kept, and beside the code of a region its names as the
portal spells them (`KOTA ADM. JAKARTA BARAT`). Values are those of the release, nothing else is read.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from geo.regions import JAKARTA, KECAMATAN_LENGTH, KELURAHAN_LENGTH, KOTA_LENGTH, regions
from publishing.package import json_text
from publishing.release.editions import read_index
from publishing.release.released import Released, staging

PERIOD = "periode_data"
METADATA = "metadata.json"
NAMES = ("wilayah", "kecamatan", "kelurahan")
"""The columns of names that are put after the code of a region."""

_REGIONS = "wilayah"
"""The dataset of regions, to which other datasets refer."""
_SPELLED = {
    "Kota Administrasi ": "KOTA ADM. ",
    "Kabupaten Administrasi Kepulauan ": "KAB. ADM. KEP. ",
}
_ADDED = {
    PERIOD: ("Periode data", "Bulan rilis data ini (YYYYMM)."),
    "wilayah": ("Wilayah", "Nama kota atau kabupaten administrasi dari kode di sebelahnya."),
    "kecamatan": ("Kecamatan", "Nama kecamatan; kosong bila baris mencakup wilayah yang lebih luas."),
    "kelurahan": ("Kelurahan", "Nama kelurahan; kosong bila baris mencakup wilayah yang lebih luas."),
}

Resource = Mapping[str, Any]


class Notice(Protocol):
    """What tells why a release was taken back."""

    def text(self) -> str:
        """In words."""
        ...


@dataclass(frozen=True)
class SatuDataTarget:
    """A folder of the caller's for hand-ins: `<package>/<version>/<dataset>/`.

    `today` dates a release that stands in no index yet.
    """

    root: Path
    today: dt.date

    def check(self) -> None:
        """A folder is made when it is needed."""

    def plan(self, release: Released) -> list[str]:
        """Whether the hand-in would be written."""
        place = self._place(release)
        return [f"{place}: {'nothing to do' if place.exists() else 'write the hand-in'}"]

    def deliver(self, release: Released) -> None:
        """Write a release as a hand-in, all of it or nothing; one that is already there is left as it is."""
        place = self._place(release)
        if place.exists():
            return
        period = f"{self._released_on(release):%Y%m}"
        with staging(self.root) as staged:
            draft = staged / "release"
            for resource in release.descriptor["resources"]:
                _write_dataset(release, resource, draft / resource["name"], period)
            place.parent.mkdir(parents=True, exist_ok=True)
            draft.rename(place)

    def withdraw(self, release: Released, notice: Notice) -> None:
        """Put the notice in the place of what was handed in."""
        place = self._place(release)
        if place.exists():
            for file in sorted(place.rglob("*"), reverse=True):
                file.rmdir() if file.is_dir() else file.unlink()
            (place / "DITARIK.txt").write_text(notice.text(), encoding="utf-8")

    def _place(self, release: Released) -> Path:
        return self.root / release.package / release.version

    def _released_on(self, release: Released) -> dt.date:
        """When it came out; a later hand-in of the same release is the same."""
        dates = {entry["version"]: entry["released_at"] for entry in read_index(release.folder.parent)}
        stated = dates.get(release.version)
        return dt.datetime.fromisoformat(stated).date() if stated else self.today


def _write_dataset(release: Released, resource: Resource, folder: Path, period: str) -> None:
    columns = _columns(resource)
    folder.mkdir(parents=True)
    with (
        (release.folder / resource["path"]).open(encoding="utf-8", newline="") as source,
        (folder / f"{resource['name']}.csv").open("w", encoding="utf-8", newline="") as target,
    ):
        writer = csv.writer(target, delimiter=";", lineterminator="\n")
        writer.writerow([column.name for column in columns])
        for row in csv.DictReader(source):
            writer.writerow([column.value({PERIOD: period, **row}) for column in columns])
    (folder / METADATA).write_text(json_text(_metadata(release, resource, columns)), encoding="utf-8", newline="")


@dataclass(frozen=True)
class _Column:
    """A column of a hand-in: what it is called, how it is described, and its value in a row of the release."""

    name: str
    described: Mapping[str, Any]
    value: Callable[[Mapping[str, str]], str]


def _columns(resource: Resource) -> list[_Column]:
    """The period, then the columns as they are released, with names after the code of the region."""
    fields = {str(field["name"]): field for field in resource["schema"]["fields"]}
    region = _region_column(resource)
    columns = [_released(fields[PERIOD])] if PERIOD in fields else [_added(PERIOD, lambda row: row[PERIOD])]
    for name, field in fields.items():
        if name != PERIOD:
            columns.append(_released(field))
        if name == region:
            columns += [_added(n, _naming(region, n)) for n in NAMES if n not in fields]
    return columns


def _released(field: Mapping[str, Any]) -> _Column:
    name = str(field["name"])
    return _Column(name, field, lambda row: row[name])


def _added(name: str, value: Callable[[Mapping[str, str]], str]) -> _Column:
    title, meaning = _ADDED[name]
    return _Column(name, {"type": "string", "title": title, "description": meaning}, value)


def _naming(column: str, name: str) -> Callable[[Mapping[str, str]], str]:
    """A name of the region whose code stands in a column."""
    return lambda row: dict(zip(NAMES, names_of(row[column]), strict=True))[name]


def names_of(code: str) -> tuple[str, str, str]:
    """City, kecamatan and kelurahan of a dotted code, spelled as the portal does; empty where it says nothing of it."""
    if code == JAKARTA:
        return "PROVINSI DKI JAKARTA", "", ""
    return _spelled(code, KOTA_LENGTH), _spelled(code, KECAMATAN_LENGTH), _spelled(code, KELURAHAN_LENGTH)


def _spelled(code: str, length: int) -> str:
    known = regions().get(code[:length]) if len(code) >= length else None
    name = known.name if known else ""
    for official, short in _SPELLED.items():
        name = name.replace(official, short)
    return name.upper()


def _region_column(resource: Resource) -> str | None:
    """The column whose codes are named: the first that refers to regions."""
    schema = resource["schema"]
    if resource["name"] == _REGIONS:
        return str(schema["primaryKey"][0])
    keys = schema.get("foreignKeys", ())
    return next((str(key["fields"][0]) for key in keys if key["reference"]["resource"] == _REGIONS), None)


def _metadata(release: Released, resource: Resource, columns: Sequence[_Column]) -> dict[str, Any]:
    """What the portal asks about a dataset."""
    publisher = ", ".join(str(who["title"]) for who in release.descriptor.get("contributors", ()))
    periods = resource.get("sealed_periods", ())
    return {
        "judul": resource["title"],
        "deskripsi": resource["description"],
        "tag": list(release.descriptor.get("keywords", ())),
        "organisasi": publisher,
        "kontak": publisher,
        "penulis": publisher,
        "frekuensi_penerbitan": resource["cadence"],
        "cakupan": "Provinsi DKI Jakarta" + (f", {periods[0]} sampai {periods[-1]}" if periods else ""),
        "satuan": ", ".join(_units(resource)) or "-",
        "sumber_data": "; ".join(str(source["title"]) for source in resource.get("sources", ())),
        "lisensi": [licence["name"] for licence in resource.get("licenses", ())],
        "catatan": resource["known_gaps"],
        "versi": release.version,
        "kolom": [_described(column) for column in columns],
    }


def _described(column: _Column) -> dict[str, Any]:
    told = column.described
    codes = told.get("constraints", {}).get("enum", ())
    return {
        "nama": column.name,
        "judul": told["title"],
        "jenis": told["type"],
        "arti": told["description"],
        **({"satuan": told["satuan"]} if told.get("satuan") else {}),
        **({"kode": list(codes)} if codes else {}),
    }


def _units(resource: Resource) -> Iterator[str]:
    yield from dict.fromkeys(str(field["satuan"]) for field in resource["schema"]["fields"] if field.get("satuan"))
