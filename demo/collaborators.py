"""Donors of every kind, and how some of them were found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

from demo.chance import Chance
from demo.names import anybody, phone, words
from demo.outreach_plan import last_before, outreach_key
from demo.plan import LAUNCH, CityPlan
from demo.rows import Row
from models.vocabulary import CollaboratorKind

_K = CollaboratorKind
KINDS = (
    _K.DUNIA_USAHA,
    _K.DUNIA_USAHA,
    _K.PERORANGAN,
    _K.LEMBAGA_SOSIAL,
    _K.DUNIA_USAHA,
    _K.KOMUNITAS,
    _K.PERORANGAN,
    _K.ASOSIASI,
    _K.KELOMPOK,
    _K.PEMERINTAH,
)
"""The kinds of ten donors in turn."""
_NAMES = {
    _K.PEMERINTAH: "Instansi Contoh",
    _K.DUNIA_USAHA: "PT Contoh",
    _K.LEMBAGA_SOSIAL: "Yayasan Contoh",
    _K.ASOSIASI: "Asosiasi Contoh",
    _K.KOMUNITAS: "Komunitas Contoh",
    _K.KELOMPOK: "Kelompok Contoh",
}
FORUMS = ("Forum kolaborasi", "Town hall", "Rapat prospektor")


def kind_of(collaborator: int) -> CollaboratorKind:
    """What kind of donor this is."""
    return KINDS[collaborator % len(KINDS)]


def collaborator_key(plan: CityPlan, collaborator: int) -> UUID:
    """The key of a donor."""
    return plan.key("collaborator", collaborator, _joined_on(collaborator))


def collaborator_rows(plan: CityPlan) -> Iterator[Row]:
    """All donors; every third was met at a forum."""
    for number in range(plan.size.collaborators):
        chance = plan.chance("collaborator", number)
        person = kind_of(number) is _K.PERORANGAN
        yield (
            "collaborator",
            {
                "id": collaborator_key(plan, number),
                "kind": kind_of(number),
                "name": anybody(chance) if person else _body(chance, number),
                "anonymous": chance.happens(0.1),
                "name_consented": person and chance.happens(0.5),
                "contact_name": anybody(chance),
                "contact_phone": phone(80_000 + number % 10_000),
                "joined_on": _joined_on(number),
            },
        )
        if number % len(FORUMS) == 0:
            yield _prospect(plan, number, chance)


def _joined_on(collaborator: int) -> dt.date:
    """Everybody joins before the launch, so that nobody gives before joining."""
    return LAUNCH - dt.timedelta(1 + collaborator % 60)


def _body(chance: Chance, number: int) -> str:
    return f"{_NAMES[kind_of(number)]} {chance.pick(words().family)} {number + 1}"


def _prospect(plan: CityPlan, number: int, chance: Chance) -> Row:
    met_on = _joined_on(number) - dt.timedelta(chance.between(1, 20))
    return (
        "prospect",
        {
            "id": plan.key("prospect", number, met_on),
            "collaborator_id": collaborator_key(plan, number),
            "outreach_event_id": outreach_key(plan, last_before(met_on)),
            "forum": chance.pick(FORUMS),
            "met_on": met_on,
            "recommended": chance.happens(0.8),
            "note": "Contoh catatan prospek" if chance.happens(0.3) else None,
        },
    )
