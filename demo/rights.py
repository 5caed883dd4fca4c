"""Requests of persons about their own data, and one breach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from demo.chance import at
from demo.names import phone
from demo.plan import CUT_OFF, CityPlan
from demo.rows import Row
from models.vocabulary import AffectedData, BreachNature, CorrectionField, RightsRequestKind, RightsRequestStatus
from policy.secrets import Secrets

_K, _S = RightsRequestKind, RightsRequestStatus
_WITHIN = dt.timedelta(hours=72)
_ASKED = (
    (_K.AKSES, _S.DIPENUHI, None),
    (_K.PERBAIKAN, _S.DIAJUKAN, CorrectionField.TELEPON),
    (_K.PERBAIKAN, _S.DIAJUKAN, CorrectionField.NAMA_USAHA),
    (_K.PERBAIKAN, _S.DITOLAK, CorrectionField.NAMA),
    (_K.PEMBATASAN, _S.DITARIK, None),
    (_K.PENGHAPUSAN, _S.DIAJUKAN, None),
)
_EVERY = 40
"""One owner in so many asks for something."""


def rights_rows(plan: CityPlan, secrets: Secrets) -> Iterator[Row]:
    """What persons asked for in the days before the cut-off, and a breach of the year before."""
    for number, business in enumerate(range(0, plan.size.businesses, _EVERY)):
        yield _request(plan, secrets, number, business)
    known_at = at(CUT_OFF - dt.timedelta(days=300), 9)
    yield (
        "breach",
        {
            "id": plan.key("breach", 0, known_at.date()),
            "nature": BreachNature.KERAHASIAAN,
            "affected": AffectedData.CONTACT.value,
            "affected_persons": 12,
            "known_at": known_at,
            "due_at": known_at + _WITHIN,
            "notified_at": known_at + dt.timedelta(hours=30),
            "overdue_at": None,
            "notice": "Example of a notice.",
            "notice_id": "Contoh pemberitahuan.",
        },
    )


def _request(plan: CityPlan, secrets: Secrets, number: int, business: int) -> Row:
    kind, status, field = _ASKED[number % len(_ASKED)]
    asked_at = at(CUT_OFF - dt.timedelta(days=number % 3), 8 + number % 8)
    is_waiting = status is _S.DIAJUKAN
    value = phone(70_000 + number % 10_000) if field is CorrectionField.TELEPON else f"Contoh perbaikan {number + 1}"
    return (
        "rights_request",
        {
            "id": plan.key("rights_request", number, asked_at.date()),
            "owner_id": plan.owner_key(plan.owner_of(business)),
            "business_id": plan.business_key(business) if field is CorrectionField.NAMA_USAHA else None,
            "region_code": plan.home_of(plan.owner_of(business)).code,
            "kind": kind,
            "status": status,
            "requested_at": asked_at,
            "due_at": asked_at + _WITHIN,
            "decided_at": None if is_waiting else asked_at + dt.timedelta(hours=2),
            "overdue_at": None,
            "field": field,
            "proposed": secrets.encrypt(value, "rights_request.proposed") if field and is_waiting else None,
            "reason": f"Contoh alasan {number + 1}" if field else None,
            "decision_reason": "Contoh keputusan" if status is _S.DITOLAK else None,
            "kept_for": None,
            "kept_until": None,
        },
    )
