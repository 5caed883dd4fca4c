"""Groups and aggregates: rows of a noun counted, summed and averaged by one or more dimensions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Numeric,
    Select,
    Text,
    cast,
    func,
    select,
    true,
)

from kernel.errors import BadInput
from resolvers.binds import Tree
from resolvers.building import Building
from resolvers.catalogue import Noun, camel
from resolvers.filters import condition
from resolvers.meaning import Cut, Dimension, Value
from resolvers.measures import as_of, portfolio, states
from resolvers.plan import Selection
from resolvers.sql import const, json_list, json_pairs

MOST_DIMENSIONS = 4
DEFAULT_GROUPS = 100

_CODE_LENGTH = {Cut.KOTA: 5, Cut.KECAMATAN: 8, Cut.KELURAHAN: 13}

Expression = ColumnElement[Any]


def grouped(b: Building, noun: Noun, s: Selection) -> Expression:
    """The groups of a noun as a list, ordered by their keys.

    Raises:
        BadInput: too many dimensions, or more groups asked for than a page may hold.
    """
    names = _dimensions(s.arguments.get("by"))
    size = b.number(s.arguments.get("first"), DEFAULT_GROUPS)
    assert size is not None
    if not 0 <= size <= b.page_limit:
        raise BadInput(
            f"`first` must lie between 0 and {b.page_limit} (batas halaman), not {size}.", limit=b.page_limit
        )
    source = b.alias(noun)
    joined, keys = _keys(b, noun, source, names)
    columns: list[Any] = []
    for part in s.only:
        column, joined = _part(b, noun, source, joined, keys, part)
        columns.append(column.label(part.key))
    rows: Select[Any] = select(*columns).select_from(joined)
    rows = rows.where(condition(b, noun, source, s.arguments.get("filter")))
    if keys:
        rows = rows.group_by(*keys.values()).order_by(*keys.values())
    page = rows.limit(const(size)).subquery(b.name("groups"))
    return select(json_list(page)).select_from(page).scalar_subquery()


def _dimensions(tree: Tree | None) -> list[str]:
    names = [str(name) for name in tree] if isinstance(tree, list) else []
    if len(names) > MOST_DIMENSIONS:
        raise BadInput(f"`by` takes at most {MOST_DIMENSIONS} dimensions, not {len(names)}.", limit=MOST_DIMENSIONS)
    return list(dict.fromkeys(names))


# ---- keys


def _keys(b: Building, noun: Noun, source: FromClause, names: list[str]) -> tuple[FromClause, dict[str, Expression]]:
    """The key fields of the asked dimensions with their expressions, and the source joined with what they need."""
    joined = source
    neighbours: dict[str, FromClause] = {}
    keys: dict[str, Expression] = {}
    for name in names:
        dimension = b.role_schema.dimensions[noun.name][name]
        b.used(dimension.column)
        row = source
        if dimension.link is not None:
            link = dimension.link
            if link.name not in neighbours:
                target = b.catalogue.nouns[link.target]
                other = b.alias(target)
                neighbours[link.name] = other
                joined = joined.outerjoin(other, other.c[target.key.key] == source.c[link.column.key])
            row = neighbours[link.name]
        joined, found = _key(b, joined, row, dimension, camel(name.lower()))
        keys |= found
    return joined, keys


def _key(
    b: Building, joined: FromClause, row: FromClause, dimension: Dimension, name: str
) -> tuple[FromClause, dict[str, Expression]]:
    column = row.c[dimension.column.key]
    match dimension.cut:
        case Cut.VALUE:
            return joined, {name: column}
        case Cut.MONTH | Cut.QUARTER | Cut.YEAR:
            return joined, {name: cast(func.date_trunc(const(dimension.cut.value.lower()), column), Date)}
        case Cut.ROW:
            return joined, {f"{name}Id": row.c.public_id, f"{name}Name": column}
        case _:
            region = b.views["region"].alias(b.name("region"))
            code = func.left(column, const(_CODE_LENGTH[dimension.cut]))
            is_that = region.c.code == code
            return joined.outerjoin(region, is_that), {f"{name}Code": code, f"{name}Name": region.c.name}


# ---- parts of a group


def _part(
    b: Building, noun: Noun, source: FromClause, joined: FromClause, keys: dict[str, Expression], part: Selection
) -> tuple[Expression, FromClause]:
    match part.name:
        case "keys":
            shown = [keys.get(k.name, _typename(noun, k)).label(k.key) for k in part.only]
            return json_pairs(shown), joined
        case "count":
            return func.count(), joined
        case "portfolio":
            day = as_of(b, part.arguments)
            state = states(b, source, day)
            measured = [(day if m.name == "asOf" else portfolio(state, m.name)).label(m.key) for m in part.only]
            return json_pairs(measured), joined.outerjoin(state, true())
        case "__typename":
            return const(f"{noun.name}Group"), joined
        case _:
            return _aggregates(b, source, part), joined


def _typename(noun: Noun, key: Selection) -> Expression:
    """A key that was not grouped by is empty."""
    return const(f"{noun.name}Keys") if key.name == "__typename" else cast(const(None, Text()), Text)


def _aggregates(b: Building, source: FromClause, part: Selection) -> Expression:
    meaning = part.meaning
    assert isinstance(meaning, Value)
    b.used(meaning.column)
    column = source.c[meaning.column.key]
    return json_pairs([_AGGREGATES[a.name](column).label(a.key) for a in part.only])


def _average(column: Expression) -> Expression:
    return func.round(cast(func.avg(column), Numeric), const(2))


_AGGREGATES: Mapping[str, Callable[[Expression], Expression]] = {
    "sum": func.sum,
    "avg": _average,
    "min": func.min,
    "max": func.max,
    "__typename": lambda _: const("Aggregates"),
}
