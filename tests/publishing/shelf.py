"""A catalogue made by hand: small releases of one package, without a database."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

from publishing.dataset import Facts, Label, Reference, derived
from publishing.package import DESCRIPTOR, Package, csv_text, descriptor, json_text, path_of, resource, written
from publishing.release.editions import INDEX
from publishing.release.released import point_to_latest

CITIES = Facts(
    name="kota",
    view="region",
    title=Label("Kota & kabupaten", "Cities & regency"),
    description=Label('Kota <b>"besar"</b>', 'Cities <b>"big"</b>'),
    grain=Label("satu baris per kota", "one row per city"),
    cadence=Label("harian", "daily"),
    source=Label("Contoh", "Example"),
    known_gaps=Label("Tanpa pulau.", "Without islands."),
    identified_by=[
        derived("code", "kode", Label("Kode", "Code"), concept="Kota", definition=Label("Kode.", "Code."), pattern="^3")
    ],
    facts=[
        derived(
            "kind", "jenis", Label("Jenis", "Kind"), concept="", definition=Label("?", "?"), allowed=("KOTA", "KAB")
        ),
        derived("n", "luas", Label("Luas", "Area"), concept="", definition=Label("?", "?"), type="number", unit="km2"),
        derived(
            "parent",
            "induk",
            Label("Induk", "Parent"),
            concept="",
            definition=Label("?", "?"),
            required=False,
            refers_to=Reference("kota", "kode"),
        ),
    ],
)
PACKAGE = Package(
    name="contoh",
    shape="1.0",
    title=Label("Paket contoh", "Example package"),
    description=Label("Isi.", "Content."),
    publisher="Pemprov DKI Jakarta",
    keywords=("kota",),
    datasets=[CITIES],
)
MORNING = dt.datetime(2021, 2, 1, 1, tzinfo=dt.UTC)


def a_release(root: Path, number: int, cities: int = 1, periods: Sequence[str] = ()) -> Path:
    """A release with some cities in it, and another file beside the data."""
    folder = root / PACKAGE.name / f"{PACKAGE.shape}.{number}"
    (folder / "data").mkdir(parents=True)
    rows = [(f"31.{i}", "KOTA", f"{number}.5", "") for i in range(cities)]
    (folder / path_of(CITIES)).write_text(csv_text(CITIES, rows), encoding="utf-8", newline="")
    (folder / "data" / "kota.parquet").write_bytes(b"PAR1")
    content = descriptor(PACKAGE, folder.name, [resource(CITIES, written(folder, CITIES, len(rows)), periods)])
    (folder / DESCRIPTOR).write_text(json_text(content), encoding="utf-8")
    point_to_latest(folder)
    return folder


def withdraw(root: Path, number: int, reason: object) -> None:
    """Say in the index that a release was withdrawn."""
    file = root / PACKAGE.name / INDEX
    index = json.loads(file.read_text())
    for entry in index["releases"]:
        if entry["version"] == f"{PACKAGE.shape}.{number}":
            entry["withdrawn"] = reason
    file.write_text(json.dumps(index))
