"""The wall: database roles, schemas of views, row-level security and grants, written from the policy.

Per API role three things: a schema of plain views with exactly the treated columns the role has; `<prefix><role>`, a
login without memberships that may read those views and nothing else; and `<prefix><role>_owner`, which owns the views
and reads the tables under row-level security. Raw SQL text is allowed here and
in `policy/register.py`, `policy/traced.py` and `policy/reveal.py` only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

import asyncpg
from sqlalchemy import ColumnElement, Select, Table, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql import ClauseElement

from models.all import METADATA
from models.audit import AuditEntry, AuditRoot
from models.base import SCHEMA, Base
from models.event import Event, EventLogState, Sight
from models.privacy import Privacy, privacy_of
from models.webhook import Subscription, WebhookDelivery
from policy.expressions import expression
from policy.published_persons import counted_persons
from policy.publisher import publisher_views
from policy.register import PERSONS, register_functions
from policy.reveal import may_reveal, reveal_function
from policy.rows import ROWS
from policy.traced import log_function, look_up_function
from policy.viewer import Role
from policy.visibility import SEES

PUBLISHER = "publisher"
"""The role that exports open data: counts and treated rows only."""

WRITER = "writer"
"""The role that carries out commands: adds rows, and changes those that are not append-only; deletes nothing.

