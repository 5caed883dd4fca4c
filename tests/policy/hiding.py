"""Changes everything in a database that a viewer may not see, and keeps all that the viewer may.

What is hidden is read from `promises.py`, so that a view which tells more than promised gives different answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum as Members
from functools import lru_cache
from typing import Any

import asyncpg
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSON

from models.all import METADATA
from models.base import Point, RupiahAmount
from models.privacy import Privacy, privacy_of
from policy.viewer import Role, Viewer
from tests.policy import promises

_LOOK_UP = {Role.DINAS, Role.INSPEKTORAT}
"""Who may ask for an exact NIK: its keyed hash is then a part of what they see."""


@dataclass
class Changed:
    """How much was changed."""

    values: int = 0
    rows: int = 0


async def hide(owner: asyncpg.Connection, viewer: Viewer) -> Changed:
    """Change all hidden values and rows; constraints between tables are not checked, those within one are."""
    changed = Changed()
    async with owner.transaction():
        await owner.execute("set local session_replication_role = replica")
        excluded = await _excluded(owner, viewer)
        hidden = await _hidden_cells(owner, viewer)
        for table in METADATA.sorted_tables:
            changed.values += await _change_values(owner, viewer, table, hidden, excluded[table.name])
            changed.rows += await _change_rows(owner, viewer, table, excluded[table.name])
    await owner.execute("analyze")  # the planner is told of other numbers
    return changed


async def _excluded(owner: asyncpg.Connection, viewer: Viewer) -> dict[str, str]:
    """Per table the rows that the viewer does not see, fixed before anything is changed."""
    return {
        table.name: "{} in (select key from {})".format(
            key_of(table),
            await _kept_keys(
                owner, table, f"excluded_{table.name}", f"not coalesce(({promises.rows(table.name, viewer)}), false)"
            ),
        )
        for table in METADATA.sorted_tables
    }


async def _hidden_cells(owner: asyncpg.Connection, viewer: Viewer) -> dict[tuple[str, str], str]:
    """Per column with a conditional cell the rows on which it is not clear."""
    found: dict[tuple[str, str], str] = {}
    for table in METADATA.sorted_tables:
        for column in _conditional(table, viewer):
            where = promises.is_clear(table.name, column.key, privacy_of(column), viewer, {*table.columns.keys()})
            name = await _kept_keys(owner, table, f"clear_{len(found)}", where)
            found[table.name, column.key] = f"{key_of(table)} not in (select key from {name})"
    return found


async def _kept_keys(owner: asyncpg.Connection, table: Table, name: str, where: str) -> str:
    """The keys of rows as they are now, under a name."""
    keys = f"select {key_of(table)} as key from ksbb.{table.name} t where {where}"
    await owner.execute(f"create temporary table {name} on commit drop as {keys}")
    return name


async def _change_values(
    owner: asyncpg.Connection, viewer: Viewer, table: Table, hidden: Mapping[tuple[str, str], str], excluded: str
) -> int:
    """Change what is hidden of the rows that are seen; the number of columns in which something was changed."""
    columns = 0
    for column, value, where in _changes(table, viewer, hidden, excluded):
        done = await owner.execute(f"update ksbb.{table.name} t set {column.key} = {value} where {where}")
        columns += int(done.split()[-1]) > 0
    return columns


async def _change_rows(owner: asyncpg.Connection, viewer: Viewer, table: Table, excluded: str) -> int:
    """Change everything in rows that are not seen, and delete half of them; the number of those deleted."""
    for column in table.columns:
        value = _anything(column, viewer)
        if value is not None:
            await owner.execute(f"update ksbb.{table.name} t set {column.key} = {value} where {excluded}")
    half = f"md5({key_of(table)}::text) < '8'"
    gone = await owner.execute(f"delete from ksbb.{table.name} t where {excluded} and {half}")
    return int(gone.split()[-1])


def key_of(table: Table) -> str:
    """The SQL by which a row of `<table> t` is known; a key of several columns is known by their text."""
    columns = [f"t.{column.key}" for column in table.primary_key.columns]
    return columns[0] if len(columns) == 1 else f"row({', '.join(columns)})::text"


def _cell(column: Column[Any], viewer: Viewer) -> str:
    return promises.cell(column.table.name, column.key, privacy_of(column), viewer.role)


def _conditional(table: Table, viewer: Viewer) -> Iterator[Column[Any]]:
    for column in table.columns:
        if privacy_of(column) is not Privacy.KEY and "|" in _cell(column, viewer):
            yield column


def _changes(
    table: Table, viewer: Viewer, hidden: Mapping[tuple[str, str], str], excluded: str
) -> Iterator[tuple[Column[Any], str, str]]:
    """Per hidden column of visible rows: the new value, and the rows that get it."""
    for column in table.columns:
        if privacy_of(column) is Privacy.KEY:
            continue
        first, _, otherwise = _cell(column, viewer).partition("|")
        kind = otherwise or first
        if kind == "C":
            continue
        change = _SAME[kind](column, viewer)
        if change is not None:
            value, condition = change
            parts = [f"not ({excluded})", hidden.get((table.name, column.key), "true"), condition]
            yield column, value, " and ".join(f"({part})" for part in parts)


Change = tuple[str, str]
"""A new value, and a condition on the rows that may get it."""


def _hidden(column: Column[Any], viewer: Viewer) -> Change | None:
    value = _anything(column, viewer)
    return None if value is None else (value, "true")


def _masked(column: Column[Any], viewer: Viewer) -> Change | None:
    """Another value with the same mask."""
    name, t = f"{column.table.name}.{column.key}", f"t.{column.key}"
    if name.endswith(("phone", "contact")) or name in {"permit.number", "intake_application.permit_number"}:
        return f"'0899' || md5({t}) || right({t}, 3)", f"length({t}) > 3"
    match column.type:
        case LargeBinary():
            return _anything(column, viewer) or "", "true"
        case Date():
            return f"date_trunc('year', {t})::date + (({t} - date_trunc('year', {t})::date + 11) % 360)", "true"
        case Enum():
            return _hidden(column, viewer)
        case Text():
            return rf"regexp_replace({t}, '(\w)\w*', '\1berubah', 'g')", "true"
        case _:
            return _hidden(column, viewer)


def _generalised(column: Column[Any], viewer: Viewer) -> Change | None:
    """Another value with the same general form."""
    name, t = f"{column.table.name}.{column.key}", f"t.{column.key}"
    hidden_where = promises.is_hidden_for_all(column.table.name, column.key)
    if hidden_where is not None:
        if name == "collaboration.status":
            return f"case {t} when 'SELESAI' then 'BERJALAN' else 'SELESAI' end", hidden_where
        if name == "pledge.status":
            return f"case {t} when 'DITERIMA' then 'TERPENUHI' else 'DITERIMA' end", hidden_where
        value = _anything(column, viewer)
        return None if value is None else (value, hidden_where)
    match column.type:
        case RupiahAmount():
            return f"{t} - mod({t}, 5000000) + mod(mod({t}, 5000000) + 1234567, 5000000)", f"{t} > 5000000"
        case Date():
            return f"date_trunc('quarter', {t})::date + (({t} - date_trunc('quarter', {t})::date + 17) % 90)", "true"
        case DateTime():
            return f"date_trunc('quarter', {t}) + interval '17 days'", "true"
        case _:
            return _hidden(column, viewer)


_SAME = {"-": _hidden, "M": _masked, "G": _generalised}

_IN_THE_KECAMATAN = (
    "(select r.code from ksbb.region r where r.level = 'KELURAHAN' and r.parent_code = left(t.region_code, 8)"
    " order by r.code <= t.region_code, r.code limit 1)"
)
_SPECIAL = {
    "business.kbli_code": "'99999'",
    "owner.nik_hash": "sha256(t.nik_hash)",
    "accreditation_item.item": "t.item",  # unique together with its application, row by row
    "ledger_posting.kind": "t.kind",  # unique together with what it was posted for, row by row
    "loan.status": "case t.status when 'BERJALAN' then 'GAGAL_BAYAR' when 'GAGAL_BAYAR' then 'BERJALAN'"
    " when 'LUNAS' then 'DISERAHKAN' when 'DISERAHKAN' then 'LUNAS' when 'DIUSULKAN' then 'DISARING'"
    " when 'DISARING' then 'DIUSULKAN' when 'TIDAK_LOLOS' then 'BATAL' when 'BATAL' then 'TIDAK_LOLOS'"
    " else t.status end",
}


def _anything(column: Column[Any], viewer: Viewer) -> str | None:  # one return per type of value
    """Another valid value of a column, whatever it was; None where rows or cells of the viewer hang on it."""
    name, t = f"{column.table.name}.{column.key}", f"t.{column.key}"
    if column.computed is not None or column.primary_key or privacy_of(column) is Privacy.KEY:
        return None
    if column.key == "public_id" or name in _kept(viewer):
        return None
    if name in _SPECIAL:
        return _SPECIAL[name]
    if column.key == "region_code":
        return f"coalesce({_IN_THE_KECAMATAN}, t.region_code)"
    match column.type:
        case Enum(enum_class=codes) if codes is not None:
            return _next_member(t, codes)
        case Boolean():
            return f"not {t}"
        case RupiahAmount():
            return f"{t} + 1234567"
        case Integer() | Numeric():
            return f"{t} + 1000"
        case Date():
            return f"{t} - 37"
        case DateTime():
            return f"{t} - interval '37 days'"
        case LargeBinary():
            return f"sha256({t})"
        case Uuid():
            return "gen_random_uuid()"
        case ARRAY(item_type=Uuid()):
            return "array[gen_random_uuid()]"
        case ARRAY(item_type=BigInteger()):
            return "array[1, 2]::bigint[]"
        case ARRAY():
            return "array['berubah']"
        case Point():
            return f"point({t}[0] + 0.001, {t}[1] - 0.001)"
        case JSON():
            return """'{"changed": true}'"""
        case _ if column.foreign_keys:
            return None
        case _:
            return f"'Berubah ' || md5({t})"


def _next_member(column: str, codes: type[Members]) -> str:
    values = [member.value for member in codes]
    moves = " ".join(f"when '{a}' then '{b}'" for a, b in zip(values, values[1:] + values[:1], strict=True))
    return f"case {column} {moves} end"


@lru_cache
def _kept(viewer: Viewer) -> set[str]:
    """Columns on which rows and cells of the viewer hang: changing them would change what it may see."""
    kept: set[str] = set()
    for table in METADATA.sorted_tables:
        conditions = [promises.rows(table.name, viewer)]
        for column in _conditional(table, viewer):
            where = promises.is_clear(table.name, column.key, privacy_of(column), viewer, {*table.columns.keys()})
            conditions.append(where)
        conditions += [
            condition
            for column in table.columns
            if privacy_of(column) not in {Privacy.KEY, Privacy.INTERNAL} and "G" in _cell(column, viewer)
            if (condition := promises.is_hidden_for_all(table.name, column.key)) is not None
        ]
        for condition in conditions:
            words = set(re.findall(r"\w+", condition))
            for used in METADATA.sorted_tables:
                if used is table or used.name in words:
                    kept |= {f"{used.name}.{word}" for word in words & set(used.columns.keys())}
    if viewer.role in _LOOK_UP:
        kept.add("owner.nik_hash")
    if viewer.role is Role.KOLABORATOR:
        kept.add("involvement.contact_open")  # kept by the commands: what number and closing of the collaboration say
    for table_name in ("owner", "intake_application"):
        for number in ("nik", "family_card"):
            if promises.cell(table_name, number, Privacy.IDENTITY, viewer.role) == "M":
                kept.add(f"{table_name}.{number}_last4")
    return kept
