"""What may become of a value on its way to a role: clear, masked, generalised or absent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import ColumnElement, Table

Condition = Callable[[Table], ColumnElement[bool]]
"""A condition on the rows of a table, given the table: it may use the table's own columns and the viewer's settings."""


class Kind(StrEnum):
    """How a value is shown."""

    CLEAR = "C"
    MASKED = "M"
    GENERALISED = "G"
    ABSENT = "-"


@dataclass(frozen=True)
class Treatment:
    """A kind, the rows for which it holds, and what holds for the other rows."""

    kind: Kind
    condition: Condition | None = None
    otherwise: Kind = Kind.ABSENT
    is_logged: bool = False
    can_be_revealed: bool = False

    def when(self, condition: Condition, otherwise: Kind = Kind.ABSENT) -> Treatment:
        """The same treatment on the rows where a condition holds, and another kind on the rest."""
        return replace(self, condition=condition, otherwise=otherwise)

    def logged(self) -> Treatment:
        """The same treatment, and every read of it is written to the audit trail."""
        return replace(self, is_logged=True)

    def with_reveal(self) -> Treatment:
        """The same treatment, and the clear value for a while by a reveal (`policy/reveal.py`)."""
        return replace(self, can_be_revealed=True)

    @property
    def unlogged(self) -> Treatment:
        """The same treatment, whether or not reads of it are written down."""
        return replace(self, is_logged=False)

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds that rows may get."""
        return frozenset({self.kind, self.otherwise} if self.condition is not None else {self.kind})

    def __str__(self) -> str:
        text = self.kind.value
        if self.condition is not None:
            name = getattr(self.condition, "__name__", "a condition").replace("_", " ")
            text += f" when {name}" + ("" if self.otherwise is Kind.ABSENT else f", else {self.otherwise.value}")
        return text + (", logged" if self.is_logged else "") + (", reveal" if self.can_be_revealed else "")


CLEAR = Treatment(Kind.CLEAR)
MASKED = Treatment(Kind.MASKED)
GENERALISED = Treatment(Kind.GENERALISED)
ABSENT = Treatment(Kind.ABSENT)
