"""Filters over plain rows, in the three-valued logic of SQL: None is "unknown"."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from graphql import GraphQLError
from shapely.geometry import Point, shape

from policy.secrets import NotAnId, Secrets
from resolvers.catalogue import Many, Noun, One
from schema.nouns import CATALOGUE
from tests.fuzz.rows import Row, Rows

Verdict = bool | None
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_EARTH_M = 6_371_008.8
_FARTHEST_M = 100_000


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """True if all are, false if one is."""
    found = list(verdicts)
    return False if False in found else (None if None in found else True)


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """True if one is, false if none may be."""
    found = list(verdicts)
    return True if True in found else (None if None in found else False)


class Filters:
    """Decides for one row at a time."""

    def __init__(self, rows: Rows, secrets: Secrets) -> None:
        self._rows = rows
        self._secrets = secrets

    def left(self, noun: Noun, rows: Iterable[Row], tree: Mapping[str, Any] | None) -> list[Row]:
        """The rows that a filter leaves."""
        if tree is None:
            return list(rows)
        self._check(noun, tree)
        return [row for row in rows if self._holds(row, tree)]

    def key_of(self, noun: Noun, identifier: str) -> Any:
        """The internal key that an identifier names; None when it is of another noun."""
        if noun.key.key != "id" or noun.key.type.python_type is str:
            kind = f"{noun.kind}_"
            if not identifier.startswith(kind):
                raise GraphQLError("not an id of this noun")
            return identifier.removeprefix(kind)
        try:
            kind, key = self._secrets.internal_key(identifier)
        except NotAnId as refused:
            raise GraphQLError("not an id") from refused
        return key if kind == noun.kind else None

    def _holds(self, row: Row, tree: Mapping[str, Any]) -> Verdict:
        return all_of(self._entry(row, name, value) for name, value in tree.items())

    def _entry(self, row: Row, name: str, value: Any) -> Verdict:
        match name:
            case "and":
                return all_of(self._holds(row, part) for part in value)
            case "or":
                return any_of(self._holds(row, part) for part in value)
            case "not":
                return not self._holds(row, value)
            case "search":
                return row.key in self._rows.found[row.noun.name, value]
            case "id":
                return all_of(self._named(row, ids) for ids in value.values())
        for attribute in row.noun.attributes:
            if attribute.name == name:
                return all_of(operated(row[attribute.column.key], o, v) for o, v in value.items())
        return self._linked(row, name, value)

    def _named(self, row: Row, ids: Any) -> bool:
        return row.key in {self.key_of(row.noun, i) for i in (ids if isinstance(ids, list) else [ids])}

    def _linked(self, row: Row, name: str, value: Mapping[str, Any]) -> Verdict:
        for one in CATALOGUE.ones.get(row.noun.name, ()):
            if one.name == name:
                other = self._rows.one(CATALOGUE.nouns[one.target], row[one.column.key])
                return other is not None and self._holds(other, value) is True
        many = next(many for many in CATALOGUE.manies[row.noun.name] if many.name == name)
        others = self._rows.linked(CATALOGUE.nouns[many.target], many, row.key)
        some = {q: any(self._holds(other, part) is True for other in others) for q, part in value.items()}
        return all(found is (quantifier == "some") for quantifier, found in some.items())

    def _check(self, noun: Noun, tree: Any) -> None:
        """What is refused whatever the rows are: empty values, identifiers and places that are none."""
        if tree is None:
            raise GraphQLError("a filter must not be null")
        if isinstance(tree, list):
            for part in tree:
                self._check(noun, part)
        elif isinstance(tree, dict):
            for name, value in tree.items():
                self._check_entry(noun, name, value)

    def _check_entry(self, noun: Noun, name: str, value: Any) -> None:
        self._check(self._target(noun, name), value)
        if name == "id":
            for ids in value.values():
                for identifier in ids if isinstance(ids, list) else [ids]:
                    self.key_of(noun, identifier)
        if name == "near":
            _near(None, value)
        if name == "box":
            _in_box(None, value)

    @staticmethod
    def _target(noun: Noun, name: str) -> Noun:
        links: list[One | Many] = [*CATALOGUE.ones.get(noun.name, ()), *CATALOGUE.manies.get(noun.name, ())]
        return next((CATALOGUE.nouns[link.target] for link in links if link.name == name), noun)


def operated(value: Any, how: str, given: Any) -> Verdict:
    """One operator on one value."""
    if how == "isNull":
        return (value is None) is given
    if how in {"in", "notIn"}:
        among = False if not given else None if value is None else any(_same(value, g) for g in given)
        return among if how == "in" or among is None else not among
    if value is None:
        return None
    match how:
        case "contains":
            return _folded(given) in _folded(value)
        case "startsWith":
            return _folded(value).startswith(_folded(given))
        case "near":
            return _near(value, given)
        case "box":
            return _in_box(value, given)
        case "within":
            return _within(value, given)
        case _:
            return _COMPARISONS[how](value, _number(given))


def _same(value: Any, given: Any) -> bool:
    return bool(value == _number(given))


def _number(given: Any) -> Any:
    """A number as it was written, not as its binary form is."""
    return Decimal(repr(given)) if isinstance(given, float) else given


def _folded(text: str) -> str:
    """Lower case, letter by letter."""
    return "".join(c.lower()[0] for c in text)


def _within(value: Any, given: Any) -> bool:
    if isinstance(value, str):
        return value == given or value.startswith(f"{given}.")
    return bool(shape(given).covers(Point(value.x, value.y)))


def _near(value: Any, given: Mapping[str, float]) -> bool:
    lon, lat, metres = given["lon"], given["lat"], given["distanceM"]
    _check_degrees(lon, lat)
    if not 0 < metres <= _FARTHEST_M:
        raise GraphQLError("too far")
    if value is None:
        return False
    a, b, x = math.radians(lat), math.radians(value.y), math.radians(value.x - lon)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(x / 2) ** 2
    return 2 * _EARTH_M * math.asin(math.sqrt(min(half, 1))) <= metres


def _in_box(value: Any, given: Mapping[str, float]) -> bool:
    west, south, east, north = (given[side] for side in ("west", "south", "east", "north"))
    _check_degrees(west, south)
    _check_degrees(east, north)
    if west > east or south > north:
        raise GraphQLError("no box")
    return value is not None and west <= value.x <= east and south <= value.y <= north


def _check_degrees(lon: float, lat: float) -> None:
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise GraphQLError("off the globe")
