"""The hand-in for Satu Data Jakarta: its spelling, order of columns and metadata, and the values of the release."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import pytest

from datapackages.publish import FolderNotNamed, publish
from geo.regions import Level, regions
from kernel.settings import Settings
from models.server import Server
from publishing.catalogue.catalogue import write_catalogue
from publishing.portals.satu_data import SatuDataTarget, names_of
from publishing.release.released import Released
from tests.publishing.city import SEALED_AUTUMN, Publisher
from tests.publishing.rows import CANARY, TEBET
from tests.publishing.shelf import PACKAGE, a_release

CITIES = {  # as the portal spells them
    "KAB. ADM. KEP. SERIBU",
    "KOTA ADM. JAKARTA BARAT",
    "KOTA ADM. JAKARTA PUSAT",
    "KOTA ADM. JAKARTA SELATAN",
    "KOTA ADM. JAKARTA TIMUR",
    "KOTA ADM. JAKARTA UTARA",
}
TODAY = dt.date(2021, 3, 1)


def released(folder: Path) -> Released:
    return Released(folder, json.loads((folder / "datapackage.json").read_text()))


def table(folder: Path) -> list[list[str]]:
    with (folder / f"{folder.name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_cities_are_spelled_as_the_portal_does() -> None:
    codes = [code for code, region in regions().items() if region.level is Level.KOTA]
    assert {names_of(code)[0] for code in codes} == CITIES


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("31", ("PROVINSI DKI JAKARTA", "", "")),
        ("31.74.01", ("KOTA ADM. JAKARTA SELATAN", "TEBET", "")),
        (TEBET, ("KOTA ADM. JAKARTA SELATAN", "TEBET", "TEBET TIMUR")),
        ("", ("", "", "")),
        ("99.99", ("", "", "")),
    ],
)
def test_a_code_is_named_as_far_as_it_goes(code: str, names: tuple[str, str, str]) -> None:
    assert names_of(code) == names


def test_a_table_without_a_period_has_the_month_of_its_release(root: Path) -> None:
    folder = a_release(root, 1)
    SatuDataTarget(root / "one", TODAY).deliver(released(folder))
    header, row = table(root / "one" / PACKAGE.name / "1.0.1" / "kota")
    assert header == ["periode_data", "kode", "jenis", "luas", "induk"]
    assert row == ["202103", "31.0", "KOTA", "1.5", ""]
    write_catalogue(root, released_at={(PACKAGE.name, "1.0.1"): dt.datetime(2020, 9, 1, tzinfo=dt.UTC)})
    SatuDataTarget(root / "two", TODAY).deliver(released(folder))
    assert table(root / "two" / PACKAGE.name / "1.0.1" / "kota")[1][0] == "202009"


def test_the_same_release_is_handed_in_once_and_alike(root: Path) -> None:
    folder = a_release(root, 1)
    for place in ("one", "one", "two"):
        SatuDataTarget(root / place, TODAY).deliver(released(folder))
    SatuDataTarget(root / "one", dt.date(2022, 1, 1)).deliver(released(folder))
    assert contents(root / "one") == contents(root / "two")
    assert "nothing to do" in SatuDataTarget(root / "one", TODAY).plan(released(folder))[0]


def test_a_dataset_that_cannot_be_written_leaves_nothing(root: Path) -> None:
    folder = a_release(root, 1)
    (folder / "data" / "kota.csv").unlink()
    with pytest.raises(FileNotFoundError):
        SatuDataTarget(root / "one", TODAY).deliver(released(folder))
    assert [path.name for path in (root / "one").iterdir()] == [".lock"]


class Because:
    """A reason."""

    def text(self) -> str:
        """In words."""
        return "Salah"


def test_what_was_taken_back_is_replaced_by_the_reason(root: Path) -> None:
    target, folder = SatuDataTarget(root / "one", TODAY), a_release(root, 1)
    target.deliver(released(folder))
    for _ in range(2):
        target.withdraw(released(folder), Because())
    target.deliver(released(folder))
    assert set(contents(root / "one" / PACKAGE.name)) == {"1.0.1/DITARIK.txt"}


async def test_the_citys_release_is_handed_in_by_its_name(publisher: Publisher, root: Path) -> None:
    settings, server = Settings(data_dir=root / "installation"), Server(publisher.owner_uri)
    report = await publish(settings, server, clock=SEALED_AUTUMN, to=f"satu-data:{root / 'hand-in'}")
    folder = root / "hand-in" / "ksbb-umkm" / "1.0.1"
    assert {path.name for path in folder.iterdir()} == {row.dataset for row in report.datasets}
    header, *rows = table(folder / "penerima_agregat")
    assert header[:6] == ["periode_data", "tabel", "kode_wilayah", "wilayah", "kecamatan", "kelurahan"]
    assert ["202012", "RINCIAN", TEBET, "KOTA ADM. JAKARTA SELATAN", "TEBET", "TEBET TIMUR"] in [r[:6] for r in rows]
    for name, content in contents(folder).items():
        if not name.startswith("wilayah/"):  # one kelurahan is called like the canary
            assert CANARY.encode() not in content, name
    for row in report.datasets:
        described = json.loads((folder / row.dataset / "metadata.json").read_text())
        assert all(described.values()), row.dataset
        assert [column["nama"] for column in described["kolom"]] == table(folder / row.dataset)[0]
        assert len(table(folder / row.dataset)) == row.rows + 1
        assert all(column["arti"] and column["judul"] for column in described["kolom"])


async def test_a_hand_in_without_a_folder_is_refused(publisher: Publisher, root: Path) -> None:
    with pytest.raises(FolderNotNamed, match="satu-data:FOLDER"):
        await publish(Settings(data_dir=root), Server(publisher.owner_uri), clock=SEALED_AUTUMN, to="satu-data:")
