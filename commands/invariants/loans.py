"""Invariants 4 to 7 and 14: what a loan is, what was paid out and back, and that nobody has the same aid twice."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, case, exists, func, literal, not_, or_, select
from sqlalchemy.orm import aliased

from commands.invariants.ledger import difference_is_known, fees_not_as_declared, receivable_out_of_range
from commands.invariants.rule import Invariant, Rule, found, is_known, jakarta_day, total
from commands.loan import AMOUNT_RULE, AMOUNTS
from commands.recipients import SAME_AID_DAYS
from models.collaboration import Collaboration
from models.delivery import Delivery, DeliveryRecipient
from models.discrepancy import Discrepancy
from models.loan import Disbursement, EContract, Instalment, Loan, Repayment
from models.vocabulary import CollaborationStatus, DeliveryStatus, LoanStatus, PackageKind, Party

FEES = Loan.admin_fee + Loan.origination_fee + Loan.insurance_premium
ACTIVE = (
    *(LoanStatus.TERKONTRAK, LoanStatus.CAIR, LoanStatus.BERJALAN),
    *(LoanStatus.RESTRUKTURISASI, LoanStatus.GAGAL_BAYAR),
)
REPAID = (LoanStatus.LUNAS, LoanStatus.DISERAHKAN)
RANGES = {AMOUNT_RULE: AMOUNTS}
"""Whole rupiah that each version of the rule allows."""


def loan_invariants() -> tuple[Invariant, ...]:
    """Numbers 4, 5, 6, 7 and 14."""
    return (_repayments(), _disbursements(), _contracts(), _one_at_a_time(), _amounts())


def _repayments() -> Invariant:
    repaid = total(Repayment.amount, Repayment.loan_id == Loan.id)
    return Invariant(
        4,
        "Nobody repays more than the principal, and the instalments are the principal.",
        "Pembayaran tidak melebihi pokok, dan jumlah angsuran sama dengan pokok.",
        (
            Rule(
                "repaid_within_principal",
                "What was repaid is between nothing and the principal.",
                "Yang dibayar kembali antara nol dan pokok.",
                found(Loan.public_id).where(not_(repaid.between(0, Loan.principal))),
            ),
            Rule(
                "repaid_in_full_means_all_of_it",
                "A loan is repaid (LUNAS, DISERAHKAN) exactly when all of its principal is.",
                "Pinjaman berstatus LUNAS atau DISERAHKAN tepat bila seluruh pokoknya dibayar.",
                found(Loan.public_id).where((repaid == Loan.principal) != Loan.status.in_(REPAID)),
            ),
            Rule(
                "instalments_are_the_principal",
                "The first schedule is the principal, a later one at most that.",
                "Jadwal pertama berjumlah sebesar pokok, jadwal berikutnya tidak lebih.",
                _schedules(),
            ),
            Rule(
                "rest_in_the_last_instalment",
                "Instalments are alike; the rest of the division stands in the last.",
                "Angsuran sama besar; sisa pembagian ada pada angsuran terakhir.",
                _uneven(),
            ),
            Rule(
                "ledger_receivable_within_principal",
                "In the ledger a business owes between nothing and the principal.",
                "Dalam buku besar piutang pada UMKM antara nol dan pokok.",
                receivable_out_of_range(),
            ),
        ),
    )


def _schedules() -> Select[Any]:
    whole = func.sum(Instalment.principal)
    return (
        found(Loan.public_id)
        .join(Instalment, Instalment.loan_id == Loan.id)
        .group_by(Loan.id, Instalment.schedule)
        .having(or_(whole > Loan.principal, and_(Instalment.schedule == 1, whole != Loan.principal)))
    )


def _uneven() -> Select[Any]:
    later = aliased(Instalment)
    is_last = not_(
        exists().where(
            later.loan_id == Instalment.loan_id,
            later.schedule == Instalment.schedule,
            later.number > Instalment.number,
        )
    )
    first = aliased(Instalment)
    return (
        found(Instalment.public_id)
        .join(
            first,
            and_(first.loan_id == Instalment.loan_id, first.schedule == Instalment.schedule, first.number == 1),
        )
        .where(
            or_(
                Instalment.principal < first.principal,
                and_(Instalment.principal != first.principal, not_(is_last)),
            )
        )
    )


def _disbursements() -> Invariant:
    paid = select(Disbursement.loan_id, func.sum(Disbursement.amount).label("amount")).group_by(Disbursement.loan_id)
    paid_out = paid.subquery("paid_out")
    expected = case((Loan.status == LoanStatus.BATAL, 0), else_=Loan.principal - FEES)
    return Invariant(
        5,
        "Disbursed and fees withheld are the principal; the fees are those declared in form B.",
        "Pencairan ditambah biaya yang dipotong sama dengan pokok; biaya sesuai formulir B.",
        (
            Rule(
                "disbursed_is_principal_less_fees",
                "A loan was paid out as principal less declared fees; one that bounced, not at all.",
                "Pinjaman dicairkan sebesar pokok dikurangi biaya; yang dikembalikan bank, nol.",
                found(Loan.public_id, is_known("PENCAIRAN", Discrepancy.loan_id, Loan.id))
                .join(paid_out, paid_out.c.loan_id == Loan.id)
                .where(paid_out.c.amount != expected),
            ),
            Rule(
                "ledger_fees_as_declared",
                "In the ledger the fees withheld are the declared ones.",
                "Dalam buku besar biaya yang dipotong sesuai dengan yang dinyatakan.",
                fees_not_as_declared(FEES),
            ),
            Rule(
                "ledger_differences_are_recorded",
                "In the ledger reports differ only where a discrepancy is recorded.",
                "Dalam buku besar laporan berbeda hanya bila selisihnya tercatat.",
                difference_is_known(),
            ),
        ),
    )


def _contracts() -> Invariant:
    donor, business = aliased(EContract), aliased(EContract)
    in_order = (
        select(literal(1))
        .select_from(donor)
        .join(business, business.loan_id == donor.loan_id)
        .where(
            donor.loan_id == Disbursement.loan_id,
            donor.party == Party.DONATUR,
            business.party == Party.UMKM,
            donor.signed_at <= business.signed_at,
            jakarta_day(business.signed_at) <= Disbursement.disbursed_on,
        )
    )
    return Invariant(
        6,
        "The donor signs before or with the business, and both before the disbursement.",
        "Donatur menandatangani sebelum atau bersama UMKM, dan keduanya sebelum pencairan.",
        (
            Rule(
                "contracts_before_money",
                "A disbursement has a donor's contract and a later or equal one of the business, both before it.",
                "Pencairan memiliki kontrak donatur, lalu kontrak UMKM, keduanya sebelum pencairan.",
                found(Disbursement.public_id).where(Disbursement.amount > 0, not_(in_order.exists())),
            ),
            Rule(
                "paid_out_under_a_number",
                "A loan that was paid out belongs to a collaboration whose number was issued, and which still stands.",
                "Pinjaman yang dicairkan termasuk kolaborasi yang ID-nya sudah terbit dan tidak dibatalkan.",
                found(Loan.public_id)
                .join(Collaboration, Collaboration.id == Loan.collaboration_id)
                .where(
                    Loan.disbursed_on.is_not(None),
                    or_(
                        Collaboration.number_issued_on.is_(None),
                        Collaboration.status.in_([CollaborationStatus.DITOLAK, CollaborationStatus.DIBATALKAN]),
                    ),
                ),
            ),
        ),
    )


def _one_at_a_time() -> Invariant:
    return Invariant(
        7,
        "An owner and a business have at most one active loan, and the same goods again only with a reason.",
        "Pelaku usaha dan UMKM memiliki paling banyak satu pinjaman aktif, dan barang yang sama hanya dengan alasan.",
        (
            Rule(
                "one_active_loan_per_owner",
                "No owner has two active loans.",
                "Tidak ada pelaku usaha dengan dua pinjaman aktif.",
                _second_active(Loan.owner_id),
            ),
            Rule(
                "one_active_loan_per_business",
                "No business has two active loans.",
                "Tidak ada UMKM dengan dua pinjaman aktif.",
                _second_active(Loan.business_id),
            ),
            Rule(
                "same_goods_again_have_a_reason",
                f"The same goods went to a business twice within {SAME_AID_DAYS} days only with a reason.",
                f"Barang yang sama diberikan kepada satu UMKM dua kali dalam {SAME_AID_DAYS} hari hanya dengan alasan.",
                _same_goods_again(),
            ),
        ),
        ("uq_loan_one_active_per_owner", "commands/loan.py", "commands/recipients.py"),
    )


def _same_goods_again() -> Select[Any]:
    """Deliveries of goods that some business received a short while after the same goods, neither with a reason."""
    same: dict[str, Any] = {
        "partition_by": [DeliveryRecipient.business_id, func.lower(func.btrim(Delivery.item))],
        "order_by": [DeliveryRecipient.received_on, Delivery.id],
    }
    receipts = (
        select(
            Delivery.public_id,
            (DeliveryRecipient.received_on - func.lag(DeliveryRecipient.received_on).over(**same)).label("days"),
            func.coalesce(Delivery.override_reason, func.lag(Delivery.override_reason).over(**same)).label("reason"),
        )
        .join(Delivery, Delivery.id == DeliveryRecipient.delivery_id)
        .where(
            Delivery.package_kind == PackageKind.SARPRAS,
            Delivery.status.in_([DeliveryStatus.DILAPORKAN, DeliveryStatus.TERVALIDASI]),
            DeliveryRecipient.received_on.is_not(None),
        )
        .subquery("receipts")
    )
    soon = and_(receipts.c.days <= SAME_AID_DAYS, receipts.c.reason.is_(None))
    return found(receipts.c.public_id).where(soon).group_by(receipts.c.public_id)


def _second_active(whose: Any) -> Select[Any]:
    count = func.count().over(partition_by=whose)
    active = select(Loan.public_id, count.label("loans")).where(Loan.status.in_(ACTIVE)).subquery("active")
    return found(active.c.public_id).where(active.c.loans > 1)


def _amounts() -> Invariant:
    within = or_(
        *(and_(Loan.amount_rule == rule, Loan.principal.between(r[0], r[-1])) for rule, r in RANGES.items()),
    )
    return Invariant(
        14,
        "A loan is within the amounts that its version of the rule allows, or the exception has a reason.",
        "Besar pinjaman sesuai rentang menurut versi aturannya, atau pengecualiannya beralasan.",
        (
            Rule(
                "principal_within_rule",
                "The principal is within the range of the loan's rule version, which is known; else a reason is kept.",
                "Pokok berada dalam rentang versi aturan pinjaman itu, yang dikenal; bila tidak, alasannya tercatat.",
                found(Loan.public_id).where(not_(within), Loan.amount_reason.is_(None)),
            ),
        ),
    )
