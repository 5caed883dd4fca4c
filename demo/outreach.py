"""Forums at which donors were met, what very large ones announced, and how the PIC KSBB is reached."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from demo.accounts import bureau_key
from demo.collaborators import FORUMS, collaborator_key
from demo.names import email, phone
from demo.outreach_plan import OUTREACH_EVENTS, held_on, outreach_key
from demo.plan import LAUNCH, CityPlan
from demo.rows import Row
from models.vocabulary import Actor, AnnouncementStatus, OutreachKind, PackageKind

_KINDS = (OutreachKind.FORUM, OutreachKind.TOWN_HALL, OutreachKind.RAPAT)
_BILLION = 1_000_000_000
_ANNOUNCED = 1_000_000  # beyond the numbers of donors, by which other prospects are numbered
_PIC_PHONE = 70_001


def outreach_rows(plan: CityPlan) -> Iterator[Row]:
    """Every forum, with who came in numbers."""
    for number in range(OUTREACH_EVENTS):
        chance = plan.chance("outreach_event", number)
        yield (
            "outreach_event",
            {
                "id": outreach_key(plan, number),
                "kind": _KINDS[number % len(_KINDS)],
                "title": f"{FORUMS[number % len(FORUMS)]} Contoh {number + 1}",
                "held_on": held_on(number),
                "place": "Balai Contoh",
                "donors": chance.between(10, 60),
                "businesses": chance.between(10, 90),
                "officials": chance.between(10, 30),
                "note": "Contoh catatan sosialisasi" if chance.happens(0.5) else None,
            },
        )


def announcement_rows(plan: CityPlan) -> Iterator[Row]:
    """An announcement in every state, each with the prospect that it became."""
    for number, status in enumerate(AnnouncementStatus):
        day = LAUNCH + dt.timedelta(30 * (number + 1))
        donor, prospect = collaborator_key(plan, number), plan.key("prospect", _ANNOUNCED + number, day)
        yield (
            "prospect",
            {
                "id": prospect,
                "collaborator_id": donor,
                "outreach_event_id": None,
                "forum": "PIC KSBB",
                "met_on": day,
                "recommended": False,
                "note": None,
            },
        )
        is_answered = status is AnnouncementStatus.DIJAWAB
        yield (
            "announcement",
            {
                "id": plan.key("announcement", number, day),
                "collaborator_id": donor,
                "prospect_id": prospect,
                "officer_id": None if status is AnnouncementStatus.DIAJUKAN else bureau_key(plan),
                "package_kind": PackageKind.SARPRAS,
                "estimated_value": (number + 1) * _BILLION,
                "announced_on": day,
                "status": status,
                "answered_on": day + dt.timedelta(3) if is_answered else None,
                "text": "Contoh: rencana bantuan besar",
                "answer": "Contoh: silakan bertemu Bidang Kolaborasi" if is_answered else None,
            },
        )


def office_contact_rows(plan: CityPlan) -> Iterator[Row]:
    """The PIC KSBB of the demo city; an installation tells its own."""
    name = "PIC KSBB Contoh"
    yield (
        "office_contact",
        {
            "id": plan.key("office_contact", 0, LAUNCH),
            "actor": Actor.BIRO_KSD,
            "office": name,
            "email": email(name),
            "phone": phone(_PIC_PHONE),
            "updated_on": LAUNCH,
        },
    )
