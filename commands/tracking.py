"""What whoever has the tracking code of a complaint may do: read its way, and open it again once.

The way is states, instants, category and agency, never a text. No login is needed. Every code that no complaint has is
told alike, and what is looked for is its keyed hash, so that neither the answer nor the time that it takes tells how
near a guess came.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from sqlalchemy import ColumnElement, func, select

from commands.command import Command, Shape, registered
from commands.complaint import TRACKING_COLUMN, take_step
from commands.refusal import Refusal
from commands.work import Work, reason_given
from models.complaint import Complaint, FollowUp
from models.vocabulary import Actor, ComplaintCategory, ComplaintStatus

REOPENED_WITHIN = dt.timedelta(days=14)


# ---- situations


class NoSuchTrackingCode(Refusal):
    """A tracking code that no complaint has."""

    code = "NO_SUCH_TRACKING_CODE"

    def __init__(self) -> None:
        super().__init__(
            "No complaint has this tracking code. Write it as it was given to you.",
            "Tidak ada pengaduan dengan kode pelacakan ini. Tuliskan seperti yang diberikan kepada Anda.",
            path=("trackingCode",),
        )


class TooLateToReopen(Refusal):
    """A complaint that was reopened before, or closed too long ago."""

    code = "TOO_LATE_TO_REOPEN"

    def __init__(self) -> None:
        super().__init__(
            f"A complaint can be reopened once, within {REOPENED_WITHIN.days} days. File a new one.",
            f"Pengaduan dapat dibuka kembali satu kali, dalam {REOPENED_WITHIN.days} hari. Ajukan pengaduan baru.",
        )


# ---- reading


@dataclass(frozen=True, kw_only=True)
class TrackComplaint(Command):
    """Read how far a complaint has come, with its tracking code; no login is needed (lacak pengaduan)."""

    tracking_code: Annotated[str, "The code that was shown when the complaint was filed (kode pelacakan)."]


async def track_complaint(command: TrackComplaint, work: Work) -> Complaint:
    """Tell the state of a complaint and its steps.

    Raises:
        NoSuchTrackingCode: the code is of no complaint.
    """
    found = select(Complaint).where(has_code(work, command.tracking_code))
    complaint = (await work.session.execute(found)).scalar_one_or_none()
    if complaint is None:
        raise NoSuchTrackingCode
    steps = select(FollowUp).where(FollowUp.complaint_id == complaint.id).order_by(FollowUp.taken_at, FollowUp.id)
    work.reply["tracked"] = _told(complaint, (await work.session.execute(steps)).scalars().all())
    return complaint


def _told(complaint: Complaint, steps: Sequence[FollowUp]) -> dict[str, Any]:
    return {
        "category": complaint.category.value,
        "status": complaint.status.value,
        "agency": complaint.assigned_agency,
        "receivedAt": complaint.received_at.isoformat(),
        "forwardedAt": _instant(complaint.forwarded_at),
        "closedAt": _instant(complaint.closed_at),
        "dueAt": _instant(complaint.due_at),
        "followUps": [{"takenAt": step.taken_at.isoformat(), "status": step.status.value} for step in steps],
    }


def _instant(at: dt.datetime | None) -> str | None:
    return None if at is None else at.isoformat()


_STEP = Shape(
    "TrackedFollowUp",
    "One step taken on a tracked complaint (tindak lanjut).",
    {
        "takenAt": ("DateTime", "When it was taken (waktu)."),
        "status": ("ComplaintStatus", "State after the step (status)."),
    },
)
_TRACKED = Shape(
    "TrackedComplaint",
    "How far a complaint has come (perjalanan pengaduan).",
    {
        "category": ("ComplaintCategory", "What it is about (kategori)."),
        "status": ("ComplaintStatus", "State (status pengaduan)."),
        "agency": ("String | None", "Agency that it was routed to (instansi)."),
        "receivedAt": ("DateTime", "When it came in (masuk)."),
        "forwardedAt": ("DateTime | None", "When it was routed (diteruskan pada)."),
        "closedAt": ("DateTime | None", "When it was closed (selesai pada)."),
        "dueAt": ("DateTime | None", "By when the next step is due; empty when closed (batas waktu)."),
        "followUps": ("list[TrackedFollowUp]", "What was done, the first step first (tindak lanjut)."),
    },
    (ComplaintCategory, ComplaintStatus),
)

# ---- opening again


@dataclass(frozen=True, kw_only=True)
class ReopenComplaint(Command):
    """Reopen a closed complaint, once, within 14 days, with its tracking code."""

    tracking_code: Annotated[str, "The code that was shown when the complaint was filed (kode pelacakan)."]
    reason: Annotated[str, "Why it is not settled (alasan)."]


async def reopen_complaint(command: ReopenComplaint, work: Work) -> Complaint:
    """Open a complaint again that was closed too early.

    Raises:
        NoSuchTrackingCode: the code is of no complaint.
        TooLateToReopen: closed more than 14 days ago, or reopened before.
    """
    complaint = await work.locked(Complaint, has_code(work, command.tracking_code))
    if complaint is None:
        raise NoSuchTrackingCode
    reason = reason_given(command.reason)
    again = select(func.count()).where(
        FollowUp.complaint_id == complaint.id, FollowUp.status == ComplaintStatus.DIBUKA_KEMBALI
    )
    is_late = complaint.closed_at is not None and work.now - complaint.closed_at > REOPENED_WITHIN
    if is_late or (await work.session.execute(again)).scalar_one():
        raise TooLateToReopen
    take_step(work, complaint, ComplaintStatus.DIBUKA_KEMBALI, reason, by=Actor.PUBLIK)
    complaint.closed_at = None
    return complaint


def has_code(work: Work, code: str) -> ColumnElement[bool]:
    """The condition of the complaint with a tracking code, which only its hash tells."""
    return Complaint.tracking_hash == work.secrets.blind(code.strip().upper(), TRACKING_COLUMN)


COMMANDS = (
    registered(ReopenComplaint, reopen_complaint, answers="Complaint"),
    registered(
        TrackComplaint,
        track_complaint,
        answers="Complaint",
        reply={"tracked": ("TrackedComplaint | None", "The state of the complaint; empty without the right code.")},
        shapes=(_STEP, _TRACKED),
    ),
)
