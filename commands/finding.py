"""Findings of the inspectorate: recorded about one thing, answered by the body concerned, closed or reopened (temuan).

Source: Instruksi Sekda DKI 56/2020, KESATU a; form and state machine are our proposal.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

from commands.command import Command, Fact, Ref, Spelling, registered
from commands.guards import DateOutOfOrder
from commands.refusal import Path, Refusal
from commands.work import Work, reason_given
from models.collaboration import Collaboration
from models.complaint import Complaint
from models.finding import Finding, FindingStep
from models.institution import Institution
from models.loan import Loan
from models.states import FINDING
from models.vocabulary import Actor, FindingClass, FindingStatus, InstitutionKind

LONGEST_TEXT = 4_000
_ABOUT = ("collaboration_id", "institution_id", "loan_id", "complaint_id", "region_code")
_AGENCIES = (Actor.DINAS_PPKUKM, Actor.WILAYAH, Actor.BIRO_KSD)
"""Who may be named to answer in place of the body concerned."""


# ---- situations


class AboutOneThing(Refusal):
    """A finding about nothing, or about several things."""

    code = "ABOUT_ONE_THING"

    def __init__(self) -> None:
        super().__init__(
            "A finding is about one thing: give a collaboration, an institution, a loan, a complaint or a region.",
            "Temuan menyangkut satu hal: isi kolaborasi, lembaga, pinjaman, pengaduan, atau wilayah.",
        )


class WordsMissing(Refusal):
    """A finding without words, or with too many."""

    code = "UNUSABLE_TEXT"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Write one to {LONGEST_TEXT:,} characters.", f"Tuliskan 1 sampai {LONGEST_TEXT:,} karakter.", path=path
        )


class NobodyToAnswer(Refusal):
    """An agency that cannot answer this finding."""

    code = "NOBODY_TO_ANSWER"

    def __init__(self) -> None:
        listed = ", ".join(_AGENCIES)
        super().__init__(
            f"A finding may be given to one of {listed}; to WILAYAH only if it is about something in a region.",
            f"Temuan dapat ditujukan kepada salah satu dari {listed}; WILAYAH hanya bila menyangkut suatu wilayah.",
            path=("agency",),
        )


class AnotherAnswers(Refusal):
    """A finding that another body is to answer."""

    code = "ANOTHER_ANSWERS"

    def __init__(self, agency: Actor) -> None:
        super().__init__(
            f"This finding is for {agency} to answer.",
            f"Temuan ini harus dijawab oleh {agency}.",
            path=("findingId",),
        )


# ---- events


@dataclass(frozen=True, kw_only=True)
class FindingMoved(Fact):
    """A finding was recorded or brought to another state (temuan berpindah status)."""

    tells: ClassVar = (Finding.status, Finding.assigned_agency)

    status: FindingStatus
    agency: Actor


def _moved(finding: Finding) -> FindingMoved:
    """The event of a finding, addressed to the body that is to answer."""
    return FindingMoved(
        subject=finding,
        region_code=finding.region_code if finding.assigned_agency is Actor.WILAYAH else None,
        institutions=(finding.institution_id, finding.collaborator_id),
        status=finding.status,
        agency=finding.assigned_agency,
    )


# ---- recording


@dataclass(frozen=True, kw_only=True)
class RecordFinding(Command):
    """Record a finding about one collaboration, institution, loan, complaint or region (catat temuan)."""

    classification: Annotated[FindingClass, "What kind of shortcoming it is (golongan temuan)."]
    text: Annotated[str, "What was found (uraian temuan). Never public."]
    recommendation: Annotated[str, "What is to be done (rekomendasi). Never public."]
    due_on: Annotated[dt.date, "Day by which it is to be answered (batas waktu jawaban)."]
    collaboration_id: Annotated[UUID | None, Ref("Collaboration"), "The collaboration (kolaborasi)."] = None
    institution_id: Annotated[UUID | None, Ref("Institution"), "The institution (lembaga)."] = None
    loan_id: Annotated[UUID | None, Ref("Loan"), "The loan (pinjaman)."] = None
    complaint_id: Annotated[UUID | None, Ref("Complaint"), "The complaint (pengaduan)."] = None
    region_code: Annotated[str | None, Spelling("RegionCode"), "The region (kode wilayah)."] = None
    agency: Annotated[
        Actor | None, "DINAS_PPKUKM, WILAYAH or BIRO_KSD, if not the body concerned is to answer (penanggung jawab)."
    ] = None


async def record_finding(command: RecordFinding, work: Work) -> Finding:
    """Write a finding down and tell the body that is to answer.

    Raises:
        AboutOneThing, WordsMissing, DateOutOfOrder, NobodyToAnswer: see there.
    """
    if sum(getattr(command, name) is not None for name in _ABOUT) != 1:
        raise AboutOneThing
    if command.due_on < work.today:
        raise DateOutOfOrder(("dueOn",), "not before today", "tidak boleh sebelum hari ini")
    finding = work.add(
        Finding,
        **_addressed(command.agency, await _concerned(command, work)),
        classification=command.classification,
        recorded_on=work.today,
        due_on=command.due_on,
        text=_words(command.text, ("text",)),
        recommendation=_words(command.recommendation, ("recommendation",)),
    )
    work.begin(finding, FINDING, FindingStatus.TERBUKA)
    work.tell(_moved(finding))
    return finding


def _words(text: str, path: Path) -> str:
    if not 0 < len(words := text.strip()) <= LONGEST_TEXT:
        raise WordsMissing(path)
    return words


async def _concerned(command: RecordFinding, work: Work) -> dict[str, Any]:
    """What a finding is about, and the body concerned: who distributes or gives, lends, works on it, or governs."""
    if command.collaboration_id is not None:
        collaboration = await work.seen(Collaboration, command.collaboration_id, ("collaborationId",))
        about = {"collaboration_id": collaboration.id, "region_code": collaboration.region_code}
        if collaboration.distributor_id is not None:
            return about | await _institution(work, collaboration.distributor_id, ("collaborationId",))
        return {**about, "collaborator_id": collaboration.collaborator_id, "assigned_agency": Actor.KOLABORATOR}
    if command.institution_id is not None:
        return await _institution(work, command.institution_id, ("institutionId",))
    if command.loan_id is not None:
        loan = await work.seen(Loan, command.loan_id, ("loanId",))
        about = {"loan_id": loan.id, "region_code": loan.region_code}
        return {**about, "institution_id": loan.fintech_id, "assigned_agency": Actor.FINTECH}
    if command.complaint_id is not None:
        complaint = await work.seen(Complaint, command.complaint_id, ("complaintId",))
        agency = Actor.WILAYAH if complaint.assigned_agency == "KELURAHAN" else Actor.DINAS_PPKUKM
        return {"complaint_id": complaint.id, "region_code": complaint.region_code, "assigned_agency": agency}
    return {"region_code": command.region_code, "assigned_agency": Actor.WILAYAH}


async def _institution(work: Work, key: UUID, path: Path) -> dict[str, Any]:
    institution = await work.seen(Institution, key, path)
    is_fintech = institution.kind is InstitutionKind.FINTECH
    return {"institution_id": key, "assigned_agency": Actor.FINTECH if is_fintech else Actor.AGREGATOR}


def _addressed(agency: Actor | None, concerned: dict[str, Any]) -> dict[str, Any]:
    """The body concerned, or in its place the agency that was named: then no other body sees the finding."""
    if agency is None:
        return concerned
    if agency not in _AGENCIES or (agency is Actor.WILAYAH and concerned.get("region_code") is None):
        raise NobodyToAnswer
    return {**concerned, "institution_id": None, "collaborator_id": None, "assigned_agency": agency}


# ---- steps


@dataclass(frozen=True, kw_only=True)
class _OnFinding(Command):
    """What every step on a finding names."""

    finding_id: Annotated[UUID, Ref("Finding"), "The finding (temuan)."]


@dataclass(frozen=True, kw_only=True)
class AnswerFinding(_OnFinding):
    """Answer a finding, as the body concerned (jawaban atas temuan)."""

    answer: Annotated[str, "What was done about it, or why not (jawaban). Never public."]


@dataclass(frozen=True, kw_only=True)
class CloseFinding(_OnFinding):
    """Close a finding that its answer settles (temuan selesai)."""

    reason: Annotated[str, "Why it is settled (alasan). Never public."]


@dataclass(frozen=True, kw_only=True)
class ReopenFinding(_OnFinding):
    """Open a finding again that its answer does not settle, with a new day to answer by."""

    reason: Annotated[str, "Why it is not settled (alasan). Never public."]
    due_on: Annotated[dt.date, "Day by which it is to be answered now (batas waktu jawaban)."]


async def answer_finding(command: AnswerFinding, work: Work) -> Finding:
    """TERBUKA or DIBUKA_KEMBALI -> DIJAWAB.

    Raises:
        AnotherAnswers: the caller sees the finding, but another body is to answer.
    """
    finding = await work.own(Finding, command.finding_id, ("findingId",))
    if finding.assigned_agency is not work.actor:
        raise AnotherAnswers(finding.assigned_agency)
    _step(work, finding, FindingStatus.DIJAWAB, _words(command.answer, ("answer",)))
    return finding


async def close_finding(command: CloseFinding, work: Work) -> Finding:
    """DIJAWAB -> SELESAI."""
    finding = await work.own(Finding, command.finding_id, ("findingId",))
    _step(work, finding, FindingStatus.SELESAI, reason_given(command.reason))
    finding.closed_on = work.today
    return finding


async def reopen_finding(command: ReopenFinding, work: Work) -> Finding:
    """DIJAWAB or SELESAI -> DIBUKA_KEMBALI.

    Raises:
        DateOutOfOrder: the new day has passed.
    """
    if command.due_on < work.today:
        raise DateOutOfOrder(("dueOn",), "not before today", "tidak boleh sebelum hari ini")
    finding = await work.own(Finding, command.finding_id, ("findingId",))
    _step(work, finding, FindingStatus.DIBUKA_KEMBALI, reason_given(command.reason))
    finding.due_on, finding.closed_on = command.due_on, None
    return finding


def _step(work: Work, finding: Finding, after: FindingStatus, words: str) -> None:
    work.move(finding, FINDING, after)
    work.add(
        FindingStep,
        finding_id=finding.id,
        institution_id=finding.institution_id,
        collaborator_id=finding.collaborator_id,
        assigned_agency=finding.assigned_agency,
        region_code=finding.region_code,
        taken_at=work.now,
        status=after,
        text=words,
    )
    work.tell(_moved(finding))


COMMANDS = (
    registered(RecordFinding, record_finding, answers="Finding"),
    registered(AnswerFinding, answer_finding, answers="Finding"),
    registered(CloseFinding, close_finding, answers="Finding"),
    registered(ReopenFinding, reopen_finding, answers="Finding"),
)
