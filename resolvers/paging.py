"""Pages of a list: orders that end in the key, keyset conditions, and the rows of one page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    Numeric,
    Select,
    Subquery,
    Text,
    UnaryExpression,
    Uuid,
    and_,
    cast,
    false,
    func,
    or_,
    select,
    tuple_,
)

from kernel.errors import BadInput
from policy.treatment import CLEAR
from policy.uses import hides_its_days
from policy.viewer import Role
from policy.visibility import treatment
from resolvers.binds import NULL, Leaf, Tree, Values
from resolvers.building import Building
from resolvers.catalogue import Noun
from resolvers.cursors import MARK, order_signature
from resolvers.sql import const

DEFAULT_SIZE = 20


@dataclass(frozen=True)
class OrderKey:
    """One column of an order. Empty values stand last when rising and first when falling."""

    column: str
    falling: bool
    nullable: bool


@dataclass(frozen=True)
class Slice:
    """Which part of a list is asked for: how many rows, from which end, between which cursors."""

    size: int
    backward: bool
    after: Leaf | None
    before: Leaf | None


def slice_of(b: Building, arguments: Mapping[str, Tree]) -> Slice:
    """The slice that a connection's arguments ask for.

    Raises:
        BadInput: both `first` and `last`, or a size out of range.
    """
    first = b.number(arguments.get("first"), None)
    last = b.number(arguments.get("last"), None)
    if first is not None and last is not None:
        raise BadInput("Give `first` or `last`, not both.")
    name, size = ("last", last) if last is not None else ("first", DEFAULT_SIZE if first is None else first)
    if not 0 <= size <= b.page_limit:
        raise BadInput(
            f"`{name}` must lie between 0 and {b.page_limit} (batas halaman), not {size}.", limit=b.page_limit
        )
    return Slice(size, last is not None, _leaf(arguments.get("after")), _leaf(arguments.get("before")))


def _leaf(tree: Tree | None) -> Leaf | None:
    return tree if isinstance(tree, Leaf) else None


def order_of(noun: Noun, role: Role, tree: Tree | None) -> list[OrderKey]:
    """The order that an `orderBy` argument asks for, ending in what is one row's alone."""
    keys: list[OrderKey] = []
    asked = [] if tree is None or tree is NULL else tree if isinstance(tree, list) else [tree]
    columns = {_enum_name(a.column.key): a.column for a in noun.attributes}
    for item in asked:
        assert isinstance(item, dict)
        column = columns[str(item["field"])]
        if column.key not in {k.column for k in keys}:
            keys.append(OrderKey(column.key, item.get("direction") == "DESC", _may_be_null(column)))
    last = last_key(noun, role)
    if last in {k.column for k in keys}:
        return keys
    return [*keys, OrderKey(last, bool(keys) and keys[-1].falling, False)]


def last_key(noun: Noun, role: Role) -> str:
    """The column in which every order of a role ends: the key, or the opaque identifier where a key tells too much."""
    return "public_id" if hides_its_days(noun.table, role) else noun.key.key


def _enum_name(column: str) -> str:
    return column.upper()


def _may_be_null(column: Any) -> bool:
    """Whatever some role does not read clear may be empty on its rows."""
    return bool(column.nullable) or any(treatment(column, role) != CLEAR for role in Role)


def ordering(source: FromClause, keys: list[OrderKey], *, backward: bool = False) -> list[UnaryExpression[Any]]:
    """ORDER BY of an order, or of the same order read from its end."""
    return [source.c[k.column].desc() if k.falling is not backward else source.c[k.column].asc() for k in keys]


def signature(noun: Noun, keys: list[OrderKey]) -> str:
    """The name of an order, to which its cursors are bound."""
    return order_signature(noun.name, [f"{'-' if k.falling else '+'}{k.column}" for k in keys])


def cursor(noun: Noun, source: FromClause, keys: list[OrderKey]) -> ColumnElement[str]:
    """The mark of a row's place; the executor makes a sealed cursor of it."""
    values = func.json_build_array(*(cast(source.c[k.column], Text) for k in keys))
    data = func.encode(func.convert_to(cast(values, Text), const("UTF8")), const("hex"))
    return const(f"{MARK}c:{signature(noun, keys)}:") + data


def between(
    b: Building, noun: Noun, source: FromClause, keys: list[OrderKey], part: Slice
) -> list[ColumnElement[bool]]:
    """The keyset conditions of a slice."""
    conditions = []
    if part.after is not None:
        conditions.append(_beyond(b, noun, source, keys, part.after, forward=True))
    if part.before is not None:
        conditions.append(_beyond(b, noun, source, keys, part.before, forward=False))
    return conditions


def _beyond(
    b: Building, noun: Noun, source: FromClause, keys: list[OrderKey], leaf: Leaf, *, forward: bool
) -> ColumnElement[bool]:
    """Rows that come after (or before) a cursor."""
    sign = signature(noun, keys)
    marks = [
        b.binds.add(_cursor_key(leaf, sign, i, source.c[k.column]), source.c[k.column].type) for i, k in enumerate(keys)
    ]
    rising = [forward is not k.falling for k in keys]
    if not any(k.nullable for k in keys) and len(set(rising)) == 1:
        row = tuple_(*(source.c[k.column] for k in keys))
        mark = tuple_(*marks)
        return row > mark if rising[0] else row < mark
    found: ColumnElement[bool] = false()
    for key, mark, up in reversed(list(zip(keys, marks, rising, strict=True))):
        found = _step(source.c[key.column], mark, up, key.nullable, found)
    return found


def _step(
    column: ColumnElement[Any], mark: ColumnElement[Any], up: bool, nullable: bool, rest: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Beyond the mark in this column, or equal in it and beyond in the rest. Empty values are the largest."""
    if not nullable:
        return or_(column > mark if up else column < mark, and_(column == mark, rest))
    further = (
        or_(column > mark, and_(column.is_(None), mark.is_not(None)))
        if up
        else or_(column < mark, and_(column.is_not(None), mark.is_(None)))
    )
    same = or_(column == mark, and_(column.is_(None), mark.is_(None)))
    return or_(further, and_(same, rest))


def _cursor_key(leaf: Leaf, sign: str, index: int, column: ColumnElement[Any]) -> Callable[[Values], Any]:
    parse = _parser(column)

    def read(values: Values) -> Any:
        text = values.open_cursor(leaf.read(values), sign, leaf.argument)[index]
        return None if text is None else parse(text)

    return read


def _parser(column: ColumnElement[Any]) -> Callable[[str], Any]:
    """From a key's text in a cursor to what the driver takes."""
    match column.type:
        case Uuid():
            return UUID
        case Date():
            return dt.date.fromisoformat
        case DateTime():
            return dt.datetime.fromisoformat
        case Boolean():
            return lambda text: text == "true"
        case Integer():
            return int
        case Numeric():
            return Decimal
        case _:
            return str


def page_rows(
    b: Building,
    source: FromClause,
    conditions: list[ColumnElement[bool]],
    keys: list[OrderKey],
    part: Slice,
    columns: set[str],
    extra: int,
    outer: FromClause | None,
) -> Subquery:
    """The rows of a slice, with `extra` more to tell whether the list goes on; in reading order from its end."""
    rows: Select[Any] = (
        select(*(source.c[c] for c in sorted(columns)))
        .where(*conditions)
        .order_by(*ordering(source, keys, backward=part.backward))
        .limit(const(part.size + extra))
    )
    if outer is not None:
        rows = rows.correlate(outer)
    return rows.subquery(b.name("page"))
