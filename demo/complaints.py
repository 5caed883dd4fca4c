"""Complaints with what was done about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from demo.chance import Chance, at
from demo.collaboration_plan import created_on
from demo.names import anybody, phone
from demo.plan import CUT_OFF, CityPlan
from demo.rows import Row
from models.vocabulary import ComplaintCategory, ComplaintStatus
from policy.secrets import Secrets

_S = ComplaintStatus
_TO_THE_END = (_S.DITERIMA, _S.DIVERIFIKASI, _S.DITERUSKAN, _S.DITINDAKLANJUTI)
_ENDS = (_S.SELESAI,) * 7 + (_S.DITOLAK,) * 2 + (_S.DIBUKA_KEMBALI,)
HOURS_TO_FORWARD = 6
DAYS_TO_CLOSE = 7
CATEGORIES = tuple(ComplaintCategory)
AGENCIES = ("DINAS_PPKUKM", "KELURAHAN", "INSPEKTORAT")


def complaint_rows(plan: CityPlan, secrets: Secrets) -> Iterator[Row]:
    """All complaints in order of their arrival, most of them about a collaboration."""
    for number in range(plan.size.complaints):
        yield from _complaint(plan, secrets, number, plan.chance("complaint", number))


def _complaint(plan: CityPlan, secrets: Secrets, number: int, chance: Chance) -> Iterator[Row]:
    about = number * (plan.size.collaborations - 1) // plan.size.complaints
    begun_on = created_on(plan, about)
    received_on = min(CUT_OFF, begun_on + dt.timedelta(chance.between(0, 60)))
    received_at = at(received_on, chance.between(8, 16), chance.between(0, 59))
    business = chance.between(0, plan.size.businesses - 1)
    steps = _steps(received_at, chance)
    reached = dict(steps)
    status, ended_at = steps[-1]
    region_code = plan.home_of(business).code
    owner_id = plan.owner_key(plan.owner_of(business)) if chance.happens(0.5) else None
    key = plan.key("complaint", number, received_on)
    yield (
        "complaint",
        {
            "id": key,
            "received_at": received_at,
            "category": CATEGORIES[number % len(CATEGORIES)],
            "region_code": region_code,
            "collaboration_id": plan.key("collaboration", about, begun_on) if chance.happens(0.7) else None,
            "complainant_id": owner_id,
            "assigned_agency": chance.pick(AGENCIES) if _S.DITERUSKAN in reached else None,
            "status": status,
            "forwarded_at": reached.get(_S.DITERUSKAN),
            "closed_at": ended_at if status in {_S.SELESAI, _S.DITOLAK} else None,
            "forward_due_at": received_at + dt.timedelta(hours=HOURS_TO_FORWARD),
            "due_at": _due(steps),
            "overdue_since": None,
            "text": f"Contoh pengaduan nomor {number + 1}",
            "reporter_name": anybody(chance) if chance.happens(0.8) else None,
            "reporter_contact": phone(60_000 + number % 10_000) if chance.happens(0.8) else None,
            "tracking_hash": secrets.blind(f"contoh-{number}", "complaint.tracking"),
        },
    )
    for turn, (step, moment) in enumerate(steps[1:]):
        yield (
            "follow_up",
            {
                "id": plan.key("follow_up", number * len(_S) + turn, moment.date()),
                "complaint_id": key,
                "complainant_id": owner_id,
                "region_code": region_code,
                "taken_at": moment,
                "status": step,
                "due_at": _due(steps[: turn + 2]),
                "note": f"Contoh tindak lanjut: {step.label_id}",
            },
        )


def _steps(received_at: dt.datetime, chance: Chance) -> list[tuple[ComplaintStatus, dt.datetime]]:
    """The states that a complaint went through until the cut-off day; one in ten is late somewhere."""
    late = 4 if chance.happens(0.1) else 1
    verified_at = received_at + dt.timedelta(hours=1)
    forwarded_at = received_at + dt.timedelta(hours=chance.between(2, HOURS_TO_FORWARD) * late)
    taken_up_at = forwarded_at + dt.timedelta(days=1)
    closed_at = forwarded_at + dt.timedelta(days=chance.between(2, DAYS_TO_CLOSE) * late)
    moments = (received_at, verified_at, forwarded_at, taken_up_at)
    steps = [*zip(_TO_THE_END, moments, strict=True)]
    end = chance.pick(_ENDS)
    if end is _S.DIBUKA_KEMBALI:
        steps += [(_S.SELESAI, closed_at), (end, closed_at + dt.timedelta(days=5))]
    else:
        steps.append((end, closed_at))
    return [(status, moment) for status, moment in steps if moment <= at(CUT_OFF, 23)] or steps[:1]


def _due(steps: list[tuple[ComplaintStatus, dt.datetime]]) -> dt.datetime | None:
    """By when the step after these is due; nothing is when the complaint was closed."""
    reached = dict(steps)
    if steps[-1][0] in {_S.SELESAI, _S.DITOLAK}:
        return None
    clock = reached.get(_S.DIBUKA_KEMBALI) or reached.get(_S.DITERUSKAN)
    if clock is None:
        return reached[_S.DITERIMA] + dt.timedelta(hours=HOURS_TO_FORWARD)
    return clock + dt.timedelta(days=DAYS_TO_CLOSE)
