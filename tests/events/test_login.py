"""The sequencer's login, tried from outside: it has the event log, the webhooks, and nothing else."""

from __future__ import annotations

import asyncpg
import pytest

from events.audit_chain import seal
from models.all import METADATA
from policy.wall import SEQUENCER
from tests.events.conftest import Log

pytestmark = pytest.mark.asyncio(loop_scope="session")

MAY_READ = {"event", "event_log", "event_sight", "subscription", "webhook_delivery", "audit_root"}
OF_THE_TRAIL = {f"audit_entry.{column}" for column in ("id", "digest", "entry", "position")}


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
        for column in table.columns:
            expected = "" if f"{table.name}.{column.key}" in OF_THE_TRAIL or table.name in MAY_READ else NO_RIGHT
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


async def test_the_sequencer_seals_entries_of_the_audit_trail_and_changes_nothing_else_of_them(log: Log) -> None:
    owner = log.acting.tables
    await owner.execute(AN_ENTRY)
    connection = await asyncpg.connect(log.dsn)
    sealing = (
        "update ksbb.audit_entry set position = 7000000, sealed_on = '2022-01-03', hash = '1' where position is null"
    )
    assert await refused(connection, sealing) == ""
    assert await refused(connection, sealing.replace(", hash = '1'", "")) == A_FACT
    for column in ("id", "at", "details", "reason", "digest", "entry", "words_salt", "words_hash"):
        assert await refused(connection, f"update ksbb.audit_entry set {column} = {column}") == NO_RIGHT
    for change in ("delete from ksbb.audit_entry", AN_ENTRY, "delete from ksbb.audit_root"):
        assert await refused(connection, change) == NO_RIGHT
    await connection.close()


async def test_the_chain_of_the_audit_trail_is_not_changed_by_the_owner_of_the_tables_either(log: Log) -> None:
    owner = log.acting.tables
    await owner.execute(AN_ENTRY)
    async with log.engine.connect() as connection:
        assert await seal(connection) > 0
    for change in ("position = position + 7000000", "hash = '1'", "sealed_on = null", "digest = '1'", "entry = 0"):
        assert await refused(owner, f"update ksbb.audit_entry set {change}") == A_FACT, change
    for change in ("position = position - 1", "day = day + 1", "hash = '1'"):
        assert await refused(owner, f"update ksbb.audit_root set {change}") == A_FACT, change
    for name in ("audit_entry", "audit_root"):
        assert await refused(owner, f"delete from ksbb.{name}") == A_FACT
        assert await refused(owner, f"truncate ksbb.{name}") == A_FACT
    put_in = AN_ENTRY.replace("details)", "details, position)").replace("'{}')", "'{}', 7000000)")
    assert await refused(owner, put_in) == A_FACT


AN_ENTRY = (
    "insert into ksbb.audit_entry (id, at, role, subject, act, details)"
    " values (gen_random_uuid(), now(), 'ADMIN', 'x', 'Contoh', '{}')"
)


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
