"""From a plan to one SELECT: every field an expression, every answer JSON that the database writes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    cast,
    func,
    literal_column,
    null,
    select,
    true,
)

from resolvers.binds import Leaf, Leaves, Tree, Values
from resolvers.building import Building, Fixable
from resolvers.catalogue import Catalogue, Many, Noun
from resolvers.cost import within_budget
from resolvers.cursors import MARK
from resolvers.filters import belongs, by_identifier, condition
from resolvers.groups import grouped
from resolvers.layers import layer
from resolvers.lookup import attempt, log_read, looked_up, revealed
from resolvers.meaning import ById, ByNik, Form, FromFiles, Groups, Layer, Measures, Page, Part, Revealed, ToOne, Value
from resolvers.measures import MADE_OF, measures
from resolvers.paging import OrderKey, Slice, between, cursor, order_of, ordering, page_rows, slice_of
from resolvers.plan import Selection
from resolvers.published import published
from resolvers.sql import Beside, as_geojson_point, const, joined, json_list, json_object, json_of, json_pairs
from resolvers.statement import Statement

Expression = ColumnElement[Any]


def compile_query(b: Building, selections: list[Selection]) -> Statement:
    """The statement of a query operation; its one value is the JSON of `data`.

    Raises:
        CostTooHigh: it could take more than the budget.
    """
    cost = within_budget(b, selections)
    answer = select(_data(b, selections).label("data"))
    if b.logged:
        answer = log_read(b, answer, selections)
    statement = b.binds.finish(
        answer, seals=b.seals, logged=sorted(b.logged), attempt=attempt(b), reads_files=b.reads_files
    )
    return replace(statement, cost=cost.total)


def _data(b: Building, selections: list[Selection]) -> Expression:
    if not selections:
        return cast(const("{}"), JSON)
    return json_object([_root(b, s).label(s.key) for s in selections], b.name("data"))


def _root(b: Building, s: Selection) -> Expression:
    match s.meaning:
        case Page(target=noun):
            return _connection(b, noun, s, None, None)
        case ById(target=None, several=several):
            return _nodes(b, s) if several else _node(b, s, _leaf(s.arguments["id"]))
        case ById(target=noun) if noun is not None:
            return _by_id(b, noun, _leaf(s.arguments["id"]), s.only)
        case ByNik(target=noun):
            source = b.alias(noun)
            return _rows(b, noun, source, s.only, looked_up(b, source, s.arguments["nik"]))
        case Revealed():
            return revealed(b, _leaf(s.arguments["id"]), s.only)
        case Groups(target=noun):
            return grouped(b, noun, s)
        case Layer():
            return layer(b, s)
        case FromFiles():
            return published(b, s)
        case _:
            return const("Query")


# ---- single rows


def _leaf(tree: Tree) -> Leaf:
    assert isinstance(tree, Leaf)
    return tree


def _by_id(b: Building, noun: Noun, identifier: Fixable, selections: list[Selection]) -> Expression:
    source = b.alias(noun)
    columns, others = fields(b, noun, source, selections)
    found = select(*columns).select_from(joined(source, others)).where(by_identifier(b, noun, source, identifier))
    row = found.subquery(b.name("row"))
    return select(json_of(row)).select_from(row).scalar_subquery()


@dataclass(frozen=True)
class _NamedBy:
    """Which noun an identifier names, as part of the plan."""

    identifier: Fixable
    catalogue: Catalogue = field(compare=False)

    def read(self, values: Values) -> str | None:
        noun = self.catalogue.named_by(self.identifier.read(values))
        return None if noun is None else noun.name


@dataclass(frozen=True)
class _Item:
    """One of several identifiers that come in one variable."""

    leaves: Leaves
    index: int
    argument: str = "ids"

    def read(self, values: Values) -> str:
        texts: list[str] = self.leaves.read(values)
        return texts[self.index] if self.index < len(texts) else ""  # the plan of a longer list asks too


def _node(b: Building, s: Selection, identifier: Fixable) -> Expression:
    name = b.fix(_NamedBy(identifier, b.catalogue))
    if name not in s.children:
        return cast(null(), JSON)
    return _by_id(b, b.catalogue.nouns[name], identifier, s.of(name))


def _nodes(b: Building, s: Selection) -> Expression:
    ids = s.arguments["ids"]
    count = b.length(ids)
    b.check_size("ids", count)
    items: Any = [_Item(ids, i) for i in range(count)] if isinstance(ids, Leaves) else ids
    return func.json_build_array(*(_node(b, s, item) for item in items))


# ---- fields of a noun


def fields(
    b: Building, noun: Noun, source: FromClause, selections: list[Selection]
) -> tuple[list[Expression], list[Beside]]:
    """The labelled expressions of a noun's selected fields, and what must be joined to the source for them."""
    columns: list[Expression] = []
    others: list[Beside] = []
    for s in selections:
        match s.meaning:
            case Value(column=column, form=form):
                b.used(column)
                expression = _value(b, source.c[column.key], form, f"{noun.table.name}.{column.key}")
            case ToOne(link=link, target=target):
                expression, found = _one(b, target, source, source.c[link.column.key], s.only)
                others += found
            case Page(target=target, link=link):
                expression = _connection(b, target, s, source, link, source.c[noun.key.key])
            case Measures():
                row = measures(b, noun.name, source, s)
                others.append((row, true()))
                expression = json_of(row)
            case Part():
                expression = const(noun.name)
            case _:
                raise AssertionError(s.meaning)
        columns.append(expression.label(s.key))
    return columns, others