Of append-only rows it may take texts away that could name an erased person; triggers let nothing else through.
"""

SEQUENCER = "sequencer"
"""The role that gives events their positions, reads them for those who deliver them, archives them, seals the trail."""

_SEQUENCER_GRANTS: Mapping[str, str] = {
    Event.__tablename__: "SELECT, UPDATE (position), DELETE",
    EventLogState.__tablename__: "SELECT, UPDATE",
    Sight.__tablename__: "SELECT, INSERT, UPDATE",
    Subscription.__tablename__: "SELECT, UPDATE (position, active, slot, paused)",
    WebhookDelivery.__tablename__: "SELECT, INSERT, UPDATE, DELETE",
    AuditEntry.__tablename__: "SELECT (id, digest, entry, position), UPDATE (position, sealed_on, hash)",
    AuditRoot.__tablename__: "SELECT, INSERT, UPDATE",
}
"""Per table what the sequencer may do with it; it reads no other, and of the audit trail nothing that somebody did."""

_SEQUENCER_FUNCTIONS = ("pg_try_advisory_lock(bigint)", "pg_try_advisory_xact_lock(bigint)", "pg_notify(text, text)")
"""What it may call of the functions that `_catalogue_wall` closes."""

_ASKED_OF_CHANGES = f"{SCHEMA}.without_reasons(json)"
"""What the trigger asks that lets an entry of the audit trail be sealed, and its reasons be taken away."""

_LOCK = 0x6B736262
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own constructor is untyped

Password = Callable[[str], str]
"""From a role name to its password."""


def table(name: str) -> Table:
    """A base table by its name."""
    return METADATA.tables[f"{SCHEMA}.{name}"]


def view_of(name: str, role: Role) -> Select[tuple[object, ...]] | None:
    """The view of a table for a role, with a treated expression per column; None when it would tell nothing."""
    source = table(name)
    if role not in ROWS[name]:
        return None
    shown = {c.key: (c, e) for c in source.columns if (e := expression(c, role)) is not None}
    if all(privacy_of(c) is Privacy.KEY for c, _ in shown.values()):
        return None
    return select(*(e.label(key) for key, (_, e) in shown.items()))


def views(role: Role) -> dict[str, Select[tuple[object, ...]]]:
    """All views of a role."""
    return {name: view for name in ROWS if (view := view_of(name, role)) is not None}


def is_logged(role: Role) -> bool:
    """Whether any clear read of the role is written to the audit trail."""
    return any(by_role.get(role) is not None and by_role[role].is_logged for by_role in SEES.values())


def may_look_up(role: Role) -> bool:
    """Whether the role may find a business by the exact NIK of its owner (a logged operation)."""
    return role in {Role.DINAS, Role.INSPEKTORAT}


def statements(prefix: str, database: str, password: Password) -> Iterator[str]:
    """The whole wall as SQL statements, in order; carrying them out again changes nothing."""
    yield f"REVOKE ALL ON SCHEMA public, {SCHEMA} FROM PUBLIC"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM PUBLIC"
    yield from _catalogue_wall()
    for name in sorted(METADATA.tables):  # not in the order in which modules happened to be imported
        yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    for role in Role:
        yield from _role_wall(role, prefix)
    yield from _publisher_wall(prefix)
    yield from _writer_wall(prefix)
    yield from _sequencer_wall(prefix)
    yield from login_statements(prefix, database, password)


def login_statements(prefix: str, database: str, password: Password) -> Iterator[str]:
    """What a login could change of itself and keep: password and settings, as they should be; and what no copy of a
    database takes along: who may enter it, and where persons who are counted may be put aside."""
    yield f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC'
    yield f'GRANT TEMPORARY ON DATABASE "{database}" TO {prefix}{PUBLISHER}_owner'
    for login, given in _settings_of_logins(prefix).items():
        yield f'GRANT CONNECT ON DATABASE "{database}" TO {login}'
        yield f"ALTER ROLE {login} PASSWORD '{password(login)}'"
        yield f"ALTER ROLE {login} RESET ALL"
        yield f'ALTER ROLE {login} IN DATABASE "{database}" RESET ALL'
        for name, value in given.items():
            yield f'ALTER ROLE {login} IN DATABASE "{database}" SET {name} = {value}'


def _settings_of_logins(prefix: str) -> dict[str, dict[str, str]]:
    """Per login the settings with which it starts: its own schema, and no writing where it has nothing to write."""
    traced = {role.lower() for role in Role if is_logged(role) or may_look_up(role) or may_reveal(role)}
    found: dict[str, dict[str, str]] = {}
    for name in (*(role.lower() for role in Role), PUBLISHER, WRITER, SEQUENCER):
        login = f"{prefix}{name}"
        found[login] = {"search_path": login}
        if name not in {WRITER, SEQUENCER}:
            found[login]["default_transaction_read_only"] = "off" if name in traced else "on"
    return found


def _catalogue_wall() -> Iterator[str]:
    """Close what every login could learn or leave behind beside its views.

    PostgreSQL tells everybody the number of rows, the size and the activity of every table, and how much is written;
    it lets everybody make large objects, hold advisory locks (ours too) and notify. On a server whose catalogue
    belongs to somebody else this is a warning and changes nothing.
    """
    yield (
        "DO $$ DECLARE f regprocedure; shown text; BEGIN"
        " FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace"
        f" AND (proname ~ '^pg_(stat_get|advisory|try_advisory)_' OR proname = ANY ('{{{','.join(_TELL_OF_TABLES)}}}'))"
        " LOOP EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f); END LOOP;"
        " SELECT string_agg(quote_ident(attname), ', ') INTO shown FROM pg_attribute"
        " WHERE attrelid = 'pg_class'::regclass AND attname !~ '^rel(tuples|pages|all)' AND NOT attisdropped;"
        " REVOKE SELECT ON pg_class FROM PUBLIC;"
        " EXECUTE format('GRANT SELECT (%s) ON pg_class TO PUBLIC', shown); END $$"
    )


_TELL_OF_TABLES = (
    *("pg_relation_size", "pg_table_size", "pg_indexes_size", "pg_total_relation_size", "pg_database_size"),
    *("pg_tablespace_size", "pg_current_wal_lsn", "pg_current_wal_insert_lsn", "pg_current_wal_flush_lsn"),
    *("pg_current_snapshot", "pg_current_xact_id", "pg_current_xact_id_if_assigned", "pg_export_snapshot"),
    *("txid_current", "txid_current_if_assigned", "txid_current_snapshot", "pg_last_committed_xact"),
    *("pg_notify", "pg_notification_queue_usage"),
    *("pg_lock_status", "lo_creat", "lo_create", "lo_from_bytea"),
)


def _role_wall(role: Role, prefix: str) -> Iterator[str]:
    login, owner = f"{prefix}{role.lower()}", f"{prefix}{role.lower()}_owner"
    yield from _roles(login, owner)
    for name, rows in ROWS.items():
        yield f"DROP POLICY IF EXISTS {owner} ON {SCHEMA}.{name}"
        if role in rows:
            condition = _condition(table(name), rows[role](table(name)))
            yield f"CREATE POLICY {owner} ON {SCHEMA}.{name} FOR SELECT TO {owner} USING ({condition})"
            yield f"GRANT SELECT ON {SCHEMA}.{name} TO {owner}"
    yield from _schema(login, owner, views(role))
    if is_logged(role):
        yield from log_function(login, role)
    if may_look_up(role):
        yield from look_up_function(login, role)
    if may_reveal(role):
        yield from reveal_function(login, role)


def _publisher_wall(prefix: str) -> Iterator[str]:
    login, owner = f"{prefix}{PUBLISHER}", f"{prefix}{PUBLISHER}_owner"
    yield from _roles(login, owner)
    for name in ROWS:
        yield f"DROP POLICY IF EXISTS {owner} ON {SCHEMA}.{name}"
        yield f"CREATE POLICY {owner} ON {SCHEMA}.{name} FOR SELECT TO {owner} USING (true)"
        yield f"GRANT SELECT ON {SCHEMA}.{name} TO {owner}"
    yield from _schema(login, owner, publisher_views(), hidden={PERSONS: counted_persons()})
    yield from register_functions(login, owner)


def _writer_wall(prefix: str) -> Iterator[str]:
    login, owner = f"{prefix}{WRITER}", f"{prefix}{WRITER}_owner"
    yield from _roles(login, owner)
    yield f"GRANT USAGE ON SCHEMA {SCHEMA} TO {login}"
    yield f"GRANT EXECUTE ON FUNCTION {_ASKED_OF_CHANGES} TO {login}"
    for mapper in sorted(Base.registry.mappers, key=lambda m: str(m.local_table)):
        name, may_change = mapper.local_table, not getattr(mapper.class_, "append_only", False)
        yield f"DROP POLICY IF EXISTS {login} ON {name}"
        new = "position IS NULL" if mapper.class_ is Event else "true"
        yield f"CREATE POLICY {login} ON {name} TO {login} USING (true) WITH CHECK ({new})"
        yield f"REVOKE ALL ON {name} FROM {login}"
        writes = "" if mapper.class_.of_no_command else f", INSERT{', UPDATE' if may_change else ''}"
        yield f"GRANT SELECT{writes} ON {name} TO {login}"
        if some := mapper.class_.forgettable + mapper.class_.changeable:
            yield f"GRANT UPDATE ({', '.join(some)}) ON {name} TO {login}"


def _sequencer_wall(prefix: str) -> Iterator[str]:
    login, owner = f"{prefix}{SEQUENCER}", f"{prefix}{SEQUENCER}_owner"
    yield from _roles(login, owner)
    yield f"GRANT USAGE ON SCHEMA {SCHEMA} TO {login}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM {login}"
    for name in sorted(METADATA.tables):
        yield f"DROP POLICY IF EXISTS {login} ON {name}"
    for name, rights in _SEQUENCER_GRANTS.items():
        yield f"CREATE POLICY {login} ON {SCHEMA}.{name} TO {login} USING (true) WITH CHECK (true)"
        yield f"GRANT {rights} ON {SCHEMA}.{name} TO {login}"
    yield f"GRANT EXECUTE ON FUNCTION {_ASKED_OF_CHANGES} TO {login}"
    for function in _SEQUENCER_FUNCTIONS:
        yield f"GRANT EXECUTE ON FUNCTION pg_catalog.{function} TO {login}"


def _roles(login: str, owner: str) -> Iterator[str]:
    for name in (login, owner):
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}')"
            f" THEN CREATE ROLE {name} NOLOGIN; END IF; END $$"
        )
    yield f"ALTER ROLE {login} LOGIN NOCREATEDB NOCREATEROLE NOINHERIT"
    yield f"ALTER ROLE {owner} NOLOGIN NOCREATEDB NOCREATEROLE NOINHERIT"
    yield _refuse_mighty(login, owner)
    yield f"GRANT {owner} TO CURRENT_USER"


def _refuse_mighty(*names: str) -> str:
    """A role of ours that somebody gave a power that walks through walls; only a superuser could take it back."""
    listed = ", ".join(f"'{name}'" for name in names)
    powers = "rolsuper OR rolbypassrls OR rolreplication"
    return (
        f"DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname IN ({listed}) AND ({powers}))"
        f" THEN RAISE EXCEPTION 'A role of the wall has SUPERUSER, BYPASSRLS or REPLICATION: take it away first.';"
        " END IF; END $$"
    )


def _schema(
    login: str,
    owner: str,
    contents: dict[str, Select[tuple[object, ...]]],
    hidden: Mapping[str, Select[tuple[object, ...]]] = MappingProxyType({}),
) -> Iterator[str]:
    """The schema of a login with its views; those `hidden` are for functions of the schema, and read by nobody else."""
    yield f"DROP SCHEMA IF EXISTS {login} CASCADE"
    yield f"CREATE SCHEMA {login}"
    yield f"GRANT CREATE, USAGE ON SCHEMA {login} TO {owner}"
    for name, view in (*contents.items(), *hidden.items()):
        yield f"CREATE VIEW {login}.{name} AS {_sql(view)}"
        yield f"ALTER VIEW {login}.{name} OWNER TO {owner}"
    for name in contents:
        yield f"GRANT SELECT ON {login}.{name} TO {login}"
    yield f"REVOKE ALL ON SCHEMA {login} FROM {owner}"
    yield f"GRANT USAGE ON SCHEMA {login} TO {login}"


def _condition(source: Table, condition: ColumnElement[bool]) -> str:
    """A condition as it stands behind a WHERE over its table: only there does an EXISTS know what it belongs to."""
    _, _, text = _sql(select(source.c[0]).where(condition)).partition("WHERE ")
    return text or "true"


def _sql(clause: ClauseElement) -> str:
    return str(clause.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True}))


def current_hash() -> str:
    """The hash of the policy as the code has it: of every statement that it would write."""
    return _hash(statements("ksbb_", "ksbb", lambda _: ""))


def _hash(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode())
        digest.update(b"\0")
    return digest.hexdigest()


async def stored_hash(uri: str) -> str | None:
    """The hash of the policy that the database's wall was written from; None when there is no wall."""
    connection = await asyncpg.connect(uri)
    try:
        if not await connection.fetchval(f"SELECT to_regclass('{SCHEMA}.wall') IS NOT NULL"):
            return None
        found: str | None = await connection.fetchval(f"SELECT hash FROM {SCHEMA}.wall")
        return found
    finally:
        await connection.close()


