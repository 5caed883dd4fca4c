"""What a portal is told of a dataset follows from `datapackage.json` alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapackages.package import datasets, package
from publishing.package import descriptor, resource, written
from publishing.portals.ckan.fields import metadata, notes, tags, themes
from publishing.portals.ckan.files import address_of, dataset_name, described, files_of, name_at_portal, resource_id
from publishing.portals.ckan.tables import same_table, table_of
from publishing.release.released import Released

PORTAL = "https://data.example"


@pytest.fixture
def release(tmp_path: Path) -> Released:
    """A release of the city's package with empty files."""
    (tmp_path / "data").mkdir()
    resources = []
    for dataset in datasets():
        (tmp_path / "data" / f"{dataset.name}.csv").write_text("x\n")
        resources.append(resource(dataset, written(tmp_path, dataset, 0)))
    return Released(tmp_path, descriptor(package(), "1.0.7", resources))


def told(release: Released, name: str, **more: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields of a dataset, and its extras."""
    fields = metadata(release, release.resource(name) | more, "Diskominfotik")
    return fields, {extra["key"]: extra["value"] for extra in fields["extras"]}


def test_the_ids_of_files_never_change() -> None:
    assert resource_id("ksbb-umkm-kolaborasi", "kolaborasi.csv") == "bc0a9c81-88b3-5774-b24d-7c25d29fce31"
    assert resource_id("ksbb-umkm-kolaborasi", "kolaborasi.csv") != resource_id("ksbb-umkm-lembaga", "kolaborasi.csv")


def test_a_dataset_has_a_name_that_ckan_takes(release: Released) -> None:
    names = [dataset_name(release.package, dataset.name) for dataset in datasets()]
    assert all(re.fullmatch(r"[a-z0-9_-]{2,100}", name) for name in names)
    assert "ksbb-umkm-kolaborasi" in names


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("data/penerima_agregat.csv", "penerima_agregat.csv"),
        ("data/Peta Kelurahan (2020).GeoJSON", "peta-kelurahan-2020-.geojson"),
    ],
)
def test_a_file_has_the_name_that_ckan_would_give_it(path: str, name: str) -> None:
    assert name_at_portal(path) == name


def test_the_fields_of_ckan_are_filled(release: Released) -> None:
    fields, _ = told(release, "kolaborasi")
    assert (fields["title"], fields["version"], fields["license_id"]) == ("Kolaborasi", "1.0.7", "cc-by")
    assert fields["author"] == "Pemerintah Provinsi DKI Jakarta"
    assert {"name": "ksbb"} in fields["tags"]


def test_satu_data_and_dcat_find_their_fields(release: Released) -> None:
    _, extras = told(release, "kolaborasi")
    assert extras["identifier"] == "ksbb-umkm/kolaborasi"
    assert extras["license_spdx"] == "CC-BY-4.0"
    assert (extras["frekuensi_dataset"], extras["frequency"].rpartition("/")[2]) == ("Harian", "DAILY")
    assert extras["satuan_dataset"] == "IDR"
    assert (extras["walidata"], extras["produsen"]) == ("Diskominfotik", "Pemerintah Provinsi DKI Jakarta")
    assert extras["sifat_dataset"] == "terbuka"
    ring = json.loads(extras["spatial"])["coordinates"][0]
    assert ring[0] == ring[-1]
    assert all(106 < lon < 107 and -7 < lat < -5 for lon, lat in ring)


def test_the_days_that_sealed_periods_cover_are_told(release: Released) -> None:
    _, extras = told(release, "penerima_agregat", sealed_periods=["202012", "202106"])
    assert (extras["temporal_start"], extras["temporal_end"]) == ("2020-07-01", "2021-06-30")
    assert extras["frekuensi_dataset"] == "Semesteran"
    assert json.loads(extras["privacy_notes"])["threshold_persons"] == 10
    assert "temporal_start" not in told(release, "wilayah")[1]


def test_no_extra_is_empty_or_too_long_to_be_indexed(release: Released) -> None:
    for dataset in datasets():
        _, extras = told(release, dataset.name)
        assert all(0 < len(value.encode()) < 32_766 for value in extras.values())


def test_the_description_is_in_both_languages(release: Released) -> None:
    text = notes(release.resource("kolaborasi"))
    assert "**Baris**: satu baris per ID kolaborasi" in text
    assert "**Row**: one row per collaboration ID" in text


@given(st.lists(st.text(max_size=130), max_size=5))
def test_tags_are_always_ones_that_ckan_takes(words: list[str]) -> None:
    found = [tag["name"] for tag in tags(words)]
    assert all(2 <= len(tag) <= 100 and re.fullmatch(r"[\w .-]+", tag) and tag == tag.strip() for tag in found)
    assert len({tag.casefold() for tag in found}) == len(found)


def test_tags_keep_what_can_be_kept() -> None:
    assert tags(["kuliner/minuman", "jum'at", "UMKM", "umkm", "x"]) == [
        {"name": name} for name in ("UMKM", "jum-at", "kuliner-minuman")
    ]


def test_keywords_are_the_groups_to_stand_in(release: Released) -> None:
    assert {"umkm", "ksbb"} <= themes(release, release.resource("kolaborasi"))


def test_the_served_description_leads_to_the_served_files(release: Released) -> None:
    served = described(release, release.resource("kolaborasi"), PORTAL)
    own, *others = served["resources"]
    assert served["name"] == "ksbb-umkm-kolaborasi"
    csv = resource_id("ksbb-umkm-kolaborasi", "kolaborasi.csv")
    assert own["path"] == address_of(PORTAL, "ksbb-umkm-kolaborasi", csv, "kolaborasi.csv")
    assert own["hash"] == release.resource("kolaborasi")["hash"]
    assert [other["name"] for other in others] == ["lembaga", "wilayah"]
    assert not any("hash" in other or "rows" in other for other in others)


def test_another_dataset_changes_nothing_in_a_description(release: Released) -> None:
    before = files_of(release, release.resource("kolaborasi"), PORTAL)
    for other in release.descriptor["resources"]:
        if other["name"] != "kolaborasi":
            other |= {"hash": "sha256:00", "bytes": 1, "rows": 99}
    assert files_of(release, release.resource("kolaborasi"), PORTAL) == before


def test_every_dataset_becomes_a_table_with_a_dictionary(release: Released) -> None:
    for dataset in datasets():
        described = release.resource(dataset.name)
        table = table_of(described, release.folder / described["path"], "a hash")
        assert table is not None
        fields = table.fields()
        assert table.primary_key() == [field.name for field in dataset.keys]
        assert all(field["info"]["label"] and field["info"]["notes"] for field in fields)
        assert {field["type"] for field in fields} <= {"text", "bigint", "numeric", "date", "boolean"}
        assert same_table({"fields": [{"id": "_id"}, *fields], "total": 3}, table, 3)
        assert not same_table({"fields": [{"id": "_id"}, *fields], "total": 2}, table, 3)


def test_columns_that_datastore_does_not_take_make_no_table(tmp_path: Path) -> None:
    for name in ("_id", "x" * 64, 'a"b'):
        assert table_of({"schema": {"fields": [{"name": name, "type": "string"}]}}, tmp_path, "") is None
