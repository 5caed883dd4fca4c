"""Boundaries drawn around centre points, for a city that has not imported the official ones."""

from __future__ import annotations

from functools import cache

import shapely
from shapely.geometry.base import BaseGeometry

from geo.boundaries import BoundarySet
from geo.regions import Level, Region, at_level

ISLANDS = "31.01"  # Kepulauan Seribu, which no mainland hull should reach for
MAINLAND_MARGIN = 0.015  # degrees that the city goes on beyond its outermost centre points, about 1.6 km
ISLAND_RADIUS = 0.05  # degrees of sea that an island kelurahan is given around its centre point, about 5.5 km


@cache
def illustrative_boundaries() -> BoundarySet:
    """A Voronoi cell for each kelurahan: all ground nearer to its centre point than to any other.

    The cells are cut by a hull around the mainland and discs around the islands. They form a coverage, every centre
    point lies in its own cell, and they are NOT the official boundaries: the set says `illustrative`.
    """
    kelurahan = at_level(Level.KELURAHAN)
    outline = _outline(kelurahan)
    cells = shapely.voronoi_polygons(_points(kelurahan), extend_to=outline, ordered=True)
    cut = [shapely.intersection(cell, outline) for cell in shapely.get_parts(cells)]
    shapes = shapely.coverage_clean(cut)
    return BoundarySet({k.code: boundary for k, boundary in zip(kelurahan, shapes, strict=True)}, illustrative=True)


def _outline(kelurahan: tuple[Region, ...]) -> BaseGeometry:
    islands = [k for k in kelurahan if k.code.startswith(ISLANDS)]
    mainland = [k for k in kelurahan if not k.code.startswith(ISLANDS)]
    hull = _points(mainland).convex_hull.buffer(MAINLAND_MARGIN)
    return shapely.union_all([hull, _points(islands).buffer(ISLAND_RADIUS)])


def _points(kelurahan: list[Region] | tuple[Region, ...]) -> BaseGeometry:
    return shapely.MultiPoint([(k.lon, k.lat) for k in kelurahan])
