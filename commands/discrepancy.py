"""Discrepancies: opened once, told to the parties, explained or corrected by them, accepted by those who supervise.

`open_discrepancies` is the one door by which a discrepancy (selisih) comes into being.

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 27; state machine: DOMAIN section 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from commands.command import Command, Fact, Ref, registered
from commands.refusal import Refusal
from commands.work import Work, reason_given
from kernel.money import Rupiah
from models.discrepancy import Discrepancy
from models.states import DISCREPANCY
from models.vocabulary import Actor, DiscrepancyMeasure, DiscrepancyStatus
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


# ---- opening


@dataclass(frozen=True, kw_only=True)
class DiscrepancyOpened(Fact):
    """Two reports of one measure were found to differ (selisih ditemukan).

    By how much, only those who see the discrepancy may read.
    """

    tells: ClassVar = (Discrepancy.measure, Discrepancy.status)

    measure: DiscrepancyMeasure


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Two reports that do not agree, of one subject; it names the nearest thing that it is about, and the parties."""

    measure: DiscrepancyMeasure
    reporter_a: Actor
    value_a: Rupiah
    reporter_b: Actor
    value_b: Rupiah
    collaboration_id: UUID | None = None
    collaborator_id: UUID | None = None
    institution_id: UUID | None = None
    other_institution_id: UUID | None = None
    loan_id: UUID | None = None
    handover_id: UUID | None = None
    delivery_id: UUID | None = None
    periodic_report_id: UUID | None = None
    explanation: str | None = None


async def open_discrepancies(work: Work, differences: Sequence[Difference]) -> Sequence[Discrepancy]:
    """Open a discrepancy for each difference of which none is open, and whose values were not accepted before.

    The database decides: whoever else opens the same at the same time, one is opened.
    """
    if not differences:
        return []
    made = insert(Discrepancy).on_conflict_do_nothing().returning(Discrepancy)
    opened = (await work.session.execute(made, [_row(work, one) for one in differences])).scalars().all()
    for discrepancy in opened:
        work.begin(discrepancy, DISCREPANCY, DiscrepancyStatus.TERDETEKSI, by=Actor.SISTEM)
        work.tell(
            DiscrepancyOpened(
                subject=discrepancy,
                institutions=concerned(discrepancy),
                measure=DiscrepancyMeasure[discrepancy.measure],
            )
        )
    return opened


def concerned(discrepancy: Discrepancy) -> tuple[UUID | None, ...]:
    """The bodies that a discrepancy is told to: both institutions and the donor."""
    return discrepancy.institution_id, discrepancy.other_institution_id, discrepancy.collaborator_id


def _row(work: Work, difference: Difference) -> dict[str, object]:
    key = work.keys.new()
    return {
        "id": key,
        "public_id": work.secrets.public_id(Discrepancy.__tablename__, key),
        **asdict(difference),
        "detected_on": work.today,
        "status": DiscrepancyStatus.TERDETEKSI,
    }


# ---- steps


@dataclass(frozen=True, kw_only=True)
class DiscrepancyMoved(Fact):
    """A discrepancy was brought to another state (selisih berpindah status)."""

    tells: ClassVar = (Discrepancy.status,)

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
    tell_moved(work, discrepancy)
    return discrepancy


def tell_moved(work: Work, discrepancy: Discrepancy) -> None:
    """Note the state that a discrepancy has now, for the event log."""
    work.tell(DiscrepancyMoved(subject=discrepancy, institutions=concerned(discrepancy), status=discrepancy.status))


COMMANDS = (
    registered(NotifyDiscrepancy, notify_discrepancy, answers="Discrepancy"),
    registered(ExplainDiscrepancy, explain_discrepancy, answers="Discrepancy"),
    registered(ReportCorrection, report_correction, answers="Discrepancy"),
    registered(SettleDiscrepancy, settle_discrepancy, answers="Discrepancy"),
)
