"""Findings of the inspectorate, in every state, about institutions and regions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from demo.chance import at
from demo.plan import CUT_OFF, CityPlan
from demo.rows import Row
from models.vocabulary import Actor, FindingClass, FindingStatus

_S = FindingStatus
_WAYS = (
    (),
    (_S.DIJAWAB,),
    (_S.DIJAWAB, _S.SELESAI),
    (_S.DIJAWAB, _S.DIBUKA_KEMBALI),
)
"""The steps that findings went through after they were recorded."""
_FINDINGS = 2 * len(_WAYS)
_MOST_STEPS = 4
_WORDS = {
    _S.DIJAWAB: "Contoh jawaban: sudah dilengkapi",
    _S.SELESAI: "Contoh: jawaban diterima",
    _S.DIBUKA_KEMBALI: "Contoh: bukti belum lengkap",
}


def finding_rows(plan: CityPlan) -> Iterator[Row]:
    """One finding of each way about an institution, and one about a kelurahan."""
    for number in range(_FINDINGS):
        recorded_on = CUT_OFF - dt.timedelta(120 - 3 * number)
        way = _WAYS[number % len(_WAYS)]
        addressed = _addressed(plan, number)
        key = plan.key("finding", number, recorded_on)
        days = [recorded_on + dt.timedelta(10 * turn) for turn in range(1, len(way) + 1)]
        yield (
            "finding",
            {
                "id": key,
                **addressed,
                "collaboration_id": None,
                "loan_id": None,
                "complaint_id": None,
                "classification": list(FindingClass)[number % len(FindingClass)],
                "status": way[-1] if way else _S.TERBUKA,
                "recorded_on": recorded_on,
                "due_on": recorded_on + dt.timedelta(14),
                "closed_on": days[-1] if _S.SELESAI in way else None,
                "text": f"Contoh temuan nomor {number + 1}",
                "recommendation": "Contoh rekomendasi: lengkapi bukti",
            },
        )
        for turn, (status, day) in enumerate(zip(way, days, strict=True)):
            yield (
                "finding_step",
                {
                    "id": plan.key("finding_step", number * _MOST_STEPS + turn, day),
                    **addressed,
                    "finding_id": key,
                    "taken_at": at(day, 9),
                    "status": status,
                    "text": _WORDS[status],
                },
            )


def _addressed(plan: CityPlan, number: int) -> dict[str, Any]:
    """An institution in the first half, the administration of a kelurahan in the second."""
    of_region = number >= len(_WAYS)
    institution = number % (plan.size.fintechs + 1)
    agency = Actor.FINTECH if institution < plan.size.fintechs else Actor.AGREGATOR
    return {
        "institution_id": None if of_region else plan.institution_key(institution),
        "collaborator_id": None,
        "assigned_agency": Actor.WILAYAH if of_region else agency,
        "region_code": plan.home_of(number).code if of_region else None,
    }
