"""Loans with contracts, disbursements, schedules, repayments, problems, visits and evidence."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from demo.businesses import consent
from demo.chance import at
from demo.collaboration_plan import CollaborationPlan
from demo.collaborators import collaborator_key
from demo.evidence import PER_THING, document, sha256, validation, visit
from demo.handovers import handover_key
from demo.loan_life import LoanLife
from demo.plan import CUT_OFF, CityPlan
from demo.planted import Measure, Planter
from demo.rows import Row
from demo.survey import Survey
from kernel.money import Rupiah
from models.vocabulary import ConsentPurpose, DocumentKind, HandoverStatus, LoanStatus, Party

AMOUNT_RULE = "2020"
_MOST_ROWS = 256  # instalments or repayments of one loan
_REASONS = {
    LoanStatus.TIDAK_LOLOS: "Contoh: di luar kebijakan kredit",
    LoanStatus.HAPUS: "Contoh: usaha tutup",
}


class Repaid:
    """What each fintech was paid in each month: number of rows and their sum."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, dt.date], list[Rupiah]] = defaultdict(lambda: [0, 0])

    def add(self, fintech: int, day: dt.date, amount: Rupiah) -> None:
        """One repayment or reversal."""
        sums = self._rows[fintech, day.replace(day=1)]
        sums[0] += 1
        sums[1] += amount

    def months(self) -> dict[tuple[int, dt.date], tuple[int, Rupiah]]:
        """Rows and sum by fintech and first day of the month."""
        return {month: (rows, total) for month, (rows, total) in self._rows.items()}


def loan_rows(
    plan: CityPlan, survey: Survey, planter: Planter, repaid: Repaid, made: CollaborationPlan, life: LoanLife
) -> Iterator[Row]:
    """One loan and everything under it."""
    key = plan.key("loan", life.number, life.proposed_on)
    owner, region_code = plan.owner_of(life.business), plan.home_of(life.business).code
    funded = life.signed_on is not None
    of_loan: dict[str, Any] = {
        "loan_id": key,
        "collaborator_id": collaborator_key(plan, made.collaborator) if funded else None,
        "fintech_id": plan.institution_key(life.fintech),
        "owner_id": plan.owner_key(owner),
        "region_code": region_code,
    }
    collaboration_id = plan.key("collaboration", made.number, made.created_on) if funded else None
    yield from _loan(plan, survey, life, key, of_loan, collaboration_id)
    if life.consented_on:
        yield consent(plan, owner, ConsentPurpose.PENYARINGAN, life.consented_on)
    if life.signed_on:
        yield from _contracts(plan, life, life.signed_on, of_loan)
    if life.disbursed_on:
        yield from _disbursements(plan, planter, life, life.disbursed_on, of_loan, collaboration_id)
    yield from _instalments(plan, life, of_loan)
    yield from _repayments(plan, repaid, life, of_loan)
    if life.defaulted_on:
        yield from _problem(plan, life, life.defaulted_on, of_loan)
    if life.validated_on:
        day = life.validated_on
        yield validation(plan, 2 * life.number, day, region_code, loan_id=key, owner_id=of_loan["owner_id"])
        yield visit(
            plan, life.number, day, region_code, of_loan["owner_id"], "Contoh: dana diterima penuh", loan_id=key
        )


def _loan(
    plan: CityPlan,
    survey: Survey,
    life: LoanLife,
    key: UUID,
    of_loan: dict[str, Any],
    collaboration_id: UUID | None,
) -> Iterator[Row]:
    """The loan, and its place in a handover."""
    handed = survey.handover_of(life)
    confirmed = handed is not None and handed[1].status is HandoverStatus.DITERIMA
    sent = handed is not None and handed[1].status is not HandoverStatus.DRAF
    status = LoanStatus.DISERAHKAN if confirmed else life.status
    yield (
        "loan",
        {
            "id": key,
            "collaboration_id": collaboration_id,
            "collaborator_id": of_loan["collaborator_id"],
            "fintech_id": of_loan["fintech_id"],
            "business_id": plan.business_key(life.business),
            "owner_id": of_loan["owner_id"],
            "fund_manager_id": plan.institution_key(handed[0].manager) if handed and sent else None,
            "region_code": of_loan["region_code"],
            "principal": life.principal,
            "admin_fee": life.fees[0],
            "origination_fee": life.fees[1],
            "insurance_premium": life.fees[2],
            "tenor_months": life.tenor,
            "amount_rule": AMOUNT_RULE,
            "status": status,
            "ever_defaulted": life.defaulted_on is not None,
            "proposed_on": life.proposed_on,
            "consented_on": life.consented_on,
            "default_proposed_on": None,
            "akad_on": life.signed_on,
            "disbursed_on": life.disbursed_on if life.received else None,
            "repaid_on": life.repaid_on,
            "status_reason": "Contoh: transfer dikembalikan bank" if life.bounced else _REASONS.get(status),
            "amount_reason": None,
        },
    )
    if handed:
        batch, handing = handed
        yield (
            "handover_loan",
            {
                "id": plan.key("handover_loan", life.number, handing.sent_on),
                "handover_id": handover_key(plan, handing),
                "loan_id": key,
                "fintech_id": of_loan["fintech_id"],
                "fund_manager_id": plan.institution_key(batch.manager),
                "amount": life.principal,
            },
        )