async def build(uri: str, prefix: str, password: Password) -> None:
    """Write the wall into a migrated database, in one transaction; of the same policy the logins alone are renewed."""
    fingerprint = current_hash()
    is_current = await stored_hash(uri) == fingerprint
    connection = await asyncpg.connect(uri)
    try:
        if is_current and await _has_logins(connection, prefix):
            await _renew_logins(connection, prefix, password)
            return
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            database = await connection.fetchval("SELECT current_database()")
            await connection.execute(";\n".join(statements(prefix, database, password)))
            await connection.execute(f"CREATE TABLE IF NOT EXISTS {SCHEMA}.wall (hash text NOT NULL)")
            await connection.execute(f"TRUNCATE {SCHEMA}.wall")
            await connection.execute(f"INSERT INTO {SCHEMA}.wall VALUES ($1)", fingerprint)
    finally:
        await connection.close()


async def renew_logins(uri: str, prefix: str, password: Password) -> None:
    """Give every login its password and settings again: it may change both of itself, and PostgreSQL keeps them.

    Quick, and safe to repeat. A replica, which cannot be written, follows its origin.
    """
    connection = await asyncpg.connect(uri)
    try:
        if not await connection.fetchval("SELECT pg_is_in_recovery()"):
            await _renew_logins(connection, prefix, password)
    finally:
        await connection.close()


