"""The audited report of all activities of a fintech, one a year (laporan audit); a newer version replaces the old one.

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 27.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from commands.accreditation import own_institution
from commands.collaborator import plain_text
from commands.command import Command, Fact, Ref, registered
from commands.evidence import attach
from commands.form_g import JAKARTA
from commands.refusal import Refusal
from commands.work import Work
from models.institution import AuditReport
from models.vocabulary import DocumentKind

FIRST_YEAR = 2020
"""In which the programme began."""


class YearNotOver(Refusal):
    """A report of a year before the programme, or that is not over."""

    code = "YEAR_NOT_OVER"

    def __init__(self, last: int) -> None:
        super().__init__(
            f"An audited report is of a whole year, from {FIRST_YEAR} to {last}.",
            f"Laporan audit mencakup satu tahun penuh, dari {FIRST_YEAR} sampai {last}.",
            path=("year",),
        )


@dataclass(frozen=True, kw_only=True)
class AuditReportSubmitted(Fact):
    """A fintech handed in the audited report of a year, or a newer version of it (laporan audit diserahkan)."""

    tells: ClassVar = (AuditReport.year, AuditReport.version)

    year: int
    number: int


@dataclass(frozen=True, kw_only=True)
class SubmitAuditReport(Command):
    """Hand in the audited report of all activities of a year; a newer version replaces the one before."""

    year: Annotated[int, "Year reported on (tahun)."]
    auditor: Annotated[str, "Who audited (auditor). Public."]
    document_ids: Annotated[
        tuple[UUID, ...], Ref("Document"), "Evidence that was uploaded (`requestUpload`): the report, a LAPORAN_AUDIT."
    ]


async def submit_audit_report(command: SubmitAuditReport, work: Work) -> AuditReport:
    """Add a version; the ones before stay, each with the day on which it was replaced.

    Raises:
        YearNotOver: the year is not over, or before the programme.
        EvidenceMissing, UnusableName: no report, no auditor.
    """
    if not FIRST_YEAR <= command.year < work.today.year:
        raise YearNotOver(work.today.year - 1)
    auditor = plain_text(command.auditor, ("auditor",))
    institution = await own_institution(work)  # locked: two versions at once meet here
    before = await work.rows(
        AuditReport, AuditReport.institution_id == institution.id, AuditReport.year == command.year
    )
    for report in before:
        report.replaced_on = report.replaced_on or work.today
    proof = DocumentKind.LAPORAN_AUDIT
    papers = await attach(
        work, command.document_ids, required=[(proof,)], region_code=JAKARTA, institution_id=institution.id
    )
    report = work.add(
        AuditReport,
        institution_id=institution.id,
        year=command.year,
        auditor=auditor,
        version=max((report.version for report in before), default=0) + 1,
        received_on=work.today,
        file_sha256=next(paper.sha256 for paper in papers if paper.kind is proof),
    )
    concerned = (institution.id,)
    work.tell(AuditReportSubmitted(subject=report, institutions=concerned, year=report.year, number=report.version))
    return report


COMMANDS = (registered(SubmitAuditReport, submit_audit_report, answers="AuditReport"),)
