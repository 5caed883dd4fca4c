"""Filters: from a filter argument to a WHERE clause over a role's own views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Text,
    Uuid,
    and_,
    any_,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from kernel.errors import BadInput
from policy.secrets import NotAnId
from resolvers.binds import NULL, Leaf, Leaves, Null, Tree, Values
from resolvers.building import Building, Fixable
from resolvers.catalogue import Many, Noun, One
from resolvers.places import place_condition

LONGEST_SEARCH = 300
_NO_KEY = UUID(int=0)
"""A key that no row has: what an identifier of another kind stands for."""


def condition(b: Building, noun: Noun, source: FromClause, tree: Tree | None) -> ColumnElement[bool]:
    """The rows of a noun that a filter leaves; all of them without a filter."""
    if tree is None or tree is NULL:
        return true()
    assert isinstance(tree, dict)
    return and_(true(), *(_entry(b, noun, source, name, value) for name, value in tree.items()))


def _entry(b: Building, noun: Noun, source: FromClause, name: str, tree: Tree) -> ColumnElement[bool]:
    if isinstance(tree, Null):
        raise BadInput(f"Filter `{name}` must not be null; leave it out, or use `isNull`.")
    if name in _CONNECTIVES:
        return _CONNECTIVES[name]([condition(b, noun, source, part) for part in _items(tree)])
    if name == "not":
        return not_(func.coalesce(condition(b, noun, source, tree), false()))
    if name == "search":
        assert isinstance(tree, Leaf)
        assert noun.search is not None
        words = b.binds.add(partial(_words, tree), Text())
        query = func.websearch_to_tsquery(literal_column("'simple'::regconfig"), words)
        return source.c[noun.search.key].bool_op("@@")(query)
    if name == "id":
        return _identifier(b, noun, source, tree)
    for attribute in noun.attributes:
        if attribute.name == name:
            assert isinstance(tree, dict)
            b.used(attribute.column)
            return and_(true(), *(_operator(b, source.c[attribute.column.key], o, v) for o, v in tree.items()))
    return _link(b, noun, source, name, tree)


def _words(leaf: Leaf, values: Values) -> str:
    """What to search for.

    Raises:
        BadInput: longer than anybody searches; PostgreSQL refuses very long ones in words of its own.
    """
    words: str = leaf.read(values)
    if len(words) > LONGEST_SEARCH:
        raise BadInput(f"`search` (pencarian) takes at most {LONGEST_SEARCH} characters, not {len(words):,}.")
    return words


_CONNECTIVES: Mapping[str, Callable[[list[ColumnElement[bool]]], ColumnElement[bool]]] = {
    "and": lambda parts: and_(true(), *parts),
    "or": lambda parts: or_(false(), *parts),
}


def _items(tree: Tree) -> list[Tree]:
    return tree if isinstance(tree, list) else [tree]


# ---- links


def _link(b: Building, noun: Noun, source: FromClause, name: str, tree: Tree) -> ColumnElement[bool]:
    for link in b.catalogue.ones.get(noun.name, ()):
        if link.name == name:
            return _exists_one(b, link, source, tree)
    link_many = next(link for link in b.catalogue.manies[noun.name] if link.name == name)
    assert isinstance(tree, dict)
    parts = []
    for quantifier, part in tree.items():
        if isinstance(part, Null):
            raise BadInput(f"`{quantifier}` of `{name}` must not be null; write {{}} for any row.")
        found = _exists_many(b, noun, link_many, source, part)
        parts.append(found if quantifier == "some" else not_(found))
    return and_(true(), *parts)


def _exists_one(b: Building, link: One, source: FromClause, tree: Tree) -> ColumnElement[bool]:
    target = b.catalogue.nouns[link.target]
    other = b.alias(target)
    mine = other.c[target.key.key] == source.c[link.column.key]
    return select(other.c[target.key.key]).where(mine, condition(b, target, other, tree)).correlate(source).exists()


def _exists_many(b: Building, noun: Noun, link: Many, source: FromClause, tree: Tree) -> ColumnElement[bool]:
    target = b.catalogue.nouns[link.target]
    other = b.alias(target)
    mine = belongs(link, other, source.c[noun.key.key])
    return select(other.c[target.key.key]).where(mine, condition(b, target, other, tree)).correlate(source).exists()


def belongs(link: Many, other: FromClause, key: ColumnElement[Any]) -> ColumnElement[bool]:
    """The rows at the other end of a link; of a region, those of its whole subtree, which is one range of codes."""
    column = other.c[link.column.key]
    if link.is_subtree:
        return and_(column >= key, column < key + "/")
    return column == key


# ---- identifiers


def _identifier(b: Building, noun: Noun, source: FromClause, tree: Tree) -> ColumnElement[bool]:
    assert isinstance(tree, dict)
    parts = []
    for operator, value in tree.items():
        if isinstance(value, Null):
            raise BadInput(f"`{operator}` of `id` must not be null; leave it out.")
        if operator == "eq":
            assert isinstance(value, Leaf)
            parts.append(by_identifier(b, noun, source, value))
        else:
            parts.append(_one_of(b, noun, source, value))
    return and_(true(), *parts)


def by_identifier(b: Building, noun: Noun, source: FromClause, identifier: Fixable) -> ColumnElement[bool]:
    """The row that a public identifier names."""
    key = source.c[noun.key.key]
    return key == b.binds.add(lambda values: key_of(values, noun, identifier.read(values)), key.type)


def _one_of(b: Building, noun: Noun, source: FromClause, tree: Tree) -> ColumnElement[bool]:
    key = source.c[noun.key.key]
    read = _reader_of_list(tree)
    keys = b.binds.add(lambda values: [key_of(values, noun, i) for i in read(values)], ARRAY(key.type))
    return key == any_(keys)


def key_of(values: Values, noun: Noun, identifier: str) -> UUID | str:
    """The internal key behind a public identifier; a key that no row has when it names another kind.

    Raises:
        NotAnId: the text is no identifier at all.
    """
    if not isinstance(noun.key.type, Uuid):
        kind = f"{noun.kind}_"
        if not identifier.startswith(kind):
            raise NotAnId(f"An id of {noun.name} reads `{kind}` and a code; use ids as they were given.")
        return identifier[len(kind) :]
    kind, key = values.internal_key(identifier)
    return key if kind == noun.kind else _NO_KEY


# ---- operators on columns


def _operator(b: Building, column: ColumnElement[Any], operator: str, tree: Tree) -> ColumnElement[bool]:
    if isinstance(tree, Null):
        raise BadInput(f"`{operator}` must not be null; use `isNull` to find empty values.")
    match operator:
        case "isNull":
            return column.is_(None) if tree is True else column.is_not(None)
        case "in" | "notIn":
            among = _among(b, column, tree)
            return among if operator == "in" else not_(among)
        case "within" | "near" | "box":
            return _geographic(b, column, operator, tree)
        case "contains" | "startsWith":
            assert isinstance(tree, Leaf)
            pattern = _pattern(tree, starts=operator == "startsWith")
            return column.ilike(b.binds.add(pattern, Text()), escape="\\")
        case _:
            return _COMPARISONS[operator](column, _value(b, column, tree))


_COMPARISONS: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "eq": lambda column, value: column == value,
    "ne": lambda column, value: column != value,
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
}


def _value(b: Building, column: ColumnElement[Any], tree: Tree) -> ColumnElement[Any]:
    if isinstance(tree, Leaf):
        return b.binds.add(tree.read, _wide(column))
    return b.binds.add(lambda _: tree, column.type)


def _wide(column: ColumnElement[Any]) -> Any:
    """Whole numbers are compared as `bigint`, so that a large one is merely larger than all."""
    return BigInteger() if isinstance(column.type, BigInteger) else column.type


def _among(b: Building, column: ColumnElement[Any], tree: Tree) -> ColumnElement[bool]:
    read = _reader_of_list(tree)
    return column == any_(b.binds.add(read, ARRAY(_wide(column))))


def _reader_of_list(tree: Tree) -> Callable[[Values], list[Any]]:
    if isinstance(tree, Leaves):
        return tree.read
    items = _items(tree)
    if any(isinstance(item, Null) for item in items):
        raise BadInput("A list of values must not hold null; use `isNull` to find empty values.")
    return lambda values: [item.read(values) if isinstance(item, Leaf | Leaves) else item for item in items]


def _pattern(leaf: Leaf, *, starts: bool) -> Callable[[Values], str]:
    def read(values: Values) -> str:
        text = leaf.read(values)
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"{escaped}%" if starts else f"%{escaped}%"

    return read


def _geographic(b: Building, column: ColumnElement[Any], operator: str, tree: Tree) -> ColumnElement[bool]:
    if isinstance(column.type, Text) and isinstance(tree, Leaf):
        low = b.binds.add(tree.read, Text(collation="C"))
        high = b.binds.add(lambda values: tree.read(values) + "/", Text(collation="C"))
        return and_(column >= low, column < high)
    return place_condition(b.binds, column, operator, tree)
