"""The copy of everything that is held on a person, with what was done with it (salinan data pribadi).

It is made in one snapshot when it is fetched, goes to the person alone, and is kept nowhere.
Source: UU 27/2022, art. 6 and 7 (access and copy), art. 13 (a form that machines read), art. 32 (history).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, LargeBinary, Table, select
from sqlalchemy.dialects.postgresql import TSVECTOR

from commands.bus import Bus
from commands.history import history, readings
from commands.person import Person
from commands.refusal import NotAllowed, NotFound
from commands.work import Work
from models.audit import AuditEntry
from models.loan import Repayment
from models.owner import Owner
from models.privacy import Privacy, privacy_of
from models.red_flag import RedFlag
from models.rights import RightsRequest
from models.vocabulary import RightsRequestKind
from policy.secrets import NotAnId
from policy.viewer import Role, Viewer
from policy.visibility import target_of
from policy.words import CLASSES, Words

FORMAT = "ksbb-person/1"
_OFFICER = "user_account"
_WITHHELD = Words(
    "sidik, indeks, dan kunci petugas atau sistem: ada, tetapi tidak bermakna bagi siapa pun di luar sistem; "
    "siapa yang ada di sisi lain suatu tanda bahaya: orang lain",
    "fingerprints, indexes and keys of officers or of the system: there, and without meaning outside of it; who "
    "stands on the other side of a red flag: another person",
)
_OTHER_SIDE = frozenset(
    column.key for column in (RedFlag.subject_id, RedFlag.other_id, RedFlag.other_loan_id, RedFlag.reason)
)
"""Of a red flag: the two rows that look alike, and the words about both."""


@dataclass(frozen=True)
class Label:
    """What a table or column is called, and what it holds."""

    name: str
    about: Words


Labels = Mapping[str, Label]
"""By `table` and `table.column`: how the API describes them."""


async def own_export(bus: Bus, viewer: Viewer, public_id: str, labels: Labels) -> bytes:
    """The copy behind a request for access, for the person who made it.

    Raises:
        NotAllowed: not with the token of a person.
        NotFound: no such request of this person, or its time is over.
    """
    if viewer.role is not Role.UMKM:
        raise NotAllowed("export")
    async with bus.looking(viewer) as work:
        request = await work.seen(RightsRequest, _key(work, public_id), ("id",))
        if request.kind is not RightsRequestKind.AKSES or work.now > request.due_at:
            raise NotFound("copy", ("id",))
        owner = await work.seen(Owner, request.owner_id, ("id",))
        return await _exported(work, owner, labels, act="ACCESS_EXPORT", about=request)


async def export_at_the_desk(
    bus: Bus, viewer: Viewer, nik: str, labels: Labels, *, purpose: str, case_number: str
) -> bytes:
    """The copy for a person who stands at the desk with an identity card; logged with its purpose and case number.

    Raises:
        NotFound: no owner has this NIK.
    """
    async with bus.looking(viewer) as work:
        known = select(Owner).where(Owner.nik_hash == work.secrets.blind(nik, "owner.nik"))
        owner = (await work.session.execute(known)).scalar_one_or_none()
        if owner is None:
            raise NotFound("owner", ("nik",))
        work.details["case"] = case_number
        return await _exported(work, owner, labels, act="ACCESS_EXPORT_AT_DESK", about=owner, purpose=purpose)


def _key(work: Work, public_id: str) -> UUID:
    try:
        kind, key = work.secrets.internal_key(public_id)
    except NotAnId:
        raise NotFound("copy", ("id",)) from None
    if kind != RightsRequest.__tablename__:
        raise NotFound("copy", ("id",))
    return key


async def _exported(
    work: Work, owner: Owner, labels: Labels, *, act: str, about: Owner | RightsRequest, purpose: str | None = None
) -> bytes:
    """The copy as JSON, and the entry in the audit trail that it was made: both, or neither."""
    person = Person.of(work, owner)
    names, rows = await person.names(work, beside=False), person.rows(beside=False)
    document = {
        "format": FORMAT,
        "made_at": work.now.isoformat(),
        "classes": {privacy: _of_class(privacy) for privacy in Privacy},
        "withheld": asdict(_WITHHELD),
        "nouns": [await _noun(work, table, condition, labels) for table, condition in rows.items()],
        "history": await history(work, person, names),
        "readings": await readings(work, person),
    }
    work.session.add(
        AuditEntry(
            id=work.keys.new(),
            at=work.now,
            role=work.viewer.role,
            subject=work.viewer.subject,
            act=act,
            purpose=purpose,
            about_kind=about.__tablename__,
            about_id=about.public_id,
            details={"id": about.public_id, "steps": [], **work.details},
        )
    )
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _of_class(privacy: Privacy) -> dict[str, Any]:
    words = CLASSES[privacy]
    return {"holds": asdict(words.holds), "ground": asdict(words.ground)}


async def _noun(work: Work, table: Table, condition: Any, labels: Labels) -> dict[str, Any]:
    """All rows of one table, with what each column is called, its class, and whether its value is withheld."""
    found = await work.session.execute(select(table).where(condition).order_by(*table.primary_key.columns))
    rows = [dict(zip(table.columns.keys(), row, strict=True)) for row in found]
    return {
        **_label(labels, table.name),
        "table": table.name,
        "columns": {c.key: _column(c, labels) for c in table.columns},
        "rows": [{c.key: told(work, c, row[c.key]) for c in table.columns} for row in rows],
    }


def _column(column: Column[Any], labels: Labels) -> dict[str, Any]:
    described = _label(labels, f"{column.table.name}.{column.key}")
    return {**described, "class": privacy_of(column), **({"withheld": True} if is_withheld(column) else {})}


def _label(labels: Labels, key: str) -> dict[str, Any]:
    label = labels.get(key)
    return {"name": key.rpartition(".")[2]} if label is None else {"name": label.name, "label": asdict(label.about)}


def is_withheld(column: Column[Any]) -> bool:
    """Whether a value could harm others: hashes, search indexes, keys of officers, another person beside a red flag."""
    if column.table is RedFlag.__table__ and column.key in _OTHER_SIDE:
        return True
    if privacy_of(column) is Privacy.KEY:
        return target_of(column) == _OFFICER
    is_a_hash = isinstance(column.type, LargeBinary) and privacy_of(column) is Privacy.INTERNAL
    return is_a_hash or isinstance(column.type, TSVECTOR) or column is Repayment.__table__.c.idempotency_key


def told(work: Work, column: Column[Any], value: Any) -> Any:
    """A value as the person reads it: numbers in clear, keys as public identifiers."""
    if value is None or is_withheld(column):
        return None
    table: str = column.table.name
    match value:
        case bytes():
            return work.secrets.decrypt(value, f"{table}.{column.key}")
        case UUID():
            target = target_of(column) or Owner.__tablename__
            return work.secrets.public_id(target, value)
        case bool() | int() | float():
            return value
        case dt.date():
            return value.isoformat()
        case (x, y):
            return [x, y]
        case _:
            return str(value)
