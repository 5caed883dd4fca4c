"""The plan of the city: who is where and when, told from numbers alone, so that nothing has to be remembered.

Businesses are numbered in order of registration, and dealt out over the kelurahan by weight: business `i` has slot
`i * stride` modulo the number of businesses, and each region owns a run of slots. Both ways are arithmetic.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right
from itertools import accumulate
from uuid import UUID

from demo.chance import Chance, key
from demo.size import CitySize
from geo.regions import Level, Region, at_level

REGISTRY_OPENED = dt.date(2018, 10, 1)
REGISTRY_CLOSED = dt.date(2020, 6, 30)
LAUNCH = dt.date(2020, 7, 20)
CUT_OFF = dt.date(2021, 12, 31)
"""The day on which the city stands still: nothing later is known."""

PEAK_SHARE = 0.85  # of all collaborations and proposals, begun until the end of the peak
SECOND_BUSINESS_EVERY = 25  # every 25th business belongs to the owner of the one before it
LISTED_SHARE = 1 / 3
WITHDRAWN_SHARE = 0.04
PHOTO_SHARE = 0.2
SUSPENDED_MANAGERS = 2  # the last fund managers: one suspended, one whose agreement expired
_ISLANDS = "31.01"


class CityPlan:
    """Where, when and by which key, for every number of a city of some size."""

    def __init__(self, size: CitySize) -> None:
        self.size = size
        self.kelurahan: tuple[Region, ...] = at_level(Level.KELURAHAN)
        self._codes = [k.code for k in self.kelurahan]
        self._starts = self._shares()
        self._reach = _reach(self.kelurahan)
        self._stride = _coprime(size.businesses)
        self._back = pow(self._stride, -1, size.businesses)

    def chance(self, noun: str, number: int = 0) -> Chance:
        """The draws of one thing."""
        return Chance(self.size.seed, noun, number)

    def key(self, table: str, number: int, day: dt.date) -> UUID:
        """The key of a row."""
        return key(self.size.seed, table, number, day)

    def home_of(self, business: int) -> Region:
        """The kelurahan of a business."""
        slot = business * self._stride % self.size.businesses
        return self.kelurahan[bisect_right(self._starts, slot) - 1]

    def point_in(self, home: Region, chance: Chance) -> tuple[float, float]:
        """A point nearer to the centre of a kelurahan than to that of any other."""
        reach = self._reach[home.code]
        return home.lon + reach * (2 * chance.share() - 1), home.lat + reach * (2 * chance.share() - 1)

    def slots(self, region_code: str) -> range:
        """The slots of a region of any level; empty where nobody lives."""
        first = bisect_right(self._codes, region_code)
        first -= first > 0 and self._codes[first - 1] == region_code
        last = bisect_right(self._codes, region_code + "/")  # "/" follows "." : behind all codes below this one
        return range(self._starts[first], self._starts[max(first, last)])

    def business_at(self, slot: int) -> int:
        """The business that has a slot."""
        return slot * self._back % self.size.businesses

    def registered_on(self, business: int) -> dt.date:
        """The day a business was registered; later for higher numbers."""
        days = (REGISTRY_CLOSED - REGISTRY_OPENED).days
        return REGISTRY_OPENED + dt.timedelta(business * days // self.size.businesses)

    def business_key(self, business: int) -> UUID:
        """The key of a business."""
        return self.key("business", business, self.registered_on(business))

    def owner_of(self, business: int) -> int:
        """The number of a business's owner: that of the owner's first business."""
        return business - (business % SECOND_BUSINESS_EVERY == SECOND_BUSINESS_EVERY - 1)

    def owner_key(self, owner: int) -> UUID:
        """The key of an owner."""
        return self.key("owner", owner, self.registered_on(owner))

    def is_listed(self, owner: int) -> bool:
        """Whether an owner consents to be listed in public, and has not withdrawn it."""
        return WITHDRAWN_SHARE < _scatter(owner) < LISTED_SHARE + WITHDRAWN_SHARE

    def withdrew(self, owner: int) -> bool:
        """Whether an owner consented once, and has withdrawn it."""
        return _scatter(owner) <= WITHDRAWN_SHARE

    def shows_photo(self, owner: int) -> bool:
        """Whether an owner consents to a photo being published."""
        return _scatter(owner + 1) < PHOTO_SHARE

    def institution_key(self, institution: int) -> UUID:
        """The key of an institution: fintechs come first, then fund managers."""
        return self.key("institution", institution, LAUNCH)

    def active_managers(self) -> range:
        """The fund managers that take part; the others are suspended or expired."""
        first = self.size.fintechs
        return range(first, first + self.size.fund_managers - SUSPENDED_MANAGERS)

    def officer_key(self, region_code: str) -> UUID:
        """The key of the accompanying officer (pendamping) of the kecamatan around a kelurahan."""
        return self.key("user_account", int(region_code[:8].replace(".", "")), LAUNCH)

    def pace(self, share: float) -> dt.date:
        """When this share of all collaborations (or loan proposals) has begun."""
        peak, end = (self.size.lending_peak_until - LAUNCH).days, (CUT_OFF - LAUNCH).days
        if share < PEAK_SHARE:
            return LAUNCH + dt.timedelta(int(peak * share / PEAK_SHARE))
        return LAUNCH + dt.timedelta(peak + int((end - peak) * (share - PEAK_SHARE) / (1 - PEAK_SHARE)))

    def _shares(self) -> list[int]:
        """The first slot of each kelurahan, and the number of businesses at the end."""
        chance = self.chance("weight")
        weights = [(0.5 + 2 * chance.share()) * (0.15 if c.startswith(_ISLANDS) else 1) for c in self._codes]
        whole = sum(weights)
        return [0, *(round(self.size.businesses * part / whole) for part in accumulate(weights))]


def _coprime(count: int) -> int:
    """A stride near the golden part of a count that meets every number below it."""
    stride = int(count * 0.618034) | 1
    while math.gcd(stride, count) != 1:
        stride += 2
    return stride


def _reach(kelurahan: tuple[Region, ...]) -> dict[str, float]:
    """How far from its centre, along both axes, one is sure to be in a kelurahan; in degrees."""
    centres = [(k.lon, k.lat) for k in kelurahan]
    nearest = [min(math.dist(centre, other) for other in centres if other != centre) for centre in centres]
    return {k.code: distance / 2 / math.sqrt(2) for k, distance in zip(kelurahan, nearest, strict=True)}


def _scatter(number: int) -> float:
    """A number spread over 0 to 1, alike for neighbours never."""
    return (number * 0x9E37_79B1 & 0xFFFF_FFFF) / 0x1_0000_0000
