"""What a database holds, told so that two can be compared: rows and a hash per table, and where its logs end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import asyncpg

from models.base import SCHEMA

LEFT_OUT = frozenset({"wall"})
"""Tables of our schema that are made anew: the wall notes there which policy it was built from."""

_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relkind = 'r' ORDER BY c.relname COLLATE "C"
"""
_AS_TEXT: Mapping[str, str] = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "row_security": "off",
}
"""Settings under which the same row is the same text everywhere."""


async def contents(connection: asyncpg.Connection, done: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """The tables with their rows and hashes, and the ends of the audit trail and of the event log.

    Call it in the snapshot that is meant. The order of rows in a table does not matter.
    """
    for name, value in _AS_TEXT.items():
        await connection.execute("SELECT set_config($1, $2, false)", name, value)
    names = [row["relname"] for row in await connection.fetch(_TABLES, SCHEMA) if row["relname"] not in LEFT_OUT]
    tables = {}
    for number, name in enumerate(names, start=1):
        query = f'SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {SCHEMA}."{name}" t'
        rows, digest = await connection.fetchrow(query)
        tables[name] = {"rows": rows, "hash": str(digest)}
        if done is not None:
            done(number, len(names))
    chain = await connection.fetchrow(f"SELECT position, hash FROM {SCHEMA}.audit_root ORDER BY day DESC LIMIT 1")
    return {
        "migration": await connection.fetchval(f"SELECT version_num FROM {SCHEMA}.alembic_version"),
        "tables": tables,
        "last_event": await connection.fetchval(f"SELECT last_position FROM {SCHEMA}.event_log"),
        "audit_chain": None if chain is None else {"position": chain["position"], "hash": chain["hash"].hex()},
    }


def differences(stated: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """In what two databases differ, a sentence each."""
    told = [f"{name} differs" for name in ("migration", "last_event", "audit_chain") if stated[name] != found[name]]
    for name in sorted({*stated["tables"], *found["tables"]}):
        was, now = stated["tables"].get(name), found["tables"].get(name)
        if was is None or now is None:
            told.append(f"the table {name} is {'new' if was is None else 'missing'}")
        elif was != now:
            told.append(f"the table {name} has {now['rows']:,} rows (stated: {was['rows']:,}), or others")
    return told
