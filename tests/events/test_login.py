"""The sequencer's login, tried from outside: it has the event log, the webhooks, and nothing else."""

from __future__ import annotations

import asyncpg
import pytest

from models.all import METADATA
from policy.wall import SEQUENCER
from tests.events.conftest import Log

pytestmark = pytest.mark.asyncio(loop_scope="session")

MAY_READ = {"event", "event_log", "event_sight", "subscription", "webhook_delivery"}


async def refused(connection: asyncpg.Connection, sql: str, *values: object) -> str:
    """The SQLSTATE by which a statement is refused; nothing is kept of one that is not."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(sql, *values)
    except asyncpg.PostgresError as error:
        return str(error.sqlstate)
    finally:
        await transaction.rollback()
    return ""


NO_RIGHT, A_FACT = "42501", "23001"


async def test_the_sequencer_reads_the_event_log_and_no_other_table(log: Log) -> None:
    connection = await asyncpg.connect(log.dsn)
    assert await connection.fetchval("select current_user") == f"ksbb_{SEQUENCER}"
    for table in METADATA.tables.values():
        expected = "" if table.name in MAY_READ else NO_RIGHT
        for column in table.columns:
            assert await refused(connection, f"select {column.key} from ksbb.{table.name}") == expected, column
    for name in ("wall", "alembic_version"):
        assert await refused(connection, f"select * from ksbb.{name}") == NO_RIGHT
    await connection.close()


async def test_the_sequencer_gives_positions_and_changes_nothing_else_of_an_event(log: Log) -> None:
    await log.write()
    connection = await asyncpg.connect(log.dsn)
    assert await connection.fetchval("select count(*) from ksbb.event where position is null")
    for column in ("id", "payload", "entry", "type", "at"):
        assert await refused(connection, f"update ksbb.event set {column} = {column}") == NO_RIGHT
    assert await refused(connection, "insert into ksbb.event select * from ksbb.event") == NO_RIGHT
    assert await refused(connection, "delete from ksbb.event") == A_FACT, (
        "an event without a position is told to nobody"
    )
    assert await refused(connection, "update ksbb.event set position = 7000000 where position is null") == ""
    for call in ("pg_advisory_lock(1)", "pg_relation_size('ksbb.event')", "pg_lock_status()"):
        assert await refused(connection, f"select {call}") == NO_RIGHT
    await connection.close()


async def test_the_sequencer_moves_webhooks_on_and_never_where_they_go(log: Log) -> None:
    connection = await asyncpg.connect(log.dsn)
    assert await refused(connection, "update ksbb.subscription set position = 1, active = false, slot = null") == ""
    for column in ("target_url", "secret", "role", "institution_id", "area", "event_types"):
        assert await refused(connection, f"update ksbb.subscription set {column} = {column}") == NO_RIGHT
    for change in ("delete from ksbb.subscription", "insert into ksbb.subscription select * from ksbb.subscription"):
        assert await refused(connection, change) == NO_RIGHT
    await connection.close()


async def test_who_writes_events_gives_no_positions(log: Log) -> None:
    city = log.acting.city
    login = f"{city.settings.role_prefix}writer"
    connection = await asyncpg.connect(city.server.role_dsn(login, city.secrets.role_password(login)))
    insert = (
        "insert into ksbb.event (id, at, type, version, subject_kind, subject_id, institutions, payload, position)"
        " values (gen_random_uuid(), now(), 'Contoh', 1, 'contoh', gen_random_uuid(), '{}', '{}', $1)"
    )
    assert await refused(connection, insert, None) == ""
    assert await refused(connection, insert, 7_000_000) == NO_RIGHT
    assert await refused(connection, "update ksbb.event set position = 7000000") == NO_RIGHT
    assert await refused(connection, "delete from ksbb.event") == NO_RIGHT
    await connection.close()


async def test_an_event_is_never_changed_not_even_by_the_owner_of_the_tables(log: Log) -> None:
    owner = log.acting.tables
    await log.write(2)
    position = "update ksbb.event set position = 7000000 where id = (select id from ksbb.event limit 1)"
    assert await refused(owner, position) == ""
    await owner.execute("update ksbb.event set position = 7000000 + entry where position is null")
    for change in (
        "position = 8000000 + entry",
        "position = null",
        "payload = '{}'",
        "subject_kind = 'lain'",
        "at = now()",
    ):
        assert await refused(owner, f"update ksbb.event set {change}") == A_FACT, change
    assert await refused(owner, "delete from ksbb.event where position is not null") == ""
    await log.write()
    assert await refused(owner, "update ksbb.event set payload = '{}' where position is null") == A_FACT
    assert await refused(owner, "delete from ksbb.event") == A_FACT
    assert await refused(owner, "truncate ksbb.event") == A_FACT
