"""Reveals: which masked fields a role may read clearly for a while, and the function behind the wall that gives them.

The role's views hold the masked values, whatever is revealed. Raw SQL text is allowed here as in `policy/wall.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Column, LargeBinary

from kernel.spelling import camel
from models.all import METADATA
from models.base import SCHEMA
from models.reveal import MOST
from policy.expressions import expression
from policy.rows import ROWS
from policy.treatment import Kind
from policy.viewer import Role
from policy.visibility import treatment

OPEN_FOR = dt.timedelta(minutes=15)
"""How long clear values may be read: to write down what a case needs, and over before somebody else sits there."""
WAITS_FOR = dt.timedelta(days=7)
"""How long a request waits for a second officer; then the case has to be made again."""
PROOF = "reveal.proof"
"""What the keyed hash of who asked is made for."""
NOT_OPEN = "KS002"
"""The SQLSTATE by which the database gives nothing: no such reveal, not of this officer, or not open (any more)."""

ACT = "REVEAL"
"""What a reading of clear values is called in the audit trail."""

_FUNCTION = "read_revealed(uuid, text, text, bytea)"

Fields = Mapping[str, Column[Any]]
"""Columns as the API spells them."""


def revealable(role: Role) -> dict[str, Fields]:
    """Per table the fields that a role reads masked and may read clearly for a while; no table without any."""
    found = {name: _of_table(name, role) for name in ROWS if role in ROWS[name]}
    return {name: fields for name, fields in found.items() if fields}


def may_reveal(role: Role) -> bool:
    """Whether a role may read anything clearly for a while."""
    return bool(revealable(role))


def most_values(role: Role) -> int:
    """The most values that one reveal can hold."""
    return MOST * max(map(len, revealable(role).values()), default=0)


def proof_of(subject: str, public_id: str) -> str:
    """What is hashed with the installation's key: who asked, and for which reveal."""
    return f"{subject}\0{public_id}"


def reveal_function(login: str, role: Role) -> Iterator[str]:
    """From an open reveal of who reads to its clear values, with the entry in the audit trail, or nothing at all.

    A row that the role does not see is not revealed either. `cipher` names the column that a value is encrypted for.
    """
    values = " UNION ALL ".join(
        _values(login, table, name, column)
        for table, fields in revealable(role).items()
        for name, column in fields.items()
    )
    yield (
        f"CREATE FUNCTION {login}.read_revealed(entry uuid, reader text, asked text, proven bytea)"
        " RETURNS TABLE (subject text, field text, value text, cipher text)"
        f" LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = {SCHEMA} AS $$"
        f" DECLARE r {SCHEMA}.reveal; named text[]; rows text[]; BEGIN"
        f" UPDATE {SCHEMA}.reveal t SET readings = t.readings + 1 WHERE t.public_id = asked AND t.role = '{role}'"
        " AND t.requested_by = reader AND t.proof = proven AND t.granted_until > clock_timestamp()"
        " AND t.ended_at IS NULL RETURNING t.* INTO r;"
        f" IF NOT FOUND THEN RAISE EXCEPTION 'reveal not open' USING ERRCODE = '{NOT_OPEN}'; END IF;"
        " named := string_to_array(r.fields, ' '); rows := string_to_array(r.subjects, ' ');"
        f" INSERT INTO {SCHEMA}.audit_entry (id, at, role, subject, act, purpose, about_kind, about_id, details)"
        f" VALUES (entry, clock_timestamp(), '{role}', reader, '{ACT}', r.purpose, 'reveal', asked,"
        " json_build_object('case', r.case_number, 'noun', r.subject_kind, 'fields', named, 'rows', r.subject_count));"
        f" RETURN QUERY SELECT v.subject, v.field, v.value, v.cipher FROM ({values}) v"
        " ORDER BY array_position(rows, v.subject), array_position(named, v.field); END $$"
    )
    yield f"REVOKE ALL ON FUNCTION {login}.{_FUNCTION} FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION {login}.{_FUNCTION} TO {login}"


def _of_table(name: str, role: Role) -> Fields:
    columns = METADATA.tables[f"{SCHEMA}.{name}"].columns
    return {camel(c.key): c for c in columns if _can_be_revealed(c, role)}


def _can_be_revealed(column: Column[Any], role: Role) -> bool:
    how = treatment(column, role)
    return how.can_be_revealed and how.kind is Kind.MASKED and expression(column, role) is not None


def _values(login: str, table: str, name: str, column: Column[Any]) -> str:
    """The clear values of one column, of the rows that are revealed and that the role sees."""
    is_encrypted = isinstance(column.type, LargeBinary)
    value = f"encode(t.{column.key}, 'hex')" if is_encrypted else f"t.{column.key}::text"
    cipher = f"'{table}.{column.key}'" if is_encrypted else "NULL::text"
    return (
        f"SELECT t.public_id::text AS subject, '{name}' AS field, {value} AS value, {cipher} AS cipher"
        f" FROM {SCHEMA}.{table} t JOIN {login}.{table} seen ON seen.id = t.id"
        f" WHERE r.subject_kind = '{table}' AND '{name}' = ANY (named) AND t.public_id = ANY (rows)"
    )
