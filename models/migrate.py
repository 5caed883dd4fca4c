"""Bring a database to the tables that this release declares: Alembic, forward only, one transaction."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.command import upgrade as run_upgrade
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from sqlalchemy import Connection, MetaData, func, select
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateSchema

import migrations
import models
from kernel.errors import KsbbError
from models.base import SCHEMA, Base, Point

VERSION_TABLE = "alembic_version"
NOT_MODELS = {"wall"}
"""Tables of our schema that no model declares: `policy.wall` notes there which policy it was built from."""

_ONE_AT_A_TIME = 57_132_020  # the advisory lock of migrations
_NO_SCHEMA_OF_THE_USER = {"search_path": "public"}
"""Else an owner who is named like our schema has it for the default one, which Alembic calls by no name."""
_T = TypeVar("_T")


class DatabaseIsNewer(KsbbError):
    """The database was brought to a step that this release does not know."""

    code = "DATABASE_IS_NEWER"


class DatabaseIsBehind(KsbbError):
    """The database lacks steps of this release."""

    code = "DATABASE_IS_BEHIND"

    def __init__(self, steps: list[str]) -> None:
        super().__init__(
            f"The database lacks {len(steps)} steps of this release, the first is {steps[0]}. Run `ksbb db upgrade`.",
            steps=steps,
        )


async def upgrade(uri: str) -> list[str]:
    """Run the steps that a database lacks, all or none; the names of the steps that ran.

    Two processes that upgrade at once do it one after the other. Safe to repeat.

    Raises:
        DatabaseIsNewer: the database is of a later release.
    """
    return await _in_transaction(uri, _upgrade)


async def pending(uri: str) -> list[str]:
    """The steps that a database lacks, oldest first; empty when it is up to date.

    Raises:
        DatabaseIsNewer: the database is of a later release.
    """
    return await _in_transaction(uri, _pending)


async def require_current(uri: str) -> None:
    """Make sure that a database has every step of this release.

    Raises:
        DatabaseIsBehind: it lacks some.
    """
    if steps := await pending(uri):
        raise DatabaseIsBehind(steps)


async def check(uri: str) -> list[str]:
    """Everything in which a database differs from this release, a sentence each: missing steps, deviating tables."""
    return await _in_transaction(uri, _differences)


def comparison() -> dict[str, Any]:
    """How Alembic compares and records: our schema only, its version table inside it."""

    def ours(name: str | None, kind: str, _: object) -> bool:
        return name == SCHEMA if kind == "schema" else name not in NOT_MODELS

    return {
        "target_metadata": _metadata(),
        "include_schemas": True,
        "include_name": ours,
        "version_table": VERSION_TABLE,
        "version_table_schema": SCHEMA,
    }


async def _in_transaction(uri: str, work: Callable[[Connection], _T]) -> _T:
    async def connect() -> Any:
        return await asyncpg.connect(uri, server_settings=_NO_SCHEMA_OF_THE_USER)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    assert isinstance(engine.dialect, PGDialect)
    engine.dialect.ischema_names = engine.dialect.ischema_names | {"point": Point}  # or reading the tables back warns
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> list[str]:
    connection.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    connection.execute(CreateSchema(SCHEMA, if_not_exists=True))
    steps = _pending(connection)
    if steps:
        run_upgrade(_config(connection), "head")
    return steps


def _pending(connection: Connection) -> list[str]:
    scripts = ScriptDirectory.from_config(_config(connection))
    reached = MigrationContext.configure(connection, opts=comparison()).get_current_heads()
    try:
        steps = list(scripts.iterate_revisions("heads", reached or "base"))
    except RevisionError as cause:
        raise DatabaseIsNewer(
            f"The database stands at step {', '.join(reached)}, which this release does not know: it was upgraded by a "
            f"later one. Run that release, or restore the database from before.",
            reached=list(reached),
        ) from cause
    return [f"{step.revision} {step.doc}" for step in reversed(steps)]


def _differences(connection: Connection) -> list[str]:
    if behind := _pending(connection):
        return [f"The step {step} has not run." for step in behind]
    context = MigrationContext.configure(connection, opts=comparison())
    return [
        f"The tables differ from the models: {_named(change)}." for change in compare_metadata(context, _metadata())
    ]


def _named(change: Any) -> str:
    """One of Alembic's differences in a few words: `add_column loan purpose`."""
    kind, *parts = change[0] if isinstance(change, list) else change
    names = [part if isinstance(part, str) else getattr(part, "name", None) for part in parts]
    return " ".join([kind, *(name for name in names if isinstance(name, str) and name != SCHEMA)])


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    return config


def _metadata() -> MetaData:
    """What the models declare, all modules of `models/` loaded."""
    for module in pkgutil.iter_modules(models.__path__, "models."):
        importlib.import_module(module.name)
    return Base.metadata
