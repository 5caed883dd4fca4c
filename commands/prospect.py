"""Outreach to donors: forums that were held, and candidates that were met (sosialisasi, prospek).

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 3 and 4.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from commands.collaborator import plain_text
from commands.command import Command, Fact, Ref, registered
from commands.guards import DateOutOfOrder
from commands.refusal import Path, Refusal
from commands.work import Work
from models.collaborator import Collaborator, OutreachEvent, Prospect
from models.vocabulary import OutreachKind

MOST_ATTENDED = 1_000_000
_NOT_AHEAD = "not in the future", "tidak boleh di masa depan"


# ---- situations


class CountOutOfRange(Refusal):
    """A number of people below nothing, or beyond any forum."""

    code = "COUNT_OUT_OF_RANGE"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Tell how many came, from 0 to {MOST_ATTENDED:,}.",
            f"Sebutkan jumlah yang hadir, dari 0 sampai {MOST_ATTENDED:,}.",
            path=path,
        )


class BeforeTheForum(Refusal):
    """A candidate that was met before the forum that led to it."""

    code = "BEFORE_THE_FORUM"

    def __init__(self) -> None:
        super().__init__(
            "The candidate was met before this forum was held. Name another forum, or none.",
            "Calon ditemui sebelum forum ini berlangsung. Sebutkan forum lain, atau kosongkan.",
            path=("eventId",),
        )


# ---- events


@dataclass(frozen=True, kw_only=True)
class OutreachEventRecorded(Fact):
    """A forum was held (sosialisasi dicatat)."""

    tells: ClassVar = (OutreachEvent.kind, OutreachEvent.held_on)

    kind: OutreachKind


@dataclass(frozen=True, kw_only=True)
class ProspectRecorded(Fact):
    """A candidate was met (calon kolaborator dicatat)."""

    tells: ClassVar = (Prospect.met_on,)


# ---- forums


@dataclass(frozen=True, kw_only=True)
class RecordOutreachEvent(Command):
    """Record a forum at which plans were presented to donors; who came is told in numbers (Lampiran I no. 3)."""

    kind: Annotated[OutreachKind, "Kind of event (jenis)."]
    title: Annotated[str, "What it was called (judul)."]
    held_on: Annotated[dt.date, "Day (tanggal)."]
    place: Annotated[str, "Where it was held (tempat)."]
    donors: Annotated[int, "How many donors and candidates came (kolaborator hadir)."]
    businesses: Annotated[int, "How many business owners came (UMKM hadir)."] = 0
    officials: Annotated[int, "How many officials came (aparat hadir)."] = 0
    note: Annotated[str | None, "Remark (catatan). Never public."] = None


async def record_outreach_event(command: RecordOutreachEvent, work: Work) -> OutreachEvent:
    """Add a forum.

    Raises:
        UnusableName, NumberOfAPerson, CountOutOfRange, DateOutOfOrder: a part of it cannot be.
    """
    if command.held_on > work.today:
        raise DateOutOfOrder(("heldOn",), *_NOT_AHEAD)
    counts = {name: getattr(command, name) for name in ("donors", "businesses", "officials")}
    for name, count in counts.items():
        if not 0 <= count <= MOST_ATTENDED:
            raise CountOutOfRange((name,))
    event = work.add(
        OutreachEvent,
        kind=command.kind,
        title=plain_text(command.title, ("title",)),
        held_on=command.held_on,
        place=plain_text(command.place, ("place",)),
        **counts,
        note=command.note,
    )
    work.tell(OutreachEventRecorded(subject=event, kind=event.kind))
    return event


# ---- candidates


@dataclass(frozen=True, kw_only=True)
class RecordProspect(Command):
    """Record a candidate donor that was met, and what Tim Prospektor recommends (Lampiran I no. 4)."""

    collaborator_id: Annotated[UUID, Ref("Collaborator"), "The candidate (kolaborator); see `registerCollaborator`."]
    met_on: Annotated[dt.date, "Day of the meeting (tanggal)."]
    recommended: Annotated[bool, "Whether Tim Prospektor recommends it (rekomendasi)."]
    forum: Annotated[str | None, "Where they met (forum); that of `eventId` when left out."] = None
    event_id: Annotated[UUID | None, Ref("OutreachEvent"), "The forum that led to it (sosialisasi)."] = None
    note: Annotated[str | None, "Remark (catatan). Never public."] = None


async def record_prospect(command: RecordProspect, work: Work) -> Prospect:
    """Add a meeting with a candidate.

    Raises:
        DateOutOfOrder, BeforeTheForum: the day cannot be.
        UnusableName: neither a forum nor an event is named.
    """
    if command.met_on > work.today:
        raise DateOutOfOrder(("metOn",), *_NOT_AHEAD)
    candidate = await work.seen(Collaborator, command.collaborator_id, ("collaboratorId",))
    event = None if command.event_id is None else await work.seen(OutreachEvent, command.event_id, ("eventId",))
    if event is not None and command.met_on < event.held_on:
        raise BeforeTheForum
    forum = command.forum if command.forum is not None or event is None else event.title
    prospect = work.add(
        Prospect,
        collaborator_id=candidate.id,
        outreach_event_id=None if event is None else event.id,
        forum=plain_text(forum or "", ("forum",)),
        met_on=command.met_on,
        recommended=command.recommended,
        note=command.note,
    )
    work.tell(ProspectRecorded(subject=prospect))
    return prospect


COMMANDS = (
    registered(RecordOutreachEvent, record_outreach_event, answers="OutreachEvent"),
    registered(RecordProspect, record_prospect, answers="Prospect"),
)
