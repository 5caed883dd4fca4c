"""Invariants 8 to 11 and 18: handovers, onward aid, accredited institutions, officers, and the end of the programme."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_
from sqlalchemy.orm import aliased

from commands.delivery import ReportDelivery, ResubmitDelivery
from commands.invariants.ledger import below_zero, more_handed_over_than_repaid
from commands.invariants.loans import REPAID
from commands.invariants.rule import Invariant, Rule, found, is_known, total
from commands.mentoring import is_of_a_visit
from commands.validation import ReturnDelivery, ValidateDelivery
from models.account import RoleAssignment
from models.audit import AuditEntry
from models.collaboration import Collaboration
from models.delivery import Document, Validation
from models.discrepancy import Discrepancy
from models.handover import Handover, HandoverLoan, OnwardAid
from models.institution import Accreditation, Agreement, Institution
from models.ledger import Account
from models.loan import Loan, Repayment
from models.vocabulary import AccreditationStatus, HandoverStatus
from policy.viewer import Role

_ENDED = (AccreditationStatus.DIBEKUKAN, AccreditationStatus.BERAKHIR, AccreditationStatus.DICABUT)


def body_invariants(programme_ends_on: dt.date | None) -> tuple[Invariant, ...]:
    """Numbers 8, 9, 10, 11 and 18; without an end of the programme the last one holds of itself."""
    return (_handovers(), _onward(), _accredited(), _officers(), _programme_end(programme_ends_on))


def _handovers() -> Invariant:
    repaid = total(Repayment.amount, Repayment.loan_id == Loan.id)
    inside = found(Loan.public_id).join(HandoverLoan, HandoverLoan.loan_id == Loan.id)
    sent = inside.join(Handover, Handover.id == HandoverLoan.handover_id)
    return Invariant(
        8,
        "Only loans repaid in full are handed over, each once, and never more than was repaid.",
        "Hanya pinjaman lunas yang diserahterimakan, masing-masing sekali, dan tidak melebihi yang dibayar.",
        (
            Rule(
                "only_repaid_loans_are_handed_over",
                "A loan in a handover is repaid in full.",
                "Pinjaman dalam serah terima sudah lunas.",
                inside.where(Loan.status.not_in(REPAID)),
            ),
            Rule(
                "handed_over_within_repaid",
                "What is handed over of a loan is at most what was repaid.",
                "Yang diserahterimakan dari pinjaman paling banyak sebesar yang dibayar.",
                inside.where(HandoverLoan.amount > repaid),
            ),
            Rule(
                "in_one_handover_at_most",
                "A loan is in one handover at most.",
                "Pinjaman ada dalam paling banyak satu serah terima.",
                inside.group_by(Loan.id).having(func.count() > 1),
            ),
            Rule(
                "handed_over_means_confirmed",
                "A loan is DISERAHKAN exactly when the fund manager confirmed its handover.",
                "Pinjaman berstatus DISERAHKAN tepat bila agregator mengonfirmasi serah terimanya.",
                sent.where((Handover.status == HandoverStatus.DITERIMA) != (Loan.status == REPAID[1])),
            ),
            Rule(
                "fintech_hands_over_within_its_repayments",
                "A fintech hands over at most what was repaid on its loans repaid in full.",
                "Fintech menyerahkan paling banyak sebesar pembayaran pinjamannya yang lunas.",
                _fintech_totals(),
            ),
            Rule(
                "ledger_handed_over_within_repaid",
                "In the ledger no more of a loan left its fintech than came back.",
                "Dalam buku besar dana yang keluar dari fintech tidak melebihi yang kembali.",
                more_handed_over_than_repaid(),
            ),
        ),
        ("uq_handover_loan_loan_id", "commands/handover.py"),
    )


def _fintech_totals() -> Select[Any]:
    handed = total(
        HandoverLoan.amount,
        HandoverLoan.fintech_id == Institution.id,
        Handover.id == HandoverLoan.handover_id,
        Handover.status != HandoverStatus.DRAF,
    )
    repaid = total(
        Repayment.amount,
        Repayment.fintech_id == Institution.id,
        Loan.id == Repayment.loan_id,
        Loan.status.in_(REPAID),
    )
    return found(Institution.public_id).where(handed > repaid)


def _onward() -> Invariant:
    given = total(OnwardAid.amount, OnwardAid.handover_id == Handover.id)
    received = total(
        Handover.amount, Handover.fund_manager_id == Institution.id, Handover.status == HandoverStatus.DITERIMA
    )
    by_manager = total(OnwardAid.amount, OnwardAid.fund_manager_id == Institution.id)
    known = is_known("PENYALURAN_ULANG", Discrepancy.institution_id, Institution.id)
    return Invariant(
        9,
        "A fund manager passes on at most what it received.",
        "Agregator menyalurkan paling banyak sebesar yang diterimanya.",
        (
            Rule(
                "passed_on_within_handover",
                "What is given of a handover is at most its amount, and only once it was confirmed.",
                "Yang disalurkan dari serah terima paling banyak sebesar nilainya, dan setelah dikonfirmasi.",
                found(Handover.public_id, is_known("PENYALURAN_ULANG", Discrepancy.handover_id, Handover.id)).where(
                    or_(given > Handover.amount, and_(given > 0, Handover.status != HandoverStatus.DITERIMA))
                ),
            ),
            Rule(
                "passed_on_within_received",
                "What a fund manager gives is at most what it received from all handovers.",
                "Yang disalurkan agregator paling banyak sebesar seluruh penerimaannya.",
                found(Institution.public_id, known).where(by_manager > received),
            ),
            Rule(
                "ledger_cash_is_not_negative",
                "In the ledger no fund manager has less than nothing of a loan.",
                "Dalam buku besar kas agregator dari suatu pinjaman tidak negatif.",
                below_zero(Account.KAS_AGREGATOR),
            ),
        ),
    )


def _accredited() -> Invariant:
    day = Collaboration.number_issued_on
    accredited = exists().where(
        Accreditation.institution_id == Collaboration.distributor_id,
        Accreditation.package_kind == Collaboration.package_kind,
        Accreditation.applied_on <= day,
        or_(
            Accreditation.status == AccreditationStatus.AKTIF,
            and_(Accreditation.status.in_(_ENDED), Accreditation.stopped_on >= day),
        ),
    )
    agreed = exists().where(
        Agreement.institution_id == Collaboration.distributor_id, Agreement.starts_on <= day, Agreement.ends_on >= day
    )
    named = exists().where(
        Agreement.id == Collaboration.agreement_id, Agreement.institution_id == Collaboration.distributor_id
    )
    through = found(Collaboration.public_id).where(Collaboration.distributor_id.is_not(None), day.is_not(None))
    return Invariant(
        10,
        "Only institutions accredited on the day, with an agreement (PKS), take new commitments.",
        "Hanya lembaga yang terakreditasi pada hari itu dan memiliki PKS yang menerima komitmen baru.",
        (
            Rule(
                "accredited_on_the_day",
                "Who distributes was accredited for the package on the day on which the number was issued.",
                "Penyalur terakreditasi untuk paketnya pada hari ID kolaborasi terbit.",
                through.where(not_(accredited)),
            ),
            Rule(
                "agreement_on_the_day",
                "Who distributes had an agreement (PKS) in force on that day.",
                "Penyalur memiliki PKS yang berlaku pada hari itu.",
                through.where(not_(agreed)),
            ),
            Rule(
                "agreement_is_named",
                "A commitment through an institution names an agreement (PKS) of that institution.",
                "Komitmen lewat lembaga mencantumkan PKS lembaga itu.",
                through.where(not_(named)),
            ),
            Rule(
                "loans_go_through_the_distributor",
                "The fintech of a loan is the institution of its collaboration.",
                "Fintech suatu pinjaman adalah lembaga pada kolaborasinya.",
                found(Loan.public_id)
                .join(Collaboration, Collaboration.id == Loan.collaboration_id)
                .where(Collaboration.distributor_id.is_distinct_from(Loan.fintech_id)),
            ),
        ),
        ("commands/guards.py",),
    )


def _officers() -> Invariant:
    own_report = exists().where(
        Document.uploaded_by == Validation.officer_id,
        or_(Document.delivery_id == Validation.delivery_id, Document.loan_id == Validation.loan_id),
        not_(is_of_a_visit()),
    )
    return Invariant(
        11,
        "Nobody validates the own report, and an officer acts in the own area only.",
        "Pelapor tidak memvalidasi laporannya sendiri, dan pendamping bertindak hanya di wilayahnya.",
        (
            Rule(
                "reporter_does_not_validate",
                "Who handed in the evidence of a report did not validate it.",
                "Yang menyerahkan bukti laporan tidak memvalidasinya.",
                found(Validation.public_id).where(own_report),
            ),
            Rule(
                "another_login_validates",
                "The login that reported a delivery did not check it.",
                "Akun yang melaporkan realisasi tidak memeriksanya.",
                _checked_by_the_reporter(),
            ),
            Rule(
                "officer_of_the_area",
                "An officer validates where the officer is assigned on that day.",
                "Pendamping memvalidasi di wilayah tugasnya pada hari itu.",
                found(Validation.public_id).where(not_(_assigned())),
            ),
        ),
        ("policy/actions.py", "commands/validation.py", "tests/policy/test_rows.py"),
    )


def _checked_by_the_reporter() -> Select[Any]:
    """Deliveries that one login both reported and checked, as the audit trail has it."""
    reported = aliased(AuditEntry)
    checks = [ValidateDelivery.__name__, ReturnDelivery.__name__]
    reports = [ReportDelivery.__name__, ResubmitDelivery.__name__]
    own = exists().where(
        reported.about_id == AuditEntry.about_id, reported.subject == AuditEntry.subject, reported.act.in_(reports)
    )
    return found(AuditEntry.about_id).where(AuditEntry.act.in_(checks), own).group_by(AuditEntry.about_id)


def _assigned() -> ColumnElement[bool]:
    assigned = aliased(RoleAssignment)
    return exists().where(
        assigned.user_account_id == Validation.officer_id,
        assigned.role == Role.PENDAMPING.value,
        Validation.region_code.startswith(assigned.region_code),
        assigned.from_on <= Validation.validated_on,
        or_(assigned.until_on.is_(None), assigned.until_on >= Validation.validated_on),
    )


def _programme_end(ends_on: dt.date | None) -> Invariant:
    rules: tuple[Rule, ...] = ()
    if ends_on is not None:
        rules = (
            Rule(
                "no_commitment_after_the_end",
                f"No number was issued after {ends_on}.",
                f"Tidak ada ID kolaborasi yang terbit setelah {ends_on}.",
                found(Collaboration.public_id).where(Collaboration.number_issued_on > ends_on),
            ),
        )
    return Invariant(
        18,
        "The end of the programme stops new commitments, not reports on running ones.",
        "Akhir program menghentikan komitmen baru, bukan laporan atas yang berjalan.",
        rules,
        ("ksbb check --programme-ends DATE", "commands/guards.py"),
    )