def _contracts(plan: CityPlan, life: LoanLife, signed_on: dt.date, of_loan: dict[str, Any]) -> Iterator[Row]:
    """The donor signs in the morning, the business after lunch."""
    for turn, (party, hour) in enumerate(((Party.DONATUR, 9), (Party.UMKM, 13))):
        key = plan.key("e_contract", 2 * life.number + turn, signed_on)
        row = {"id": key, **of_loan, "party": party, "signed_at": at(signed_on, hour), "sha256": sha256(key)}
        yield "e_contract", row


def _disbursements(
    plan: CityPlan,
    planter: Planter,
    life: LoanLife,
    disbursed_on: dt.date,
    of_loan: dict[str, Any],
    collaboration_id: UUID | None,
) -> Iterator[Row]:
    """What was paid out; a transfer that came back is reversed two days later."""
    true = life.principal - sum(life.fees)
    loan_id, fintech_id = of_loan["loan_id"], of_loan["fintech_id"]
    amounts = [true, -true] if life.bounced else []
    if life.received:
        amounts = [
            planter.reported(
                Measure.PENCAIRAN,
                true,
                collaboration_id=collaboration_id,
                collaborator_id=of_loan["collaborator_id"],
                institution_id=fintech_id,
                loan_id=loan_id,
            )
        ]
    for turn, amount in enumerate(amounts):
        day = disbursed_on + dt.timedelta(2 * turn)
        yield (
            "disbursement",
            {
                "id": plan.key("disbursement", 2 * life.number + turn, day),
                **of_loan,
                "disbursed_on": day,
                "amount": amount,
                "invoice": f"CONTOH/CAIR/{life.number:07}/{turn + 1}",
                "reported_at": min(at(day + dt.timedelta(1), 9), at(CUT_OFF, 9)),
            },
        )
    number = 2 * life.number * PER_THING
    yield document(
        plan,
        number,
        DocumentKind.INVOICE_PENCAIRAN,
        disbursed_on,
        fintech_id,
        of_loan["region_code"],
        collaboration_id=collaboration_id,
        loan_id=loan_id,
        collaborator_id=of_loan["collaborator_id"],
        institution_id=fintech_id,
        owner_id=of_loan["owner_id"],
    )


def _instalments(plan: CityPlan, life: LoanLife, of_loan: dict[str, Any]) -> Iterator[Row]:
    starts = (life.disbursed_on, life.restructured_on)
    for schedule, dues in enumerate(life.schedules):
        made_on = starts[schedule] or life.proposed_on
        for turn, due in enumerate(dues):
            yield (
                "instalment",
                {
                    "id": plan.key("instalment", (2 * life.number + schedule) * _MOST_ROWS + turn, made_on),
                    **of_loan,
                    "schedule": schedule + 1,
                    "effective_on": life.restructured_on if schedule else None,
                    "number": turn + 1,
                    "due_on": due.due_on,
                    "principal": due.principal,
                    "other": 0,
                },
            )


def _repayments(plan: CityPlan, repaid: Repaid, life: LoanLife, of_loan: dict[str, Any]) -> Iterator[Row]:
    for turn, payment in enumerate(life.payments):
        repaid.add(life.fintech, payment.paid_on, payment.amount)
        yield (
            "repayment",
            {
                "id": plan.key("repayment", life.number * _MOST_ROWS + turn, payment.reported_on),
                **of_loan,
                "paid_on": payment.paid_on,
                "amount": payment.amount,
                "invoice": f"CONTOH/BAYAR/{life.number:07}/{turn + 1:02}",
                "reported_at": at(payment.reported_on, 10),
                "reporting_lag_days": (payment.reported_on - payment.paid_on).days,
                "idempotency_key": f"contoh-{life.number}-{turn + 1}",
                "reason": payment.reason,
            },
        )


def _problem(plan: CityPlan, life: LoanLife, day: dt.date, of_loan: dict[str, Any]) -> Iterator[Row]:
    yield (
        "problem_report",
        {
            "id": plan.key("problem_report", life.number, day),
            **of_loan,
            "reported_on": day,
            "reason": "Contoh: usaha sepi sejak pembatasan kegiatan",
            "action": "Contoh: penjadwalan ulang dibahas" if life.restructured_on else None,
        },
    )
    yield document(
        plan,
        2 * life.number * PER_THING + 1,
        DocumentKind.LAPORAN_KENDALA,
        day,
        of_loan["fintech_id"],
        of_loan["region_code"],
        loan_id=of_loan["loan_id"],
        collaborator_id=of_loan["collaborator_id"],
        institution_id=of_loan["fintech_id"],
        owner_id=of_loan["owner_id"],
    )
