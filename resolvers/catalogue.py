"""What can be read: the nouns of the API, their fields and the links between them, as `schema/` declares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from kernel.spelling import camel as camel


@dataclass(frozen=True)
class Attribute:
    """A field that is one column of the noun's own table."""

    name: str
    column: Column[Any]
    about: str


@dataclass(frozen=True)
class One:
    """A link to at most one row of another noun, over a key column of this one."""

    name: str
    target: str
    column: Column[Any]
    about: str


@dataclass(frozen=True)
class Many:
    """A link to many rows of another noun, over that noun's key column."""

    name: str
    target: str
    column: Column[Any]
    about: str

    @property
    def is_subtree(self) -> bool:
        """Whether it leads from a region to what lies in it or in any region below it."""
        return self.column.key == "region_code"


@dataclass(frozen=True)
class Noun:
    """A type of the API over one table."""

    name: str
    plural: str
    table: Table
    about: str
    attributes: tuple[Attribute, ...]
    measures: str = ""
    """Name of the measures that the noun has beside its columns; see `resolvers/measures.py`."""
    prefix: str = ""
    """What its public identifiers begin with, where that is not the table's name."""

    @property
    def singular(self) -> str:
        """The query field for one of them."""
        return self.name[0].lower() + self.name[1:]

    @cached_property
    def kind(self) -> str:
        """What its public identifiers begin with, before a `_`."""
        return self.prefix or self.table.name

    @cached_property
    def key(self) -> Column[Any]:
        """The one column of the primary key."""
        (column,) = self.table.primary_key.columns
        return column

    @property
    def search(self) -> Column[Any] | None:
        """The full-text column, where there is one."""
        return self.table.columns.get("search")


@dataclass(frozen=True)
class Catalogue:
    """All nouns and links."""

    nouns: Mapping[str, Noun]
    ones: Mapping[str, tuple[One, ...]] = field(default_factory=dict)
    manies: Mapping[str, tuple[Many, ...]] = field(default_factory=dict)

    def named_by(self, identifier: str) -> Noun | None:
        """The noun that a public identifier is of, if it is one."""
        found = (noun for noun in self.nouns.values() if identifier.startswith(f"{noun.kind}_"))
        return max(found, key=lambda noun: len(noun.kind), default=None)

    def of_table(self, table: str) -> Noun | None:
        """The noun over a table, if the API has one."""
        return next((n for n in self.nouns.values() if n.table.name == table), None)


def noun(
    row: type[DeclarativeBase],
    name: str,
    *,
    plural: str,
    about: str,
    fields: Mapping[InstrumentedAttribute[Any], str],
    measures: str = "",
    prefix: str = "",
) -> Noun:
    """Declare a noun: its columns with a sentence each; the field's name is the column's, in camel case."""
    table = row.__table__
    assert isinstance(table, Table)
    attributes = tuple(Attribute(camel(a.key), table.columns[a.key], text) for a, text in fields.items())
    return Noun(name, plural, table, about, attributes, measures, prefix)


def column_of(attribute: InstrumentedAttribute[Any]) -> Column[Any]:
    """The table column behind a mapped attribute."""
    column: Column[Any] = attribute.property.columns[0]
    return column


def one(name: str, target: str, column: InstrumentedAttribute[Any], about: str) -> One:
    """Declare a link to at most one."""
    return One(name, target, column_of(column), about)


def many(name: str, target: str, column: InstrumentedAttribute[Any], about: str) -> Many:
    """Declare a link to many."""
    return Many(name, target, column_of(column), about)
