"""Complaints: filed by anybody, worked on by the MSME agency and the heads of the area (pengaduan).

Source: Instruksi Sekda DKI 56/2020, KESATU d.6 and m.3; form H; clocks: DOMAIN section 7.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from secrets import choice
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import select

from commands.command import Command, Fact, Ref, Spelling, registered
from commands.refusal import Refusal
from commands.work import Work, reason_given
from kernel.luhn import CROCKFORD
from models.collaboration import Collaboration
from models.complaint import Complaint, FollowUp
from models.states import COMPLAINT
from models.vocabulary import Actor, ComplaintCategory, ComplaintStatus
from policy.viewer import Role

CLOSED = (ComplaintStatus.SELESAI, ComplaintStatus.DITOLAK)
LONGEST_TEXT = 4_000
TRACKING_COLUMN = "complaint.tracking"
_TRACKING_LENGTH = 16  # base 32 digits: 80 bits that nobody guesses
_AGENCIES = ("DINAS_PPKUKM", "KELURAHAN", "INSPEKTORAT")


# ---- situations


class UnusableText(Refusal):
    """A complaint without words, or with too many."""

    code = "UNUSABLE_TEXT"

    def __init__(self) -> None:
        super().__init__(
            f"Write what happened, in at most {LONGEST_TEXT:,} characters.",
            f"Tuliskan apa yang terjadi, paling banyak {LONGEST_TEXT:,} karakter.",
            path=("text",),
            limit=LONGEST_TEXT,
        )


class NoSuchNumber(Refusal):
    """A collaboration number that was not issued."""

    code = "NO_SUCH_COLLABORATION"

    def __init__(self) -> None:
        super().__init__(
            "No collaboration has this number. Leave it out if you are not sure.",
            "Tidak ada kolaborasi dengan ID ini. Kosongkan bila tidak yakin.",
            path=("collaborationNumber",),
        )


class NoSuchAgency(Refusal):
    """An agency that takes no complaints."""

    code = "NO_SUCH_AGENCY"

    def __init__(self) -> None:
        listed = ", ".join(_AGENCIES)
        super().__init__(
            f"Complaints go to one of: {listed}.",
            f"Pengaduan diteruskan ke salah satu dari: {listed}.",
            path=("agency",),
        )


class TakenOver(Refusal):
    """A complaint that the inspectorate works on."""

    code = "TAKEN_OVER"

    def __init__(self) -> None:
        super().__init__(
            "The inspectorate (Inspektorat) works on this complaint: only it goes on. Tell it what you know.",
            "Pengaduan ini ditangani Inspektorat: hanya Inspektorat yang melanjutkan. Sampaikan informasi kepadanya.",
            path=("complaintId",),
        )


# ---- events


@dataclass(frozen=True, kw_only=True)
class ComplaintFiled(Fact):
    """A complaint came in (pengaduan diterima)."""

    tells: ClassVar = (Complaint.received_at, Complaint.category)

    category: ComplaintCategory


@dataclass(frozen=True, kw_only=True)
class ComplaintMoved(Fact):
    """A complaint was brought to another state (pengaduan berpindah status)."""

    tells: ClassVar = (Complaint.status,)

    status: ComplaintStatus


@dataclass(frozen=True, kw_only=True)
class ComplaintRouted(Fact):
    """A complaint was given to an agency (pengaduan diteruskan)."""

    tells: ClassVar = (Complaint.assigned_agency,)

    agency: str


# ---- filing


@dataclass(frozen=True, kw_only=True)
class FileComplaint(Command):
    """File a complaint; no login is needed (pengaduan, form H). Keep the tracking code: it is shown once."""

    category: Annotated[ComplaintCategory, "What it is about (kategori)."]
    region_code: Annotated[str, Spelling("RegionCode"), "Where it happened (kode wilayah)."]
    text: Annotated[str, "What happened (isi pengaduan). Never public."]
    collaboration_number: Annotated[str | None, "Number of the collaboration, if known (ID kolaborasi)."] = None
    reporter_name: Annotated[str | None, "Your name, if you wish to be called back. Never public."] = None
    reporter_contact: Annotated[str | None, "How to reach you (kontak). Never public."] = None


async def file_complaint(command: FileComplaint, work: Work) -> Complaint:
    """Take a complaint in.

    Raises:
        UnusableText: no text, or too long a one.
        NoSuchNumber: the number is of no collaboration.
    """
    text = command.text.strip()
    if not 0 < len(text) <= LONGEST_TEXT:
        raise UnusableText
    code = "".join(choice(CROCKFORD) for _ in range(_TRACKING_LENGTH))
    complaint = work.add(
        Complaint,
        received_at=work.now,
        category=command.category,
        region_code=command.region_code,
        collaboration_id=await _collaboration(command.collaboration_number, work),
        complainant_id=_complainant(work),
        status=ComplaintStatus.DITERIMA,
        forward_due_at=work.now + dt.timedelta(hours=work.settings.complaint_forward_hours),
        text=text,
        reporter_name=command.reporter_name,
        reporter_contact=command.reporter_contact,
        tracking_hash=work.secrets.blind(code, TRACKING_COLUMN),
    )
    complaint.due_at = complaint.forward_due_at
    work.note_step(complaint, None, complaint.status, Actor.PUBLIK)
    work.reply["trackingCode"] = code
    work.tell(ComplaintFiled(subject=complaint, region_code=complaint.region_code, category=complaint.category))
    return complaint


async def _collaboration(number: str | None, work: Work) -> UUID | None:
    if number is None:
        return None
    query = select(Collaboration.id).where(Collaboration.number == number.strip().upper())
    found = (await work.session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NoSuchNumber
    return found


def _complainant(work: Work) -> UUID | None:
    own = work.viewer.person_id if work.viewer.role is Role.UMKM else work.viewer.institution_id
    return UUID(own) if own else None


# ---- working on it


@dataclass(frozen=True, kw_only=True)
class _OnComplaint(Command):
    """What every step on a complaint names."""

    complaint_id: Annotated[UUID, Ref("Complaint"), "The complaint (pengaduan)."]
    note: Annotated[str | None, "What was found or done (catatan). Never public."] = None


@dataclass(frozen=True, kw_only=True)
class VerifyComplaint(_OnComplaint):
    """Confirm that a complaint is one, and where it belongs."""


@dataclass(frozen=True, kw_only=True)
class ForwardComplaint(_OnComplaint):
    """Route a complaint to the agency that works on it, within 6 hours of its arrival."""

    agency: Annotated[str, "DINAS_PPKUKM, KELURAHAN or INSPEKTORAT (instansi)."]


@dataclass(frozen=True, kw_only=True)
class FollowUpComplaint(_OnComplaint):
    """Begin to work on a complaint."""


@dataclass(frozen=True, kw_only=True)
class ResolveComplaint(_OnComplaint):
    """Close a complaint that was settled, within 7 days of its routing."""


@dataclass(frozen=True, kw_only=True)
class RejectComplaint(Command):
    """Close a complaint that is not for us or was not confirmed."""

    complaint_id: Annotated[UUID, Ref("Complaint"), "The complaint (pengaduan)."]
    reason: Annotated[str, "Why (alasan). Never public."]


@dataclass(frozen=True, kw_only=True)
class TakeOverComplaint(Command):
    """Take over a complaint that is not closed, as the inspectorate; from then on nobody else works on it."""

    complaint_id: Annotated[UUID, Ref("Complaint"), "The complaint (pengaduan)."]
    reason: Annotated[str, "Why (alasan). Never public."]


async def verify_complaint(command: VerifyComplaint, work: Work) -> Complaint:
    """DITERIMA -> DIVERIFIKASI."""
    return await _moved(command, work, ComplaintStatus.DIVERIFIKASI)


async def forward_complaint(command: ForwardComplaint, work: Work) -> Complaint:
    """DIVERIFIKASI -> DITERUSKAN.

    Raises:
        NoSuchAgency: the agency takes no complaints.
    """
    if command.agency not in _AGENCIES:
        raise NoSuchAgency
    complaint = await _moved(command, work, ComplaintStatus.DITERUSKAN)
    _route(work, complaint, command.agency)
    return complaint


async def follow_up_complaint(command: FollowUpComplaint, work: Work) -> Complaint:
    """DITERUSKAN or DIBUKA_KEMBALI -> DITINDAKLANJUTI."""
    return await _moved(command, work, ComplaintStatus.DITINDAKLANJUTI)


async def resolve_complaint(command: ResolveComplaint, work: Work) -> Complaint:
    """DITINDAKLANJUTI -> SELESAI."""
    complaint = await _moved(command, work, ComplaintStatus.SELESAI)
    complaint.closed_at = work.now
    return complaint


async def reject_complaint(command: RejectComplaint, work: Work) -> Complaint:
    """DITINDAKLANJUTI -> DITOLAK, with the reason."""
    complaint = await _at_hand(work, command.complaint_id)
    take_step(work, complaint, ComplaintStatus.DITOLAK, reason_given(command.reason))
    complaint.closed_at = work.now
    return complaint


async def take_over_complaint(command: TakeOverComplaint, work: Work) -> Complaint:
    """DITERIMA or DIVERIFIKASI -> DITERUSKAN, to the inspectorate; a later state stays, and its clock with it."""
    complaint = await work.own(Complaint, command.complaint_id, ("complaintId",))
    reason = reason_given(command.reason)
    if complaint.closed_at is not None:
        work.refuse(complaint, COMPLAINT, ComplaintStatus.DITINDAKLANJUTI)
    if complaint.status is ComplaintStatus.DITERIMA:
        take_step(work, complaint, ComplaintStatus.DIVERIFIKASI, None)
    if complaint.status is ComplaintStatus.DIVERIFIKASI:
        take_step(work, complaint, ComplaintStatus.DITERUSKAN, reason)
    else:
        work.note_step(complaint, complaint.status, complaint.status, work.actor, reason)
        _write_down(work, complaint, reason)
    _route(work, complaint, _AGENCIES[-1])
    return complaint


async def _at_hand(work: Work, key: UUID) -> Complaint:
    """The caller's complaint, unless the inspectorate works on it and the caller is somebody else."""
    complaint = await work.own(Complaint, key, ("complaintId",))
    if complaint.assigned_agency == Actor.INSPEKTORAT and work.actor is not Actor.INSPEKTORAT:
        raise TakenOver
    return complaint


