"""Unmistakable values, and who may see which of them."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Column, Date, DateTime, LargeBinary, Table, Text, Uuid
from sqlalchemy import Enum as Codes
from sqlalchemy.dialects.postgresql import JSON

from models.all import METADATA
from models.base import Point, RupiahAmount
from models.privacy import Privacy, privacy_of
from policy.secrets import Secrets
from policy.viewer import Role, Viewer
from tests.policy import promises
from tests.policy.hiding import key_of

WORD = b"KenariBurung"
"""With it begins every text that is a canary."""

_FIRST_DAY = dt.date(1701, 1, 3)
_MARKS = ("region_code", "kbli_code", "assigned_agency", "nik_last4", "family_card_last4")
"""Columns whose values come from a list, decide on rows, or are the last digits of another column."""


@dataclass(frozen=True)
class Canary:
    """One value in one column of one row; `sought` are the bytes by which it is found."""

    column: Column[Any]
    row: str
    text: str
    sought: bytes
    stored: bytes | None = None
    """Ciphertext or hash, which nobody may see."""

    @property
    def name(self) -> str:
        """Table and column."""
        return f"{self.column.table.name}.{self.column.key}"


def disguises(canaries: Sequence[Canary]) -> set[bytes]:
    """What canaries look like in hexadecimal digits and in base64 at any offset: nobody may ever meet them so."""
    plain = {WORD, *(c.sought for c in canaries if privacy_of(c.column) is Privacy.IDENTITY)}
    stored = {c.stored for c in canaries if c.stored is not None}
    found = set(stored)
    for data in plain | stored:
        found.add(data.hex().encode())
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            for offset in range(3):
                found.add(encode(b"\0" * offset + data)[4 if offset else 0 :].rstrip(b"=")[:-2])
    return found


async def let_fly(owner: asyncpg.Connection, secrets: Secrets, viewers: Sequence[Viewer]) -> list[Canary]:
    """Write canaries into rows of every table that most may see, that hardly anybody may, and that few look for."""
    canaries: list[Canary] = []
    async with owner.transaction():
        await owner.execute("set local session_replication_role = replica")
        for table in METADATA.sorted_tables:
            for row in await _rows(owner, table, viewers):
                for column in table.columns:
                    if _is_personal(column) and row[column.key] is not None:
                        canary, value = _canary(column, len(canaries) + 1, str(row["key"]), secrets)
                        await owner.execute(
                            f"update ksbb.{table.name} t set {column.key} = $1 where {key_of(table)}::text = $2",
                            value,
                            canary.row,
                        )
                        canaries.append(canary)
    return canaries


async def allowed(owner: asyncpg.Connection, canaries: Sequence[Canary], viewer: Viewer) -> set[Canary]:
    """The canaries that a viewer may see, after the promises."""
    found = set()
    for canary in canaries:
        condition = _condition(canary.column, viewer)
        if condition is not None and await owner.fetchval(
            f"select ({condition}) from ksbb.{canary.column.table.name} t"
            f" where {key_of(canary.column.table)}::text = $1",
            canary.row,
        ):
            found.add(canary)
    return found


def _condition(column: Column[Any], viewer: Viewer) -> str | None:
    """The rows on which a viewer reads a column as it is."""
    table, privacy = column.table.name, privacy_of(column)
    first, _, otherwise = promises.cell(table, column.key, privacy, viewer.role).partition("|")
    row = f"({promises.rows(table, viewer)})"
    hidden = promises.is_hidden_for_all(table, column.key)
    general = "false" if hidden is None else f"not ({hidden})"
    if first == "C" and not otherwise:
        return row
    if first == "C":
        clear = promises.is_clear(table, column.key, privacy, viewer, {*column.table.columns.keys()})
        return f"{row} and ({clear} or ({general if otherwise == 'G' else 'false'}))"
    return f"{row} and {general}" if first == "G" else None


def _is_personal(column: Column[Any]) -> bool:
    if column.computed is not None or privacy_of(column) in {Privacy.KEY, Privacy.PUBLIC}:
        return False
    if column.primary_key or column.key in _MARKS or isinstance(column.type, Codes):
        return False
    return isinstance(column.type, Text | JSON | LargeBinary | RupiahAmount | Date | DateTime | Point | Uuid)


async def _rows(owner: asyncpg.Connection, table: Table, viewers: Sequence[Viewer]) -> list[asyncpg.Record]:
    sees = {viewer.role: f"coalesce(({promises.rows(table.name, viewer)})::int, 0)" for viewer in viewers}
    key, seen = key_of(table), " + ".join(sees.values())
    orders = [f"{seen} desc", seen, f"{sees[Role.SATPOL_PP]} desc"]  # the last: who sees few rows sees other ones
    rows = [
        row
        for order in orders
        for row in await owner.fetch(
            f"select {key}::text as key, t.* from ksbb.{table.name} t order by {order}, {key} limit 1"
        )
    ]
    return list({row["key"]: row for row in rows}.values())


def _canary(column: Column[Any], number: int, row: str, secrets: Secrets) -> tuple[Canary, Any]:
    """A canary, and the value to store for it."""
    text = f"KenariBurung{number:05d}"
    match column.type:
        case LargeBinary() if column.key in {"nik", "family_card", "proposed"}:
            digits = f"3171{number:05d}7719{number % 1000:03d}"
            stored = secrets.encrypt(digits, f"{column.table.name}.{column.key}")
            return Canary(column, row, digits, digits.encode(), stored), stored
        case LargeBinary():
            data = f"kenari-sandi-{number:05d}-kenari-sandi-".encode()[:32]
            return Canary(column, row, text, data), data
        case RupiahAmount():
            amount = 7_000_000_000 + number * 10_007
            return Canary(column, row, str(amount), str(amount).encode()), amount
        case DateTime():
            instant = dt.datetime.combine(_day(number), dt.time(3, 4, 5, 678_000 + number), dt.UTC)
            return Canary(column, row, str(instant), instant.isoformat()[:26].rstrip("0").encode()), instant
        case Date():
            return Canary(column, row, str(_day(number)), str(_day(number)).encode()), _day(number)
        case Point():
            longitude = round(106.7 + number / 1e5 + 1.7e-8, 9)
            return Canary(column, row, str(longitude), str(longitude).encode()), asyncpg.Point(longitude, -6.2)
        case JSON():
            return Canary(column, row, text, text.encode()), f'"{text}"'
        case Uuid():
            key = UUID(int=0xCAFE << 100 | number)
            return Canary(column, row, str(key), str(key).encode()), key
        case _:
            text = f"0811{number:05d}7{number % 1000:03d}" if "phone" in column.key else text
            return Canary(column, row, text, text.encode()), text


def _day(number: int) -> dt.date:
    """A day that is neither the first of a quarter nor one of anybody else's."""
    day = _FIRST_DAY + dt.timedelta(days=number)
    return day if day.day != 1 else _FIRST_DAY + dt.timedelta(days=number + 20_000)
