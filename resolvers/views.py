"""A role's views as SQL expressions: the only tables that the compiler knows."""

from __future__ import annotations

from sqlalchemy import LargeBinary, TableClause, Text, column, table

from policy.viewer import Role
from policy.wall import table as base_table
from policy.wall import views


class Views:
    """The views of one role; names without a schema, because the role's search path holds them."""

    def __init__(self, role: Role) -> None:
        self._tables = {name: _as_table(name, list(view.selected_columns.keys())) for name, view in views(role).items()}

    def __contains__(self, name: str) -> bool:
        return name in self._tables

    def __getitem__(self, name: str) -> TableClause:
        return self._tables[name]


def _as_table(name: str, columns: list[str]) -> TableClause:
    base = base_table(name)
    types = {key: base.c[key].type for key in columns}
    return table(name, *(column(k, Text() if isinstance(t, LargeBinary) else t) for k, t in types.items()))
