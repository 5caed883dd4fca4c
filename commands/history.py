"""What was done with a person's data: by which role of which institution, when and for what (riwayat pemrosesan).

Officers are not named. Source: UU 27/2022, art. 6, 7 and 32.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from commands.person import Person, acts_on, reveals_of
from commands.work import Work
from models.account import RoleAssignment, UserAccount
from models.audit import AuditEntry
from models.institution import Institution
from models.intake import IntakeApplication
from models.loan import Loan
from models.red_flag import RedFlag
from models.reveal import Reveal
from policy.viewer import Role

READINGS_OF = dt.timedelta(days=366)
"""How far back clear reads are told."""


async def history(work: Work, person: Person, names: Sequence[str]) -> list[dict[str, Any]]:
    """Every act on the person's rows, by public identifier, every look-up of the NIK and every reveal, oldest first."""
    looked_up = and_(AuditEntry.act == "LOOK_UP", _NIK_HASH.in_([person.owner.nik_hash.hex()]))
    revealed = AuditEntry.about_id.in_(select(Reveal.public_id).where(reveals_of(names)))
    query = select(AuditEntry, _institution()).where(or_(acts_on(names), looked_up, revealed))
    entries = await work.session.execute(query.order_by(AuditEntry.at, AuditEntry.id))
    return [_act(entry, by, frozenset(names)) for entry, by in entries]


def _act(entry: AuditEntry, institution: str | None, names: frozenset[str]) -> dict[str, Any]:
    """An entry as the person reads it; of the steps of an act those that moved the person's own rows."""
    steps = [_without_others(step) for step in entry.details.get("steps", ()) if step["id"] in names]
    is_told = entry.about_id in names and entry.about_kind != RedFlag.__tablename__
    return {
        "at": entry.at.isoformat(),
        "role": entry.role,
        "institution": institution,
        "act": entry.act,
        "purpose": entry.purpose,
        "case": entry.details.get("case"),
        "fields": entry.details.get("fields") if entry.about_kind == Reveal.__tablename__ else None,
        "about": entry.about_id if entry.about_id in names else None,
        "reason": entry.reason if is_told else None,
        "steps": [{key: step.get(key) for key in ("noun", "id", "from", "to", "reason")} for step in steps],
    }


def _without_others(step: Mapping[str, Any]) -> Mapping[str, Any]:
    """A step as the person reads it: why a red flag was dismissed speaks of who stands on its other side, too."""
    return {**step, "reason": None} if step["noun"] == RedFlag.__tablename__ else step


async def readings(work: Work, person: Person) -> list[dict[str, Any]]:
    """Clear reads of protected fields by those who may see the person, of the last year, counted by month.

    The audit trail keeps the question and its fields, not whose rows the answer held: these may have held the person's.
    """
    month = func.to_char(func.timezone("Asia/Jakarta", AuditEntry.at), "YYYY-MM")
    read = (
        select(
            month.label("month"),
            AuditEntry.role.label("role"),
            _institution().label("institution"),
            cast(AuditEntry.details.op("->")("fields"), Text).label("fields"),
        )
        .where(AuditEntry.act == "READ", AuditEntry.at >= work.now - READINGS_OF, _may_see(person))
        .subquery()
    )
    counted = select(*read.c[:3], cast(read.c.fields, JSONB), func.count()).group_by(*read.c).order_by(*read.c)
    return [
        dict(zip(("month", "role", "institution", "fields", "count"), row, strict=True))
        for row in await work.session.execute(counted)
    ]


_NIK_HASH: ColumnElement[str] = literal_column("(details ->> 'nik_hash')", Text())
"""As it is indexed."""


def _may_see(person: Person) -> Any:
    """Reads by roles that could meet the person: fintechs after a consent, the intake chain if there is a file."""
    lent = exists().where(Loan.owner_id == person.owner.id, Loan.consented_on.is_not(None))
    handed_in = exists().where(IntakeApplication.nik_hash == person.intake_hash)
    return or_(
        AuditEntry.role.not_in([Role.FINTECH, Role.PETUGAS_INTAKE]),
        and_(AuditEntry.role == Role.FINTECH, lent),
        and_(AuditEntry.role == Role.PETUGAS_INTAKE, handed_in),
    )


def _institution() -> Any:
    """The institution or agency for which somebody acted, where the account is known."""
    query = (
        select(func.coalesce(Institution.name, RoleAssignment.agency))
        .select_from(UserAccount)
        .join(RoleAssignment, RoleAssignment.user_account_id == UserAccount.id)
        .outerjoin(Institution, Institution.id == RoleAssignment.institution_id)
        .where(UserAccount.login == AuditEntry.subject, RoleAssignment.role == AuditEntry.role)
    )
    return query.order_by(RoleAssignment.id).limit(1).correlate(AuditEntry).scalar_subquery()
