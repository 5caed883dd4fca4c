"""Checks the audit trail: that no entry was removed, altered, reordered or put in since it became a link of the chain.

It reads in parts along the positions, as the owner of the tables; each link is computed anew from what is in the entry.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Text, bindparam, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.audit import AuditEntry, AuditRoot
from models.audit_chain import GENESIS, Ends, daily_roots, digest, instant, link, words_hash
from models.base import SCHEMA

PART = 5_000
"""Entries that are read and checked at a time."""


@dataclass(frozen=True)
class Fault:
    """The first thing that is wrong: at which position, and what."""

    position: int
    what: str


@dataclass
class Verdict:
    """What came of a check: how many links hold, the root of each day, and what is wrong, if anything is.

    `waiting` entries are no links yet: the sequencer has not come to them. `published` roots were compared.
    """

    links: int = 0
    waiting: int = 0
    published: int = 0
    roots: dict[dt.date, str] = field(default_factory=dict)
    fault: Fault | None = None

    def as_dict(self) -> dict[str, Any]:
        """Its values by name, for programs."""
        return {
            "holds": self.fault is None,
            "links": self.links,
            "waiting": self.waiting,
            "published": self.published,
            "fault": None if self.fault is None else {"position": self.fault.position, "what": self.fault.what},
            "roots": {day.isoformat(): root for day, root in self.roots.items()},
        }

    def lines(self) -> list[str]:
        """What came of it, for people."""
        last = [f"root of {day}: {root}" for day, root in list(self.roots.items())[-1:]]
        if self.fault is not None:
            return [f"The audit trail is not whole, position {self.fault.position}: {self.fault.what}."]
        compared = f"{self.published:,} published roots agree" if self.published else "no root was published yet"
        return [
            f"The audit trail is whole: {self.links:,} entries, {self.waiting:,} not sealed yet; {compared}.",
            *last,
        ]


async def verify(connection: AsyncConnection, published: Mapping[dt.date, str]) -> Verdict:
    """Check the chain from its first link to its end, and compare it with the roots that were published of it.

    Memory: of one part, and of a root per day. Links that are added meanwhile are left to the next time.
    """
    verdict, ends, before, position = Verdict(), dict[dt.date, tuple[int, bytes]](), GENESIS, 0
    kept = {root.day: (root.position, root.hash) for root in await connection.execute(_ROOTS)}
    until = kept[max(kept)][0] if kept else 0
    async for row in _links(connection, until):
        verdict.fault = _fault(row, position, before)
        if verdict.fault is not None:
            return verdict
        position, before = row.position, row.hash
        ends[row.sealed_on] = position, before
        verdict.links += 1
    verdict.waiting = (await connection.execute(_WAITING)).scalar_one()
    verdict.roots = daily_roots(ends, max(ends)) if ends else {}
    verdict.published = len(published)
    verdict.fault = _missing(position, until) or _other_root(ends, kept, published)
    if verdict.fault is None:
        last = (await connection.execute(_LAST)).scalar_one() or 0
        noted = [root.position for root in await connection.execute(_ROOTS)]
        if last > (noted[-1] if noted else 0):
            verdict.fault = Fault(last, "it stands behind the end that was noted with the last link")
    return verdict


_ROOTS = select(AuditRoot.day, AuditRoot.position, AuditRoot.hash).order_by(AuditRoot.day)
_LAST = select(func.max(AuditEntry.position))
_WAITING = select(func.count()).where(AuditEntry.position.is_(None))
_STAYS = (
    *(AuditEntry.id, AuditEntry.at, AuditEntry.role, AuditEntry.subject, AuditEntry.act, AuditEntry.purpose),
    *(AuditEntry.document_hash, AuditEntry.about_kind, AuditEntry.about_id),
    *(AuditEntry.from_state, AuditEntry.to_state),
    cast(getattr(func, SCHEMA).without_reasons(AuditEntry.details), Text).label("what_stays"),
)
"""What a digest is made of, in its order; the hash of the reasons is the last."""
_LINKS = (
    select(
        *_STAYS,
        *(AuditEntry.words_hash, AuditEntry.words_salt, AuditEntry.reason, cast(AuditEntry.details, Text).label("all")),
        *(AuditEntry.digest, AuditEntry.position, AuditEntry.sealed_on, AuditEntry.hash),
    )
    .where(AuditEntry.position > bindparam("after"), AuditEntry.position <= bindparam("until"))
    .order_by(AuditEntry.position)
    .limit(PART)
)


async def _links(connection: AsyncConnection, until: int) -> AsyncIterator[Any]:
    """The entries that are links, by position; also such as could not be."""
    after = -(2**63)
    while part := (await connection.execute(_LINKS, {"after": after, "until": until})).all():
        for row in part:
            yield row
        after = part[-1].position


def _fault(row: Any, last: int, before: bytes) -> Fault | None:
    """What is wrong with a link behind another."""
    position = row.position
    if position <= last:
        return Fault(position, "no entry can have this position: it was put in")
    if position > last + 1:
        return _missing(last, position - 1)
    id_, at, *texts = row[: len(_STAYS)]
    covered = None if row.words_hash is None else row.words_hash.hex()
    if digest([str(id_), instant(at), *texts, covered]) != row.digest:
        return Fault(position, "its content is not what was written")
    if not _are_the_words(row):
        return Fault(position, "its reasons are not what was written")
    if row.sealed_on is None or link(before, position, row.sealed_on, row.digest) != row.hash:
        return Fault(position, "it does not follow from the entry before: altered, moved, put in, or one was taken out")
    return None


def _missing(last: int, until: int) -> Fault | None:
    return Fault(last + 1, f"entries {last + 1} to {until} were removed") if last < until else None


def _are_the_words(row: Any) -> bool:
    """Whether the reasons are those of the writing, or are gone with their salt."""
    words = _words(row.reason, row.all)
    if row.words_salt is None or row.words_hash is None:
        return words is None and row.words_salt is None
    return words is not None and words_hash(row.words_salt, words) == row.words_hash


def _words(reason: str | None, details: str) -> Sequence[str | None] | None:
    """The reason of an entry and of each of its steps; None if there is none."""
    if reason is None and "reason" not in details and "\\" not in details:  # a backslash may spell it otherwise
        return None
    steps = json.loads(details).get("steps")
    said = [step.get("reason") for step in steps] if isinstance(steps, list) else []
    words = [reason, *(word if word is None or isinstance(word, str) else json.dumps(word) for word in said)]
    return words if any(word is not None for word in words) else None


def _other_root(ends: Ends, kept: Ends, published: Mapping[dt.date, str]) -> Fault | None:
    """The first day of which another root was noted, or published."""
    for day in sorted({*ends, *kept}):
        if ends.get(day) != kept.get(day):
            return Fault(ends.get(day, kept.get(day, (0, b"")))[0], f"another root of {day} was noted")
    computed = daily_roots(ends, max(published)) if published and ends else {}
    for day, root in sorted(published.items()):
        if computed.get(day) != root:
            of_then = [position for other, (position, _) in ends.items() if other <= day]
            return Fault(max(of_then, default=0), f"another root of {day} was published: the trail was written anew")
    return None