async def _moved(command: _OnComplaint, work: Work, after: ComplaintStatus) -> Complaint:
    complaint = await _at_hand(work, command.complaint_id)
    take_step(work, complaint, after, command.note)
    return complaint


def _route(work: Work, complaint: Complaint, agency: str) -> None:
    complaint.assigned_agency = agency
    complaint.forwarded_at = complaint.forwarded_at or work.now
    work.tell(ComplaintRouted(subject=complaint, region_code=complaint.region_code, agency=agency))


def take_step(
    work: Work, complaint: Complaint, after: ComplaintStatus, note: str | None, by: Actor | None = None
) -> None:
    """Move a complaint, set its clock and write down the step (tindak lanjut)."""
    work.move(complaint, COMPLAINT, after, by=by)
    if after in {ComplaintStatus.DITERUSKAN, ComplaintStatus.DIBUKA_KEMBALI}:
        complaint.due_at = work.now + dt.timedelta(days=work.settings.complaint_close_days)
        complaint.overdue_since = None
    elif after in CLOSED:
        complaint.due_at = complaint.overdue_since = None
    _write_down(work, complaint, note)
    work.tell(ComplaintMoved(subject=complaint, region_code=complaint.region_code, status=after))


def _write_down(work: Work, complaint: Complaint, note: str | None) -> None:
    work.add(
        FollowUp,
        complaint_id=complaint.id,
        complainant_id=complaint.complainant_id,
        region_code=complaint.region_code,
        taken_at=work.now,
        status=complaint.status,
        due_at=complaint.due_at,
        note=note,
    )


COMMANDS = (
    registered(
        FileComplaint,
        file_complaint,
        answers="Complaint",
        reply={"trackingCode": ("String | None", "Shown once: with it you follow or reopen the complaint.")},
    ),
    registered(VerifyComplaint, verify_complaint, answers="Complaint"),
    registered(ForwardComplaint, forward_complaint, answers="Complaint"),
    registered(FollowUpComplaint, follow_up_complaint, answers="Complaint"),
    registered(ResolveComplaint, resolve_complaint, answers="Complaint"),
    registered(RejectComplaint, reject_complaint, answers="Complaint"),
    registered(TakeOverComplaint, take_over_complaint, answers="Complaint"),
)
