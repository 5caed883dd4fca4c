"""Run the invariants over a database: what holds, what does not, and which rows break it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ARRAY, Text, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from commands.invariants.rule import Invariant, Rule

MOST_IDS = 10
"""How many of the rows that break a rule are named."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one rule found: rows that break it, the first of them by public identifier, and how many more are known.

    `known` rows break the rule too, but a discrepancy is recorded about them: they are dealt with.
    """

    rule: str
    english: str
    indonesian: str
    offending: int
    known: int
    ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """One invariant and what its rules found."""

    number: int
    english: str
    indonesian: str
    upheld_by: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether no row breaks it, but those that a discrepancy names."""
        return not any(finding.offending for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "holds": self.holds}


async def check(connection: AsyncConnection, invariants: Iterable[Invariant]) -> list[Checked]:
    """Ask every rule of some invariants, one statement each; reads all rows, so only for the owner of the tables."""
    return [await _checked(connection, invariant) for invariant in invariants]


async def _checked(connection: AsyncConnection, invariant: Invariant) -> Checked:
    return Checked(
        number=invariant.number,
        english=invariant.english,
        indonesian=invariant.indonesian,
        upheld_by=invariant.upheld_by,
        findings=tuple([await find(connection, rule) for rule in invariant.rules]),
    )


async def find(connection: AsyncConnection, rule: Rule) -> Finding:
    """What breaks one rule."""
    rows = rule.offending.cte("offending")
    first = select(rows.c.id).where(~rows.c.known).order_by(rows.c.id).limit(MOST_IDS).subquery("first")
    counted = select(
        func.count().filter(~rows.c.known),
        func.count().filter(rows.c.known),
        select(func.array_agg(first.c.id, type_=ARRAY(Text))).scalar_subquery(),
    ).select_from(rows)
    offending, known, named = (await connection.execute(counted)).one()
    return Finding(
        rule=rule.name,
        english=rule.english,
        indonesian=rule.indonesian,
        offending=offending,
        known=known,
        ids=tuple(named or ()),
    )


def lines(checked: Iterable[Checked]) -> Iterator[str]:
    """The green and red list, for a terminal."""
    for one in checked:
        yield f"{'green' if one.holds else 'RED  '}  {one.number:2}  {one.english}"
        for finding in one.findings:
            if finding.offending:
                yield f"           {finding.offending:,} break {finding.rule}: {', '.join(finding.ids)}"
            if finding.known:
                yield f"           {finding.known:,} of {finding.rule} are recorded discrepancies (selisih)"
        if not one.findings:
            yield f"           no question to the data; upheld by {', '.join(one.upheld_by)}"
