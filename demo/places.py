"""Lokbin, loksem and lokprom."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from demo.names import anybody, phone
from demo.plan import REGISTRY_OPENED, CityPlan
from demo.rows import Row
from geo.regions import Region
from models.vocabulary import PlaceKind

KINDS = (PlaceKind.LOKSEM, PlaceKind.LOKBIN, PlaceKind.LOKSEM, PlaceKind.LOKPROM, PlaceKind.LOKSEM)
"""The kinds of five places in turn."""


def place_key(plan: CityPlan, place: int) -> UUID:
    """The key of a place."""
    return plan.key("place", place, REGISTRY_OPENED)


def place_home(plan: CityPlan, place: int) -> Region:
    """The kelurahan of a place."""
    return plan.home_of(place * plan.size.businesses // plan.size.places)


def place_rows(plan: CityPlan) -> Iterator[Row]:
    """All places."""
    for number in range(plan.size.places):
        chance = plan.chance("place", number)
        home = place_home(plan, number)
        kind = KINDS[number % len(KINDS)]
        yield (
            "place",
            {
                "id": place_key(plan, number),
                "kind": kind,
                "name": f"{kind.value.title()} Contoh {home.name} {number + 1}",
                "region_code": home.code,
                "point": plan.point_in(home, chance),
                "capacity": chance.rounded(20, 300, 10),
                "pic_name": anybody(chance),
                "pic_phone": phone(70_000 + number % 10_000),
            },
        )
