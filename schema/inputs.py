"""Filters and orders: what a role may compare and sort by, and the inputs for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Enum, Integer, Numeric, Text

from models.base import Point, RupiahAmount
from policy.uses import Use, uses
from policy.viewer import Role
from resolvers.catalogue import Noun
from schema.types import Spelled, Types

_EMPTY = Spelled("isNull", "Boolean | None", "True for rows without a value, false for rows with one.")


def _equality(type_: str) -> list[Spelled]:
    return [
        Spelled("eq", f"{type_} | None", "Equal."),
        Spelled("ne", f"{type_} | None", "Not equal; rows without a value are left out."),
        Spelled("in", f"list[{type_}] | None", "One of these."),
        Spelled("notIn", f"list[{type_}] | None", "None of these; rows without a value are left out."),
        _EMPTY,
    ]


def _range(type_: str) -> list[Spelled]:
    return [
        Spelled("gt", f"{type_} | None", "Greater or later."),
        Spelled("gte", f"{type_} | None", "Greater, later or equal."),
        Spelled("lt", f"{type_} | None", "Less or earlier."),
        Spelled("lte", f"{type_} | None", "Less, earlier or equal."),
    ]


_FILTERS: Mapping[str, list[Spelled]] = {
    "BooleanFilter": [Spelled("eq", "Boolean | None", "Equal."), _EMPTY],
    "IntFilter": [*_equality("Int"), *_range("Int")],
    "FloatFilter": [*_equality("Float"), *_range("Float")],
    "RupiahFilter": [*_equality("Rupiah"), *_range("Rupiah")],
    "DateFilter": [*_equality("Date"), *_range("Date")],
    "DateTimeFilter": [*_range("DateTime"), _EMPTY],
    "StringFilter": [
        *_equality("String"),
        Spelled("contains", "String | None", "Contains this text, upper or lower case."),
        Spelled("startsWith", "String | None", "Begins with this text, upper or lower case."),
    ],
    "RegionCodeFilter": [
        *_equality("RegionCode"),
        Spelled("within", "RegionCode | None", "This region or any below it (termasuk bawahannya)."),
    ],
    "PointFilter": [
        Spelled("near", "NearInput | None", "Within a distance of a point."),
        Spelled("within", "GeoJSON | None", "Inside a polygon."),
        Spelled("box", "BoxInput | None", "Inside a box."),
    ],
    "IDFilter": [Spelled("eq", "ID | None", "This one."), Spelled("in", "list[ID] | None", "One of these.")],
}


def define_shared(types: Types) -> None:
    """The inputs that all nouns share."""
    types.enum("OrderDirection", "Which way to sort.", {"ASC": "Rising; empty last.", "DESC": "Falling; empty first."})
    types.input(
        "NearInput",
        "A circle around a point.",
        [
            Spelled("lon", "Float", "Longitude in degrees (bujur)."),
            Spelled("lat", "Float", "Latitude in degrees (lintang)."),
            Spelled("distanceM", "Float", "Radius in metres, at most 100,000."),
        ],
    )
    types.input(
        "BoxInput",
        "A box in degrees.",
        [Spelled(side, "Float", f"Its {side}ern edge.") for side in ("west", "south", "east", "north")],
    )
    for name, operators in _FILTERS.items():
        types.input(name, f"Conditions on a value ({name.removesuffix('Filter')}); all must hold.", operators)


def holds_region_code(column: Column[Any]) -> bool:
    """Whether a text column holds a dotted region code."""
    return column.key == "region_code" or str(column) == "region.code"


def filter_of(column: Column[Any], types: Types) -> str:
    """The filter input of a column, made when it is that of an enum and not there yet."""
    match column.type:
        case Enum(enum_class=codes) if codes is not None:
            name = f"{codes.__name__}Filter"
            if name not in types:
                types.input(
                    name, f"Conditions on a value ({codes.__name__}); all must hold.", _equality(codes.__name__)
                )
            return name
        case Boolean():
            return "BooleanFilter"
        case RupiahAmount():
            return "RupiahFilter"
        case Integer():
            return "IntFilter"
        case Numeric():
            return "FloatFilter"
        case Date():
            return "DateFilter"
        case DateTime():
            return "DateTimeFilter"
        case Point():
            return "PointFilter"
        case Text() if holds_region_code(column):
            return "RegionCodeFilter"
        case _:
            return "StringFilter"


def filter_fields(noun: Noun, role: Role, types: Types, links: Iterator[Spelled]) -> list[Spelled]:
    """What a noun's filter may hold for a role."""
    fields = [
        Spelled("and", f"list[{noun.name}Filter] | None", "All of these hold."),
        Spelled("or", f"list[{noun.name}Filter] | None", "At least one of these holds."),
        Spelled("not", f"{noun.name}Filter | None", "This does not hold."),
        Spelled("id", "IDFilter | None", "Public identifiers."),
    ]
    if noun.search is not None and Use.FILTER in uses(noun.search, role):
        fields.append(Spelled("search", "String | None", "Words to find, as in a search engine (pencarian)."))
    fields += [
        Spelled(a.name, f"{filter_of(a.column, types)} | None", a.about)
        for a in noun.attributes
        if Use.FILTER in uses(a.column, role)
    ]
    return [*fields, *links]


def order_members(noun: Noun, role: Role) -> dict[str, str]:
    """What a role may sort a noun by."""
    return {a.column.key.upper(): a.about for a in noun.attributes if Use.ORDER in uses(a.column, role)}
