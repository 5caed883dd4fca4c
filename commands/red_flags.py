"""What is looked for beside differing reports: the signs of red flags (tanda bahaya), each found once.

Our proposal, from the purpose of the programme (no overlapping aid: DOMAIN section 8, invariant 7) and steps 24 to 27.
One owner row never has two active loans: the database refuses it. What is real are two owner rows of one person (a NIK
typed differently, or that of a spouse), told by the same telephone or by name and birth date, and an offer beside a
loan, as an import may bring it; both are flagged while they can still be stopped. A name alone is shared by many: it
tells that a donor is a recipient only where the donor's own money or goods reached somebody of that name.

Persons are compared inside the database, in one statement; flags and events hold references only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    cast,
    exists,
    func,
    not_,
    null,
    or_,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import aliased

from commands.command import Fact
from commands.invariants.loans import ACTIVE
from commands.invariants.rule import jakarta_day
from commands.job import AT_A_TIME, Job
from commands.repayment import REVERSAL
from commands.work import Work
from kernel.settings import Settings
from models.business import Business
from models.collaboration import Involvement
from models.collaborator import Collaborator
from models.delivery import Delivery, DeliveryRecipient
from models.loan import Loan, PeriodicReport, Repayment
from models.owner import Owner
from models.red_flag import RedFlag
from models.states import RED_FLAG
from models.vocabulary import (
    Actor,
    CollaboratorKind,
    DeliveryStatus,
    LoanStatus,
    PackageKind,
    RedFlagKind,
    RedFlagStatus,
)

SAME_GOODS_DAYS = 90
"""Goods of one kind to one business within so many days (DOMAIN section 8, invariant 7)."""

_LEADS = ("loan_id", "other_loan_id", "business_id", "delivery_id", "collaborator_id", "institution_id")
_ALIVE = (LoanStatus.DITAWARKAN, *ACTIVE)


@dataclass(frozen=True, kw_only=True)
class RedFlagRaised(Fact):
    """Something was found that somebody should look at (tanda bahaya ditemukan).

    Who is concerned, only those who see the flag may read.
    """

    tells: ClassVar = (RedFlag.kind, RedFlag.status)

    kind: RedFlagKind


def _sign(subject: Any, other: Any = None, region: Any = None, **leads: Any) -> Select[Any]:
    """The start of what finds a kind of flag: its subject, what stands beside it, its region, and what it points to."""
    nothing = cast(null(), Uuid)
    return select(
        subject.label("subject_id"),
        (nothing if other is None else other).label("other_id"),
        (cast(null(), Text) if region is None else region).label("region_code"),
        *(leads.get(name, nothing).label(name) for name in _LEADS),
    )


# ---- loans of one person


def _telephone(number: Any) -> ColumnElement[str]:
    """A telephone number as one is dialled, without signs and without 0 or 62 in front; empty for none."""
    return func.regexp_replace(func.regexp_replace(func.coalesce(number, ""), r"\D", "", "g"), "^(62|0)", "")


def _name(name: Any) -> ColumnElement[str]:
    return func.lower(func.btrim(func.regexp_replace(name, r"\s+", " ", "g")))


def _second_loans(*_: Any) -> Select[Any]:
    alive = (
        select(
            *(Loan.id, Loan.fintech_id, Loan.business_id, Loan.region_code, Loan.owner_id, Owner.born_on),
            _telephone(Owner.phone).label("telephone"),
            _name(Owner.name).label("name"),
        )
        .join(Owner, Owner.id == Loan.owner_id)
        .where(Loan.status.in_(_ALIVE))
        .cte("alive")
    )
    one, other = alive.alias("one"), alive.alias("other")
    same = (
        one.c.owner_id == other.c.owner_id,
        and_(one.c.telephone == other.c.telephone, one.c.telephone != ""),
        and_(one.c.name == other.c.name, one.c.born_on == other.c.born_on),
    )
    pairs = union(
        *(select(one.c.id, other.c.id.label("beside")).where(person, one.c.id != other.c.id) for person in same)
    ).subquery("pairs")
    return _sign(
        alive.c.id,
        pairs.c.beside,
        alive.c.region_code,
        loan_id=alive.c.id,
        other_loan_id=pairs.c.beside,
        business_id=alive.c.business_id,
        institution_id=alive.c.fintech_id,
    ).join(pairs, pairs.c.id == alive.c.id)


def _same_day(*_: Any) -> Select[Any]:
    """Repayments on the day of disbursement that stand: a reversed one was a mistake."""
    reversal = aliased(Repayment)
    reversed_ = exists().where(
        reversal.fintech_id == Repayment.fintech_id,
        reversal.amount < 0,
        reversal.idempotency_key == REVERSAL + Repayment.public_id,
    )
    parties = {"loan_id": Loan.id, "business_id": Loan.business_id, "institution_id": Loan.fintech_id}
    return (
        _sign(Repayment.id, None, Loan.region_code, **parties)
        .join(Loan, Loan.id == Repayment.loan_id)
        .where(Repayment.paid_on == Loan.disbursed_on, Repayment.amount > 0, not_(reversed_))
    )


# ---- goods and donors


def _same_goods(*_: Any) -> Select[Any]:
    """Goods of one kind that a business received again within the days; reversed deliveries did not come."""
    window: dict[str, Any] = {
        "partition_by": [DeliveryRecipient.business_id, Delivery.item],
        "order_by": [DeliveryRecipient.received_on, DeliveryRecipient.id],
    }
    came = (
        select(
            *(DeliveryRecipient.id, DeliveryRecipient.business_id, DeliveryRecipient.delivery_id),
            *(DeliveryRecipient.region_code, DeliveryRecipient.received_on),
            func.lag(DeliveryRecipient.id).over(**window).label("before"),
            func.lag(DeliveryRecipient.received_on).over(**window).label("before_on"),
        )
        .join(Delivery, Delivery.id == DeliveryRecipient.delivery_id)
        .where(
            DeliveryRecipient.package_kind == PackageKind.SARPRAS,
            DeliveryRecipient.received_on.is_not(None),
            Delivery.status != DeliveryStatus.DIBALIK,
        )
        .subquery("came")
    )
    leads = {"business_id": came.c.business_id, "delivery_id": came.c.delivery_id}
    return _sign(came.c.id, came.c.before, came.c.region_code, **leads).where(
        came.c.received_on - came.c.before_on <= SAME_GOODS_DAYS
    )


def _donors_who_receive(*_: Any) -> Select[Any]:
    """Private donors with the telephone of an owner, or with the name of one who received from them."""
    person = Collaborator.kind == CollaboratorKind.PERORANGAN
    number = _telephone(Collaborator.contact_phone)
    by_number = (
        select(Collaborator.id.label("donor"), Owner.id.label("owner"))
        .join(Owner, _telephone(Owner.phone) == number)
        .where(person, number != "")
    )
    by_name = (
        select(Collaborator.id, Owner.id)
        .join(Involvement, Involvement.collaborator_id == Collaborator.id)
        .join(Owner, Owner.id == Involvement.owner_id)
        .where(person, _name(Owner.name) == _name(Collaborator.name))
    )
    pairs = union(by_number, by_name).subquery("pairs")
    business = (
        select(Business.id)
        .where(Business.owner_id == pairs.c.owner)
        .order_by(Business.id)
        .limit(1)
        .correlate(pairs)
        .scalar_subquery()
    )
    return _sign(pairs.c.donor, pairs.c.owner, collaborator_id=pairs.c.donor, business_id=business)


# ---- fintechs


def _silent(day: dt.date, settings: Settings) -> Select[Any]:
    """Fintechs with loans that run since before the days of the setting, and no periodic report within them.

    Beside the last report: a silence after the next one is another.
    """
    since = day - dt.timedelta(days=settings.silence_days)
    running: CTE = (
        select(Loan.fintech_id).where(Loan.status.in_(_RUNNING), Loan.disbursed_on < since).distinct().cte("running")
    )
    last = (
        select(PeriodicReport.fintech_id, PeriodicReport.id, PeriodicReport.received_at)
        .ext(distinct_on(PeriodicReport.fintech_id))
        .order_by(PeriodicReport.fintech_id, PeriodicReport.received_at.desc(), PeriodicReport.id.desc())
        .subquery("last")
    )
    return (
        _sign(running.c.fintech_id, last.c.id, institution_id=running.c.fintech_id)
        .outerjoin_from(running, last, last.c.fintech_id == running.c.fintech_id)
        .where(or_(last.c.id.is_(None), jakarta_day(last.c.received_at) < since))
    )


_RUNNING = (LoanStatus.CAIR, LoanStatus.BERJALAN, LoanStatus.RESTRUKTURISASI, LoanStatus.GAGAL_BAYAR)

SIGNS: Mapping[RedFlagKind, Callable[[dt.date, Settings], Select[Any]]] = {
    RedFlagKind.PINJAMAN_GANDA: _second_loans,
    RedFlagKind.BARANG_BERULANG: _same_goods,
    RedFlagKind.BAYAR_HARI_CAIR: _same_day,
    RedFlagKind.DONATUR_PENERIMA: _donors_who_receive,
    RedFlagKind.FINTECH_DIAM: _silent,
}
"""What finds each kind on a day: a set-based expression of the columns of `red_flag` that it tells."""


# ---- raising


async def raise_flags(work: Work) -> int:
    """Raise what is found and was not before: of each kind some, in the order of their subjects."""
    return sum([await _raise(work, kind, sign(work.today, work.settings)) for kind, sign in SIGNS.items()])


async def _raise(work: Work, kind: RedFlagKind, sign: Select[Any]) -> int:
    rows = sign.subquery("found")
    known = exists().where(
        RedFlag.kind == kind,
        RedFlag.subject_id == rows.c.subject_id,
        RedFlag.other_id.is_not_distinct_from(rows.c.other_id),
    )
    some = select(rows).where(not_(known)).order_by(rows.c.subject_id, rows.c.other_id).limit(AT_A_TIME)
    found = (await work.session.execute(some)).mappings().all()
    if not found:
        return 0
    made = insert(RedFlag).on_conflict_do_nothing().returning(RedFlag)
    raised = (await work.session.execute(made, [_row(work, kind, row) for row in found])).scalars().all()
    for flag in raised:
        work.begin(flag, RED_FLAG, RedFlagStatus.TERBUKA, by=Actor.SISTEM)
        fact = RedFlagRaised(subject=flag, region_code=flag.region_code, institutions=(flag.institution_id,), kind=kind)
        work.tell(fact)
    return len(raised)


def _row(work: Work, kind: RedFlagKind, found: Mapping[Any, Any]) -> dict[str, Any]:
    key = work.keys.new()
    return {
        "id": key,
        "public_id": work.secrets.public_id(RedFlag.__tablename__, key),
        **found,
        "kind": kind,
        "found_on": work.today,
        "status": RedFlagStatus.TERBUKA,
    }


RED_FLAGS: Mapping[str, Job] = {"red flags raised": raise_flags}
