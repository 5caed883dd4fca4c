"""Publishing as an installation does it: recorded once, and only behind the wall of the same policy."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import asyncpg
import pytest

from datapackages.package import datasets
from datapackages.publish import CatalogueIsNotComplete, WallOfAnotherPolicy, catalogue, publish
from kernel.settings import Settings
from models.server import Server
from publishing.release.manifest import manifest_hash
from publishing.release.released import LATEST
from tests.publishing.city import SEALED_AUTUMN, SEALED_SPRING, Publisher, as_owner
from tests.publishing.rows import CANARY


async def recorded(publisher: Publisher) -> list[tuple[str, str]]:
    connection = await asyncpg.connect(publisher.owner_uri)
    try:
        found = await connection.fetch("select version, dataset, public_id from ksbb.release order by 1, 2")
    finally:
        await connection.close()
    assert all(row["public_id"].startswith("release_") for row in found)
    return [(row["version"], row["dataset"]) for row in found]


async def test_a_release_is_recorded_once(publisher: Publisher, root: Path) -> None:
    settings, server = Settings(data_dir=root), Server(publisher.owner_uri)
    await publish(settings, server, clock=SEALED_AUTUMN)
    report = await publish(settings, server, clock=SEALED_AUTUMN)
    first = [("1.0.1", dataset.name) for dataset in datasets()]
    assert await recorded(publisher) == first
    assert report.lines()[0].startswith("Release 1.0.1 of ksbb-umkm stands")
    await publish(settings, server, clock=SEALED_SPRING)
    assert await recorded(publisher) == first + [("1.0.2", name) for _, name in first]
    assert (catalogue(settings) / "ksbb-umkm" / LATEST).readlink() == Path("1.0.2")


async def test_who_publishes_stands_in_the_audit_trail_once_with_the_hash_of_the_manifest(
    publisher: Publisher, root: Path
) -> None:
    settings, server = Settings(data_dir=root), Server(publisher.owner_uri)
    report = await publish(settings, server, clock=SEALED_AUTUMN, by="petugas")
    await publish(settings, server, clock=SEALED_AUTUMN, by="another")
    connection = await asyncpg.connect(publisher.owner_uri)
    entries = await connection.fetch("select subject, act, document_hash, details from ksbb.audit_entry")
    await connection.close()
    told = '{"package": "ksbb-umkm", "version": "1.0.1"}'
    assert [tuple(entry) for entry in entries] == [("petugas", "PUBLISH_RELEASE", manifest_hash(report.folder), told)]


async def test_nothing_is_counted_again_when_the_catalogue_is_lost(publisher: Publisher, root: Path) -> None:
    settings, server = Settings(data_dir=root), Server(publisher.owner_uri)
    for clock in (SEALED_AUTUMN, SEALED_SPRING):
        await publish(settings, server, clock=clock)
    for folder, lost in ((catalogue(settings) / "ksbb-umkm" / "1.0.2", "1.0.2"), (catalogue(settings), "1.0.2")):
        shutil.rmtree(folder)
        with pytest.raises(CatalogueIsNotComplete, match=lost):
            await publish(settings, server, clock=SEALED_SPRING)


async def test_a_release_is_told_once(publisher: Publisher, root: Path) -> None:
    settings, server = Settings(data_dir=root), Server(publisher.owner_uri)
    for _ in range(2):
        await publish(settings, server, clock=SEALED_AUTUMN)
    connection = await asyncpg.connect(publisher.owner_uri)
    told = await connection.fetch(
        "select e.type, e.payload->>'dataset' = r.dataset as same from ksbb.event e"
        " join ksbb.release r on r.id = e.subject_id and e.subject_kind = 'release'"
    )
    await connection.close()
    assert [tuple(row) for row in told] == [("ReleasePublished", True)] * len(datasets())


async def test_a_release_is_copied_to_a_folder_that_the_caller_names(publisher: Publisher, root: Path) -> None:
    settings, server = Settings(data_dir=root / "installation"), Server(publisher.owner_uri)
    await publish(settings, server, clock=SEALED_AUTUMN, to=str(root / "elsewhere"))
    assert (root / "elsewhere" / "ksbb-umkm" / "1.0.1" / "datapackage.json").exists()


async def test_a_release_is_found_in_the_catalogue_under_its_date(publisher: Publisher, root: Path) -> None:
    settings, server = Settings(data_dir=root, public_url="https://data.example"), Server(publisher.owner_uri)
    report = await publish(settings, server, clock=SEALED_AUTUMN)
    folder = catalogue(settings)
    (entry,) = json.loads((folder / "ksbb-umkm" / "releases.json").read_text())["releases"]
    assert (entry["version"], entry["released_at"]) == ("1.0.1", "2021-02-01T00:00:00+00:00")
    for row in report.datasets:
        page = (folder / "ksbb-umkm" / "about" / "1.0.1" / f"{row.dataset}.html").read_text()
        assert f"../../1.0.1/data/{row.dataset}.csv" in page
    assert "https://data.example/data/ksbb-umkm/1.0.1/data/wilayah.csv" in (folder / "catalog.ttl").read_text()
    for file in folder.rglob("*"):
        assert file.is_dir() or CANARY.encode() not in file.read_bytes(), file


async def test_a_dry_run_is_not_recorded(publisher: Publisher, root: Path) -> None:
    await publish(Settings(data_dir=root), Server(publisher.owner_uri), clock=SEALED_AUTUMN, dry_run=True)
    assert await recorded(publisher) == []
    assert not (root / "releases" / "index.html").exists()


async def test_nothing_is_published_behind_the_wall_of_another_policy(publisher: Publisher, root: Path) -> None:
    await as_owner(publisher.owner_uri, "update ksbb.wall set hash = 'another'")
    with pytest.raises(WallOfAnotherPolicy):
        await publish(Settings(data_dir=root), Server(publisher.owner_uri), clock=SEALED_AUTUMN)
