"""A database comes to the tables of this release by numbered steps, one process at a time, and differences are told."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text

import migrations
from kernel.settings import Settings
from models import migrate
from models.base import SCHEMA
from models.migrate import DatabaseIsNewer
from models.server import Server
from tests.folders import a_data_folder

STEP = '''
"""{doc}."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {down!r}


def upgrade() -> None:
    {body}
'''
FIRST = f'op.create_table("visit", sa.Column("id", sa.Integer, primary_key=True), schema="{SCHEMA}")'
SECOND = f'op.add_column("visit", sa.Column("note", sa.Text, nullable=False), schema="{SCHEMA}")'
BROKEN = "op.get_bind().execute(sa.select(sa.literal(1) / sa.literal(0)))"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with a_data_folder() as folder, Server.open(Settings(data_dir=folder)) as server:
        yield server


@pytest.fixture
async def uri(server: Server) -> str:
    """An empty database."""
    connection = await asyncpg.connect(server.uri("postgres"))
    await connection.execute("drop database if exists steps")
    await connection.execute("create database steps")
    await connection.close()
    return server.uri("steps")


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of steps of our own, with the first one in it; the models declare what both steps make."""
    (tmp_path / "versions").mkdir()
    shutil.copy(Path(migrations.__file__).with_name("env.py"), tmp_path / "env.py")
    declared = MetaData(schema=SCHEMA)
    Table("visit", declared, Column("id", Integer, primary_key=True), Column("note", Text, nullable=False))
    monkeypatch.setattr(migrations, "__file__", str(tmp_path / "__init__.py"))
    monkeypatch.setattr(migrate, "_metadata", lambda: declared)
    a_step(tmp_path, "0001", None, "First", FIRST)
    return tmp_path


def a_step(folder: Path, revision: str, down: str | None, doc: str, body: str) -> None:
    step = STEP.format(doc=doc, revision=revision, down=down, body=body)
    (folder / "versions" / f"{revision}.py").write_text(step)


async def test_an_empty_database_gets_every_step_once(uri: str, steps: Path) -> None:
    a_step(steps, "0002", "0001", "Second", SECOND)
    assert await migrate.pending(uri) == ["0001 First.", "0002 Second."]
    assert await migrate.upgrade(uri) == ["0001 First.", "0002 Second."]
    assert await migrate.upgrade(uri) == []
    assert await migrate.pending(uri) == []
    assert await migrate.check(uri) == []


async def test_an_owner_that_is_named_like_our_schema_finds_its_tables(server: Server, uri: str, steps: Path) -> None:
    a_step(steps, "0002", "0001", "Second", SECOND)
    connection = await asyncpg.connect(uri)
    await connection.execute(f"create role {SCHEMA} login; alter database steps owner to {SCHEMA}")
    owned = server.uri("steps", SCHEMA)
    assert len(await migrate.upgrade(owned)) == 2
    assert await migrate.check(owned) == []
    await connection.execute(f"alter database steps owner to postgres; reassign owned by {SCHEMA} to postgres")
    await connection.execute(f"drop owned by {SCHEMA}; drop role {SCHEMA}")
    await connection.close()


async def test_a_database_of_the_last_release_gets_only_what_it_lacks(uri: str, steps: Path) -> None:
    await migrate.upgrade(uri)
    a_step(steps, "0002", "0001", "Second", SECOND)
    assert await migrate.check(uri) == ["The step 0002 Second. has not run."]
    assert await migrate.upgrade(uri) == ["0002 Second."]


async def test_tables_that_deviate_from_the_models_are_named(uri: str, steps: Path) -> None:
    await migrate.upgrade(uri)
    assert await migrate.check(uri) == ["The tables differ from the models: add_column visit note."]


async def test_tables_outside_our_schema_and_the_note_of_the_wall_are_nobodys_business(uri: str, steps: Path) -> None:
    a_step(steps, "0002", "0001", "Second", SECOND)
    await migrate.upgrade(uri)
    connection = await asyncpg.connect(uri)
    await connection.execute(f"create table public.other (id int); create table {SCHEMA}.wall (hash text)")
    await connection.close()
    assert await migrate.check(uri) == []


async def test_processes_that_upgrade_at_once_do_it_one_after_the_other(uri: str, steps: Path) -> None:
    a_step(steps, "0002", "0001", "Second", SECOND)
    done = await asyncio.gather(*(migrate.upgrade(uri) for _ in range(4)))
    assert sorted(done) == [[], [], [], ["0001 First.", "0002 Second."]]


async def test_a_step_that_fails_takes_the_others_of_the_run_back(uri: str, steps: Path) -> None:
    a_step(steps, "0002", "0001", "Broken", BROKEN)
    with pytest.raises(Exception, match="division by zero"):
        await migrate.upgrade(uri)
    assert len(await migrate.pending(uri)) == 2


async def test_a_database_of_a_later_release_is_refused(uri: str, steps: Path) -> None:
    a_step(steps, "0002", "0001", "Second", SECOND)
    await migrate.upgrade(uri)
    (steps / "versions" / "0002.py").unlink()
    with pytest.raises(DatabaseIsNewer, match="step 0002"):
        await migrate.upgrade(uri)


async def test_the_steps_of_this_release_make_the_tables_that_its_models_declare(uri: str) -> None:
    await migrate.upgrade(uri)
    assert await migrate.check(uri) == []
