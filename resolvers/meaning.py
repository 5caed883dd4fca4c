"""What a field of a role's GraphQL schema means to the compiler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from graphql import GraphQLSchema
from sqlalchemy import Column

from commands.command import Command
from policy.viewer import Role
from resolvers.catalogue import Catalogue, Many, Noun, One


class Form(Enum):
    """How a column's value becomes JSON."""

    PLAIN = auto()
    POINT = auto()
    ENCRYPTED = auto()
    JSON_TEXT = auto()


@dataclass(frozen=True)
class Value:
    """The value of a column."""

    column: Column[Any]
    form: Form = Form.PLAIN


@dataclass(frozen=True)
class ToOne:
    """The row at the other end of a link."""

    link: One
    target: Noun


@dataclass(frozen=True)
class Page:
    """A connection: of a link, or (link None) of all rows of a noun."""

    target: Noun
    link: Many | None = None


@dataclass(frozen=True)
class ById:
    """One row by its public identifier; noun None: of whatever noun the identifier names."""

    target: Noun | None
    several: bool = False


@dataclass(frozen=True)
class ByNik:
    """The businesses of an owner, by exact NIK: a logged operation of its own."""

    target: Noun


@dataclass(frozen=True)
class Revealed:
    """The clear values of a reveal that is open for who asks: each reading is logged."""


@dataclass(frozen=True)
class Groups:
    """Rows of a noun grouped and aggregated."""

    target: Noun


@dataclass(frozen=True)
class Layer:
    """A map layer: quantities and values by region."""


@dataclass(frozen=True)
class FromFiles:
    """What the files of the newest release tell: its datasets, or rows of a published table on persons."""

    datasets: bool


@dataclass(frozen=True)
class Measures:
    """Measures of a loan as of a date."""


@dataclass(frozen=True)
class Does:
    """A command that a mutation gives to the bus."""

    command: type[Command]


@dataclass(frozen=True)
class Follows:
    """The events about rows of a noun, or (target None) all that the role hears of."""

    target: Noun | None


@dataclass(frozen=True)
class Part:
    """A field whose meaning is its place: `nodes`, `edges`, `pageInfo`, `count`, `keys`, a measure ..."""

    name: str


Meaning = Value | ToOne | Page | ById | ByNik | Revealed | Groups | Layer | FromFiles | Measures | Does | Follows | Part


@dataclass(frozen=True)
class RoleSchema:
    """A role's GraphQL schema and what each of its fields means."""

    role: Role
    catalogue: Catalogue
    schema: GraphQLSchema
    meanings: Mapping[str, Mapping[str, Meaning]]
    dimensions: Mapping[str, Mapping[str, Dimension]] = field(default_factory=dict)
    """Per noun the members of its `by` argument."""


class Cut(Enum):
    """How a value is made coarser before it is grouped by."""

    VALUE = "VALUE"
    DAY = "DAY"
    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"
    KELURAHAN = "KELURAHAN"
    KECAMATAN = "KECAMATAN"
    KOTA = "KOTA"
    ROW = "ROW"
    """The row at the other end of a link: its identifier and name."""


@dataclass(frozen=True)
class Dimension:
    """One thing to group by: a column of the noun or, over one link, of its neighbour."""

    link: One | None
    column: Column[Any]
    cut: Cut

    @property
    def is_named(self) -> bool:
        """Whether a group's key has a name beside its code or identifier."""
        return self.cut in {Cut.KELURAHAN, Cut.KECAMATAN, Cut.KOTA, Cut.ROW}
