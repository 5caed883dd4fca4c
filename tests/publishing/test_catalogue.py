"""The catalogue beside the releases: dated, complete, the same each time, and honest about what was withdrawn."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import shutil
from pathlib import Path

import pytest
import zstandard

from publishing.catalogue.catalogue import write_catalogue
from publishing.catalogue.compressed import copy_of
from publishing.package import DESCRIPTOR
from publishing.release.editions import INDEX, IndexNotReadable, ReleaseNotAsListed
from tests.publishing.shelf import MORNING, a_release, withdraw

NOT_OURS = ("data", DESCRIPTOR)


def written(root: Path) -> dict[str, bytes]:
    return {str(f.relative_to(root)): f.read_bytes() for f in sorted(root.rglob("*")) if f.is_file()}


def index(root: Path) -> list[dict[str, object]]:
    entries: list[dict[str, object]] = json.loads((root / "contoh" / INDEX).read_text())["releases"]
    return entries


def at(hours: int) -> dict[tuple[str, str], dt.datetime]:
    return {("contoh", f"1.0.{1 + hours // 24}"): MORNING + dt.timedelta(hours=hours)}


def test_the_index_keeps_dates_and_what_others_wrote_and_grows(root: Path) -> None:
    a_release(root, 1)
    write_catalogue(root, released_at=at(0))
    file = root / "contoh" / INDEX
    file.write_text(file.read_text().replace('"withdrawn": null', '"withdrawn": null, "approved_by": 2'))
    a_release(root, 2)
    write_catalogue(root, released_at=at(24))
    first, second = index(root)
    assert (first["version"], first["released_at"]) == ("1.0.1", "2021-02-01T01:00:00+00:00")
    assert first["approved_by"] == 2
    assert (second["version"], second["released_at"]) == ("1.0.2", "2021-02-02T01:00:00+00:00")
    assert second["withdrawn"] is None


def test_releases_stand_in_the_order_in_which_they_came(root: Path) -> None:
    for number in (9, 10, 2):
        a_release(root, number)
    write_catalogue(root)
    assert [entry["version"] for entry in index(root)] == ["1.0.2", "1.0.9", "1.0.10"]


def test_an_old_catalogue_is_taken_up_with_the_dates_of_its_files(root: Path) -> None:
    folder = a_release(root, 1)
    os.utime(folder / DESCRIPTOR, (MORNING.timestamp(), MORNING.timestamp()))
    write_catalogue(root)
    assert index(root)[0]["released_at"] == "2021-02-01T01:00:00+00:00"


def test_the_same_releases_and_index_give_the_same_bytes(root: Path) -> None:
    for place in ("one", "two"):
        a_release(root / place, 1, cities=200)
        a_release(root / place, 2, cities=200)
        write_catalogue(root / place, released_at={**at(0), **at(24)})
    assert written(root / "one") == written(root / "two")
    before = {f: f.stat().st_mtime_ns for f in (root / "one").rglob("*") if f.is_file() and f.name != ".lock"}
    write_catalogue(root / "one")
    assert before == {f: f.stat().st_mtime_ns for f in (root / "one").rglob("*") if f.is_file() and f.name != ".lock"}


def test_pages_of_a_release_are_made_again_only_if_they_would_change(root: Path) -> None:
    for number in (1, 2):
        a_release(root, number)
    write_catalogue(root)
    page = root / "contoh" / "about" / "1.0.1" / "kota.html"
    page.write_text("by hand")
    write_catalogue(root)
    assert page.read_text() == "by hand"
    write_catalogue(root, "https://data.example")
    assert "https://data.example" in page.read_text()
    (root / ".catalogue.json").write_text("[")
    page.write_text("by hand")
    write_catalogue(root, "https://data.example")
    assert page.read_text() != "by hand"


def test_a_release_folder_is_never_touched(root: Path) -> None:
    folder = a_release(root, 1, cities=200)
    before = written(folder)
    write_catalogue(root)
    assert written(folder) == before


def test_a_release_that_is_gone_or_changed_stops_the_catalogue(root: Path) -> None:
    folder = a_release(root, 1)
    write_catalogue(root)
    (folder / DESCRIPTOR).write_text((folder / DESCRIPTOR).read_text() + " ")
    with pytest.raises(ReleaseNotAsListed, match=r"1\.0\.1 of contoh has another"):
        write_catalogue(root)
    shutil.rmtree(folder)
    with pytest.raises(ReleaseNotAsListed, match=r"1\.0\.1 of contoh is not in the catalogue"):
        write_catalogue(root)


@pytest.mark.parametrize("content", ["", "[]", '{"releases": [{"version": "1.0.1"}]}', '{"releases": 3}'])
def test_a_damaged_index_is_not_built_upon(root: Path, content: str) -> None:
    a_release(root, 1)
    (root / "contoh" / INDEX).write_text(content)
    with pytest.raises(IndexNotReadable, match="Restore it"):
        write_catalogue(root)
    assert (root / "contoh" / INDEX).read_text() == content


@pytest.mark.parametrize(
    "reason", ["Salah <hitung>", {"reason": "Salah <hitung>", "reason_en": "Wrong <count>", "at": "2021-02-03"}]
)
def test_a_withdrawn_release_leaves_its_reason_and_nothing_else(root: Path, reason: object) -> None:
    a_release(root, 1, cities=200)
    a_release(root, 2, cities=200)
    write_catalogue(root)
    withdraw(root, 1, reason)
    shutil.rmtree(root / "contoh" / "1.0.1")
    write_catalogue(root)
    names = {file.name for file in (root / "contoh" / "about" / "1.0.1").iterdir()}
    assert names == {"index.html", "index.en.html", "kota.html", "kota.en.html"}
    for name in names:
        assert "&lt;" in (root / "contoh" / "about" / "1.0.1" / name).read_text()
        assert "200" not in (root / "contoh" / "about" / "1.0.1" / name).read_text()
    assert not [path for path in written(root) if "1.0.1" in path and "about" not in path]
    assert "1.0.1" in (root / "contoh" / "index.html").read_text()
    assert index(root)[0]["withdrawn"] == reason


@pytest.mark.parametrize("stated", [True, {}, {"reason": None}, 1])
def test_a_withdrawal_that_gives_no_reason_is_one(root: Path, stated: object) -> None:
    a_release(root, 1)
    write_catalogue(root)
    withdraw(root, 1, stated)
    write_catalogue(root)
    assert "ditarik" in (root / "contoh" / "about" / "1.0.1" / "index.html").read_text()


def test_files_of_a_withdrawn_release_are_not_compressed_even_if_they_still_lie_there(root: Path) -> None:
    folder = a_release(root, 1, cities=200)
    write_catalogue(root)
    assert copy_of(root, folder / "data" / "kota.csv", "gzip")
    withdraw(root, 1, "Salah")
    write_catalogue(root)
    assert not [path for path in written(root) if "kota.csv." in path]


def test_a_package_of_which_all_was_withdrawn_still_has_its_page(root: Path) -> None:
    a_release(root, 1)
    write_catalogue(root)
    withdraw(root, 1, "Salah")
    write_catalogue(root)
    assert "ditarik" in (root / "contoh" / "index.html").read_text()
    assert "contoh" in (root / "index.html").read_text()


def test_compressed_copies_are_the_file_and_go_with_it(root: Path) -> None:
    file = a_release(root, 1, cities=200) / "data" / "kota.csv"
    write_catalogue(root)
    packed, better = copy_of(root, file, "gzip"), copy_of(root, file, "zstd")
    assert packed
    assert better
    assert gzip.decompress(packed.read_bytes()) == file.read_bytes()
    assert zstandard.ZstdDecompressor().decompress(better.read_bytes()) == file.read_bytes()
    os.utime(file, (1, 1))
    assert copy_of(root, file, "gzip") is None
    assert copy_of(root, file.with_suffix(".parquet"), "gzip") is None


def test_an_empty_catalogue_says_so(root: Path) -> None:
    write_catalogue(root)
    assert "Belum ada berkas" in (root / "index.html").read_text()
    assert "No files yet" in (root / "index.en.html").read_text()
