"""Breaches of personal data: recorded when they become known, notified within 3 x 24 hours.

Source: UU 27/2022, art. 46: what was disclosed, when and how, and what is done about it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from commands.command import Command, Fact, Ref, registered
from commands.guards import DateOutOfOrder
from commands.refusal import Refusal
from commands.work import Work
from kernel.clock import JAKARTA
from models.rights import Breach
from models.vocabulary import AffectedData, BreachNature

NOTIFIED_WITHIN = dt.timedelta(hours=72)
"""3 x 24 hours: the law's, not a setting."""


class NoticeIncomplete(Refusal):
    """A breach without the data it touched, or without what is done about it."""

    code = "NOTICE_INCOMPLETE"

    def __init__(self, path: str) -> None:
        super().__init__(
            "A notice names the data that were affected and, in both languages, what is done about it.",
            "Pemberitahuan menyebut data yang terdampak dan, dalam dua bahasa, upaya penanganannya.",
            path=(path,),
        )


class NotifiedAlready(Refusal):
    """A breach whose notice was recorded before."""

    code = "NOTIFIED_ALREADY"

    def __init__(self) -> None:
        super().__init__(
            "The notice of this breach is recorded already: nothing is left to do.",
            "Pemberitahuan atas kegagalan ini sudah tercatat: tidak ada lagi yang perlu dilakukan.",
            path=("breachId",),
        )


@dataclass(frozen=True, kw_only=True)
class BreachRecorded(Fact):
    """A breach became known (kegagalan pelindungan data diketahui)."""

    tells: ClassVar = (Breach.nature, Breach.known_at)

    nature: BreachNature


@dataclass(frozen=True, kw_only=True)
class BreachNotified(Fact):
    """Those affected and the authority were told of a breach (kegagalan pelindungan data diberitahukan)."""

    tells: ClassVar = (Breach.notified_at,)


@dataclass(frozen=True, kw_only=True)
class RecordBreach(Command):
    """Record a breach of personal data as soon as it is known; its notice is due within 3 x 24 hours. Name nobody."""

    known_at: Annotated[dt.datetime, "When it became known (diketahui pada)."]
    nature: Annotated[BreachNature, "Its nature (sifat kegagalan)."]
    affected: Annotated[tuple[AffectedData, ...], "Classes of data affected (golongan data terdampak)."]
    measures: Annotated[str, "What is done about it, in English."]
    measures_id: Annotated[str, "What is done about it, in Indonesian (upaya penanganan dan pemulihan)."]
    affected_persons: Annotated[int | None, "How many persons, as far as known (jumlah orang terdampak)."] = None


@dataclass(frozen=True, kw_only=True)
class RecordBreachNotice(Command):
    """Record that those affected and the authority were told of a breach."""

    breach_id: Annotated[UUID, Ref("Breach"), "The breach (kegagalan pelindungan)."]


async def record_breach(command: RecordBreach, work: Work) -> Breach:
    """Record a breach, with the text of its notice in both languages.

    Raises:
        DateOutOfOrder: known in the future.
        NoticeIncomplete: nothing affected, or nothing done.
    """
    if command.known_at > work.now:
        raise DateOutOfOrder(("knownAt",), "it lies in the future", "berada di masa depan")
    if not command.affected:
        raise NoticeIncomplete("affected")
    for path, text in (("measures", command.measures), ("measuresId", command.measures_id)):
        if not text.strip():
            raise NoticeIncomplete(path)
    affected = sorted(set(command.affected), key=list(AffectedData).index)
    breach = work.add(
        Breach,
        nature=command.nature,
        affected=" ".join(affected),
        affected_persons=command.affected_persons,
        known_at=command.known_at,
        due_at=command.known_at + NOTIFIED_WITHIN,
        notice=_notice(command, affected),
        notice_id=_notice_in_indonesian(command, affected),
    )
    work.tell(BreachRecorded(subject=breach, nature=command.nature))
    return breach


async def record_breach_notice(command: RecordBreachNotice, work: Work) -> Breach:
    """Stop the clock of a breach.

    Raises:
        NotifiedAlready: it was stopped before.
    """
    breach = await work.own(Breach, command.breach_id, ("breachId",))
    if breach.notified_at is not None:
        raise NotifiedAlready
    breach.notified_at = work.now
    work.tell(BreachNotified(subject=breach))
    return breach


def _notice(command: RecordBreach, affected: list[AffectedData]) -> str:
    known = command.known_at.astimezone(JAKARTA)
    return (
        f"On {known:%Y-%m-%d %H:%M} (Jakarta) a failure to protect personal data became known to us:"
        f" {command.nature.label_en.lower()}. Data affected: {'; '.join(a.label_en for a in affected)}."
        f" What is done: {command.measures.strip()}"
    )


def _notice_in_indonesian(command: RecordBreach, affected: list[AffectedData]) -> str:
    known = command.known_at.astimezone(JAKARTA)
    return (
        f"Pada {known:%Y-%m-%d %H:%M} WIB kami mengetahui kegagalan pelindungan data pribadi:"
        f" {command.nature.label_id.lower()}. Data yang terdampak: {'; '.join(a.label_id for a in affected)}."
        f" Upaya penanganan: {command.measures_id.strip()}"
    )


COMMANDS = (
    registered(RecordBreach, record_breach, answers="Breach"),
    registered(RecordBreachNotice, record_breach_notice, answers="Breach"),
)
