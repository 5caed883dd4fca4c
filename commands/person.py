"""What is held on a person: the rows of every table that hang on an owner, derived from the models.

A table hangs on a person by a key to the owner or complainant, by a foreign key to such a table, or by the NIK.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Table, Text, cast, func, literal, literal_column, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from commands.work import Work
from models.all import METADATA
from models.audit import AuditEntry
from models.intake import IntakeApplication
from models.owner import Owner

NOT_OF_A_PERSON: Mapping[str, str] = {
    "pledge": "a promise of the donor, made for a need",
    "pledge_need": "what the donor's promise took of a need",
    "ledger_posting": "double entry of disbursements, repayments and handovers, which are told themselves",
}
"""Tables that lead to a person's rows and tell of others, with the reason; what hangs on them alone is left out too."""

_KEYS = ("owner_id", "complainant_id")
_BESIDE = frozenset({"other_loan_id"})
"""Keys of what stands beside what a row is about: two loans that look like one person's have a flag each."""


@dataclass(frozen=True)
class Person:
    """One owner, and the keyed hash under which the intake chain knows the same NIK."""

    owner: Owner
    intake_hash: bytes

    @classmethod
    def of(cls, work: Work, owner: Owner) -> Person:
        """The person behind an owner."""
        nik = work.secrets.decrypt(owner.nik, "owner.nik")
        return cls(owner, work.secrets.blind(nik, "intake_application.nik"))

    def rows(self, *, beside: bool = True) -> dict[Table, ColumnElement[bool]]:
        """Per table that hangs on the person the condition of its rows; a parent comes before its children.

        `beside`: rows too that are about another person, and in which this one only stands beside.
        """
        found: dict[Table, ColumnElement[bool]] = {}
        but = frozenset[str]() if beside else _BESIDE
        for table in METADATA.sorted_tables:
            if table.name not in NOT_OF_A_PERSON and (links := [*self._own(table), *_inherited(table, found, but)]):
                found[table] = or_(*links)
        return found

    async def names(self, work: Work, *, beside: bool = True) -> list[str]:
        """The public identifiers of all rows that hang on the person."""
        found: list[str] = []
        for table, condition in self.rows(beside=beside).items():
            if "public_id" in table.c:
                found += (await work.session.execute(select(table.c.public_id).where(condition))).scalars()
        return found

    def _own(self, table: Table) -> list[ColumnElement[bool]]:
        if table is Owner.__table__:
            return [table.c.id == self.owner.id]
        if table is IntakeApplication.__table__:
            return [table.c.nik_hash == self.intake_hash]
        return [table.c[key] == self.owner.id for key in _KEYS if key in table.c]


def _inherited(table: Table, found: Mapping[Table, Any], but: Collection[str]) -> list[ColumnElement[bool]]:
    """By what a row of a table belongs to rows that belong to the person."""
    return [
        column.in_(select(foreign_key.column).where(found[foreign_key.column.table]))
        for column in table.columns
        for foreign_key in column.foreign_keys
        if foreign_key.column.table in found
        and foreign_key.column.table is not Owner.__table__
        and column.key not in but
    ]


STEPS = cast(AuditEntry.details.op("->")(literal_column("'steps'")), JSONB)
"""The changes of state in an audit entry, as they are indexed."""


def acts_on(names: Sequence[str]) -> ColumnElement[bool]:
    """The audit entries about rows, by public identifier, and those of acts that changed one of them on the way."""
    steps = cast(literal([json.dumps([{"id": name}]) for name in names], ARRAY(Text)), ARRAY(JSONB))
    return or_(AuditEntry.about_id.in_(names), STEPS.op("@>")(func.any(steps)))


_REVEALED = literal_column("(string_to_array(subjects, ' '))", ARRAY(Text))
"""The rows of a reveal, as they are indexed."""


def reveals_of(names: Sequence[str]) -> ColumnElement[bool]:
    """The reveals that have one of some rows in them, by public identifier."""
    return _REVEALED.op("&&", is_comparison=True)(literal(list(names), ARRAY(Text)))
