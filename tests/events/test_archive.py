"""Old events move from the table to files: each is in one of both, whatever happens between the two."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from events import archive as module
from events.archive import ARCHIVE_LOCK, Archive, ArchivedOtherwise, archive_folder, read
from events.beside import going_on
from events.sequencer import Sequencer, give_positions
from kernel.clock import FixedClock
from kernel.settings import Settings
from tests.events.conftest import Log, until
from tests.folders import a_folder
from tests.serving import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="session")

DAYS = 30
NOW = dt.datetime(2022, 6, 1, 3, tzinfo=dt.UTC)
OLD, YOUNG = NOW - dt.timedelta(days=DAYS, seconds=1), NOW - dt.timedelta(days=DAYS)
WRITE = (
    "insert into ksbb.event (id, at, type, version, subject_kind, subject_id, institutions, payload)"
    " values ($1, $2, 'ContohTerjadi', 1, 'contoh', $1, array[$1]::uuid[], '{\"kode\": \"é\"}')"
)


@pytest.fixture
def settings(log: Log) -> Iterator[Settings]:
    """Settings with a data folder of the test's own."""
    with a_folder() as folder:
        yield replace(log.acting.city.settings, data_dir=folder, event_retention_days=DAYS)


@pytest_asyncio.fixture(loop_scope="session")
async def archive(log: Log, settings: Settings) -> AsyncIterator[Archive]:
    """An archive of a log in which nothing is left."""
    yield Archive(settings, log.engine, FixedClock(NOW))
    await log.acting.tables.execute("update ksbb.event_log set archived_until = last_position")
    await log.acting.tables.execute("delete from ksbb.event where position is not null")


async def happened(log: Log, *instants: dt.datetime) -> list[str]:
    """Events at some instants, with their positions."""
    keys = [uuid4() for _ in instants]
    for key, at in zip(keys, instants, strict=True):
        await log.acting.tables.execute(WRITE, key, at)
    async with log.engine.connect() as connection:
        await give_positions(connection)
    return [str(key) for key in keys]


def files(settings: Settings) -> list[Path]:
    """The files of the archive, drafts too."""
    return sorted(archive_folder(settings).iterdir())


def archived(settings: Settings, after: int = 0) -> list[str]:
    """The ids that are in files."""
    return [event["id"] for event in read(archive_folder(settings), after)]


async def kept(log: Log) -> list[str]:
    """The ids that are in the table."""
    return [str(one.id) for one in await log.all()]


async def test_what_is_older_than_the_retention_moves_to_files_in_parts(
    log: Log, settings: Settings, archive: Archive
) -> None:
    before, _ = await log.events.state()
    keys = await happened(log, *[OLD] * 25, YOUNG, OLD)
    assert await archive.due() == range(before + 1, before + 26)
    assert [len(await archive.part(10)) for _ in range(4)] == [10, 10, 5, 0]
    assert await archive.due() == range(before + 26, before + 26)
    assert archived(settings) == keys[:25]
    assert await kept(log) == keys[25:], "an old event behind a young one stays: only what comes first leaves"
    assert await log.events.state() == (before + 27, before + 25)
    assert [file.name for file in files(settings)] == [
        f"{before + first:020}-{before + last:020}.jsonl.gz" for first, last in ((1, 10), (11, 20), (21, 25))
    ]
    assert archived(settings, after=before + 13) == keys[13:25]


async def test_a_line_tells_all_of_an_event(log: Log, settings: Settings, archive: Archive) -> None:
    (key,) = await happened(log, OLD)
    row = await log.acting.tables.fetchrow("select * from ksbb.event where id = $1", key)
    assert row is not None
    await archive.part()
    (event,) = read(archive_folder(settings))
    assert event.keys() == dict(row).keys()
    assert event["payload"] == {"kode": "é"}
    assert event["at"] == OLD.isoformat()
    assert (event["position"], event["entry"], event["institutions"]) == (row["position"], row["entry"], [key])
    assert archive_folder(settings).stat().st_mode & 0o077 == 0


async def test_the_same_events_make_the_same_bytes(log: Log, settings: Settings, archive: Archive) -> None:
    await happened(log, OLD)
    await archive.part()
    (file,) = files(settings)
    assert file.read_bytes()[4:8] == bytes(4), "no instant of the writing (MTIME, RFC 1952)"


async def test_events_without_a_position_stay(log: Log, archive: Archive) -> None:
    await log.acting.tables.execute(WRITE, uuid4(), OLD)
    assert await archive.part() == range(0)
    await happened(log)


