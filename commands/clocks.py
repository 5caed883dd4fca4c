"""What time does by itself: what runs out ends (system transitions), what is late is told of.

Each job takes some rows, locked; those that another process has are left to it. Safe to run twice and in two processes.
Source: DOMAIN section 7; the number of days after a schedule is a proposal (`commands/collaboration.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import exists, literal, select, true

from commands.command import Fact
from commands.expiry import EXPIRY
from commands.job import Job, due
from commands.progress import complete, count_loans, everything_is_realised, follow, has_lagged, is_ripe
from commands.reconcile import RECONCILIATION
from commands.red_flags import RED_FLAGS
from commands.reveal_years import REVEAL_YEARS
from commands.unattached import drop_unattached
from commands.work import Work
from models import loan_book
from models.collaboration import Collaboration
from models.complaint import Complaint
from models.institution import Accreditation, Agreement
from models.loan import Loan
from models.rights import Breach, RightsRequest
from models.states import ACCREDITATION
from models.vocabulary import (
    AccreditationStatus,
    Actor,
    CollaborationStatus,
    LoanStatus,
    RightsRequestKind,
    RightsRequestStatus,
)


@dataclass(frozen=True, kw_only=True)
class AccreditationEnded(Fact):
    """The last day of an institution's agreement passed (akreditasi berakhir)."""

    tells: ClassVar = (Accreditation.status,)


@dataclass(frozen=True, kw_only=True)
class RightsRequestOverdue(Fact):
    """A person's request was not decided in time (permohonan subjek data terlambat)."""

    tells: ClassVar = (RightsRequest.overdue_at,)

    kind: RightsRequestKind


@dataclass(frozen=True, kw_only=True)
class BreachNoticeOverdue(Fact):
    """A breach was not notified in time (pemberitahuan kegagalan pelindungan data terlambat)."""

    tells: ClassVar = (Breach.overdue_at,)


@dataclass(frozen=True, kw_only=True)
class ComplaintOverdue(Fact):
    """A complaint was not routed, or not closed, by the time that it was due (pengaduan terlambat ditangani)."""

    tells: ClassVar = (Complaint.overdue_since,)

    agency: str | None


@dataclass(frozen=True, kw_only=True)
class DefaultProposed(Fact):
    """A loan is so late that the system proposes to declare it in default (gagal bayar diusulkan)."""

    tells: ClassVar = (Loan.default_proposed_on,)


async def follow_loans(work: Work) -> int:
    """DILAPORKAN or BERJALAN -> TERVALIDASI where no loan waits for its check any more."""
    collaborations = await due(work, select(Collaboration).where(has_lagged()), Collaboration)
    for collaboration in collaborations:
        await count_loans(work, collaboration.id)
        await follow(work, collaboration.id, by=Actor.SISTEM)
    return len(collaborations)


async def complete_collaborations(work: Work) -> int:
    """TERVALIDASI -> SELESAI some days after the last validation, when everything was realised."""
    validated = Collaboration.status == CollaborationStatus.TERVALIDASI
    ripe = select(Collaboration).where(validated, everything_is_realised(), is_ripe(work.today))
    collaborations = await due(work, ripe, Collaboration)
    for collaboration in collaborations:
        await complete(work, collaboration, by=Actor.SISTEM)
    return len(collaborations)


async def end_accreditations(work: Work) -> int:
    """AKTIF or DIBEKUKAN -> BERAKHIR when no agreement of the institution is in force any more."""
    in_force = (
        exists()
        .where(Agreement.institution_id == Accreditation.institution_id, Agreement.ends_on >= work.today)
        .correlate(Accreditation)
    )
    ended = select(Accreditation).where(
        Accreditation.status.in_([AccreditationStatus.AKTIF, AccreditationStatus.DIBEKUKAN]), ~in_force
    )
    accreditations = await due(work, ended, Accreditation)
    for accreditation in accreditations:
        work.move(accreditation, ACCREDITATION, AccreditationStatus.BERAKHIR, by=Actor.SISTEM)
        accreditation.stopped_on = accreditation.stopped_on or work.today
        work.tell(AccreditationEnded(subject=accreditation, institutions=(accreditation.institution_id,)))
    return len(accreditations)


async def rights_requests_overdue(work: Work) -> int:
    """Requests of persons that nobody decided in time: marked and told once; they stay to be decided."""
    waiting = RightsRequest.status == RightsRequestStatus.DIAJUKAN
    late = select(RightsRequest).where(waiting, RightsRequest.due_at < work.now, RightsRequest.overdue_at.is_(None))
    requests = await due(work, late, RightsRequest)
    for request in requests:
        request.overdue_at = work.now
        work.tell(RightsRequestOverdue(subject=request, region_code=request.region_code, kind=request.kind))
    return len(requests)


async def breach_notices_overdue(work: Work) -> int:
    """Breaches that were not notified within 3 x 24 hours: marked and told once."""
    late = select(Breach).where(Breach.notified_at.is_(None), Breach.due_at < work.now, Breach.overdue_at.is_(None))
    breaches = await due(work, late, Breach)
    for breach in breaches:
        breach.overdue_at = work.now
        work.tell(BreachNoticeOverdue(subject=breach))
    return len(breaches)


async def announce_overdue_complaints(work: Work) -> int:
    """Tell once of each complaint whose clock has run out, in its area and to the agencies; nothing else changes."""
    late = select(Complaint).where(
        Complaint.due_at < work.now, Complaint.overdue_since.is_distinct_from(Complaint.due_at)
    )
    complaints = await due(work, late, Complaint)
    for complaint in complaints:
        complaint.overdue_since = complaint.due_at
        agency = complaint.assigned_agency
        work.tell(ComplaintOverdue(subject=complaint, region_code=complaint.region_code, agency=agency))
    return len(complaints)


async def propose_defaults(work: Work) -> int:
    """Propose once, for each schedule of a loan, that it is in default: more than 90 days past due.

    The state stays: the fintech declares a default, or restructures, which takes the proposal back.
    """
    late = loan_book.of_tables(literal(work.today))
    proposed = (
        select(Loan)
        .join(late, true())
        .where(
            Loan.status.in_([LoanStatus.BERJALAN, LoanStatus.RESTRUKTURISASI]),
            Loan.default_proposed_on.is_(None),
            late.c.days_past_due > loan_book.DEFAULTED_AFTER_DAYS,
        )
    )
    loans = await due(work, proposed, Loan)
    for loan in loans:
        loan.default_proposed_on = work.today
        work.tell(DefaultProposed(subject=loan, region_code=loan.region_code, institutions=(loan.fintech_id,)))
    return len(loans)


JOBS: Mapping[str, Job] = {
    **EXPIRY,
    "loan collaborations followed": follow_loans,
    "collaborations completed": complete_collaborations,
    "accreditations ended": end_accreditations,
    "uploads dropped": drop_unattached,
    "rights requests overdue": rights_requests_overdue,
    "breach notices overdue": breach_notices_overdue,
    "overdue complaints announced": announce_overdue_complaints,
    "defaults proposed": propose_defaults,
    **RECONCILIATION,
    **RED_FLAGS,
    **REVEAL_YEARS,
}
"""In the order in which they depend on each other."""
