"""Polygons that callers send: checked by shapely, and prepared for PostgreSQL's own polygon type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from kernel.errors import BadInput

_MOST_POINTS = 5_000
_LON, _LAT = (-180, 180), (-90, 90)


@dataclass(frozen=True)
class PolygonParts:
    """A polygon as PostgreSQL can test points against it: inside an outer ring and in no hole."""

    outer: Sequence[str]
    holes: Sequence[str]
    box: asyncpg.Box


def parse_polygon(value: object) -> PolygonParts:
    """A GeoJSON Polygon or MultiPolygon in WGS84 (RFC 7946).

    Raises:
        BadInput: of another type, too large, outside the globe, or crossing itself (with the place).
    """
    if not isinstance(value, dict) or value.get("type") not in ("Polygon", "MultiPolygon"):  # may be unhashable
        raise BadInput('GeoJSON must be a geometry with type "Polygon" or "MultiPolygon".')
    try:
        geometry = shape(value)
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError):
        raise BadInput("GeoJSON has no readable coordinates: rings of [longitude, latitude] are needed.") from None
    if geometry.is_empty or shapely.get_num_coordinates(geometry) > _MOST_POINTS:
        raise BadInput(f"The polygon must have between 4 and {_MOST_POINTS:,} points.")
    west, south, east, north = geometry.bounds
    if not (_LON[0] <= west <= east <= _LON[1] and _LAT[0] <= south <= north <= _LAT[1]):
        raise BadInput("The polygon leaves the globe: coordinates are [longitude, latitude] in degrees.")
    if not geometry.is_valid:
        raise BadInput(f"The polygon (poligon) {_fault(geometry)} Rings must be closed and must not cross or touch.")
    return _parts(shapely.get_parts(geometry))


def _fault(geometry: BaseGeometry) -> str:
    """What is wrong with a polygon, and where."""
    reason, _, place = explain_validity(geometry).rstrip("]").partition("[")
    where = f" at [{place.replace(' ', ', ')}]" if place else ""
    if "intersection" in reason.lower():
        return f"crosses itself{where}."
    return f"is not valid{where}: {reason.strip()}."


def _parts(polygons: Sequence[shapely.Polygon]) -> PolygonParts:
    west, south, east, north = shapely.total_bounds(polygons)
    return PolygonParts(
        outer=[_ring(p.exterior) for p in polygons],
        holes=[_ring(ring) for p in polygons for ring in p.interiors],
        box=asyncpg.Box((east, north), (west, south)),
    )


def _ring(ring: shapely.LinearRing) -> str:
    """A ring as PostgreSQL writes a polygon."""
    return "(" + ",".join(f"({x!r},{y!r})" for x, y, *_ in ring.coords) + ")"