async def test_a_failure_between_file_and_table_loses_nothing_and_repeats_nothing(
    log: Log, settings: Settings, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, _ = await log.events.state()
    keys = await happened(log, *[OLD] * 12)

    async def fails(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(module, "_forget", fails)
        with pytest.raises(OSError):  # noqa: PT011  # it is made just above
            await archive.part(7)
    (file,) = files(settings)
    first = file.read_bytes()
    assert await kept(log) == keys
    later = await happened(log, OLD)
    assert [len(await archive.part()) for _ in range(3)] == [7, 6, 0], "the file that is there comes first, as it is"
    assert file.read_bytes() == first
    assert archived(settings) == [*keys, *later]
    assert await kept(log) == []
    assert (await log.events.state())[1] == before + 13


@pytest.mark.slow
async def test_a_process_that_is_killed_between_file_and_table_is_made_up_for(
    log: Log, settings: Settings, archive: Archive
) -> None:
    keys = await happened(log, *[OLD] * 20)
    for _ in range(3):
        with a_process(settings, log) as process:
            await until(_is_between(log, settings))
            assert await archive.part() == range(0), "one archives at a time"
            process.send_signal(signal.SIGKILL)
            process.wait()
        await until(_is_free(log))
        assert await kept(log) == keys
    assert [len(await archive.part()) for _ in range(2)] == [7, 13]
    assert (archived(settings), await kept(log)) == (keys, [])


@contextmanager
def a_process(settings: Settings, log: Log) -> Iterator[subprocess.Popen[bytes]]:
    """A process that archives seven events, and stops before they leave the table."""
    command = [sys.executable, "-m", "tests.events.archiving", str(settings.data_dir), log.dsn]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _is_free(log: Log) -> Callable[[], Awaitable[bool]]:
    """Whether nobody archives."""

    async def ask() -> bool:
        held = "select count(*) from pg_locks where locktype = 'advisory' and objid = $1"
        return not await log.acting.tables.fetchval(held, ARCHIVE_LOCK)

    return ask


def _is_between(log: Log, settings: Settings) -> Callable[[], Awaitable[bool]]:
    """Whether somebody archives, and the file is there."""

    async def ask() -> bool:
        folder = archive_folder(settings)
        return not await _is_free(log)() and any(file.suffix == ".gz" for file in folder.glob("0*"))

    return ask


async def test_a_file_of_another_history_is_never_written_over(log: Log, settings: Settings, archive: Archive) -> None:
    before, _ = await log.events.state()
    keys = await happened(log, OLD, OLD)
    folder = archive_folder(settings)
    folder.mkdir()
    file = folder / f"{before + 1:020}-{before + 2:020}.jsonl.gz"
    module._write(file, [])
    empty = file.read_bytes()
    with pytest.raises(ArchivedOtherwise, match="Keep the file elsewhere"):
        await archive.part()
    assert (file.read_bytes(), await kept(log)) == (empty, keys)


@pytest.mark.parametrize("rest", [b"\x1f\x8b", b"rusak"])
async def test_a_damaged_file_is_named_and_kept(tmp_path: Path, rest: bytes) -> None:
    file = tmp_path / "rusak.jsonl.gz"
    file.write_bytes(rest)
    with pytest.raises(ArchivedOtherwise):
        module._write(file, [])
    assert file.read_bytes() == rest


async def test_many_at_once_archive_each_event_once(log: Log, settings: Settings, archive: Archive) -> None:
    keys = await happened(log, *[OLD] * 30)
    await asyncio.gather(*(archive.part(5) for _ in range(10)))
    while await archive.part(5):
        pass
    assert archived(settings) == keys
    assert await kept(log) == []


async def test_it_is_kept_up_beside_other_work(log: Log, settings: Settings, archive: Archive) -> None:
    keys = await happened(log, *[OLD] * 3)

    async def is_done() -> bool:
        return await kept(log) == []

    async with going_on(archive.keep_up()):
        await until(is_done)
    assert archived(settings) == keys


async def test_the_command_line_tells_archives_and_reads(log: Log, settings: Settings, archive: Archive) -> None:
    before, _ = await log.events.state()
    keys = await happened(log, *[OLD] * 3)
    await log.write()

    def ksbb(*arguments: str) -> Any:
        given = {
            "KSBB_DATA_DIR": str(settings.data_dir),
            "KSBB_SECRET_KEY": settings.secret_key,
            "KSBB_DATABASE_URL": log.acting.city.server.uri(),
        }
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KSBB_")} | given
        command = [sys.executable, "-m", "cli", "events", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=True)
        return json.loads(done.stdout) if "--json" in arguments else done.stdout

    part = {"from": before + 1, "to": before + 3, "events": 3}
    told = {"last_position": before + 3, "waiting": 1, "archived_until": before, "holder": None}
    assert await asyncio.to_thread(ksbb, "status", "--json") == told
    assert await asyncio.to_thread(ksbb, "archive", "--dry-run", "--json") == {"parts": [part]}
    assert await kept(log) == keys
    assert await asyncio.to_thread(ksbb, "archive") == f"{before + 1} to {before + 3}\n"
    assert await kept(log) == []
    read_back = await asyncio.to_thread(ksbb, "read", "--after", str(before + 1), "--json")
    assert [event["id"] for event in read_back] == keys[1:]
    async with going_on(Sequencer(log.dsn).run()):
        await until(log.none_waits)
        assert str(os.getpid()) in await asyncio.to_thread(ksbb, "status")
