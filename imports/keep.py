"""Boundaries into the database: what a city imported takes the place of what was there, all levels at once."""

from __future__ import annotations

import shapely
from sqlalchemy import delete, insert, select

from geo.area import area_m2
from geo.boundaries import BoundarySet
from kernel.errors import KsbbError
from models.region import Boundary, Region
from models.writing import writing


class RegionsMissing(KsbbError):
    """The database does not know the regions that the boundaries belong to."""

    code = "REGIONS_MISSING"

    def __init__(self, missing: int) -> None:
        super().__init__(
            f"The database lacks {missing} of the regions (wilayah) in the file. Run `ksbb db upgrade`.",
            missing=missing,
        )


async def keep_boundaries(uri: str, boundaries: BoundarySet, source: str) -> int:
    """Put these boundaries, and those of the wider regions made of them, in place of all others; how many there are.

    In one transaction: a reader sees the old ones or the new ones. Centre points of regions and the kelurahan of
    businesses stay as they are.

    Raises:
        RegionsMissing: the database lacks some of the regions.
    """
    rows = [
        {
            "region_code": code,
            "geojson": shapely.to_geojson(shape),
            "area_m2": round(area_m2(shape)),
            "illustrative": boundaries.illustrative,
            "source": source,
        }
        for code, shape in boundaries.all_levels().items()
    ]
    async with writing(uri) as connection:
        known = set((await connection.execute(select(Region.code))).scalars())
        missing = {row["region_code"] for row in rows} - known
        if missing:
            raise RegionsMissing(len(missing))
        await connection.execute(delete(Boundary))
        await connection.execute(insert(Boundary), rows)
    return len(rows)
