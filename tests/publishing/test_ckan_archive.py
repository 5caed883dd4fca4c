"""Releases are kept whole on a portal, a hundred in a dataset, and the same release is the same file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from publishing.portals.ckan.archive import archive_of, archived_id, zipped
from publishing.release.released import Released
from tests.ckan.releases import Made


def numbered(release: Released, version: str) -> Released:
    return replace(release, descriptor=release.descriptor | {"version": version})


@pytest.mark.parametrize(
    ("version", "name"), [("1.0.1", "001"), ("1.0.100", "001"), ("2.3.101", "002"), ("1.0.365", "004")]
)
def test_a_hundred_releases_share_a_dataset(tmp_path: Path, version: str, name: str) -> None:
    assert archive_of(numbered(Made(tmp_path, "uji").release(1), version)) == f"uji-rilis-{name}"


def test_every_release_has_an_id_of_its_own(tmp_path: Path) -> None:
    made = Made(tmp_path, "uji").release(1)
    assert len({archived_id(numbered(made, f"1.0.{number}")) for number in range(1, 300)}) == 299


def test_the_same_release_is_the_same_zip_file(tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        release = Made(tmp_path / name / "made", "uji").release(1)
        files.append(zipped(release, tmp_path / name))
    assert files[0].sha256 == files[1].sha256
    assert ZipFile(tmp_path / "one" / "uji-1.0.1.zip").namelist() == [
        "1.0.1/data/bantuan.csv",
        "1.0.1/data/wilayah.csv",
        "1.0.1/datapackage.json",
    ]
