"""The rules of reconciliation: who reports the same thing twice, and for which subjects the two reports differ.

Each rule is declared once, as one set-based expression whatever the number of rows; `COMPARISONS` lists them all.
Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 27; what is compared is our proposal from steps 11 to 26.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Date, Select, Text, Uuid, bindparam, cast, func, not_, null, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from commands.invariants.loans import FEES
from commands.invariants.pledges import ACCEPTED
from models.collaboration import Collaboration, Pledge
from models.delivery import Delivery, DeliveryRecipient, Validation
from models.handover import Handover, HandoverLoan, OnwardAid
from models.loan import Disbursement, Loan, PeriodicReport, Repayment
from models.vocabulary import Actor, DeliveryStatus, DiscrepancyMeasure, PackageKind

PARTIES = (
    *("collaboration_id", "collaborator_id", "institution_id", "other_institution_id"),
    *("loan_id", "handover_id", "delivery_id", "periodic_report_id"),
)
"""What a discrepancy may name."""

TODAY = bindparam("today", type_=Date())
"""The day in Jakarta on which the reports are compared."""

M = DiscrepancyMeasure


@dataclass(frozen=True)
class Comparison:
    """One measure that two parties report, what is compared in both languages, and where they differ.

    `differing` gives a row for each subject whose two values differ: `subject_id`, `value_a`, `value_b` and `PARTIES`.
    Unit: whole rupiah; pieces or loans for measures that begin with JUMLAH.
    """

    measure: DiscrepancyMeasure
    english: str
    indonesian: str
    reporter_a: Actor
    reporter_b: Actor
    differing: Select[Any]


def _differ(subject: Any, value_a: Any, value_b: Any, **parties: Any) -> Select[Any]:
    """The start of `differing`."""
    return select(
        subject.label("subject_id"),
        cast(value_a, BigInteger).label("value_a"),
        cast(value_b, BigInteger).label("value_b"),
        *(parties.get(name, cast(null(), Uuid)).label(name) for name in PARTIES),
    )


# ---- loans

_OF_A_LOAN = {
    "loan_id": Loan.id,
    "collaboration_id": Loan.collaboration_id,
    "collaborator_id": Loan.collaborator_id,
    "institution_id": Loan.fintech_id,
}
_PAID_OUT = (
    select(Disbursement.loan_id, func.sum(Disbursement.amount).label("amount"))
    .group_by(Disbursement.loan_id)
    .having(func.sum(Disbursement.amount) != 0)  # a transfer that came back is no disbursement
    .subquery("paid_out")
)


def _disbursed() -> Select[Any]:
    owed = Loan.principal - FEES
    rows = _differ(Loan.id, _PAID_OUT.c.amount, owed, **_OF_A_LOAN)
    return rows.join(_PAID_OUT, _PAID_OUT.c.loan_id == Loan.id).where(_PAID_OUT.c.amount != owed)


def _refused_proof() -> Select[Any]:
    """Loans whose last check was refused; how much arrived is what the officer heard from the owner."""
    checked = (
        select(Validation.loan_id, Validation.accepted, Validation.received_amount)
        .where(Validation.loan_id.is_not(None))
        .ext(distinct_on(Validation.loan_id))
        .order_by(Validation.loan_id, Validation.validated_on.desc(), Validation.id.desc())
        .subquery("checked")
    )
    return (
        _differ(Loan.id, _PAID_OUT.c.amount, checked.c.received_amount, **_OF_A_LOAN)
        .join(_PAID_OUT, _PAID_OUT.c.loan_id == Loan.id)
        .join(checked, checked.c.loan_id == Loan.id)
        .where(not_(checked.c.accepted), checked.c.received_amount.is_not(None))
    )


def _reported_period() -> Select[Any]:
    """Periods that are over, by fintech; several reports of one period are parts of it. Named by the first of them."""
    month = "YYYYMM"
    said = (
        select(
            PeriodicReport.fintech_id,
            PeriodicReport.period,
            func.sum(PeriodicReport.total).label("total"),
            cast(func.min(cast(PeriodicReport.id, Text)), Uuid).label("first"),
        )
        .where(PeriodicReport.period < func.to_char(TODAY, month))
        .group_by(PeriodicReport.fintech_id, PeriodicReport.period)
        .subquery("said")
    )
    days = (  # by day first: a month is made of few days, and its name costs
        select(Repayment.fintech_id, Repayment.paid_on, func.sum(Repayment.amount).label("amount"))
        .group_by(Repayment.fintech_id, Repayment.paid_on)
        .subquery("days")
    )
    period = func.to_char(days.c.paid_on, month)
    paid = (
        select(days.c.fintech_id, period.label("period"), func.sum(days.c.amount).label("total"))
        .group_by(days.c.fintech_id, period)
        .subquery("paid")
    )
    total = func.coalesce(paid.c.total, 0)
    return (
        _differ(said.c.first, said.c.total, total, institution_id=said.c.fintech_id, periodic_report_id=said.c.first)
        .outerjoin_from(said, paid, (paid.c.fintech_id == said.c.fintech_id) & (paid.c.period == said.c.period))
        .where(said.c.total != total)
    )


def _loans_of_form_b() -> Select[Any]:
    promised = (
        select(Pledge.collaboration_id, func.sum(Pledge.quantity).label("loans"))
        .where(Pledge.package_kind == PackageKind.PINJAMAN_MODAL)
        .group_by(Pledge.collaboration_id)
        .having(func.bool_and(Pledge.status.in_(ACCEPTED)))
        .subquery("promised")
    )
    made = select(Loan.collaboration_id, func.count().label("loans")).group_by(Loan.collaboration_id).subquery("made")
    count = func.coalesce(made.c.loans, 0)
    return (
        _differ(Collaboration.id, promised.c.loans, count, **_OF_A_COLLABORATION)
        .join(promised, promised.c.collaboration_id == Collaboration.id)
        .outerjoin(made, made.c.collaboration_id == Collaboration.id)
        .where(Collaboration.number.is_not(None), promised.c.loans != count)
    )


# ---- repaid money


_OF_A_HANDOVER = {
    "handover_id": Handover.id,
    "institution_id": Handover.fintech_id,
    "other_institution_id": Handover.fund_manager_id,
}


def _handover_sum() -> Select[Any]:
    inside = (
        select(HandoverLoan.handover_id, func.sum(HandoverLoan.amount).label("amount"))
        .group_by(HandoverLoan.handover_id)
        .subquery("inside")
    )
    return (
        _differ(Handover.id, Handover.amount, inside.c.amount, **_OF_A_HANDOVER)
        .join(inside, inside.c.handover_id == Handover.id)
        .where(Handover.amount != inside.c.amount)
    )


def _handover_received() -> Select[Any]:
    rows = _differ(Handover.id, Handover.amount, Handover.received_amount, **_OF_A_HANDOVER)
    return rows.where(Handover.received_amount != Handover.amount)


def _handed_over() -> Select[Any]:
    """Handovers whose loans brought another sum than their repayments."""
    repaid = (
        select(Repayment.loan_id, func.sum(Repayment.amount).label("amount"))
        .where(Repayment.loan_id.in_(select(HandoverLoan.loan_id)))
        .group_by(Repayment.loan_id)
        .subquery("repaid")
    )
    inside = (
        select(
            HandoverLoan.handover_id,
            func.sum(HandoverLoan.amount).label("handed"),
            func.sum(func.coalesce(repaid.c.amount, 0)).label("repaid"),
        )
        .outerjoin(repaid, repaid.c.loan_id == HandoverLoan.loan_id)
        .group_by(HandoverLoan.handover_id)
        .subquery("inside")
    )
    return (
        _differ(Handover.id, inside.c.handed, inside.c.repaid, **_OF_A_HANDOVER)
        .join(inside, inside.c.handover_id == Handover.id)
        .where(inside.c.handed != inside.c.repaid)
    )


def _passed_on() -> Select[Any]:
    """Handovers of which more was given than came; what is not given yet is no difference."""
    given = (
        select(OnwardAid.handover_id, func.sum(OnwardAid.amount).label("amount"))
        .group_by(OnwardAid.handover_id)
        .subquery("given")
    )
    parties = {"institution_id": Handover.fund_manager_id, "other_institution_id": Handover.fintech_id}
    return (
        _differ(Handover.id, given.c.amount, Handover.amount, **_OF_A_HANDOVER | parties)
        .join(given, given.c.handover_id == Handover.id)
        .where(given.c.amount > Handover.amount)
    )


# ---- goods and training

_OF_A_COLLABORATION = {
    "collaboration_id": Collaboration.id,
    "collaborator_id": Collaboration.collaborator_id,
    "institution_id": Collaboration.distributor_id,
}
_OF_A_DELIVERY = {
    "delivery_id": Delivery.id,
    "collaboration_id": Delivery.collaboration_id,
    "collaborator_id": Delivery.collaborator_id,
    "institution_id": Delivery.distributor_id,
}
_STANDS = Delivery.status != DeliveryStatus.DIBALIK


def _pledged_value() -> Select[Any]:
    """Collaborations all of whose pledges stand: what ran out or was withdrawn stays in the value that was promised."""
    promised = (
        select(Pledge.collaboration_id, func.sum(Pledge.estimated_value).label("value"))
        .group_by(Pledge.collaboration_id)
        .having(func.bool_and(Pledge.status.in_(ACCEPTED)))
        .subquery("promised")
    )
    return (
        _differ(Collaboration.id, Collaboration.pledged_value, promised.c.value, **_OF_A_COLLABORATION)
        .join(promised, promised.c.collaboration_id == Collaboration.id)
        .where(Collaboration.number.is_not(None), Collaboration.pledged_value != promised.c.value)
    )


def _delivered_value() -> Select[Any]:
    """Validated deliveries that are off by a rupiah or more: the price of a piece need not be a whole number."""
    priced = cast(Delivery.quantity, BigInteger) * Pledge.estimated_value
    off = func.abs(Delivery.value * Pledge.quantity - priced)
    return (
        _differ(Delivery.id, Delivery.value, priced / Pledge.quantity, **_OF_A_DELIVERY)
        .join(Pledge, Pledge.id == Delivery.pledge_id)
        .where(_STANDS, Delivery.validated_on.is_not(None), off >= Pledge.quantity)
    )


def _shares() -> Select[Any]:
    """Deliveries with a list of recipients whose shares are less than the delivery, or more than it and its extra."""
    shared = (
        select(DeliveryRecipient.delivery_id, func.sum(DeliveryRecipient.quantity).label("quantity"))
        .group_by(DeliveryRecipient.delivery_id)
        .subquery("shared")
    )
    most = Delivery.quantity + Delivery.extra_quantity
    return (
        _differ(Delivery.id, Delivery.quantity, shared.c.quantity, **_OF_A_DELIVERY)
        .join(shared, shared.c.delivery_id == Delivery.id)
        .where(_STANDS, or_(shared.c.quantity < Delivery.quantity, shared.c.quantity > most))
    )


def _counted() -> Select[Any]:
    """Deliveries of which the officer of the last check counted another number."""
    checked = (
        select(Validation.delivery_id, Validation.received_quantity)
        .where(Validation.delivery_id.is_not(None))
        .ext(distinct_on(Validation.delivery_id))
        .order_by(Validation.delivery_id, Validation.validated_on.desc(), Validation.id.desc())
        .subquery("checked")
    )
    most = Delivery.quantity + Delivery.extra_quantity
    return (
        _differ(Delivery.id, Delivery.quantity, checked.c.received_quantity, **_OF_A_DELIVERY)
        .join(checked, checked.c.delivery_id == Delivery.id)
        .where(_STANDS, not_(checked.c.received_quantity.between(Delivery.quantity, most)))
    )


COMPARISONS: tuple[Comparison, ...] = (
    Comparison(
        M.PENCAIRAN,
        "What the fintech paid out (form D) against principal less the fees of form B.",
        "Yang dicairkan fintech (formulir D) dibanding pokok dikurangi biaya formulir B.",
        Actor.FINTECH,
        Actor.SISTEM,
        _disbursed(),
    ),
    Comparison(
        M.NILAI_PENCAIRAN,
        "What the fintech paid out (form D) against what the owner told the officer.",
        "Yang dicairkan fintech (formulir D) dibanding keterangan pemilik kepada pendamping.",
        Actor.FINTECH,
        Actor.PENDAMPING,
        _refused_proof(),
    ),
    Comparison(
        M.PEMBAYARAN,
        "The total of a fintech's reports of a period (form E) against the repayments of that period.",
        "Total laporan berkala fintech (formulir E) dibanding pembayaran pada periode itu.",
        Actor.FINTECH,
        Actor.SISTEM,
        _reported_period(),
    ),
    Comparison(
        M.SERAH_TERIMA,
        "The amount of a handover (form F) against the sum of its loans.",
        "Nilai serah terima (formulir F) dibanding jumlah pinjaman di dalamnya.",
        Actor.FINTECH,
        Actor.SISTEM,
        _handover_sum(),
    ),
    Comparison(
        M.NILAI_SERAH_TERIMA,
        "The amount of a handover (form F) against what the fund manager received.",
        "Nilai serah terima (formulir F) dibanding yang diterima agregator.",
        Actor.FINTECH,
        Actor.AGREGATOR,
        _handover_received(),
    ),
    Comparison(
        M.POKOK_DISERAHKAN,
        "What was handed over of the loans of a handover against what was repaid on them.",
        "Yang diserahkan dari pinjaman dalam serah terima dibanding pembayarannya.",
        Actor.FINTECH,
        Actor.SISTEM,
        _handed_over(),
    ),
    Comparison(
        M.PENYALURAN_ULANG,
        "What the fund manager passed on of a handover against its amount, where it is more.",
        "Yang disalurkan agregator dari serah terima dibanding nilainya, bila melebihi.",
        Actor.AGREGATOR,
        Actor.FINTECH,
        _passed_on(),
    ),
    Comparison(
        M.NILAI_KOMITMEN,
        "The value of a collaboration against the sum of its pledges.",
        "Nilai kolaborasi dibanding jumlah komitmennya.",
        Actor.KOLABORATOR,
        Actor.SISTEM,
        _pledged_value(),
    ),
    Comparison(
        M.NILAI_REALISASI,
        "The value of a validated delivery (form C) against its quantity at the price of the pledge (form A).",
        "Nilai realisasi tervalidasi (formulir C) dibanding jumlahnya pada harga komitmen (formulir A).",
        Actor.KOLABORATOR,
        Actor.SISTEM,
        _delivered_value(),
    ),
    Comparison(
        M.JUMLAH_REALISASI,
        "The quantity of a delivery (form C) against the shares of its recipients.",
        "Jumlah realisasi (formulir C) dibanding bagian para penerimanya.",
        Actor.KOLABORATOR,
        Actor.SISTEM,
        _shares(),
    ),
    Comparison(
        M.JUMLAH_DITERIMA,
        "The quantity of a delivery (form C) against what the officer counted.",
        "Jumlah realisasi (formulir C) dibanding hitungan pendamping.",
        Actor.KOLABORATOR,
        Actor.PENDAMPING,
        _counted(),
    ),
    Comparison(
        M.JUMLAH_PINJAMAN,
        "The number of loans of form B against the loans of the collaboration.",
        "Jumlah pinjaman formulir B dibanding pinjaman dalam kolaborasi.",
        Actor.FINTECH,
        Actor.SISTEM,
        _loans_of_form_b(),
    ),
)
"""Every rule, in the order in which the money moves."""
