"""A statement under construction: what all parts of the compiler share while they build it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Column
from sqlalchemy.sql.selectable import NamedFromClause

from kernel.errors import BadInput
from policy.visibility import treatment
from resolvers.binds import Leaf, Leaves, Tree, Values
from resolvers.catalogue import Catalogue, Noun
from resolvers.meaning import RoleSchema
from resolvers.statement import Binds
from resolvers.views import Views

_LONGEST_FIXED_LIST = 100
"""Arguments that a function of PostgreSQL may have."""


class Fixable(Protocol):
    """Something whose value may become part of a plan; equal ones are one."""

    def read(self, values: Values) -> Any:
        """The value of a request."""
        ...


@dataclass(frozen=True)
class _Length:
    """How many values come in one variable."""

    leaves: Leaves

    def read(self, values: Values) -> int:
        return len(self.leaves.read(values))


@dataclass
class Building:
    """One statement for one role."""

    role_schema: RoleSchema
    views: Views
    page_limit: int
    fix: Callable[[Fixable], Any]
    """The present value of a source, which then is part of the plan."""
    budget: int = 0
    """The most that an operation may cost; 0: whatever it does."""
    binds: Binds = field(default_factory=Binds)
    seals: bool = False
    reads_files: bool = False
    logged: set[str] = field(default_factory=set)
    look_up: Leaf | None = None
    """The NIK that is looked up, if one is."""
    _names: int = 0

    @property
    def catalogue(self) -> Catalogue:
        """All nouns and links."""
        return self.role_schema.catalogue

    def name(self, about: str) -> str:
        """A new name for a FROM; no GraphQL name has a `$`, so none of an answer's keys can be meant by it."""
        self._names += 1
        return f"{about}${self._names}"

    def alias(self, noun: Noun) -> NamedFromClause:
        """A new appearance of a noun's view."""
        return self.views[noun.table.name].alias(self.name(noun.table.name))

    def used(self, column: Column[Any]) -> None:
        """Note the use of a column, for the audit trail."""
        if treatment(column, self.role_schema.role).is_logged:
            self.logged.add(f"{column.table.name}.{column.key}")

    def number(self, tree: Tree | None, default: int | None) -> int | None:
        """A whole number that becomes part of the plan, such as a page size."""
        return self.fix(tree) if isinstance(tree, Leaf) else default

    def length(self, tree: Tree) -> int:
        """How many values a list has, as part of the plan."""
        if isinstance(tree, Leaves):
            count: int = self.fix(_Length(tree))
            return count
        assert isinstance(tree, list)
        return len(tree)

    def check_size(self, argument: str, size: int) -> None:
        """Refuse a list that is longer than a page, or than a list of a fixed length in PostgreSQL, may be."""
        limit = min(self.page_limit, _LONGEST_FIXED_LIST)
        if size > limit:
            raise BadInput(f"`{argument}` takes at most {limit} values, not {size}.", limit=limit)
