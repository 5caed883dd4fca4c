"""Filters on points: near, inside a polygon, inside a box."""

from __future__ import annotations

import math
from typing import Any

import asyncpg
from sqlalchemy import ARRAY, ColumnElement, Double, Text, and_, cast, func, not_, select
from sqlalchemy.types import UserDefinedType

from kernel.errors import BadInput
from resolvers.binds import Leaf, Tree, Values
from resolvers.sql import latitude, longitude
from resolvers.statement import Binds

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the earth (IUGG)."""

LONGEST_DISTANCE_M = 100_000
_METRES_PER_DEGREE = math.pi * EARTH_RADIUS_M / 180


class Box(UserDefinedType[Any]):
    """PostgreSQL's `box`."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "box"


class Polygon(UserDefinedType[Any]):
    """PostgreSQL's `polygon`."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "polygon"


def place_condition(binds: Binds, column: ColumnElement[Any], operator: str, tree: Tree) -> ColumnElement[bool]:
    """Points near a point, within a polygon, or in a box: the index finds the box, then comes the exact test."""
    match operator:
        case "near":
            return _near(binds, column, _numbers(tree, "lon", "lat", "distanceM"))
        case "box":
            return _in_box(binds, column, _numbers(tree, "west", "south", "east", "north"))
        case _:
            assert isinstance(tree, Leaf)
            return _within(binds, column, tree)


def _numbers(tree: Tree, *names: str) -> list[Leaf]:
    assert isinstance(tree, dict)
    leaves = [tree[name] for name in names]
    assert all(isinstance(leaf, Leaf) for leaf in leaves)
    return leaves  # type: ignore[return-value]  # asserted just above


def _near(binds: Binds, column: ColumnElement[Any], leaves: list[Leaf]) -> ColumnElement[bool]:
    lon, lat, distance = leaves

    def box(values: Values) -> asyncpg.Box:
        x, y, metres = lon.read(values), lat.read(values), distance.read(values)
        if not 0 < metres <= LONGEST_DISTANCE_M:
            raise BadInput(f"`distanceM` must be more than 0 and at most {LONGEST_DISTANCE_M} metres.")
        _check_degrees(x, y)
        high = metres / _METRES_PER_DEGREE
        wide = high / max(math.cos(math.radians(y)), 0.01)
        return asyncpg.Box((x + wide, y + high), (x - wide, y - high))

    x, y, metres = (binds.add(leaf.read, Double()) for leaf in leaves)
    return and_(column.bool_op("<@")(cast(binds.add(box, Box()), Box())), distance_m(column, x, y) <= metres)


def distance_m(point: ColumnElement[Any], lon: ColumnElement[Any], lat: ColumnElement[Any]) -> ColumnElement[float]:
    """Great-circle distance in metres (haversine formula)."""
    half_lat = func.sin(func.radians(latitude(point) - lat) / 2)
    half_lon = func.sin(func.radians(longitude(point) - lon) / 2)
    a = (
        half_lat * half_lat
        + func.cos(func.radians(lat)) * func.cos(func.radians(latitude(point))) * half_lon * half_lon
    )
    return 2 * EARTH_RADIUS_M * func.asin(func.sqrt(func.least(a, 1.0)))


def _in_box(binds: Binds, column: ColumnElement[Any], leaves: list[Leaf]) -> ColumnElement[bool]:
    def box(values: Values) -> asyncpg.Box:
        west, south, east, north = (leaf.read(values) for leaf in leaves)
        _check_degrees(west, south)
        _check_degrees(east, north)
        if west > east or south > north:
            raise BadInput("`box` needs west <= east and south <= north.")
        return asyncpg.Box((east, north), (west, south))

    return column.bool_op("<@")(cast(binds.add(box, Box()), Box()))


def _within(binds: Binds, column: ColumnElement[Any], leaf: Leaf) -> ColumnElement[bool]:
    texts, rings = ARRAY(Text()), ARRAY(Polygon())
    outer = func.unnest(cast(binds.add(lambda v: leaf.read(v).outer, texts), rings)).column_valued("ring$")
    hole = func.unnest(cast(binds.add(lambda v: leaf.read(v).holes, texts), rings)).column_valued("ring$")
    boxed = column.bool_op("<@")(cast(binds.add(lambda v: leaf.read(v).box, Box()), Box()))
    inside = select(outer).where(outer.bool_op("@>")(column)).exists()
    in_hole = select(hole).where(hole.bool_op("@>")(column)).exists()
    return and_(boxed, inside, not_(in_hole))


def _check_degrees(lon: float, lat: float) -> None:
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # the globe
        raise BadInput("`lon` must lie between -180 and 180 and `lat` between -90 and 90 degrees.")
