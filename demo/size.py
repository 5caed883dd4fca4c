"""How large a demo city is, and how that follows from its number of recipients."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from kernel.errors import KsbbError

SMALLEST_BUSINESSES, SMALLEST_COLLABORATIONS, SMALLEST_LOANS = 300, 60, 100
LOANS_PER_BUSINESS = 3  # at most one business in three borrows, so that no owner is asked twice by chance


class CityTooSmall(KsbbError):
    """A city too small to hold the whole life cycle and its planted discrepancies."""

    code = "CITY_TOO_SMALL"


@dataclass(frozen=True, kw_only=True)
class CitySize:
    """The numbers that a city is drawn from. Same size and seed, same city.

    `loans` is the number of proposals; one in twelve never becomes a loan. The proposals are dense until
    `lending_peak_until` and thin out afterwards. In a `clean` city all reports agree: no discrepancy is planted.
    """

    businesses: int = 20_000
    collaborators: int = 400
    collaborations: int = 600
    loans: int = 3_000
    places: int = 150
    complaints: int = 300
    intake_applications: int = 500
    fintechs: int = 2
    fund_managers: int = 9
    pledges_per_collaboration: int = 2
    deliveries_per_pledge: int = 2
    recipients_per_delivery: int = 10
    tenors: tuple[int, ...] = (6, 10, 12)
    lending_peak_until: dt.date = dt.date(2021, 6, 30)
    seed: int = 2020
    clean: bool = False

    def __post_init__(self) -> None:
        smallest = {
            "businesses": max(SMALLEST_BUSINESSES, LOANS_PER_BUSINESS * self.loans),
            "collaborations": SMALLEST_COLLABORATIONS,
            "loans": SMALLEST_LOANS,
            "collaborators": 10,
            "places": 10,
            "fintechs": 2,
            "fund_managers": 3,
        }
        for name, least in smallest.items():
            if getattr(self, name) < least:
                raise CityTooSmall(f"A demo city with these numbers needs at least {least:,} {name}.", least=least)

    @property
    def about_rows(self) -> int:
        """How many rows such a city has, give or take a quarter: for a progress bar."""
        pledges = self.collaborations * self.pledges_per_collaboration
        for_each_pledge = 3 + self.deliveries_per_pledge * self.recipients_per_delivery
        return 7 * self.businesses // 2 + 61 * self.loans + pledges * for_each_pledge

    @classmethod
    def of_recipients(cls, recipients: int, seed: int = 2020, *, clean: bool = False) -> CitySize:
        """A city with so many businesses, and everything else in the proportion of the default one.

        Raises:
            CityTooSmall: fewer than 700 recipients or so.
        """
        usual = cls()

        def share(count: int) -> int:
            return max(10, count * recipients // usual.businesses)

        return replace(
            usual,
            businesses=recipients,
            collaborators=share(usual.collaborators),
            collaborations=max(SMALLEST_COLLABORATIONS, share(usual.collaborations)),
            loans=max(SMALLEST_LOANS, share(usual.loans)),
            places=share(usual.places),
            complaints=share(usual.complaints),
            intake_applications=share(usual.intake_applications),
            seed=seed,
            clean=clean,
        )


SMALL = CitySize.of_recipients(2_000)
"""A city for tests: everything occurs, in about two seconds."""

BENCHMARK = CitySize(
    businesses=200_000,
    collaborators=4_000,
    collaborations=20_000,
    loans=50_000,
    places=1_000,
    complaints=3_000,
    intake_applications=5_000,
    pledges_per_collaboration=5,
    deliveries_per_pledge=1,
    recipients_per_delivery=3,
    tenors=(12,),
    lending_peak_until=dt.date(2020, 12, 5),
)
"""The city of `make bench`: about ten repayments for each loan, five pledges in each collaboration."""
