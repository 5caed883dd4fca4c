"""Inhabitants of the kelurahan in one year: made up, and marked as such."""

from __future__ import annotations

from collections.abc import Iterator

from demo.plan import CityPlan
from demo.rows import Row

YEAR = 2020
SOURCE = "Contoh: angka rekaan kota demo"


def population_rows(plan: CityPlan) -> Iterator[Row]:
    """One row for each kelurahan."""
    for number, kelurahan in enumerate(plan.kelurahan):
        inhabitants = plan.chance("population", number).rounded(5_000, 90_000, 100)
        yield (
            "population",
            {
                "id": f"{kelurahan.code}:{YEAR}",
                "region_code": kelurahan.code,
                "year": YEAR,
                "inhabitants": inhabitants,
                "source": SOURCE,
            },
        )
