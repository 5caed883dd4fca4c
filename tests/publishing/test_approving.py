"""After a change of the privacy policy a release waits for two officers; nobody finds it before."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from datapackages.approving import ReleaseWaits
from datapackages.publish import CKAN, after_approval, catalogue, publish, put_what_is_approved
from kernel.settings import Settings
from models.server import Server
from publishing.holding import HeldReleaseOutdated, held_folder
from publishing.release.released import LATEST
from tests.publishing.city import SEALED_AUTUMN, SEALED_SPRING, Publisher, as_owner

OTHER_POLICY = "update ksbb.release set policy_hash = 'another'"


async def approve(uri: str, *officers: str) -> None:
    """Approvals as the command writes them."""
    connection = await asyncpg.connect(uri)
    held = await connection.fetchval("select id from ksbb.held_release")
    rows = [(uuid.uuid4(), held, officer) for officer in officers]
    await connection.executemany("insert into ksbb.release_approval values ($1, $2, now(), $3)", rows)
    await connection.close()


async def value(uri: str, query: str) -> Any:
    connection = await asyncpg.connect(uri)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_a_release_under_another_policy_waits_for_two_officers(publisher: Publisher, root: Path) -> None:
    settings, server = Settings(data_dir=root), Server(publisher.owner_uri)
    assert not (await publish(settings, server, clock=SEALED_AUTUMN)).is_held, "the first waits for nobody"
    await as_owner(publisher.owner_uri, OTHER_POLICY)
    report = await publish(settings, server, clock=SEALED_SPRING, by="petugas", to=str(root / "elsewhere"))
    assert (report.version, report.is_held) == ("1.0.2", True)
    folder = catalogue(settings) / "ksbb-umkm"
    assert (folder / LATEST).readlink() == Path("1.0.1")
    assert not (folder / "1.0.2").exists()
    assert not (root / "elsewhere").exists()
    assert await value(publisher.owner_uri, "select made_by from ksbb.held_release") == "petugas"
    assert not await value(publisher.owner_uri, "select exists (select from ksbb.release where version = '1.0.2')")
    with pytest.raises(ReleaseWaits):
        await publish(settings, server, clock=SEALED_SPRING)
    await approve(publisher.owner_uri, "one")
    assert await put_what_is_approved(settings, server, SEALED_SPRING) == 0
    await approve(publisher.owner_uri, "two")
    assert await put_what_is_approved(settings, server, SEALED_SPRING) == 1
    assert await put_what_is_approved(settings, server, SEALED_SPRING) == 0
    assert (folder / LATEST).readlink() == Path("1.0.2")
    assert await value(publisher.owner_uri, "select exists (select from ksbb.release where version = '1.0.2')")
    assert '"1.0.2"' in (folder / "releases.json").read_text()
    assert not (root / "elsewhere").exists()
    assert not (await publish(settings, server, clock=SEALED_SPRING, to=str(root / "elsewhere"))).is_new
    assert (root / "elsewhere" / "ksbb-umkm" / "1.0.2").exists()


def test_who_publishes_what_waits_is_told_where_it_will_go() -> None:
    alone, with_portal = Settings(), Settings(ckan_url="https://data.example.org")
    assert after_approval(alone, "a-folder")[1].endswith("run `ksbb publish --to a-folder` after it came out.")
    assert len(after_approval(alone, "folder")) == len(after_approval(with_portal, CKAN)) == 1
    assert ["KSBB_CKAN_URL" in after_approval(settings, CKAN)[0] for settings in (alone, with_portal)] == [False, True]


async def test_what_waited_too_long_or_is_refused_is_dropped(publisher: Publisher, root: Path) -> None:
    settings, server = Settings(data_dir=root), Server(publisher.owner_uri)
    await publish(settings, server, clock=SEALED_AUTUMN)
    await as_owner(publisher.owner_uri, OTHER_POLICY)
    await publish(settings, server, clock=SEALED_SPRING)
    held = held_folder(catalogue(settings), "ksbb-umkm", "1.0.2")
    assert held.exists()
    await approve(publisher.owner_uri, "one", "two")
    (held / "CHANGES.md").write_text("x")
    (held / "manifest.json").write_text("{}")
    with pytest.raises(HeldReleaseOutdated, match="not what was approved"):
        await put_what_is_approved(settings, server, SEALED_SPRING)
    assert not held.exists()
    report = await publish(settings, server, clock=SEALED_SPRING)
    assert (report.version, report.is_held) == ("1.0.3", True)


async def test_withdrawing_everything_is_no_way_around_approval(publisher: Publisher, root: Path) -> None:
    settings, server = Settings(data_dir=root), Server(publisher.owner_uri)
    await publish(settings, server, clock=SEALED_AUTUMN)
    withdrawn = "withdrawn_at = now(), withdrawn_reason = '-', withdrawn_reason_en = '-'"
    await as_owner(publisher.owner_uri, f"{OTHER_POLICY}, {withdrawn}")
    report = await publish(settings, server, clock=SEALED_AUTUMN)
    assert (report.version, report.is_held) == ("1.0.2", True)
