"""The second implementation: graphql-core executes the document field by field over plain rows."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    print_schema,
    value_from_ast_untyped,
)
from graphql import validate as validation_errors
from shapely.geometry import shape

from geo.regions import regions
from kernel.clock import SystemClock, today
from policy.secrets import Secrets
from policy.viewer import Role, Viewer
from resolvers.catalogue import Noun, camel
from resolvers.meaning import ById, ByNik, Cut, Dimension, Form, Groups, Layer, Measures, Page, ToOne, Value
from schema.build import role_schema
from schema.nouns import CATALOGUE
from tests.fuzz import measures
from tests.fuzz.filters import Filters
from tests.fuzz.rows import Row, Rows
from tests.policy import promises

PLACE = "\x00place:"
"""What the reference writes for a cursor."""

PAGE_LIMIT = 500
_CODE_LENGTH = {"KOTA": 5, "KECAMATAN": 8, "KELURAHAN": 13}
_LAYERS = {
    "TARGET": ("Need", "estimated_value"),
    "PLEDGE": ("Pledge", "estimated_value"),
    "DISTRIBUTION": ("Delivery", "value"),
}

Keys = tuple[tuple[str, bool], ...]
"""An order: columns, and whether each is falling."""


@dataclass(frozen=True)
class Place:
    """What a cursor stands for."""

    noun: str
    keys: Keys
    values: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{PLACE}{self.noun}:{self.keys}:{self.values!r}"


@dataclass
class Reference:
    """Answers documents for one viewer. `places` are the sealed cursors that were seen, with what they stand for."""

    viewer: Viewer
    rows: Rows
    secrets: Secrets
    places: dict[str, Place] = field(default_factory=dict)
    written: dict[str, Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        meant = role_schema(self.viewer.role)
        self.schema = plain_schema(meant.schema)
        self._meanings = meant.meanings
        self._dimensions = meant.dimensions
        self._filters = Filters(self.rows, self.secrets)

    def answer(self, text: str, variables: Mapping[str, Any]) -> tuple[Any, list[GraphQLError]]:
        """The data, or the errors; an error anywhere refuses the whole."""
        try:
            document = parse(text)
        except GraphQLError as malformed:
            return None, [malformed]
        errors = validation_errors(self.schema, document)
        if errors:
            return None, errors
        done = execute_sync(
            self.schema,
            document,
            root_value={},
            variable_values=dict(variables),
            field_resolver=self._resolve,
            type_resolver=lambda row, *_: row.noun.name,
        )
        return done.data, done.errors or []

    def is_valid(self, text: str) -> bool:
        """Whether a document validates. The compiler validates one document for all that differ in written values only,
        and does not read values in skipped parts: there it may answer what is not valid."""
        try:
            return not validation_errors(self.schema, parse(text))
        except GraphQLError:
            return False

    # ---- fields

    def _resolve(self, source: Any, info: Any, **arguments: Any) -> Any:
        if isinstance(source, Mapping) and source:
            found = source[info.field_name]
            return found(**arguments) if callable(found) else found
        meaning = self._meanings[info.parent_type.name][info.field_name]
        match meaning:
            case Value(column=column, form=form):
                return self._value(source[column.key], form, f"{column.table.name}.{column.key}")
            case ToOne(link=link, target=target):
                return self.rows.one(target, source[link.column.key])
            case Page(target=target, link=None):
                return self._connection(target, self.rows.of[target.name], **arguments)
            case Page(target=target, link=link) if link is not None:
                return self._connection(target, self.rows.linked(target, link, source.key), **arguments)
            case Measures():
                return self._measures(source, **arguments)
            case Groups(target=target):
                return self._groups(target, **arguments)
            case Layer():
                return self._layer(**arguments)
            case ById(target=None, several=True):
                if len(arguments["ids"]) > PAGE_LIMIT:
                    raise GraphQLError("too many ids")
                return [self._node(i) for i in arguments["ids"]]
            case ById(target=None):
                return self._node(arguments["id"])
            case ById(target=target) if target is not None:
                return self.rows.one(target, self._filters.key_of(target, arguments["id"]))
            case ByNik(target=target):
                keys = self.rows.niks.get(arguments["nik"], set())
                return sorted((r for r in self.rows.of[target.name] if r.key in keys), key=lambda r: r.key)
        raise AssertionError(meaning)

    def _value(self, value: Any, form: Form, name: str) -> Any:
        if value is None:
            return None
        match form:
            case Form.POINT:
                return {"type": "Point", "coordinates": [value.x, value.y]}
            case Form.ENCRYPTED:
                return self.secrets.decrypt(bytes.fromhex(value), name)
            case Form.JSON_TEXT:
                return json.loads(value)
            case _:
                return as_json(value)

    def _node(self, identifier: str) -> Row | None:
        noun = self._noun_of(identifier)
        if noun is None or noun.name not in self.rows.of:
            return None
        return self.rows.one(noun, self._filters.key_of(noun, identifier))

    @staticmethod
    def _noun_of(identifier: str) -> Noun | None:
        kinds = {noun.kind: noun for noun in CATALOGUE.nouns.values()}
        starts = (identifier[:i] for i in reversed(range(len(identifier))) if identifier[i] == "_")
        return next((kinds[start] for start in starts if start in kinds), None)

    # ---- connections

    def _connection(
        self,
        noun: Noun,
        rows: Iterable[Row],
        first: int | None = None,
        last: int | None = None,
        after: str | None = None,
        before: str | None = None,
        filter: Mapping[str, Any] | None = None,
        orderBy: list[Mapping[str, Any]] | None = None,  # noqa: N803  # the API's own word
    ) -> Mapping[str, Any]:
        if first is not None and last is not None:
            raise GraphQLError("first and last")
        size = last if last is not None else 20 if first is None else first
        check_size(size)
        keys = keys_of(noun, self.viewer.role, orderBy)
        left = self._filters.left(noun, rows, filter)
        part = in_order(left, keys)
        for cursor, sign in ((after, 1), (before, -1)):
            if cursor is not None:
                mark = self._opened(cursor, noun, keys)
                part = [row for row in part if compared(_values(row, keys), mark.values, keys) == sign]
        page = part[:size] if last is None else part[len(part) - min(size, len(part)) :]
        more = len(part) > size
        return {
            "nodes": page,
            "edges": [{"node": row, "cursor": self._cursor(row, keys)} for row in page],
            "pageInfo": {
                "hasNextPage": before is not None if last is not None else more,
                "hasPreviousPage": more if last is not None else after is not None,
                "startCursor": self._cursor(page[0], keys) if page else None,
                "endCursor": self._cursor(page[-1], keys) if page else None,
            },
            "totalCount": len(left),
        }

    def _cursor(self, row: Row, keys: Keys) -> str:
        place = Place(row.noun.name, keys, _values(row, keys))
        self.written[str(place)] = place
        return str(place)

    def _opened(self, cursor: str, noun: Noun, keys: Keys) -> Place:
        place = self.places.get(cursor)
        if place is None or (place.noun, place.keys) != (noun.name, keys):
            raise GraphQLError("not a cursor of this list")
        return place

    # ---- measures, groups, layers

    def _measures(self, row: Row, asOf: dt.date | None = None, rule: str | None = None) -> Any:  # noqa: N803  # see above
        day = asOf or today(SystemClock())
        if row.noun.name == "Instalment":
            loan = self.rows.one(CATALOGUE.nouns["Loan"], row["loan_id"])
            return measures.of_an_instalment(self.rows, row, loan, day)
        found = measures.state(self.rows, row, day)
        return None if found is None else measures.of_a_loan(found, day, rule or "LPBBTI")

    def _groups(
        self,
        noun: Noun,
        by: list[str] | None = None,
        filter: Mapping[str, Any] | None = None,
        first: int | None = None,
    ) -> list[Mapping[str, Any]]:
        names = list(dict.fromkeys(by or []))
        if len(by or []) > 4:
            raise GraphQLError("too many dimensions")
        check_size(size := 100 if first is None else first)
        groups: dict[tuple[Any, ...], list[Row]] = {} if names else {(): []}
        labels = [label for name in names for label in _labels(name, self._dimensions[noun.name][name])]
        for row in self._filters.left(noun, self.rows.of[noun.name], filter):
            parts = (self._key(row, self._dimensions[noun.name][name]) for name in names)
            groups.setdefault(tuple(v for part in parts for v in part), []).append(row)
        ordered = sorted(groups, key=lambda values: [_rank(v) for v in values])
        return [self._group(noun, dict(zip(labels, k, strict=True)), groups[k]) for k in ordered[:size]]

    def _group(self, noun: Noun, keys: Mapping[str, Any], rows: list[Row]) -> Mapping[str, Any]:
        missing = [f for f in self.schema.type_map[f"{noun.name}Keys"].fields if f not in keys]  # type: ignore[attr-defined]  # an object type
        return {
            "keys": {**{k: as_json(v) for k, v in keys.items()}, **dict.fromkeys(missing)},
            "count": len(rows),
            "portfolio": lambda asOf=None: self._portfolio(rows, asOf),  # noqa: N803  # the API's own word
            **{a.name: aggregates([row.values.get(a.column.key) for row in rows]) for a in noun.attributes},
        }

    def _portfolio(self, loans: list[Row], as_of: dt.date | None) -> Mapping[str, Any]:
        day = as_of or today(SystemClock())
        return measures.of_a_group((measures.state(self.rows, loan, day) for loan in loans), day)

    def _key(self, row: Row, dimension: Dimension) -> tuple[Any, ...]:
        noun, source = row.noun, row if dimension.link is None else None
        if dimension.link is not None:
            noun = CATALOGUE.nouns[dimension.link.target]
            source = self.rows.one(noun, row[dimension.link.column.key])
        value = None if source is None else source[dimension.column.key]
        match dimension.cut:
            case Cut.VALUE | Cut.DAY:
                return (value,)
            case Cut.ROW:
                return (None if source is None else source["public_id"], value)
            case Cut.MONTH | Cut.QUARTER | Cut.YEAR:
                return (None if value is None else _start(value, dimension.cut),)
            case _:
                code = None if value is None else value[: _CODE_LENGTH[dimension.cut.value]]
                region = self.rows.one(CATALOGUE.nouns["Region"], code)
                return (code, region and region["name"])

    def _layer(self, layer: str, level: str, packageKind: str | None = None) -> list[Mapping[str, Any]]:  # noqa: N803  # see above
        name, value = _LAYERS[layer]
        cells: dict[str, list[Row]] = {}
        for row in self.rows.of[name]:
            if packageKind is None or row["package_kind"] == packageKind:
                cells.setdefault(row["region_code"][: _CODE_LENGTH[level]], []).append(row)
        return [self._cell(code, cells[code], value) for code in sorted(cells)]

    def _cell(self, code: str, rows: list[Row], value: str) -> Mapping[str, Any]:
        region = self.rows.one(CATALOGUE.nouns["Region"], code)
        assert region is not None
        return {
            "regionCode": code,
            "regionName": region["name"],
            "centre": self._value(region["centre"], Form.POINT, ""),
            "quantity": sum(row["quantity"] for row in rows),
            "value": sum(row[value] for row in rows),
        }


# ---- orders


def keys_of(noun: Noun, role: Role, order_by: Sequence[Mapping[str, Any]] | None) -> Keys:
    """The order that an argument asks for, ending in the key, which goes the way of the one before it.

    For roles that the days of the rows are hidden from, the opaque identifier stands in the place of the key.
    """
    keys: dict[str, bool] = {}
    for item in order_by or []:
        keys.setdefault(item["field"].lower(), item.get("direction") == "DESC")
    last = "public_id" if role.value in promises.DAYS_HIDDEN.get(noun.table.name, "").split() else noun.key.key
    keys.setdefault(last, [False, *keys.values()][-1])
    return tuple(keys.items())


def in_order(rows: Iterable[Row], keys: Keys) -> list[Row]:
    """Rows sorted; empty values are the largest."""
    found = list(rows)
    for column, falling in reversed(keys):
        found.sort(key=lambda row: _rank(row[column]), reverse=falling)  # used before the next turn
    return found


def compared(left: tuple[Any, ...], right: tuple[Any, ...], keys: Keys) -> int:
    """1 when the left place comes after the right one, -1 when before, 0 when they are one."""
    for mine, other, (_, falling) in zip(left, right, keys, strict=True):
        if mine != other:
            return 1 if (_rank(mine) > _rank(other)) is not falling else -1
    return 0


def _rank(value: Any) -> tuple[Any, ...]:
    return (True,) if value is None else (False, value)


def _values(row: Row, keys: Keys) -> tuple[Any, ...]:
    return tuple(row[column] for column, _ in keys)


def check_size(size: int) -> None:
    """Pages have a limit."""
    if not 0 <= size <= PAGE_LIMIT:
        raise GraphQLError("page size out of range")


# ---- values


def as_json(value: Any) -> Any:
    """A value as JSON has it."""
    match value:
        case Decimal():
            return float(value)
        case dt.datetime():
            text = value.isoformat()
            return text if not value.microsecond else f"{text[:-6].rstrip('0')}{text[-6:]}"
        case dt.date():
            return value.isoformat()
        case _:
            return value


def aggregates(values: list[Any]) -> Mapping[str, Any]:
    """Sum, mean, least and greatest of what is there."""
    found = [v for v in values if v is not None]
    numbers = found if found and isinstance(found[0], int | Decimal) else []
    return {
        "sum": as_json(sum(numbers)) if numbers else None,
        "avg": float(measures.rounded(Decimal(sum(numbers)) / len(numbers))) if numbers else None,
        "min": as_json(min(found, default=None)) if found and not isinstance(found[0], bool | str) else None,
        "max": as_json(max(found, default=None)) if found and not isinstance(found[0], bool | str) else None,
    }


def _labels(name: str, dimension: Dimension) -> list[str]:
    key = camel(name.lower())
    if not dimension.is_named:
        return [key]
    return [f"{key}Id" if dimension.cut is Cut.ROW else f"{key}Code", f"{key}Name"]


def _start(day: dt.date, cut: Cut) -> dt.date:
    month = {Cut.MONTH: day.month, Cut.QUARTER: (day.month - 1) // 3 * 3 + 1, Cut.YEAR: 1}[cut]
    return day.replace(month=month, day=1)


# ---- the schema


def plain_schema(schema: GraphQLSchema) -> GraphQLSchema:
    """A role's schema made anew from its text: nothing of the real resolvers is left."""
    made = build_schema(print_schema(schema))
    for name, read in _SCALARS.items():
        scalar = made.type_map.get(name)
        if isinstance(scalar, GraphQLScalarType):
            scalar.coerce_input_value = read
            scalar.coerce_input_literal = _of_literal(read)
    return made


