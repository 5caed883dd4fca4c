"""A release has the roots of the audit trail: of days that are over, never changed, enough to find a rewritten one."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from datapackages.audit_roots import closed_roots
from datapackages.publish import catalogue, publish
from events.audit_chain import seal
from kernel.clock import FixedClock
from kernel.settings import Settings
from models.server import Server
from models.writing import connected
from publishing.release.audit_roots import AUDIT_ROOTS, RootsNotReadable, read_audit_roots, write_audit_roots
from publishing.release.manifest import MANIFEST, read_manifest
from tests.publishing.city import SEALED_AUTUMN, SEALED_SPRING, Publisher, as_owner
from tests.serving import ROOT

ENTRIES = (
    "insert into ksbb.audit_entry (id, at, role, subject, act, details)"
    " select gen_random_uuid(), now(), 'BIRO_KSD', 'x', 'Contoh', '{}' from generate_series(1, 3)"
)
FIRST, EVE, MORNING = dt.date(2021, 1, 29), dt.date(2021, 1, 31), dt.date(2021, 2, 1)
"""The morning of SEALED_AUTUMN and the days before it."""


async def written_on(publisher: Publisher, *days: dt.date) -> None:
    """Entries that are sealed on some days."""
    for day in days:
        await as_owner(publisher.owner_uri, ENTRIES)
        async with connected(publisher.owner_uri) as connection:
            assert await seal(connection, day) >= 3


def ksbb(publisher: Publisher, root: Path, *arguments: str) -> tuple[int, str]:
    """What `ksbb audit verify` does on a city."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KSBB_")}
    environment |= {"KSBB_DATA_DIR": str(root), "KSBB_DATABASE_URL": publisher.owner_uri}
    command = [sys.executable, "-m", "cli", "audit", "verify", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


async def test_roots_of_days_that_are_over_are_released_and_carried_on(publisher: Publisher, root: Path) -> None:
    settings, server = Settings(data_dir=root), Server(publisher.owner_uri)
    await written_on(publisher, FIRST, EVE, MORNING)
    first = (await publish(settings, server, clock=SEALED_AUTUMN)).folder
    roots = read_audit_roots(first / AUDIT_ROOTS)
    assert list(roots) == [FIRST + dt.timedelta(days=n) for n in range(3)]
    assert len(set(roots.values())) == 3, "a day without an entry looks like any other"
    listed = {file.path for file in read_manifest((first / MANIFEST).read_bytes()).files}
    assert AUDIT_ROOTS in listed
    await written_on(publisher, dt.date(2021, 3, 1))
    second = (await publish(settings, server, clock=SEALED_SPRING)).folder
    later = read_audit_roots(second / AUDIT_ROOTS)
    assert list(later.items())[:3] == list(roots.items())
    assert (len(later), max(later)) == (184, dt.date(2021, 7, 31))


async def test_a_released_root_tells_neither_how_much_was_done_nor_the_link_behind_it(
    publisher: Publisher, root: Path
) -> None:
    await written_on(publisher, FIRST)
    report = await publish(Settings(data_dir=root), Server(publisher.owner_uri), clock=SEALED_AUTUMN)
    text = (report.folder / AUDIT_ROOTS).read_text()
    content = json.loads(text)
    assert list(content) == ["algorithm", "roots"]
    assert all(len(root) == 64 for root in content["roots"].values())
    async with connected(publisher.owner_uri) as connection:
        hashes = await connection.exec_driver_sql("select encode(hash, 'hex') from ksbb.audit_root")
        assert not any(end in text for (end,) in hashes)


async def test_a_day_is_over_an_hour_after_its_end(publisher: Publisher) -> None:
    await written_on(publisher, EVE)
    midnight = dt.datetime(2021, 1, 31, 17, tzinfo=dt.UTC)
    for minutes, expected in ((-1, []), (59, []), (60, [EVE])):
        clock = FixedClock(midnight + dt.timedelta(minutes=minutes))
        assert list(await closed_roots(publisher.owner_uri, clock)) == expected


async def test_what_was_released_once_is_not_released_otherwise(root: Path) -> None:
    first, second = root / "first", root / "second"
    first.mkdir()
    second.mkdir()
    write_audit_roots(first, None, {EVE: "a"})
    write_audit_roots(second, first, {FIRST: "x", EVE: "y", MORNING: "z"})
    assert read_audit_roots(second / AUDIT_ROOTS) == {EVE: "a", MORNING: "z"}


@pytest.mark.parametrize("text", ["", "[]", '{"roots": []}', '{"roots": {"yesterday": "a"}}'])
def test_a_file_that_holds_no_roots_is_told(root: Path, text: str) -> None:
    (root / AUDIT_ROOTS).write_text(text)
    with pytest.raises(RootsNotReadable):
        read_audit_roots(root / AUDIT_ROOTS)


async def test_the_command_finds_a_trail_that_was_written_anew_since_it_was_released(
    publisher: Publisher, root: Path
) -> None:
    settings, server = Settings(data_dir=root), Server(publisher.owner_uri)
    assert ksbb(publisher, root) == (
        0,
        "The audit trail is whole: 0 entries, 0 not sealed yet; no root was published yet.\n",
    )
    await written_on(publisher, FIRST, EVE)
    report = await publish(settings, server, clock=SEALED_AUTUMN)
    (last,) = list(read_audit_roots(report.folder / AUDIT_ROOTS).values())[-1:]
    code, said = ksbb(publisher, root)
    assert code == 0
    assert said.splitlines() == [
        "The audit trail is whole: 6 entries, 1 not sealed yet; 3 published roots agree.",
        f"root of {EVE}: {last}",
    ]
    kept = root / "kept.json"
    kept.write_bytes((report.folder / AUDIT_ROOTS).read_bytes())
    await as_owner(
        publisher.owner_uri,
        "set session_replication_role = replica; delete from ksbb.audit_root;"
        " delete from ksbb.audit_entry where position = 2;"
        " update ksbb.audit_entry set position = null, sealed_on = null, hash = null",
    )
    async with connected(publisher.owner_uri) as connection:
        assert await seal(connection, EVE) == 6
    code, said = ksbb(publisher, root, "--json")
    assert code == 1
    assert json.loads(said)["fault"] == {
        "position": 0,
        "what": f"another root of {FIRST} was published: the trail was written anew",
    }
    (catalogue(settings) / "ksbb-umkm" / report.version / AUDIT_ROOTS).unlink()
    assert ksbb(publisher, root)[0] == 0
    assert ksbb(publisher, root, "--roots", str(kept))[0] == 1