async def _renew_logins(connection: asyncpg.Connection, prefix: str, password: Password) -> None:
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        database = await connection.fetchval("SELECT current_database()")
        await connection.execute(";\n".join(login_statements(prefix, database, password)))


async def changed_logins(uri: str, prefix: str) -> list[str]:
    """The logins whose settings are not those of the wall, in this database or in all of them."""
    expected = _settings_of_logins(prefix)
    connection = await asyncpg.connect(uri)
    try:
        rows = await connection.fetch(
            "SELECT r.rolname AS login, d.datname AS database, s.setconfig AS settings FROM pg_roles r"
            " LEFT JOIN pg_db_role_setting s ON s.setrole = r.oid LEFT JOIN pg_database d ON d.oid = s.setdatabase"
            " WHERE r.rolname = ANY ($1::text[]) AND (s.setdatabase IS NULL OR s.setdatabase = 0"
            " OR d.datname = current_database())",
            list(expected),
        )
    finally:
        await connection.close()
    found: dict[str, set[str]] = {login: set() for login in expected}
    for row in rows:
        found[row["login"]] |= {("" if row["database"] else "all:") + text for text in row["settings"] or ()}
    right = {login: {f"{name}={value}" for name, value in given.items()} for login, given in expected.items()}
    return sorted(login for login in expected if found[login] != right[login])


async def _has_logins(connection: asyncpg.Connection, prefix: str) -> bool:
    """Whether all logins are at home in this database: not after another prefix, a restore or a copy."""
    names = [f"{prefix}{name.lower()}" for name in (*Role, PUBLISHER, WRITER, SEQUENCER)]
    at_home = await connection.fetchval(
        "SELECT count(*) FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole"
        " JOIN pg_database d ON d.oid = s.setdatabase"
        " WHERE d.datname = current_database() AND r.rolname = ANY ($1::text[])",
        names,
    )
    return bool(at_home == len(names))
