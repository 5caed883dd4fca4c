"""A release on a real portal: complete, the same bytes, and nothing is sent twice."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

import pytest

from publishing.portals.ckan.files import resource_id
from publishing.portals.ckan.tables import Table
from tests.ckan.publishing import delivered, keys_of, public, served, table, target, valid_tables
from tests.ckan.releases import AID, MAP, MORE_AID, PLACES, Made
from tests.ckan.site import ORGANISATION, Portal


def test_a_release_is_served_as_it_is(portal: Portal, made: Made) -> None:
    release = made.release(1, formats={"bantuan.geojson": MAP, "bantuan.xlsx": "no spreadsheet"})
    delivered(portal, release)
    files = served(portal, made.aid)
    assert list(files) == ["bantuan.csv", "bantuan.geojson", "bantuan.xlsx", "datapackage.json"]
    assert files["bantuan.csv"] == AID.encode()
    assert files["bantuan.geojson"] == MAP.encode()
    package = public(portal, made.aid)
    assert package is not None
    assert package["organization"]["name"] == ORGANISATION
    assert (package["version"], package["license_id"], package["isopen"]) == ("1.0.1", "cc-by", True)
    assert [tag["name"] for tag in package["tags"]] == ["jakarta", "kuliner-minuman", "umkm"]
    assert [group["name"] for group in package["groups"]] == ["umkm"]
    assert package["resources"][0]["id"] == resource_id(made.aid, "bantuan.csv")


def test_a_table_has_types_and_a_dictionary(portal: Portal, made: Made) -> None:
    delivered(portal, made.release(1, places=None))
    resource = resource_id(made.aid, "bantuan.csv")
    found = portal.ask("datastore_search", resource_id=resource)
    types = {column["id"]: column["type"] for column in found["fields"]}
    assert types == {"_id": "int", "id": "text", "kode_wilayah": "text"} | {
        "jumlah": "int8",
        "tanggal": "date",
        "aktif": "bool",
    }
    assert found["fields"][3]["info"]["notes"] == "Arti jumlah.\n\nSatuan (unit): IDR"
    assert table(portal, resource) == [
        {"id": "A-1", "kode_wilayah": "31.71", "jumlah": 5_000_000, "tanggal": "2020-07-01", "aktif": True},
        {"id": "A-2", "kode_wilayah": "31.72", "jumlah": None, "tanggal": "2020-08-17", "aktif": False},
    ]


def test_views_are_added_where_they_fit(portal: Portal, made: Made) -> None:
    files = {"bantuan.geojson": MAP, "bantuan.xlsx": "no spreadsheet"}
    delivered(portal, made.release(1, formats=files, places=None))
    names = ["bantuan.csv", "bantuan.geojson", "bantuan.xlsx", "datapackage.json"]
    views = [portal.ask("resource_view_list", id=resource_id(made.aid, name)) for name in names]
    types = [[view["view_type"] for view in found] for found in views]
    assert types == [["datatables_view"], ["geojson_view"], [], ["text_view"]]


def test_the_same_release_again_writes_nothing(portal: Portal, made: Made) -> None:
    release = made.release(1, formats={"bantuan.geojson": MAP})
    assert delivered(portal, release).writes
    assert delivered(portal, release).writes == []


def test_only_what_changed_is_sent(portal: Portal, made: Made) -> None:
    delivered(portal, made.release(1))
    said: list[str] = []
    delivered(portal, made.release(2, MORE_AID), say=said.append)
    sent = [line.split(" (")[0] for line in said if ": send " in line]
    assert sent == [
        f"{made.package}-rilis-001: send {made.package}-1.0.2.zip",
        f"{made.aid}: send bantuan.csv",
        f"{made.aid}: send datapackage.json",
        f"{made.places}: send datapackage.json",
    ]
    assert served(portal, made.aid)["bantuan.csv"] == MORE_AID.encode()
    assert served(portal, made.places)["wilayah.csv"] == PLACES.encode()
    assert [row["id"] for row in table(portal, resource_id(made.aid, "bantuan.csv")) or []] == keys_of(MORE_AID)


def test_files_may_come_go_and_change_places(portal: Portal, made: Made) -> None:
    both = {"bantuan.geojson": MAP, "bantuan.xlsx": "one"}
    for number, formats in enumerate(
        [both, {"bantuan.xlsx": "two"}, {}, dict(reversed(both.items())), {"bantuan.parquet": "new", **both}], start=1
    ):
        delivered(portal, made.release(number, formats=formats, places=None))
        files = served(portal, made.aid)
        assert list(files) == ["bantuan.csv", *formats, "datapackage.json"]
        assert all(files[name] == text.encode() for name, text in formats.items())
        package = public(portal, made.aid)
        assert package is not None
        assert [resource["position"] for resource in package["resources"]] == list(range(len(formats) + 2))
        assert keys_of(files["bantuan.csv"]) == [
            row["id"] for row in table(portal, package["resources"][0]["id"]) or []
        ]


def test_what_the_portal_serves_is_a_valid_package(portal: Portal, made: Made) -> None:
    delivered(portal, made.release(1, formats={"bantuan.geojson": MAP}))
    for dataset, names in ((made.aid, ["bantuan", "wilayah"]), (made.places, ["wilayah"])):
        assert valid_tables(portal, dataset) == names


def test_every_release_stays_within_reach(portal: Portal, made: Made) -> None:
    for number, rows in ((1, AID), (2, MORE_AID)):
        delivered(portal, made.release(number, rows, places=None))
    zips = served(portal, f"{made.package}-rilis-001")
    assert list(zips) == [f"{made.package}-1.0.1.zip", f"{made.package}-1.0.2.zip"]
    contents = [zipfile.ZipFile(BytesIO(content)) for content in zips.values()]
    assert contents[0].read("1.0.1/data/bantuan.csv") == AID.encode()
    assert json.loads(contents[1].read("1.0.2/datapackage.json"))["version"] == "1.0.2"


def test_a_dry_run_says_what_would_be_done_and_does_nothing(portal: Portal, made: Made) -> None:
    release = made.release(1, places=None)
    planned = target(portal).plan(release)
    assert f"{made.aid}: create, private until it is complete" in planned
    assert f"{made.aid}: load the table of bantuan.csv" in planned
    assert public(portal, made.aid) is None
    delivered(portal, release)
    assert all(line.endswith("nothing to do") for line in target(portal).plan(release))


def test_a_long_table_is_loaded_in_portions(portal: Portal, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publishing.portals.ckan.tables.ROWS_PER_CALL", 1)
    seen = delivered(portal, made.release(1, MORE_AID, places=None))
    assert seen.writes.count("datastore_upsert") == 2
    assert keys_of(MORE_AID) == [row["id"] for row in table(portal, resource_id(made.aid, "bantuan.csv")) or []]


def test_a_table_is_known_by_the_file_it_was_made_of(made: Made) -> None:
    release = made.release(1)
    first, second = (Table(release.resource("bantuan")["schema"], release.folder, mark) for mark in ("a", "b"))
    assert first.fields() != second.fields()


def test_what_others_change_is_put_right(portal: Portal, made: Made) -> None:
    release = made.release(1, places=None)
    delivered(portal, release)
    csv = resource_id(made.aid, "bantuan.csv")
    portal.ask("datastore_delete", "editor", resource_id=csv, force=True)
    portal.ask("package_patch", "editor", id=made.aid, notes="lain", tags=[])
    seen = delivered(portal, release)
    assert seen.writes == ["package_revise", "datastore_create"]
    assert len(table(portal, csv) or []) == 2
