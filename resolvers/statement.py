"""A finished statement: its text, where its values come from, and what happens to its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, bindparam
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.sql.selectable import Select
from sqlalchemy.types import TypeEngine

from resolvers.binds import Values

Read = Callable[[Values], Any]

_DIALECT = asyncpg_dialect.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own constructor is untyped


@dataclass(frozen=True)
class Statement:
    """One SQL statement and how its parameters are read from a request.

    `unused`: what was given but is not needed, such as a cursor where only a total is asked; checked all the same.
    `seals`: the answer holds marks that the executor replaces by sealed cursors or decrypted values.
    `logged`: names of fields whose clear reading is written to the audit trail, in the same statement.
    `attempt`: what writes down that it was tried, when PostgreSQL stopped it and its entry with it.
    `reads_files`: a parameter is read from published files, which takes a moment.
    `cost`: what it takes at most (`resolvers/cost.py`).
    """

    sql: str
    reads: tuple[Read, ...]
    unused: tuple[Read, ...] = ()
    seals: bool = False
    logged: tuple[str, ...] = ()
    attempt: Statement | None = None
    reads_files: bool = False
    cost: int = 0

    @property
    def weight(self) -> int:
        """What remembering it costs, in characters."""
        return len(self.sql)

    def parameters(self, values: Values) -> list[Any]:
        """The values to send with the statement.

        Raises:
            BadInput: a value does not fit its argument.
        """
        for read in self.unused:
            read(values)
        return [read(values) for read in self.reads]


@dataclass
class Binds:
    """The parameters of a statement while it is built."""

    reads: dict[str, Read] = field(default_factory=dict)

    def add(self, read: Read, type_: TypeEngine[Any]) -> BindParameter[Any]:
        """A new parameter."""
        name = f"b{len(self.reads)}"
        self.reads[name] = read
        return bindparam(name, None, type_=type_)

    def finish(
        self,
        select: Select[Any],
        *,
        seals: bool = False,
        logged: Sequence[str] = (),
        attempt: Statement | None = None,
        reads_files: bool = False,
    ) -> Statement:
        """The statement as text with numbered parameters."""
        compiled = select.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        order: Sequence[str] = compiled.positiontup or ()
        reads = tuple(self.reads.get(name) or _constant(compiled.params[name]) for name in order)
        unused = tuple(read for name, read in self.reads.items() if name not in order)
        return Statement(compiled.string, reads, unused, seals, tuple(logged), attempt, reads_files)


def _constant(value: Any) -> Read:
    return lambda _: value
