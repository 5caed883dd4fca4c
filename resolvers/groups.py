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
from models.loan_book import portfolio
from resolvers.binds import Tree
from resolvers.building import Building
from resolvers.catalogue import Noun, camel
from resolvers.filters import condition
from resolvers.meaning import Cut, Dimension, Value
from resolvers.measures import as_of, states
from resolvers.plan import Selection
from resolvers.sql import const, json_list, json_pairs

MOST_DIMENSIONS = 4
DEFAULT_GROUPS = 100

_CODE_LENGTH = {Cut.KOTA: 5, Cut.KECAMATAN: 8, Cut.KELURAHAN: 13}
_REGIONS = frozenset(cut.value.lower() for cut in _CODE_LENGTH)

Expression = ColumnElement[Any]


def size_of_groups(b: Building, s: Selection) -> int:
    """How many groups are asked for.

    Raises:
        BadInput: more than a page may hold.
    """
    size = b.number(s.arguments.get("first"), DEFAULT_GROUPS)
    assert size is not None
    if not 0 <= size <= b.page_limit:
        raise BadInput(
            f"`first` must lie between 0 and {b.page_limit} (batas halaman), not {size}.", limit=b.page_limit
        )
    return size


def grouped(b: Building, noun: Noun, s: Selection) -> Expression:
    """The groups of a noun as a list, ordered by their keys.

    Raises:
        BadInput: too many dimensions, or more groups asked for than a page may hold.
    """
    names = _dimensions(s.arguments.get("by"))
    size = size_of_groups(b, s)
    source = b.alias(noun)
    joined, keys = _keys(b, noun, source, names)
    columns: list[Any] = [key.label(f"{name}$") for name, key in keys.items()]
    for part in s.only:
        if part.name != "keys":
            column, joined = _part(b, noun, source, joined, part)
            columns.append(column.label(part.key))
    rows: Select[Any] = select(*columns).select_from(joined)
    rows = rows.where(condition(b, noun, source, s.arguments.get("filter")))
    rows = rows.group_by(*keys.values()).having(true())  # without keys one group, even if no count or sum is asked
    groups = rows.subquery(b.name("groups"))
    page = _named(b, noun, s, groups, list(keys)).limit(const(size)).subquery(b.name("page"))
    return select(json_list(page)).select_from(page).scalar_subquery()


def _named(b: Building, noun: Noun, s: Selection, groups: FromClause, names: list[str]) -> Select[Any]:
    """The finished groups in the order of their keys; regions get their names here, once for each group."""
    found: FromClause = groups
    shown: dict[str, Expression] = {}
    for name in names:
        shown[name] = groups.c[f"{name}$"]
        if name.endswith("Code") and name.removesuffix("Code") in _REGIONS:
            region = b.views["region"].alias(b.name("region"))
            found = found.outerjoin(region, region.c.code == shown[name])
            shown[name.removesuffix("Code") + "Name"] = region.c.name
    columns = [_shown(noun, part, shown) if part.name == "keys" else groups.c[part.key] for part in s.only]
    labelled = [column.label(part.key) for column, part in zip(columns, s.only, strict=True)]
    return select(*labelled).select_from(found).order_by(*(groups.c[f"{name}$"] for name in names))


def _shown(noun: Noun, part: Selection, shown: Mapping[str, Expression]) -> Expression:
    return json_pairs([shown.get(k.name, _typename(noun, k)).label(k.key) for k in part.only])


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
        keys |= _key(row, dimension, camel(name.lower()))
    return joined, keys


def _key(row: FromClause, dimension: Dimension, name: str) -> dict[str, Expression]:
    column = row.c[dimension.column.key]
    match dimension.cut:
        case Cut.VALUE | Cut.DAY:
            return {name: column}
        case Cut.MONTH | Cut.QUARTER | Cut.YEAR:
            return {name: cast(func.date_trunc(const(dimension.cut.value.lower()), column), Date)}
        case Cut.ROW:
            return {f"{name}Id": row.c.public_id, f"{name}Name": column}
        case Cut.KECAMATAN if "kecamatan_code" in row.c:
            return {f"{name}Code": row.c.kecamatan_code}  # stored, so that it is not cut from every row
        case _:
            return {f"{name}Code": func.left(column, const(_CODE_LENGTH[dimension.cut]))}


# ---- parts of a group


def _part(
    b: Building, noun: Noun, source: FromClause, joined: FromClause, part: Selection
) -> tuple[Expression, FromClause]:
    match part.name:
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
    (type_name,) = part.children
    parts = {"__typename": lambda _: const(type_name), **_AGGREGATES}
    return json_pairs([parts[a.name](column).label(a.key) for a in part.only])


def _average(column: Expression) -> Expression:
    return func.round(cast(func.avg(column), Numeric), const(2))


_AGGREGATES: Mapping[str, Callable[[Expression], Expression]] = {
    "sum": func.sum,
    "avg": _average,
    "min": func.min,
    "max": func.max,
}
