"""Repaid money on its way: handovers to fund managers, onward aid, and the fintechs' reports of each month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from uuid import UUID

from demo.chance import at
from demo.evidence import sha256
from demo.plan import CUT_OFF, CityPlan
from demo.planted import Measure, Planter
from demo.rows import Row
from demo.survey import Handing, Survey
from kernel.money import Rupiah
from models.vocabulary import HandoverStatus, Programme

ONWARD_AFTER_DAYS = 14
ONWARD_PERCENT = 90
PROGRAMMES = (Programme.PANGAN, Programme.PENDIDIKAN, Programme.PERMUKIMAN)


def handover_key(plan: CityPlan, handing: Handing) -> UUID:
    """The key of a handover."""
    return plan.key("handover", handing.number, handing.sent_on)


def handover_rows(plan: CityPlan, survey: Survey, planter: Planter) -> Iterator[Row]:
    """All handovers, with the aid that was given from those confirmed."""
    for batch, handing in survey.handovers.items():
        key = handover_key(plan, handing)
        fintech_id, manager_id = plan.institution_key(batch.fintech), plan.institution_key(batch.manager)
        amount = handing.amount
        if handing.status is HandoverStatus.DIBANTAH:
            amount = planter.reported(
                Measure.SERAH_TERIMA,
                amount,
                institution_id=fintech_id,
                other_institution_id=manager_id,
                handover_id=key,
            )
        yield (
            "handover",
            {
                "id": key,
                "fintech_id": fintech_id,
                "fund_manager_id": manager_id,
                "sent_on": handing.sent_on,
                "amount": amount,
                "status": handing.status,
                "received_on": handing.received_on,
                "received_amount": amount if handing.received_on else None,
                "proof_sha256": sha256(key),
            },
        )
        if handing.received_on and handing.received_on + dt.timedelta(ONWARD_AFTER_DAYS) <= CUT_OFF:
            yield from _onward_aid(plan, handing, key, (fintech_id, manager_id), planter)


def _onward_aid(
    plan: CityPlan, handing: Handing, key: UUID, parties: tuple[UUID, UUID], planter: Planter
) -> Iterator[Row]:
    """Most of a handover, given on in two parts."""
    assert handing.received_on is not None
    said = planter.reported(
        Measure.PENYALURAN_ULANG,
        handing.amount,
        institution_id=parties[1],
        other_institution_id=parties[0],
        handover_id=key,
    )
    whole = said if said > handing.amount else handing.amount * ONWARD_PERCENT // 100
    first = whole // 2
    for part, amount in enumerate((first, whole - first)):
        given_on = handing.received_on + dt.timedelta(7 * (part + 1))
        programme = PROGRAMMES[(handing.number + part) % len(PROGRAMMES)]
        yield (
            "onward_aid",
            {
                "id": plan.key("onward_aid", handing.number * 2 + part, given_on),
                "handover_id": key,
                "fintech_id": parties[0],
                "fund_manager_id": parties[1],
                "given_on": given_on,
                "amount": amount,
                "programme": programme,
                "description": f"Contoh bantuan {programme.label_id}",
            },
        )


def periodic_report_rows(
    plan: CityPlan, paid: Mapping[tuple[int, dt.date], tuple[int, Rupiah]], planter: Planter
) -> Iterator[Row]:
    """Each fintech's report of each month, from the number and sum of what was paid in it."""
    for number, ((fintech, month), (rows, total)) in enumerate(sorted(paid.items())):
        received_on = min(CUT_OFF, (month + dt.timedelta(32)).replace(day=14))
        key = plan.key("periodic_report", number, received_on)
        fintech_id = plan.institution_key(fintech)
        yield (
            "periodic_report",
            {
                "id": key,
                "fintech_id": fintech_id,
                "period": f"{month:%Y%m}",
                "rows": rows,
                "total": planter.reported(Measure.PEMBAYARAN, total, institution_id=fintech_id, periodic_report_id=key),
                "received_at": at(received_on, 15),
                "file_sha256": sha256(key),
            },
        )
