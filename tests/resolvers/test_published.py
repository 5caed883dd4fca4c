"""`datasets` and `publishedStatistics` tell what lies in the catalogue, and nothing that is not on the menu."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from datapackages.package import NAME
from datapackages.penerima_agregat.dataset import DATASET
from kernel.errors import BadInput
from policy.viewer import Role
from publishing.catalogue.catalogue import write_catalogue
from publishing.dataset import Label
from publishing.package import DESCRIPTOR, csv_text, descriptor, json_text, path_of, resource, written
from publishing.portals.target import Withdrawal
from publishing.release.released import ReleaseWasChanged, point_to_latest
from publishing.withdrawing import take_back
from resolvers.publications import NothingPublished
from resolvers.published import NotOnTheMenu
from server import reader_of
from tests.conftest import Asking, City
from tests.publishing.shelf import CITIES, PACKAGE

ASKED = (
    "query ($by: String, $filter: [PublishedCondition!], $first: Int, $after: String, $of: String = "
    '"penerima_agregat") { publishedStatistics(dataset: $of, by: $by, filter: $filter, first: $first, after: $after) '
    "{ dataset version table totalCount nodes { keys measures } pageInfo { hasNextPage hasPreviousPage endCursor } } }"
)


def a_row(table: str, region: str, section: str, level: str, persons: int) -> tuple[str, ...]:
    all_ = "SEMUA" if table != "RINCIAN" else ""
    others = ("2020", "MIKRO", "UU_20_2008") if not all_ else (all_,) * 3
    return (table, "202012", region, "KSBB", section, *others, level, str(persons))


ROWS = [
    *(a_row("RINCIAN", f"31.71.0{i}", section, "KECAMATAN", 10 + 5 * i) for i in (1, 2, 3) for section in "CI"),
]


@dataclass
class Catalogue:
    """A catalogue made by hand, and somebody who asks about it."""

    root: Path
    ask: Asking

    def release(self, number: int, persons: int = 75) -> None:
        folder = self.root / NAME / f"1.0.{number}"
        (folder / "data").mkdir(parents=True)
        rows = [a_row("KOTA", "31.71", "SEMUA", "KOTA", persons), *ROWS]
        (folder / path_of(CITIES)).write_text(csv_text(CITIES, [("31", "KOTA", "1.5", "")]), encoding="utf-8")
        (folder / path_of(DATASET)).write_text(csv_text(DATASET, rows), encoding="utf-8")
        resources = [
            resource(CITIES, written(folder, CITIES, 1)),
            resource(DATASET, written(folder, DATASET, len(rows)), ["202012"]),
        ]
        content = descriptor(replace(PACKAGE, name=NAME), folder.name, resources)
        (folder / DESCRIPTOR).write_text(json_text(content), encoding="utf-8")
        point_to_latest(folder)
        write_catalogue(self.root)

    async def statistics(self, **variables: Any) -> Any:
        answer = await self.ask(Role.PUBLIK, ASKED, variables)
        return answer["data"]["publishedStatistics"]


@pytest_asyncio.fixture(loop_scope="session")
async def catalogue(walled_city: City, tmp_path: Path) -> AsyncIterator[Catalogue]:
    settings = replace(walled_city.settings, data_dir=tmp_path, public_url="https://data.example")
    reader = reader_of(settings, walled_city.server)
    yield Catalogue(tmp_path / "releases", Asking(walled_city, reader))
    await reader.close()


@pytest.mark.parametrize("role", [Role.PUBLIK, Role.DISKOMINFOTIK])
async def test_datasets_are_described_as_they_were_released(catalogue: Catalogue, role: Role) -> None:
    asked = (
        "{ datasets { __typename name title titleEn knownGapsEn version rows countsPersons tables sealedPeriods "
        "columns { name type unit isKey allowed } files { format url } } "
        "regions(first: 1) { nodes { name } } }"
    )
    assert (await catalogue.ask(role, asked))["data"]["datasets"] == []
    catalogue.release(1)
    data = (await catalogue.ask(role, asked))["data"]
    cities, recipients = data["datasets"]
    assert len(data["regions"]["nodes"]) == 1
    assert (cities["__typename"], cities["name"], cities["countsPersons"]) == ("PublishedDataset", "kota", False)
    assert cities["knownGapsEn"] == "Without islands."
    assert (recipients["titleEn"], recipients["version"], recipients["rows"]) == (
        DATASET.title.en,
        "1.0.1",
        len(ROWS) + 1,
    )
    assert recipients["tables"] == ["RINCIAN", "KOTA", "PROVINSI"]
    assert recipients["sealedPeriods"] == ["202012"]
    persons = {"name": "jumlah_penerima", "type": "integer", "unit": "orang", "isKey": False, "allowed": []}
    assert recipients["columns"][-1] == persons
    url = f"https://data.example/data/{NAME}/1.0.1/data/penerima_agregat.csv"
    assert recipients["files"] == [{"format": "csv", "url": url}]


async def test_the_rows_of_a_table_are_told_as_they_were_published(catalogue: Catalogue) -> None:
    catalogue.release(1)
    told = await catalogue.statistics(by="KOTA")
    keys = {"periode_data": "202012", "kode_wilayah": "31.71", "program": "KSBB", "kategori_kbli": "SEMUA"}
    keys |= dict.fromkeys(("versi_kbli", "skala", "aturan_skala"), "SEMUA")
    assert told["nodes"] == [{"keys": keys, "measures": {"tingkat": "KOTA", "jumlah_penerima": 75}}]
    condition = [{"column": "kategori_kbli", "equals": "C"}, {"column": "kode_wilayah", "equals": "31.71.02"}]
    told = await catalogue.statistics(filter=condition)
    assert (told["table"], told["totalCount"]) == ("RINCIAN", 1)
    assert told["nodes"][0]["measures"]["jumlah_penerima"] == 20
    assert (await catalogue.statistics(filter=condition, by="PROVINSI"))["nodes"] == []


async def test_pages_follow_each_other_and_a_cursor_holds_for_one_release(catalogue: Catalogue) -> None:
    catalogue.release(1)
    found: list[int] = []
    after: str | None = None
    page: Any = None
    for _ in range(3):
        page = await catalogue.statistics(first=2, after=after)
        found += [node["measures"]["jumlah_penerima"] for node in page["nodes"]]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        after = page["pageInfo"]["endCursor"]
    assert found == [15, 15, 20, 20, 25, 25]
    assert page["pageInfo"]["hasNextPage"] is False
    catalogue.release(2)
    for wrong in (after, "1.0.2", "1.0.2:-1", "x" * 1000):
        with pytest.raises(BadInput, match="Begin again"):
            await catalogue.statistics(after=wrong)


@pytest.mark.parametrize(
    ("variables", "allowed"),
    [
        ({"of": "kota"}, "penerima_agregat. `datasets` has the addresses"),
        ({"of": "owner"}, "penerima_agregat."),
        ({"by": "KELURAHAN"}, "RINCIAN, KOTA, PROVINSI"),
        ({"filter": [{"column": "jumlah_penerima", "equals": "10"}]}, "periode_data, kode_wilayah"),
        ({"filter": [{"column": "tabel", "equals": "KOTA"}]}, "periode_data, kode_wilayah"),
        ({"filter": [{"column": "skala", "equals": "mikro"}]}, "MIKRO"),
        ({"filter": [{"column": "periode_data", "equals": "2020"}]}, "what matches"),
    ],
)
async def test_what_is_not_on_the_menu_is_refused_with_what_is(
    catalogue: Catalogue, variables: dict[str, Any], allowed: str
) -> None:
    catalogue.release(1)
    with pytest.raises(NotOnTheMenu) as refused:
        await catalogue.statistics(**variables)
    assert allowed in refused.value.message


async def test_limits_are_told(catalogue: Catalogue) -> None:
    catalogue.release(1)
    twice = [{"column": "skala", "equals": "MIKRO"}] * 2
    for wrong in ({"first": 501}, {"first": -1}, {"filter": twice}):
        with pytest.raises(BadInput):
            await catalogue.statistics(**wrong)


async def test_nothing_is_told_of_a_release_that_is_withdrawn_or_was_changed(catalogue: Catalogue) -> None:
    with pytest.raises(NothingPublished):
        await catalogue.statistics()
    catalogue.release(1)
    catalogue.release(2)
    assert (await catalogue.statistics())["version"] == "1.0.2"
    notice = Withdrawal(version="1.0.2", reason=Label("Salah.", "Wrong."), on=dt.date(2021, 3, 1))
    take_back(catalogue.root, NAME, (DATASET.name,), notice, "", [])
    assert (await catalogue.statistics())["version"] == "1.0.1"
    catalogue.release(3, persons=80)
    file = catalogue.root / NAME / "1.0.3" / path_of(DATASET)
    file.write_text(file.read_text().replace(",80\n", ",85\n"))
    with pytest.raises(ReleaseWasChanged):
        await catalogue.statistics()
