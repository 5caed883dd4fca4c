"""The formats beside CSV: the same values in the same order, text that stays text, and nothing of the machine."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from pyarrow import parquet

import publishing.formats.xlsx
from publishing.formats.every_format import FORMATS, LEFT_OUT, without_formats
from publishing.formats.geojson import LayerWithoutPlace
from publishing.gate import check
from publishing.release.released import Released
from tests.publishing.releasing import AID, REGIONS, SOME_AID, TABLES, a_dataset, a_field, a_release, contents

ODD = [
    ("A-1", "31.74.01", "5000000", "2020-07-31", "PT Contoh"),
    ("A-2", "", "750000", "", "=1+1"),
    ("A-3", "", "9007199254740993", "1850-01-01", 'dua\nbaris, "kutip" <b>&\x01'),
    ("A-4", "31", "-5", "2021-02-28", "_x0041_ https://contoh.id @a +1"),
]


@pytest.fixture
def odd(tmp_path: Path) -> Released:
    return a_release(tmp_path, {**TABLES, "bantuan": ODD})


def sheet(release: Released, number: int = 0) -> list[tuple[Any, ...]]:
    book = load_workbook(release.folder / "data" / "bantuan.xlsx")
    return [tuple(row) for row in book.worksheets[number].iter_rows(values_only=True)]


def test_parquet_has_the_types_of_the_table_schema(odd: Released) -> None:
    table = parquet.read_table(odd.folder / "data" / "bantuan.parquet")
    assert [str(field.type) for field in table.schema] == ["string", "string", "int64", "date32[day]", "string"]
    assert [field.nullable for field in table.schema] == [False, True, False, True, True]
    assert table.schema.field("nilai").metadata[b"title_en"] == b"nilai"
    assert table.column("nilai").to_pylist() == [int(row[2]) for row in ODD]
    assert table.column("hari").to_pylist()[:3] == [dt.date(2020, 7, 31), None, dt.date(1850, 1, 1)]
    assert table.column("donatur").to_pylist() == [row[4] for row in ODD]


def test_a_spreadsheet_keeps_text_as_text_and_numbers_exact(odd: Released) -> None:
    header, *rows = sheet(odd)
    assert header == tuple(field.name for field in AID.fields)
    assert [row[4] for row in rows[:2]] == ["PT Contoh", "=1+1"]
    assert unescape(rows[3][4]) == ODD[3][4]
    assert [row[2] for row in rows] == [5_000_000, 750_000, "9007199254740993", -5]
    assert [row[3] for row in rows] == [
        dt.datetime(2020, 7, 31),  # noqa: DTZ001  # a day
        None,
        "1850-01-01",
        dt.datetime(2021, 2, 28),  # noqa: DTZ001  # a day
    ]
    with ZipFile(odd.folder / "data" / "bantuan.xlsx") as inside:
        assert b"<f>" not in inside.read("xl/worksheets/sheet1.xml")


def test_the_second_sheet_is_the_dictionary_in_both_languages(odd: Released) -> None:
    header, *rows = sheet(odd, 1)
    assert header[:3] == ("kolom / column", "judul", "title")
    assert [row[0] for row in rows] == [field.name for field in AID.fields]


def test_a_layer_has_each_row_at_the_point_of_its_region(odd: Released) -> None:
    layer = json.loads((odd.folder / "data" / "bantuan.geojson").read_text(encoding="utf-8"))
    assert layer["type"] == "FeatureCollection"
    assert [one["geometry"] for one in layer["features"]] == [
        {"type": "Point", "coordinates": [106.85, -6.23]},
        None,
        None,
        {"type": "Point", "coordinates": [106.83, -6.18]},
    ]
    assert layer["features"][0]["properties"] == {
        "kode": "A-1",
        "kode_wilayah": "31.74.01",
        "nilai": 5_000_000,
        "hari": "2020-07-31",
        "donatur": "PT Contoh",
    }


def test_the_descriptor_lists_every_format_and_stays_valid(odd: Released) -> None:
    check(odd.folder)
    formats = odd.resource("bantuan")[FORMATS]
    assert [one["format"] for one in formats] == ["parquet", "xlsx", "geojson"]
    assert [one["bytes"] for one in formats] == [(odd.folder / one["path"]).stat().st_size for one in formats]
    assert FORMATS not in json.dumps(without_formats(odd.descriptor))


def test_a_dataset_without_a_place_has_no_layer(tmp_path: Path) -> None:
    plain = a_dataset("daftar", [a_field("kode")], [])
    release = a_release(tmp_path, {"daftar": [("1",)]}, datasets=[plain])
    assert [one["format"] for one in release.resource("daftar")[FORMATS]] == ["parquet", "xlsx"]


def test_a_layer_without_regions_is_refused(tmp_path: Path) -> None:
    alone = a_dataset("titik", [a_field("kode_wilayah")], [], REGIONS.layer)
    with pytest.raises(LayerWithoutPlace, match="wilayah"):
        a_release(tmp_path, {"titik": [("31",)]}, datasets=[alone])


def test_a_dataset_of_no_rows_is_released_too(tmp_path: Path) -> None:
    release = a_release(tmp_path, {**TABLES, "bantuan": []})
    assert parquet.read_table(release.folder / "data" / "bantuan.parquet").num_rows == 0
    assert len(sheet(release)) == 1
    assert json.loads((release.folder / "data" / "bantuan.geojson").read_text())["features"] == []


@pytest.mark.parametrize("limit", ["_MOST_ROWS", "a long text"])
def test_what_does_not_fit_a_sheet_is_left_out_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    rows = [*SOME_AID, ("A-3", "", "1", "", "x" * 40_000 if limit == "a long text" else "x")]
    monkeypatch.setattr(publishing.formats.xlsx, "_MOST_ROWS", 2 if limit == "_MOST_ROWS" else 1_000)
    release = a_release(tmp_path, {**TABLES, "bantuan": rows})
    told = release.resource("bantuan")
    assert [one["format"] for one in told[FORMATS]] == ["parquet", "geojson"]
    assert told[LEFT_OUT][0]["format"] == "xlsx"
    assert not (release.folder / "data" / "bantuan.xlsx").exists()


@pytest.fixture
def _elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another time zone and another user."""
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.setenv("USER", "somebody")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_the_same_rows_are_the_same_bytes(tmp_path: Path, odd: Released, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("_elsewhere")
    assert contents(a_release(tmp_path / "again", {**TABLES, "bantuan": ODD}).folder) == contents(odd.folder)


def test_no_file_tells_when_and_where_it_was_made(odd: Released) -> None:
    words = [socket.gethostname(), str(odd.folder.parent.parent), time.strftime("%Y-%m"), f">{getpass.getuser()}<"]
    for path, content in contents(odd.folder).items():
        packed = [content]
        if path.endswith((".xlsx", ".zip")):
            with ZipFile(odd.folder / path) as archive:
                assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
                packed += [archive.read(entry) for entry in archive.infolist()]
        for word in words:
            assert not any(word.encode() in bytes_ for bytes_ in packed), (path, word)


def test_the_archive_holds_every_file_but_itself_and_the_seal(odd: Released) -> None:
    files = contents(odd.folder)
    with ZipFile(odd.folder / "contoh-1.0.1.zip") as archive:
        packed = {entry.filename.removeprefix("contoh-1.0.1/"): archive.read(entry) for entry in archive.infolist()}
        assert [entry.filename for entry in archive.infolist()] == sorted(e.filename for e in archive.infolist())
    assert packed == {
        path: content
        for path, content in files.items()
        if path not in ("contoh-1.0.1.zip", "manifest.json", "manifest.json.sig")
    }