def _value(b: Building, column: Expression, form: Form, name: str) -> Expression:
    match form:
        case Form.PLAIN:
            return column
        case Form.POINT:
            return as_geojson_point(column)
        case Form.JSON_TEXT:
            return cast(column, JSON)
        case Form.ENCRYPTED:
            b.seals = True
            return const(f"{MARK}d:{name}:") + column


def _one(
    b: Building, target: Noun, source: FromClause, key: Expression, selections: list[Selection]
) -> tuple[Expression, list[Beside]]:
    """The row that a key leads to as JSON, and what must be joined for it.

    A row with links of its own is joined flat: as a subquery, PostgreSQL would write the JSON of its whole table
    before it picks the few rows that are wanted.
    """
    other = b.alias(target)
    columns, others = fields(b, target, other, selections)
    is_it = other.c[target.key.key] == key
    if not others:
        row = select(*columns).where(is_it).correlate(source).lateral(b.name("one"))
        return json_of(row), [(row, true())]
    is_there = other.c[target.key.key].is_not(None)
    whole = json_object(columns, b.name("one"), other, *(o for o, _ in others), where=is_there)
    return whole, [(other, is_it), *others]


def needed(noun: Noun, selections: list[Selection]) -> set[str]:
    """The columns that selected fields of a noun are made of."""
    found: set[str] = set()
    for s in selections:
        match s.meaning:
            case Value(column=column):
                found.add(column.key)
            case ToOne(link=link):
                found.add(link.column.key)
            case Page():
                found.add(noun.key.key)
            case Measures():
                found |= MADE_OF[noun.name]
            case _:
                pass
    return found


def _rows(b: Building, noun: Noun, source: FromClause, selections: list[Selection], where: Expression) -> Expression:
    """All rows of a noun that meet a condition, as a list in the order of their keys."""
    columns, others = fields(b, noun, source, selections)
    found = select(*columns).select_from(joined(source, others)).where(where).order_by(source.c[noun.key.key])
    rows = found.subquery(b.name("rows"))
    return select(json_list(rows)).select_from(rows).scalar_subquery()


# ---- connections


@dataclass
class _Connection:
    """One connection while it is compiled."""

    noun: Noun
    part: Slice
    keys: list[OrderKey]
    outer: FromClause | None

    def correlated(self, rows: Select[Any]) -> Select[Any]:
        """A select that may speak of the row that the connection belongs to."""
        return rows if self.outer is None else rows.correlate(self.outer)


def _connection(
    b: Building,
    noun: Noun,
    s: Selection,
    outer: FromClause | None,
    link: Many | None,
    outer_key: Expression | None = None,
) -> Expression:
    c = _Connection(
        noun, slice_of(b, s.arguments), order_of(noun, b.role_schema.role, s.arguments.get("orderBy")), outer
    )
    for key in c.keys:
        b.used(noun.table.c[key.column])

    def rows_of() -> tuple[FromClause, list[Expression]]:
        source = b.alias(noun)
        linked = [] if link is None or outer_key is None else [belongs(link, source, outer_key)]
        return source, [*linked, condition(b, noun, source, s.arguments.get("filter"))]

    source, where = rows_of()
    where += between(b, noun, source, c.keys, c.part)
    parts = {part.name for part in s.only}
    whole = _simple if parts <= {"nodes", "totalCount", "__typename"} else _with_places
    columns, found = whole(b, c, s.only, source, where)
    for part in s.only:
        if part.name == "totalCount":
            counted, conditions = rows_of()
            total = c.correlated(select(func.count()).select_from(counted).where(*conditions))
            columns[part.key] = total.scalar_subquery()
        elif part.name == "__typename":
            columns[part.key] = const(f"{noun.name}Connection")
    ordered = [columns[part.key].label(part.key) for part in s.only]
    answer = select(*ordered) if found is None else select(*ordered).select_from(found).having(true())
    row = answer.subquery(b.name("connection"))
    return select(json_of(row)).select_from(row).scalar_subquery()


