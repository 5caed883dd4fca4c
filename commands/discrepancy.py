"""Discrepancies: told to the parties, explained or corrected by them, accepted by those who supervise (selisih).

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 27; state machine: DOMAIN section 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from commands.command import Command, Fact, Ref, registered
from commands.refusal import Refusal
from commands.work import Work, reason_given
from models.discrepancy import Discrepancy
from models.states import DISCREPANCY
from models.vocabulary import DiscrepancyStatus
from policy.viewer import Role


class NotByTheDonor(Refusal):
    """A discrepancy about a loan or handover, which the institution explains, not the donor."""

    code = "NOT_BY_THE_DONOR"

    def __init__(self) -> None:
        super().__init__(
            "This discrepancy is about a loan or a handover: the institution explains it. You may explain those about "
            "what you promised or delivered.",
            "Selisih ini menyangkut pinjaman atau serah terima: lembaga yang menjelaskannya. Anda dapat menjelaskan "
            "selisih tentang komitmen atau realisasi Anda.",
            path=("discrepancyId",),
        )


@dataclass(frozen=True, kw_only=True)
class DiscrepancyMoved(Fact):
    """A discrepancy was brought to another state."""

    status: DiscrepancyStatus


@dataclass(frozen=True, kw_only=True)
class _OnDiscrepancy(Command):
    """What every step on a discrepancy names."""

    discrepancy_id: Annotated[UUID, Ref("Discrepancy"), "The discrepancy (selisih)."]


@dataclass(frozen=True, kw_only=True)
class NotifyDiscrepancy(_OnDiscrepancy):
    """Tell the parties of a discrepancy."""


@dataclass(frozen=True, kw_only=True)
class ExplainDiscrepancy(_OnDiscrepancy):
    """Explain why two reports differ (penjelasan)."""

    explanation: Annotated[str, "The explanation. Never public."]


@dataclass(frozen=True, kw_only=True)
class ReportCorrection(_OnDiscrepancy):
    """Say that the wrong report was corrected by a reversing entry (koreksi)."""

    explanation: Annotated[str, "Which entry corrects it. Never public."]


@dataclass(frozen=True, kw_only=True)
class SettleDiscrepancy(_OnDiscrepancy):
    """Accept an explanation or correction: the discrepancy is settled (diterima)."""


async def notify_discrepancy(command: NotifyDiscrepancy, work: Work) -> Discrepancy:
    """TERDETEKSI -> DIBERITAHUKAN."""
    return await _moved(command, work, DiscrepancyStatus.DIBERITAHUKAN)


async def explain_discrepancy(command: ExplainDiscrepancy, work: Work) -> Discrepancy:
    """DIBERITAHUKAN -> DIJELASKAN."""
    return await _moved(command, work, DiscrepancyStatus.DIJELASKAN, reason_given(command.explanation))


async def report_correction(command: ReportCorrection, work: Work) -> Discrepancy:
    """DIBERITAHUKAN -> DIKOREKSI."""
    return await _moved(command, work, DiscrepancyStatus.DIKOREKSI, reason_given(command.explanation))


async def settle_discrepancy(command: SettleDiscrepancy, work: Work) -> Discrepancy:
    """DIJELASKAN, DIKOREKSI or DIESKALASI -> DITERIMA."""
    return await _moved(command, work, DiscrepancyStatus.DITERIMA)


async def _moved(
    command: _OnDiscrepancy, work: Work, after: DiscrepancyStatus, explanation: str | None = None
) -> Discrepancy:
    discrepancy = await work.own(Discrepancy, command.discrepancy_id, ("discrepancyId",))
    is_of_money = discrepancy.loan_id is not None or discrepancy.handover_id is not None
    if work.viewer.role is Role.KOLABORATOR and is_of_money:
        raise NotByTheDonor
    work.move(discrepancy, DISCREPANCY, after)
    if explanation is not None:
        discrepancy.explanation = explanation
    concerned = (discrepancy.institution_id, discrepancy.collaborator_id)
    work.tell(DiscrepancyMoved(subject=discrepancy, institutions=concerned, status=after))
    return discrepancy


COMMANDS = (
    registered(NotifyDiscrepancy, notify_discrepancy, answers="Discrepancy"),
    registered(ExplainDiscrepancy, explain_discrepancy, answers="Discrepancy"),
    registered(ReportCorrection, report_correction, answers="Discrepancy"),
    registered(SettleDiscrepancy, settle_discrepancy, answers="Discrepancy"),
)
