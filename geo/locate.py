"""From a point to its kelurahan."""

from __future__ import annotations

import math

import shapely

from geo.boundaries import BoundarySet
from kernel.errors import KsbbError

WEST, SOUTH, EAST, NORTH = 106.0, -7.0, 107.5, -5.0
"""A box around Jakarta, its islands and its neighbours, in degrees."""


class PointOutside(KsbbError):
    """A point in no kelurahan of Jakarta; guesses the slip. Never repeats the coordinates: they may be somebody's."""

    code = "POINT_OUTSIDE"

    def __init__(self, slip: str) -> None:
        super().__init__(f"This point (lon, lat) is in no kelurahan of DKI Jakarta: {slip}.", slip=slip)


class Locator:
    """Finds the kelurahan around a point. Build it once per boundary set; a look-up takes some ten microseconds.

    On a shared border the smallest code wins, so that the same point always has the same answer.
    """

    def __init__(self, boundaries: BoundarySet) -> None:
        self.illustrative = boundaries.illustrative
        self._codes = sorted(boundaries.shapes)
        self._tree = shapely.STRtree([boundaries.shapes[code] for code in self._codes])

    def kelurahan_at(self, lon: float, lat: float) -> str | None:
        """The code of the kelurahan around a point, or None where there is none."""
        if not (math.isfinite(lon) and math.isfinite(lat)):
            return None
        found = self._tree.query(shapely.Point(lon, lat), predicate="intersects")
        return self._codes[min(found)] if len(found) else None

    def require(self, lon: float, lat: float) -> str:
        """The code of the kelurahan around a point.

        Raises:
            PointOutside: there is none; the sentence says which slip it looks like.
        """
        code = self.kelurahan_at(lon, lat)
        if code is None:
            raise PointOutside(_slip(lon, lat))
        return code


def _slip(lon: float, lat: float) -> str:
    """What probably went wrong when the point was written down."""
    if _near(lat, lon):
        return "longitude and latitude are swapped (tertukar); longitude comes first, about 106.8, then latitude, -6.2"
    if _near(lon, -lat):
        return "the latitude lost its minus sign; Jakarta lies south of the equator, about -6.2"
    if lon == lat == 0:
        return "0, 0 is what an empty cell becomes; leave out a point that is not known"
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        return "these are no degrees; write decimal degrees with a point, about 106.8 and -6.2"
    if _near(lon, lat):
        return "it lies in the sea or in a neighbouring city"
    return "it lies far from Jakarta"


def _near(lon: float, lat: float) -> bool:
    return WEST <= lon <= EAST and SOUTH <= lat <= NORTH