def _page(
    b: Building, c: _Connection, selections: list[Selection], source: FromClause, where: list[Expression], extra: int
) -> Subquery:
    columns = needed(c.noun, selections) | {k.column for k in c.keys}
    return page_rows(b, source, where, c.keys, c.part, columns, extra, c.outer)


def _simple(
    b: Building, c: _Connection, selections: list[Selection], source: FromClause, where: list[Expression]
) -> tuple[dict[str, Expression], None]:
    """A connection of which only nodes are asked: no row numbers, no cursors."""
    columns: dict[str, Expression] = {}
    for part in selections:
        if part.name == "nodes":
            page = _page(b, c, part.only, source, where, 0)
            values, others = fields(b, c.noun, page, part.only)
            rows = select(*values).select_from(joined(page, others)).order_by(*ordering(page, c.keys))
            nodes = rows.subquery(b.name("nodes"))
            columns[part.key] = select(json_list(nodes)).select_from(nodes).scalar_subquery()
    return columns, None


def _with_places(
    b: Building, c: _Connection, selections: list[Selection], source: FromClause, where: list[Expression]
) -> tuple[dict[str, Expression], FromClause]:
    """A connection with edges or page information: rows are numbered, one more than asked is read."""
    inner = [n for part in selections for n in _node_selections(part)]
    page = _page(b, c, inner, source, where, 1)
    read_from = ordering(page, c.keys, backward=c.part.backward)
    items: list[Expression] = [func.row_number().over(order_by=read_from).label("n$")]
    items.append(func.count().over().label("total$"))
    items.append(cursor(c.noun, page, c.keys).label("cursor$"))
    others: list[Beside] = []
    for i, part in enumerate(p for p in selections if p.name in {"nodes", "edges"}):
        item, found = _item(b, c, part, page)
        items.append(item.label(f"item${i}"))
        others += found
    rows = select(*items).select_from(joined(page, others)).order_by(*ordering(page, c.keys)).subquery(b.name("items"))
    return _assembled(b, c, selections, rows), rows


def _node_selections(part: Selection) -> list[Selection]:
    if part.name == "nodes":
        return part.only
    if part.name == "edges":
        return [n for edge in part.only if edge.name == "node" for n in edge.only]
    return []


def _item(b: Building, c: _Connection, part: Selection, page: FromClause) -> tuple[Expression, list[Beside]]:
    """One node or edge as JSON, and what must be joined to the page for it."""
    if part.name == "nodes":
        columns, others = fields(b, c.noun, page, part.only)
        return json_object(columns, b.name("item"), page, *(o for o, _ in others)), others
    edge_columns: list[Expression] = []
    joins: list[Beside] = []
    for edge in part.only:
        match edge.name:
            case "node":
                columns, others = fields(b, c.noun, page, edge.only)
                joins += others
                node = json_object(columns, b.name("node"), page, *(o for o, _ in others))
                edge_columns.append(node.label(edge.key))
            case "cursor":
                b.seals = True
                edge_columns.append(cursor(c.noun, page, c.keys).label(edge.key))
            case _:
                edge_columns.append(const(f"{c.noun.name}Edge").label(edge.key))
    return json_object(edge_columns, b.name("item"), page, *(o for o, _ in joins)), joins


def _assembled(b: Building, c: _Connection, selections: list[Selection], rows: Subquery) -> dict[str, Expression]:
    """The parts of the connection, aggregated over its numbered rows."""
    wanted = rows.c["n$"] <= const(c.part.size)
    columns: dict[str, Expression] = {}
    index = 0
    for part in selections:
        if part.name in {"nodes", "edges"}:
            listed = func.json_agg(rows.c[f"item${index}"]).filter(wanted)
            columns[part.key] = func.coalesce(listed, literal_column("'[]'::json"))
            index += 1
        elif part.name == "pageInfo":
            b.seals = b.seals or any(p.name.endswith("Cursor") for p in part.only)
            info = [_page_info(c, rows, p).label(p.key) for p in part.only]
            columns[part.key] = json_pairs(info)
    return columns


def _page_info(c: _Connection, rows: Subquery, part: Selection) -> Expression:
    more = func.count() > const(c.part.size)
    match part.name:
        case "hasNextPage":
            return const(c.part.before is not None) if c.part.backward else more
        case "hasPreviousPage":
            return more if c.part.backward else const(c.part.after is not None)
        case "startCursor" | "endCursor":
            is_read_first = (part.name == "startCursor") is not c.part.backward
            number = const(1) if is_read_first else rows.c["total$"]
            is_it = rows.c["n$"] == func.least(const(c.part.size), number)
            return func.max(rows.c["cursor$"]).filter(is_it)
        case _:
            return const("PageInfo")
