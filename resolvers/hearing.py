"""What a role hears of: the facts whose told columns it reads clearly, and the rows that they are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column

from commands.command import Fact
from commands.facts import FACTS, subject_of
from policy.feed import may_hear
from policy.treatment import CLEAR
from policy.viewer import Role
from policy.visibility import treatment
from resolvers.catalogue import column_of

ROOTS: Mapping[str, str | None] = {
    "events": None,
    "loanUpdated": "Loan",
    "collaborationUpdated": "Collaboration",
    "complaintUpdated": "Complaint",
    "releasePublished": "Release",
}
"""The subscription fields, each with the noun that its events are about; None: all of them."""

_LEADS = {"Loan": {"RepaymentRecorded": "loan_id"}}
"""Facts about other rows that are told of a noun too, with the part of their payload that leads to it."""


@dataclass(frozen=True)
class Heard:
    """One type of event that a role hears of."""

    fact: type[Fact]
    table: str
    tells: tuple[Column[Any], ...]

    @property
    def name(self) -> str:
        """The type as the log has it."""
        return self.fact.__name__


@dataclass(frozen=True)
class Lead:
    """Where the subject of an event of one type is found: in its own row, or in a row that its payload names."""

    heard: Heard
    table: str
    by: str | None = None


@cache
def heard_by(role: Role) -> Mapping[str, Heard]:
    """The types of events that a role hears of, by name."""
    found: dict[str, Heard] = {}
    for name, fact in sorted(FACTS.items()):
        tells = tuple(column_of(attribute) for attribute in fact.tells)
        if may_hear(tells, role):
            found[name] = Heard(fact, subject_of(fact), tells)
    return found


def heard_about(leads: Mapping[str, Lead], table: str) -> list[Heard]:
    """The types whose own subjects are rows of a table, in the order in which its statement tells of them."""
    return [lead.heard for lead in leads.values() if lead.heard.table == table]


def leads(role: Role, noun: str | None, table: str | None) -> Mapping[str, Lead]:
    """The types that a subscription field tells a role of, each with where its subject is found."""
    heard = heard_by(role)
    if table is None:
        return {name: Lead(h, h.table) for name, h in heard.items()}
    own = {name: Lead(h, table) for name, h in heard.items() if h.table == table}
    if not own:
        return {}
    others = {
        name: Lead(heard[name], table, by)
        for name, by in _LEADS.get(noun or "", {}).items()
        if name in heard and all(treatment(c, role).unlogged == CLEAR for c in heard[name].tells)
    }
    return own | others
