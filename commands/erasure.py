"""Erasure and restriction that a person asks for, carried out by the data steward (hak penghapusan, pembatasan).

Source: UU 27/2022, art. 8, 11, 15, 43 and 44. What must be kept is kept, and the person is told why and until when.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import exists, func, select, update

from commands.command import Command, Ref, registered
from commands.consent import end_consent
from commands.forgetting import forget
from commands.person import Person
from commands.refusal import NotFound
from commands.rights import asker, close, filed
from commands.work import Work
from models.business import Business, Need
from models.collaboration import Involvement
from models.discrepancy import Discrepancy
from models.intake import IntakeApplication
from models.loan import Instalment, Loan, Repayment
from models.owner import Owner
from models.rights import RightsRequest
from models.vocabulary import (
    BusinessStatus,
    ConsentPurpose,
    DiscrepancyStatus,
    IntakeStatus,
    KeepingReason,
    LoanStatus,
    RightsRequestKind,
    RightsRequestStatus,
)

_RUNNING = (
    *(LoanStatus.TERKONTRAK, LoanStatus.CAIR, LoanStatus.BERJALAN),
    *(LoanStatus.RESTRUKTURISASI, LoanStatus.GAGAL_BAYAR),
)
_THROUGH = (IntakeStatus.DICAIRKAN, IntakeStatus.DITOLAK)
_CARRIED_OUT = frozenset({RightsRequestKind.PENGHAPUSAN, RightsRequestKind.PEMBATASAN})

Kept = tuple[KeepingReason, dt.date | None]
"""Why a person's data must stay, and until which day, where it is known."""


@dataclass(frozen=True, kw_only=True)
class RequestErasure(Command):
    """Ask that what tells who you are is erased, or only no longer used (hak penghapusan dan pembatasan).

    Counts and sums stay, and what was published. While a loan runs, and for as long as the law wants its records,
    erasure is refused with the reason and the day.
    """

    restrict_only: Annotated[bool, "Only stop using the data, and keep them (pembatasan)."] = False
    reason: Annotated[str | None, "Why, if you wish to say (alasan). Never public."] = None


@dataclass(frozen=True, kw_only=True)
class CarryOutErasure(Command):
    """Carry out an erasure or restriction that was asked for; what must be kept refuses an erasure by itself."""

    request_id: Annotated[UUID, Ref("RightsRequest"), "The request (permohonan)."]


async def request_erasure(command: RequestErasure, work: Work) -> RightsRequest:
    """File an erasure or a restriction."""
    kind = RightsRequestKind.PEMBATASAN if command.restrict_only else RightsRequestKind.PENGHAPUSAN
    reason = (command.reason or "").strip() or None
    return await filed(work, await asker(work), kind, reason=reason)


async def carry_out_erasure(command: CarryOutErasure, work: Work) -> RightsRequest:
    """DIAJUKAN -> DIPENUHI, or DITOLAK with what the data are kept for and until when.

    Raises:
        NotFound: no erasure and no restriction.
    """
    request = await work.own(RightsRequest, command.request_id, ("requestId",))
    if request.kind not in _CARRIED_OUT:
        raise NotFound("rights request", ("requestId",))
    owner = await work.locked(Owner, Owner.id == request.owner_id)
    assert owner is not None
    person = Person.of(work, owner)
    kept = await _kept(work, person) if request.kind is RightsRequestKind.PENGHAPUSAN else None
    if kept is not None:
        close(work, request, RightsRequestStatus.DITOLAK)
        request.kept_for, request.kept_until = kept
        return request
    close(work, request, RightsRequestStatus.DIPENUHI)
    await _restrict(work, owner)
    if request.kind is RightsRequestKind.PENGHAPUSAN:
        await _close_others(work, owner)
        work.details["rows"] = await forget(work, person)
        await work.session.refresh(request)
    return request


async def _close_others(work: Work, owner: Owner) -> None:
    """Close what else waits: there is nothing left to correct, and a restriction is carried out with the erasure."""
    query = select(RightsRequest).where(
        RightsRequest.owner_id == owner.id, RightsRequest.status == RightsRequestStatus.DIAJUKAN
    )
    for other in (await work.session.execute(query.order_by(RightsRequest.id).with_for_update())).scalars():
        is_done = other.kind is RightsRequestKind.PEMBATASAN
        close(work, other, RightsRequestStatus.DIPENUHI if is_done else RightsRequestStatus.DITOLAK)


async def _restrict(work: Work, owner: Owner) -> None:
    """Stop using a person's data: nothing is listed, offered, screened or told to donors any more."""
    for purpose in ConsentPurpose:
        await end_consent(work, owner, purpose)
    await work.session.flush()
    for change in (
        update(Business).where(Business.owner_id == owner.id).values(listed=False, status=BusinessStatus.TIDAK_AKTIF),
        update(Need)
        .where(Need.owner_id == owner.id)
        .values(listed=False, open=False, closed_on=func.coalesce(Need.closed_on, work.today)),
        update(Involvement).where(Involvement.owner_id == owner.id).values(contact_open=False),
    ):
        await work.session.execute(change)


# ---- what must be kept


async def _kept(work: Work, person: Person) -> Kept | None:
    owner_id = person.owner.id
    if await _is_there(work, exists().where(Loan.owner_id == owner_id, Loan.status.in_(_RUNNING))):
        last = select(func.max(Instalment.due_on)).where(Instalment.owner_id == owner_id)
        return KeepingReason.PINJAMAN_BERJALAN, _later(work, (await work.session.execute(last)).scalar_one())
    disputed = (Loan.owner_id == owner_id, Discrepancy.loan_id == Loan.id)
    if await _is_there(work, exists().where(*disputed, Discrepancy.status != DiscrepancyStatus.DITERIMA)):
        return KeepingReason.SELISIH_TERBUKA, None
    files = (IntakeApplication.nik_hash == person.intake_hash, IntakeApplication.status.not_in(_THROUGH))
    if await _is_there(work, exists().where(*files)):
        return KeepingReason.USULAN_BERJALAN, None
    return await _kept_by_law(work, owner_id)


async def _kept_by_law(work: Work, owner_id: UUID) -> Kept | None:
    """Financial records with the person behind them: ten years by default (UU 8/1997, art. 11)."""
    paid = select(func.max(Repayment.paid_on)).where(Repayment.owner_id == owner_id).scalar_subquery()
    lent = select(func.max(Loan.disbursed_on)).where(Loan.owner_id == owner_id).scalar_subquery()
    last: dt.date | None = (await work.session.execute(select(func.greatest(paid, lent)))).scalar_one()
    until = _later(work, last)
    return None if until is None or until < work.today else (KeepingReason.WAJIB_SIMPAN, until)


def _later(work: Work, day: dt.date | None) -> dt.date | None:
    """The last day of the retention that begins on a day."""
    if day is None or not work.settings.retention_years:
        return None
    return dt.date(day.year + work.settings.retention_years, day.month, min(day.day, 28))


async def _is_there(work: Work, condition: object) -> bool:
    return bool((await work.session.execute(select(condition))).scalar_one())  # type: ignore[call-overload]  # an EXISTS


COMMANDS = (
    registered(RequestErasure, request_erasure, answers="RightsRequest"),
    registered(CarryOutErasure, carry_out_erasure, answers="RightsRequest"),
)
