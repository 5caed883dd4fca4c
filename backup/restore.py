"""Restoring: a backup into an empty database and an empty folder, all of it or nothing; and a rehearsal of it."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg

from backup.contents import contents, differences
from backup.files import unpack
from backup.make import PARTIAL, AlreadyThere, Step
from backup.manifest import DATABASE, FILES, BackupDamaged, check, require_key
from backup.programs import program, run
from events.audit_trail import verify as verify_trail
from kernel.room import room_in
from kernel.settings import Settings
from models import migrate
from models.base import SCHEMA
from models.embedded import EmbeddedPostgres
from models.server import Server
from models.writing import connected
from policy import wall
from policy.secrets import KEY_FILE, Secrets

_HAS_TABLES = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1"


def restore(settings: Settings, folder: Path, into: Path, secret: str, step: Step) -> list[str]:
    """Restore a backup as the data folder `into`; what was done, for people.

    With `KSBB_DATABASE_URL` the rows go to that database, which must be empty. `secret` is the master secret in hex.

    Raises:
        AlreadyThere: folder or database is not empty.
        NotABackup, BackupDamaged, WrongSecret: nothing was restored.
        ProgramMissing, ProgramFailed, DiskFull, DatabaseIsNewer: it did not work, and nothing is left of it.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise AlreadyThere(f"{into} is not empty. Restore into a new folder.", folder=str(into))
    stated = check(folder, step("Checking the parts"))
    secrets = Secrets.of(replace(settings, secret_key=secret))
    require_key(stated, secrets)
    draft = into.with_name(into.name + PARTIAL)
    _forget(draft)
    draft.mkdir(mode=0o700, parents=True)
    try:
        with room_in(into.parent):
            unpack(folder / FILES, draft)
            there = replace(settings, data_dir=draft, secret_key=secret)
            with Server.open(there) as server:
                found = asyncio.run(_filled(server.uri(), folder, stated, there, step))
            if not settings.secret_key:
                _keep_secret(draft, secret)
            if into.exists():
                into.rmdir()
            draft.rename(into)
    except BaseException:
        _forget(draft)
        raise
    return found


def rehearse(folder: Path, stated: dict[str, Any], step: Step) -> list[str]:
    """Restore the rows of a backup into a database that is thrown away, and compare: what was found, for people.

    Raises:
        BackupDamaged: what came out is not what went in, or the audit trail is not whole.
    """
    place = Path(tempfile.mkdtemp(prefix="ksbb-rehearsal-"))
    try:
        with Server.open(Settings(data_dir=place / "data")) as server:
            return asyncio.run(_compared(server.uri(), folder, stated, step))
    finally:
        _forget(place / "data")
        shutil.rmtree(place, ignore_errors=True)


async def _filled(uri: str, folder: Path, stated: dict[str, Any], settings: Settings, step: Step) -> list[str]:
    """Rows, then the steps, roles and views of this release; a database that cannot be filled is emptied again."""
    connection = await asyncpg.connect(uri)
    try:
        if await connection.fetchval(_HAS_TABLES, SCHEMA):
            raise AlreadyThere(f"The database has a schema {SCHEMA} already. Restore into an empty database.")
    finally:
        await connection.close()
    try:
        told = await _compared(uri, folder, stated, step)
        steps = await migrate.upgrade(uri)
        await wall.build(uri, settings.role_prefix, Secrets.of(settings).role_password)
    except BaseException:
        await _emptied(uri)
        raise
    return [*told, f"{len(steps)} steps of this release ran; roles and views are made."]


async def _compared(uri: str, folder: Path, stated: dict[str, Any], step: Step) -> list[str]:
    connection = await asyncpg.connect(uri)
    try:
        major = connection.get_server_version().major
        await asyncio.to_thread(_load, uri, major, folder / DATABASE, len(stated["tables"]), step("Restoring tables"))
        found = await contents(connection, step("Comparing tables"))
    finally:
        await connection.close()
    if told := differences(stated, found):
        raise BackupDamaged(f"What was restored is not what was backed up: {'; '.join(told)}.")
    async with connected(uri) as chain:
        verdict = await verify_trail(chain, {})
    if verdict.fault is not None:
        raise BackupDamaged(verdict.lines()[0])
    rows = sum(table["rows"] for table in found["tables"].values())
    return [f"{rows:,} rows of {len(found['tables'])} tables are as they were backed up.", *verdict.lines()]


def _load(uri: str, major: int, dump: Path, tables: int, done: Callable[[int, int], None]) -> None:
    """All tables in one transaction; without row policies, whose roles the wall makes with them."""
    tool = program("pg_restore", major)
    listed = subprocess.run(  # noqa: S603  # our own command
        [tool, "--list", dump], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if listed.returncode != 0:
        raise BackupDamaged(f"{dump.name} cannot be read: {listed.stderr.strip()[:200]}")
    seen = 0

    def told(line: str) -> None:
        nonlocal seen
        if "processing data for table" in line:
            seen += 1
            done(min(seen, tables), tables)

    with tempfile.NamedTemporaryFile("w", suffix=".list") as wanted:
        wanted.writelines(line for line in listed.stdout.splitlines(keepends=True) if " POLICY " not in line)
        wanted.flush()
        run([tool, "--no-owner", "--single-transaction", "--verbose", "-L", wanted.name, dump], uri, told)
    done(tables, tables)


async def _emptied(uri: str) -> None:
    connection = await asyncpg.connect(uri)
    try:
        await connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    finally:
        await connection.close()


def _keep_secret(folder: Path, secret: str) -> None:
    file = folder / KEY_FILE
    file.touch(mode=0o600)
    file.write_text(secret + "\n", encoding="ascii")


def _forget(folder: Path) -> None:
    """Remove a data folder whose making was cut off, and end the PostgreSQL that may still run on it."""
    postgres = EmbeddedPostgres(folder)
    if postgres.is_running():
        postgres.open()
        postgres.close()
    shutil.rmtree(folder, ignore_errors=True)
