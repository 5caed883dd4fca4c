"""Trainings that were held and who came: part of form C, or afterwards (sesi pelatihan, kehadiran).

Source: Instruksi Sekda DKI 56/2020, KESATU e.2-3, Lampiran II B4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from commands.command import Command, Ref, registered
from commands.guards import DateOutOfOrder
from commands.party import own_delivery
from commands.recipients import MOST_RECIPIENTS, SharesDoNotFit, name_recipients, reached, refuse_same_again
from commands.refusal import Path, Refusal
from commands.schedule import delivery_moved
from commands.work import Work
from models.business import Business
from models.collaboration import Collaboration
from models.delivery import Attendance, Delivery, TrainingSession
from models.states import DELIVERY
from models.vocabulary import DeliveryStatus, PackageKind, TrainingKind, TrainingMode

MOST_SESSIONS = 50


class SessionsMissing(Refusal):
    """A training without sessions, goods with some, or fewer than were reported before."""

    code = "SESSIONS_MISSING"

    def __init__(self) -> None:
        super().__init__(
            f"A training names its sessions, 1 to {MOST_SESSIONS} with a topic each, and goods name none. Those that "
            "were reported stay, in their order: correct them, or leave their attendance empty.",
            f"Pelatihan menyebutkan sesinya, 1 sampai {MOST_SESSIONS} dengan topik; barang tidak. Sesi yang sudah "
            "dilaporkan tetap ada menurut urutannya: perbaiki, atau kosongkan kehadirannya.",
            path=("sessions",),
        )


@dataclass(frozen=True, kw_only=True)
class AttendanceGiven:
    """Whether one invited business came."""

    recipient_id: Annotated[UUID, Ref("Recipient"), "The business (UMKM)."]
    attended: Annotated[bool, "Whether its owner came (hadir)."]


@dataclass(frozen=True, kw_only=True)
class SessionGiven:
    """A training that was held."""

    topic: Annotated[str, "Topic (topik)."]
    kind: Annotated[TrainingKind, "Hard or soft skills (jenis pelatihan)."]
    mode: Annotated[TrainingMode, "Online or offline (moda)."]
    held_on: Annotated[dt.date, "Day it was held (tanggal)."]
    attendance: Annotated[tuple[AttendanceGiven, ...], "Who was invited and came, at most 1,000 (kehadiran)."] = ()


def check_sessions(sessions: Sequence[SessionGiven], kind: PackageKind, first: dt.date | None, last: dt.date) -> None:
    """Make sure that sessions fit the kind of help and were held.

    Raises:
        SessionsMissing, DateOutOfOrder, SharesDoNotFit: something of them is wrong.
    """
    is_training = kind is PackageKind.PELATIHAN
    if is_training is not bool(sessions) or len(sessions) > MOST_SESSIONS:
        raise SessionsMissing
    for index, session in enumerate(sessions):
        if not session.topic.strip():
            raise SessionsMissing
        if session.held_on > last or (first is not None and session.held_on < first):
            raise DateOutOfOrder(
                ("sessions", index, "heldOn"),
                "a session lies between the confirmation of the collaboration and the report's day",
                "sesi dilaksanakan antara konfirmasi kolaborasi dan hari laporan",
            )
        _check_attendance(session.attendance, ("sessions", index, "attendance"))


def _check_attendance(attendance: Sequence[AttendanceGiven], path: Path) -> None:
    if len({given.recipient_id for given in attendance}) < len(attendance) or len(attendance) > MOST_RECIPIENTS:
        raise SharesDoNotFit(path)


def invited(sessions: Sequence[SessionGiven]) -> dict[UUID, Path]:
    """Everybody who was invited to any session, with the place in the input."""
    return {
        given.recipient_id: ("sessions", index, "attendance", turn)
        for index, session in enumerate(sessions)
        for turn, given in enumerate(session.attendance)
    }


def topics_of(sessions: Sequence[SessionGiven]) -> dict[UUID, list[str]]:
    """Everybody who came to any session, with the topics of those sessions."""
    came: dict[UUID, list[str]] = {}
    for session in sessions:
        for given in session.attendance:
            if given.attended:
                came.setdefault(given.recipient_id, []).append(session.topic)
    return came


async def keep_sessions(
    work: Work, delivery: Delivery, sessions: Sequence[SessionGiven], businesses: Mapping[UUID, Business]
) -> None:
    """Write the sessions of a report down; those of an earlier version are corrected in their order.

    Raises:
        SessionsMissing: fewer than before.
    """
    before = await work.rows(TrainingSession, TrainingSession.delivery_id == delivery.id)
    if len(sessions) < len(before):
        raise SessionsMissing
    for index, given in enumerate(sessions):
        told = {"topic": given.topic.strip(), "kind": given.kind, "mode": given.mode, "held_on": given.held_on}
        if index < len(before):
            session = before[index]
            for name, value in told.items():
                setattr(session, name, value)
        else:
            session = work.add(TrainingSession, delivery_id=delivery.id, **told)
        await work.session.flush()
        await _keep_attendance(work, delivery, session, given.attendance, businesses)


async def _keep_attendance(
    work: Work,
    delivery: Delivery,
    session: TrainingSession,
    attendance: Sequence[AttendanceGiven],
    businesses: Mapping[UUID, Business],
) -> None:
    """Write down who came; who is named no more did not, since no row is ever removed."""
    before = await work.rows(Attendance, Attendance.training_session_id == session.id)
    rows = {row.business_id: row for row in before}
    for row in before:
        row.attended = False
    for given in attendance:
        business = businesses[given.recipient_id]
        row = rows.get(business.id) or work.add(
            Attendance,
            training_session_id=session.id,
            collaborator_id=delivery.collaborator_id,
            business_id=business.id,
            owner_id=business.owner_id,
            region_code=business.region_code,
        )
        row.attended = given.attended


# ---- afterwards


@dataclass(frozen=True, kw_only=True)
class RecordAttendance(Command):
    """Say who came to a training whose report is not validated yet; the list before is replaced."""

    delivery_id: Annotated[UUID, Ref("Delivery"), "The report of the training (realisasi)."]
    session_id: Annotated[UUID, Ref("TrainingSession"), "The session (sesi pelatihan)."]
    attendance: Annotated[tuple[AttendanceGiven, ...], "Who was invited and came, at most 1,000 (kehadiran)."]
    override_reason: Annotated[str | None, "Why somebody came to the same topic within 90 days (alasan)."] = None


async def record_attendance(command: RecordAttendance, work: Work) -> Delivery:
    """Replace the attendance of one session, and with it who received the training.

    Raises:
        RecipientOutOfReach, SharesDoNotFit: those named cannot have received it, or are more than was reported.
        SameAidAgain: one of them came to the same topic a short while ago.
    """
    collaboration, _, delivery = await own_delivery(work, command.delivery_id)
    if delivery.status not in {DeliveryStatus.DILAPORKAN, DeliveryStatus.DIKEMBALIKAN}:
        work.refuse(delivery, DELIVERY, DeliveryStatus.DILAPORKAN)
    session = await _session_of(work, delivery, command.session_id)
    _check_attendance(command.attendance, ("attendance",))
    places: dict[UUID, Path] = {g.recipient_id: ("attendance", i) for i, g in enumerate(command.attendance)}
    businesses = await reached(work, collaboration, places)
    delivery.override_reason = (command.override_reason or "").strip() or delivery.override_reason
    if delivery.override_reason is None:
        came = {given.recipient_id: [session.topic] for given in command.attendance if given.attended}
        await refuse_same_again(work, delivery, session.held_on, came, places)
    await _keep_attendance(work, delivery, session, command.attendance, businesses)
    await work.session.flush()
    await _receive(work, collaboration, delivery, businesses)
    work.tell(delivery_moved(delivery))
    return delivery


async def _session_of(work: Work, delivery: Delivery, key: UUID) -> TrainingSession:
    session = await work.seen(TrainingSession, key, ("sessionId",))
    if session.delivery_id != delivery.id:
        raise SessionsMissing
    return session


async def _receive(
    work: Work, collaboration: Collaboration, delivery: Delivery, businesses: Mapping[UUID, Business]
) -> None:
    """Those who came to any session are the recipients."""
    of_it = TrainingSession.delivery_id == delivery.id
    sessions = [session.id for session in await work.rows(TrainingSession, of_it)]
    came = await work.rows(Attendance, Attendance.training_session_id.in_(sessions), Attendance.attended)
    shares = dict.fromkeys((row.business_id for row in came), 1)
    if len(shares) > delivery.quantity + delivery.extra_quantity:
        raise SharesDoNotFit(("attendance",))
    known = {b.id: b for b in await work.rows(Business, Business.id.in_(shares))}
    await name_recipients(work, delivery, collaboration, {**known, **businesses}, shares)


COMMANDS = (registered(RecordAttendance, record_attendance, answers="Delivery"),)
