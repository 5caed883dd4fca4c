"""The fintech's report of a period: its repayments, the mentoring done and what went wrong (form E, laporan berkala).

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 25.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from commands.command import Command, Fact, Ref, Spelling, registered
from commands.evidence import attach, hash_of
from commands.guards import month_given
from commands.refusal import Refusal
from commands.repayment import RepaymentRow, record_rows
from commands.work import Work
from geo.regions import JAKARTA
from kernel.money import Rupiah
from models.loan import PeriodicReport
from models.vocabulary import DocumentKind

MOST_ROWS = 10_000
_INVOICES = DocumentKind.INVOICE_PENGEMBALIAN
FORM_E = ((_INVOICES,), (DocumentKind.LAPORAN_PENDAMPINGAN,))
"""Lampiran I no. 25: the repayment invoices and the mentoring done; a report of trouble where there was any."""


class UnusableReport(Refusal):
    """A periodic report without rows, with too many, or whose total does not add up."""

    code = "UNUSABLE_REPORT"

    def __init__(self, total: Rupiah) -> None:
        super().__init__(
            f"A report has 1 to {MOST_ROWS:,} rows, and its total is their sum: Rp {total:,}.",
            f"Laporan berisi 1 sampai {MOST_ROWS:,} baris, dan totalnya sama dengan jumlah barisnya: Rp {total:,}.",
            path=("total",),
            total=total,
        )


@dataclass(frozen=True, kw_only=True)
class PeriodicReportReceived(Fact):
    """A fintech's report of a period came in (laporan berkala diterima)."""

    tells: ClassVar = (PeriodicReport.rows, PeriodicReport.received_at)

    rows: int


@dataclass(frozen=True, kw_only=True)
class SubmitPeriodicReport(Command):
    """Submit a period's repayments in one report, all of it or nothing (form E, laporan berkala)."""

    period: Annotated[str, "The period, YYYYMM (periode)."]
    rows: Annotated[tuple[RepaymentRow, ...], "The repayments, at most 10,000."]
    total: Annotated[int, Spelling("Rupiah"), "Their sum in whole rupiah, as a check."]
    file_sha256: Annotated[
        str | None, "SHA-256 of the report, 64 hex digits, to be checked against the document; may be left away."
    ] = None
    document_ids: Annotated[
        tuple[UUID, ...],
        Ref("Document"),
        "Evidence that was uploaded (`requestUpload`): the report with its invoices, INVOICE_PENGEMBALIAN, mentoring "
        "done, LAPORAN_PENDAMPINGAN, and of problems and defaults LAPORAN_KENDALA.",
    ] = ()


async def submit_periodic_report(command: SubmitPeriodicReport, work: Work) -> PeriodicReport:
    """Record every repayment of a report.

    Raises:
        NotAMonth: the period is no month.
        UnusableReport: no rows, too many, or another sum; whatever `record_repayment` raises, at its row.
        EvidenceMissing, EvidenceDiffers: not all documents of form E, or none of the invoices has the hash.
    """
    period, total = month_given(command.period), sum(row.amount for row in command.rows)
    if not 0 < len(command.rows) <= MOST_ROWS or total != command.total:
        raise UnusableReport(total)
    await record_rows(work, command.rows, lambda index: ("rows", index))
    report = work.add(
        PeriodicReport,
        fintech_id=UUID(work.viewer.institution_id),
        period=period,
        rows=len(command.rows),
        total=total,
        received_at=work.now,
        file_sha256="",
    )
    documents = await attach(
        work, command.document_ids, required=FORM_E, region_code=JAKARTA, periodic_report_id=report.id
    )
    report.file_sha256 = hash_of(command.file_sha256, documents, _INVOICES, ("fileSha256",))
    work.tell(PeriodicReportReceived(subject=report, institutions=(report.fintech_id,), rows=report.rows))
    return report


COMMANDS = (registered(SubmitPeriodicReport, submit_periodic_report, answers="PeriodicReport"),)