def _refusing(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def checked(value: Any) -> Any:
        try:
            return read(value)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as refused:
            raise GraphQLError(f"not usable: {value!r}") from refused

    return checked


def _of_literal(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda node: read(value_from_ast_untyped(node))


def _rupiah(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or int(value) != value or abs(value) >= 2**53:
        raise ValueError
    return int(value)


def _date(value: Any) -> dt.date:
    day = dt.date.fromisoformat(value)
    if day.isoformat() != value:
        raise ValueError
    return day


def _instant(value: Any) -> dt.datetime:
    instant = dt.datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError
    return instant.astimezone(dt.UTC)


def _region(value: Any) -> str:
    return regions()[value.strip()].code


def _geojson(value: Any) -> Any:
    polygon = shape(value)
    west, south, east, north = polygon.bounds
    inside = west >= -180 and east <= 180 and south >= -90 and north <= 90
    if polygon.geom_type not in {"Polygon", "MultiPolygon"} or not polygon.is_valid or math.isnan(west) or not inside:
        raise ValueError
    return value


_SCALARS: Mapping[str, Callable[[Any], Any]] = {
    "Rupiah": _refusing(_rupiah),
    "Date": _refusing(_date),
    "DateTime": _refusing(_instant),
    "RegionCode": _refusing(_region),
    "GeoJSON": _refusing(_geojson),
}
