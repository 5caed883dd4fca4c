"""Events about every kind of row, told by hand, and which of them a role was promised to hear."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, get_type_hints
from uuid import UUID, uuid5

import asyncpg

from commands.command import Fact
from commands.facts import FACTS, subject_of
from models.privacy import privacy_of
from models.vocabulary import Code
from policy.secrets import Secrets
from policy.viewer import Role, Viewer
from policy.wall import table as table_of
from tests.policy import promises

AT = dt.datetime(2021, 5, 6, 7, 8, 9, tzinfo=dt.UTC)
_NAMES = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
_ROWS = 3
_DAYS_ARE_HIDDEN = {
    "loan": {Role.KOLABORATOR, Role.AGREGATOR, Role.DINAS, Role.DISKOMINFOTIK},
    "business": {Role.PUBLIK, Role.SATPOL_PP, Role.DISKOMINFOTIK},
    "need": {Role.PUBLIK, Role.DISKOMINFOTIK},
    "delivery_recipient": {Role.PUBLIK, Role.SATPOL_PP, Role.DISKOMINFOTIK},
    "rights_request": {Role.DINAS, Role.DISKOMINFOTIK},
    "handover": {Role.DISKOMINFOTIK},
    "onward_aid": {Role.DISKOMINFOTIK},
}
"""Where a role may not know when a person did something, it hears of nothing."""
_SEE_WHAT_IS_ISSUED = {Role.PUBLIK, Role.UMKM, Role.ADMIN, Role.PETUGAS_INTAKE}
_BEFORE_ISSUE = {
    "collaboration": {"DRAF", "DIAJUKAN", "DITOLAK"},
    "pledge": {"DRAF", "DIAJUKAN", "DITOLAK", "DITARIK"},
    "delivery": {"DIJADWALKAN", "DILAPORKAN", "DIKEMBALIKAN", "DIBATALKAN"},
}
_SEE_ALL = {Role.DINAS, Role.BIRO_KSD, Role.INSPEKTORAT, Role.DISKOMINFOTIK}
_OF_LOANS_UNDER_WAY = {"BERJALAN", "DILAPORKAN", "TERVALIDASI", "SELESAI", "KEDALUWARSA"} | {
    *("DITERIMA", "TERPENUHI_SEBAGIAN", "TERPENUHI")
}


@dataclass(frozen=True)
class Told:
    """One event to be told of a row."""

    type: str
    kind: str
    key: UUID
    payload: tuple[tuple[str, str], ...]
    region: str | None = None

    @property
    def id(self) -> UUID:
        """Its key, always the same."""
        return uuid5(_NAMES, repr((self.type, self.kind, self.key, self.payload)))


async def promised(owner: asyncpg.Connection, viewer: Viewer) -> list[Told]:
    """Events on some rows of every table that the viewer was promised to hear."""
    return [told async for told in _events(owner, viewer, heard=True)]


async def kept_from(owner: asyncpg.Connection, viewer: Viewer) -> list[Told]:
    """Events on some rows of every table, seen and unseen, that the viewer must never hear."""
    return [told async for told in _events(owner, viewer, heard=False)]


async def _events(owner: asyncpg.Connection, viewer: Viewer, *, heard: bool) -> Any:
    for name, fact in sorted(FACTS.items()):
        kind = subject_of(fact)
        seen = f"coalesce(({promises.rows(kind, viewer)}), false)"
        for status in _statuses(fact):
            told = _is_told(fact, kind, status, viewer)
            if told is None:
                continue  # not promised either way
            where = f"({seen}) and ({told})" if heard else f"not (({seen}) and coalesce(({told}), false))"
            for row in await owner.fetch(
                f"select t.* from ksbb.{kind} t where {where} order by md5(t.id::text) limit {_ROWS}"
            ):
                payload = {"status": status} if status else {}
                if name == "RepaymentRecorded":
                    payload["loan_id"] = str(row["loan_id"])
                yield Told(name, kind, row["id"], tuple(sorted(payload.items())), row.get("region_code"))


def _statuses(fact: type[Fact]) -> list[str]:
    """The states that an event of a type may tell; an empty one where it tells none."""
    hints = get_type_hints(fact)
    code = next((hints[f.name] for f in fields(fact) if f.name == "status"), None)
    return [member.value for member in code] if isinstance(code, type) and issubclass(code, Code) else [""]


def _is_told(fact: type[Fact], kind: str, status: str, viewer: Viewer) -> str | None:
    """The SQL condition of the rows of which the viewer may hear such an event; None where nothing is promised."""
    role = viewer.role
    if role in _DAYS_ARE_HIDDEN.get(kind, ()):
        return "false"
    if status in _BEFORE_ISSUE.get(kind, ()) and role not in _SEE_ALL:
        return "false" if role in _SEE_WHAT_IS_ISSUED else None
    parts = list(_conditions(fact, kind, status, viewer))
    return " and ".join(f"({part})" for part in parts)


def _conditions(fact: type[Fact], kind: str, status: str, viewer: Viewer) -> Iterator[str]:
    table = table_of(kind)
    for attribute in fact.tells:
        column = table.c[attribute.key]
        privacy = privacy_of(column)
        if privacy in {"KEY", "INTERNAL"}:
            yield "false"
            continue
        first, _, otherwise = promises.cell(kind, column.key, privacy, viewer.role).partition("|")
        of_loans = promises.is_hidden_for_all(kind, column.key) is not None and column.key in {"status", "closed_on"}
        if first == "C" and not otherwise:
            yield "true"
        elif of_loans:
            goods = "t.package_kind <> 'PINJAMAN_MODAL'"
            own = promises.is_clear(kind, column.key, privacy, viewer, {*table.c.keys()}) if first == "C" else "false"
            yield f"{goods} or ({own})" if not status or status in _OF_LOANS_UNDER_WAY else "true"
        elif first == "C" and otherwise != "G":
            yield promises.is_clear(kind, column.key, privacy, viewer, {*table.c.keys()})
        else:
            yield "false"


async def with_photos(owner: asyncpg.Connection) -> list[Told]:
    """That deliveries were validated whose photos of goods everybody may see."""
    rows = await owner.fetch(
        "select id, region_code from ksbb.delivery d where status = 'TERVALIDASI' and photos_consented"
        " and package_kind = 'SARPRAS'"
        " and exists (select from ksbb.document where delivery_id = d.id and kind = 'FOTO_BARANG')"
        f" order by md5(id::text) limit {_ROWS}"
    )
    validated = (("status", "TERVALIDASI"),)
    return [Told("DeliveryMoved", "delivery", row["id"], validated, row["region_code"]) for row in rows]


async def release(owner: asyncpg.Connection, secrets: Secrets) -> None:
    """A release of a dataset, the same wherever it is written."""
    key = uuid5(_NAMES, "release")
    await owner.execute(
        "insert into ksbb.release (id, public_id, dataset, version, released_at, rows, sha256, policy_hash, path)"
        " values ($1, $2, 'wilayah', '1.0.1', $3, 1, '', '', 'ksbb-umkm/1.0.1/wilayah.csv')",
        key,
        secrets.public_id("release", key),
        AT,
    )


async def write(owner: asyncpg.Connection, events: Sequence[Told]) -> None:
    """A log that holds these events and nothing else; nothing was shown to anybody."""
    async with owner.transaction():
        await owner.execute("set local session_replication_role = replica")  # events are never removed otherwise
        await owner.execute("delete from ksbb.event; delete from ksbb.event_sight")
    await owner.executemany(
        "insert into ksbb.event (id, at, type, version, subject_kind, subject_id, institutions, payload, position,"
        " region_code) values ($1, $2, $3, 1, $4, $5, '{}', $6, $7, $8)",
        [
            (told.id, AT, told.type, told.kind, told.key, json.dumps(dict(told.payload)), position, told.region)
            for position, told in enumerate(events, start=1)
        ],
    )
    await owner.execute("delete from ksbb.event_log")
    await owner.execute("insert into ksbb.event_log values (1, $1, 0)", len(events))
