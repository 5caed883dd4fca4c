"""What becomes of a person's values when they are erased: facts of money and counts stay, whoever it was does not.

Each personal column gets nothing, or, where it must hold something, a value of nobody. This is derived from the privacy
classes, so that a new column is forgotten without being named here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from secrets import token_bytes
from typing import Any

from sqlalchemy import Column, Date, LargeBinary, Table, Text, Update, case, cast, func, or_, select, update
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import InstrumentedAttribute

from commands.person import STEPS, Person, acts_on, reveals_of
from commands.work import Work
from models.audit import AuditEntry
from models.base import SCHEMA, Base, Point
from models.business import Business, Need
from models.collaboration import Involvement
from models.delivery import Document
from models.intake import IntakeApplication
from models.loan import Loan, MentoringVisit
from models.owner import Owner
from models.privacy import Privacy, privacy_of
from models.region import Region
from models.reveal import Reveal

GONE = "(dihapus)"
"""What stands in a text that must not be empty."""
NO_NUMBER = "0" * 16
NO_DAY = dt.date(1900, 1, 1)
FORGOTTEN = frozenset({Privacy.CONTACT, Privacy.PLACE, Privacy.IDENTITY, Privacy.FREE_TEXT})
"""Classes whose columns are all emptied; of the others only those that are named below."""

Instead = Callable[[Work], Any]

_NAMED: Mapping[InstrumentedAttribute[Any], Instead] = {
    Owner.nik_last4: lambda _: NO_NUMBER[-4:],
    Owner.nik_hash: lambda _: token_bytes(32),
    Owner.family_card_last4: lambda _: None,
    IntakeApplication.nik_last4: lambda _: NO_NUMBER[-4:],
    IntakeApplication.nik_hash: lambda _: token_bytes(32),
    IntakeApplication.family_card_last4: lambda _: NO_NUMBER[-4:],
    Business.trade_name: lambda _: GONE,
    Business.photo: lambda _: None,
    Business.photo_consented: lambda _: False,
    Business.assets: lambda _: None,
    Business.yearly_turnover: lambda _: None,
    MentoringVisit.photo: lambda _: None,
    Document.drop_from: lambda work: work.today,
    Involvement.contact_open: lambda _: False,
    Loan.amount_reason: lambda _: case((Loan.amount_reason.is_not(None), GONE)),
    Need.open: lambda _: False,
}


async def forget(work: Work, person: Person) -> int:
    """Take everything away that tells who a person is; how many rows were changed.

    Children come first: what hangs on the NIK is found by it.
    """
    await work.session.flush()
    rows = person.rows()
    names = await person.names(work)
    changed = 0
    for table, condition in reversed(rows.items()):
        values = {c.key: instead(work) for c in table.columns if (instead := instead_of(c)) is not None}
        if values:
            changed += await _changed(work, update(table).where(condition).values(values))
    changed += await _forget_reasons(work, names)
    return changed + await _end_reveals(work, names)


def instead_of(column: Column[Any]) -> Instead | None:
    """What stands in a column afterwards; None where it stays."""
    row = next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is column.table)
    if row.append_only:
        return (lambda _: None) if column.key in row.forgettable else None
    named = next((i for a, i in _NAMED.items() if a.property.columns[0] is column), None)
    if named is not None or privacy_of(column) not in FORGOTTEN or column.computed is not None:
        return named
    if column.nullable:
        return lambda _: None
    return _of_nobody(column)


def _of_nobody(column: Column[Any]) -> Instead | None:
    """A value for a column that must hold one; None for a code, which half the city shares (sex)."""
    table = column.table
    assert isinstance(table, Table)
    match column.type:
        case LargeBinary():
            return lambda work: work.secrets.encrypt(NO_NUMBER, f"{table.name}.{column.key}")
        case Date():
            return lambda _: NO_DAY
        case Point():
            return lambda _: select(Region.centre).where(Region.code == table.c.region_code).scalar_subquery()
        case Text():
            return lambda _: GONE
        case _:
            return None


async def _changed(work: Work, statement: Update) -> int:
    result = await work.session.execute(statement)
    return int(getattr(result, "rowcount", 0))


async def _forget_reasons(work: Work, names: list[str]) -> int:
    """Take the reasons away that stand in the audit trail, in entries and in their steps; everything else stays."""
    has_reason = or_(AuditEntry.reason.is_not(None), cast(STEPS, Text).like('%"reason"%'))
    without = cast(getattr(func, SCHEMA).without_reasons(AuditEntry.details), JSON)
    statement = (
        update(AuditEntry).where(acts_on(names), has_reason).values(reason=None, details=without, words_salt=None)
    )
    return await _changed(work, statement)


async def _end_reveals(work: Work, names: list[str]) -> int:
    """End the reveals that have a row of the person in them, also those that wait for a second officer."""
    statement = update(Reveal).where(reveals_of(names), Reveal.ended_at.is_(None)).values(ended_at=work.now)
    return await _changed(work, statement)
