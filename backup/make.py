"""Making a backup: one snapshot of the database, then the files, in a folder that has its name when it is whole."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import asyncpg

from backup.contents import LEFT_OUT, contents
from backup.files import pack
from backup.manifest import DATABASE, FILES, write
from backup.programs import program, run
from kernel.clock import Clock
from kernel.errors import KsbbError
from kernel.room import room_in
from kernel.settings import Settings
from models import migrate
from models.base import SCHEMA
from policy import wall
from policy.secrets import Secrets

PARTIAL = ".partial"
"""Behind the name of a folder that is not whole yet."""

Step = Callable[[str], Callable[[int, int], None]]
"""Told what is done next; gives who is told how far it is."""


class AlreadyThere(KsbbError):
    """Something lies where a backup, or what is restored of one, is to go."""

    code = "ALREADY_THERE"


def make(settings: Settings, uri: str, folder: Path, clock: Clock, step: Step) -> dict[str, Any]:
    """Back up an installation into a new folder, while it goes on working; what the manifest states beside its parts.

    Rows are those of one moment. Files are read after it, so that those that rows name are there. Keys are left out.
    Only the user who makes it may read it: it holds names and telephone numbers in the clear.

    Raises:
        AlreadyThere: the folder is there.
        DatabaseIsBehind, ProgramMissing, ProgramFailed, DiskFull: nothing was kept.
    """
    if folder.exists():
        raise AlreadyThere(f"{folder} is there already. Name a new folder for the backup.", folder=str(folder))
    asyncio.run(migrate.require_current(uri))
    draft = folder.with_name(folder.name + PARTIAL)
    shutil.rmtree(draft, ignore_errors=True)  # one that was cut off
    draft.mkdir(mode=0o700, parents=True)
    try:
        with room_in(folder.parent):
            stated = asyncio.run(_made(settings, uri, draft, clock, step))
            write(draft, stated, Secrets.of(settings))
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    draft.rename(folder)
    return stated


async def _made(settings: Settings, uri: str, draft: Path, clock: Clock, step: Step) -> dict[str, Any]:
    connection = await asyncpg.connect(uri)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
            major = connection.get_server_version().major
            stated = await contents(connection, step("Counting rows"))
            _dump(uri, major, snapshot, draft / DATABASE, len(stated["tables"]), step("Dumping tables"))
    finally:
        await connection.close()
    files = pack(settings, draft / FILES, step("Packing files"))
    return {
        "made_at": clock.now().isoformat(),
        "version": version("ksbb-terbuka"),
        "postgres": major,
        "policy": wall.current_hash(),
        "files": files,
        "evidence_in_bucket": bool(settings.evidence_s3_bucket),
        **stated,
    }


def _dump(uri: str, major: int, snapshot: str, file: Path, tables: int, done: Callable[[int, int], None]) -> None:
    seen = 0

    def told(line: str) -> None:
        nonlocal seen
        if "dumping contents of table" in line:
            seen += 1
            done(min(seen, tables), tables)

    left_out = [f"--exclude-table={SCHEMA}.{name}" for name in sorted(LEFT_OUT)]
    dump = program("pg_dump", major)
    shape = ["--format=custom", f"--schema={SCHEMA}", "--no-owner", "--no-privileges", "--verbose", *left_out]
    file.touch(mode=0o600)
    run([dump, *shape, f"--snapshot={snapshot}", f"--file={file}"], uri, told)
    done(tables, tables)
