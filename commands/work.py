"""What a handler has at hand while it carries out one command, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Table, any_, false, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from commands.command import Fact
from commands.refusal import NotFound, NotPossibleNow, Path, ReasonMissing
from kernel.clock import day_in_jakarta
from kernel.keys import KeyMaker
from kernel.settings import Settings
from models.base import Base, Entity
from models.event import Event
from models.states import StateMachine
from models.vocabulary import Actor, Code
from policy.actions import actor_of
from policy.rows import ROWS
from policy.secrets import Secrets
from policy.viewer import Viewer

R = TypeVar("R", bound=Entity)
T = TypeVar("T", bound=Base)


@dataclass
class Work:
    """One command while it is carried out. Handlers add rows and change states by it; the bus commits."""

    viewer: Viewer
    session: AsyncSession
    now: dt.datetime
    keys: KeyMaker
    secrets: Secrets
    settings: Settings
    reply: dict[str, Any] = field(default_factory=dict)
    """What the answer says beside the row, by field of the payload, as JSON has it."""
    facts: list[Fact] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    """Changes of state, for the audit trail."""
    purpose: str | None = None
    """For what it is done, where the audit trail has to say so."""
    details: dict[str, Any] = field(default_factory=dict)
    """What else the audit trail keeps of the act: codes, counts and keyed hashes."""

    @property
    def today(self) -> dt.date:
        """The day that it is in Jakarta."""
        return day_in_jakarta(self.now)

    @property
    def actor(self) -> Actor:
        """Whom the state machines know the caller as."""
        return actor_of(self.viewer)

    def add(self, row: type[R], **values: Any) -> R:
        """A new row with its key and public identifier; written at the end, or at the next `flush`."""
        key = self.keys.new()
        made = row(id=key, public_id=self.secrets.public_id(row.__tablename__, key), **values)  # type: ignore[call-arg, attr-defined]  # a mapped class
        self.session.add(made)
        return made

    async def own(self, row: type[R], key: UUID, path: Path) -> R:
        """The row of a key, locked, if it is among those that the caller sees.

        Raises:
            NotFound: it is not.
        """
        return await self._of_the_caller(select(row).with_for_update(of=row), row, key, path)

    async def own_all(self, row: type[R], keys: Sequence[UUID], path: Path) -> list[R]:
        """The rows of different keys, in their order, all locked.

        Raises:
            NotFound: one is not among those that the caller sees; the path names its place in the list.
        """
        found = await self.own_by(row, row.id, keys)
        for index, key in enumerate(keys):
            if key not in found:
                raise NotFound(_spoken(row), (*path, index))
        return [found[key] for key in keys]

    async def own_by(self, row: type[R], column: Any, values: Sequence[Any]) -> dict[Any, R]:
        """Rows that the caller sees, by a column that tells them apart; locked in the order of their keys."""
        listed = any_(literal(list(values), ARRAY(column.type)))
        query = select(row).where(column == listed, self._is_seen(row)).order_by(row.id).with_for_update(of=row)
        return {getattr(r, column.key): r for r in (await self.session.execute(query)).scalars()}

    async def seen(self, row: type[R], key: UUID, path: Path) -> R:
        """The row of a key, not locked (for facts that never change), if it is among those that the caller sees.

        Raises:
            NotFound: it is not.
        """
        return await self._of_the_caller(select(row), row, key, path)

    async def _of_the_caller(self, query: Select[Any], row: type[R], key: UUID, path: Path) -> R:
        seen = query.where(row.id == key, self._is_seen(row))
        found: R | None = (await self.session.execute(seen)).scalar_one_or_none()
        if found is None:
            raise NotFound(_spoken(row), path)
        return found

    def _is_seen(self, row: type[Entity]) -> ColumnElement[bool]:
        """Whether the caller sees a row; nothing of it where the policy names no rows for the role."""
        table = row.__table__  # type: ignore[attr-defined]  # a mapped class
        condition = ROWS[table.name].get(self.viewer.role)
        return false() if condition is None else condition(table)

    async def locked(self, row: type[T], *conditions: Any) -> T | None:
        """The one row that meets conditions, locked until the end; whoever may see it."""
        query = select(row).where(*conditions).with_for_update(of=row)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def rows(self, row: type[R], *conditions: Any) -> Sequence[R]:
        """Rows that meet conditions, by key, not locked."""
        return (await self.session.execute(select(row).where(*conditions).order_by(row.id))).scalars().all()

    def move(self, row: Any, machine: StateMachine, after: Code, *, by: Actor | None = None, reason: str = "") -> None:
        """Bring a row to another state.

        Raises:
            NotPossibleNow: the machine has no such step, or not for the caller.
        """
        before, actor = row.status, by or self.actor
        step = machine.step(before, after)
        if step is None or actor not in step.by:
            self.refuse(row, machine, after, by=actor)
        row.status = after
        self.note_step(row, before, after, actor, reason)

    def refuse(self, row: Any, machine: StateMachine, after: Code, *, by: Actor | None = None) -> NoReturn:
        """Refuse a step, with those that the caller may take now.

        Raises:
            NotPossibleNow: always.
        """
        before, actor = row.status, by or self.actor
        raise NotPossibleNow(machine, before, after, (t.after for t in machine.allowed(before) if actor in t.by))

    def begin(self, row: Any, machine: StateMachine, first: Code, *, by: Actor | None = None) -> None:
        """Give a new row its first state.

        Raises:
            NotPossibleNow: nothing of this kind begins so, or not by the caller.
        """
        row.status = None
        self.move(row, machine, first, by=by)

    def note_step(self, row: Any, before: str | None, after: str, actor: Actor, reason: str = "") -> None:
        """Note a change of state for the audit trail; births have no state before."""
        step = {"noun": row.__tablename__, "id": row.public_id, "from": before, "to": after, "actor": actor}
        self.steps.append({**step, **({"reason": reason} if reason else {})})

    def note_before(self, content: dict[str, Any]) -> None:
        """Note what the row of the last step said before it, for the audit trail; never a value of a person."""
        self.steps[-1]["before"] = content

    def tell(self, fact: Fact) -> None:
        """Note what happened, for the event log."""
        self.facts.append(fact)

    def events(self) -> list[Event]:
        """What happened, as rows of the event log."""
        return [Event(**event_values(fact, self.keys.new(), self.now)) for fact in self.facts]


def event_values(fact: Fact, key: UUID, at: dt.datetime) -> dict[str, Any]:
    """A fact as a row of the event log, by column."""
    return {
        "id": key,
        "at": at,
        "type": type(fact).__name__,
        "version": fact.version,
        "subject_kind": _table(fact.subject).name,
        "subject_id": fact.subject.id,
        "region_code": fact.region_code,
        "institutions": sorted({i for i in fact.institutions if i is not None}),
        "payload": fact.payload(),
    }


def reason_given(reason: str) -> str:
    """A reason without the blanks around it.

    Raises:
        ReasonMissing: nothing is left.
    """
    if not (text := reason.strip()):
        raise ReasonMissing
    return text


def _spoken(row: type[Entity]) -> str:
    name: str = row.__tablename__  # type: ignore[attr-defined]  # a mapped class
    return name.replace("_", " ")


def _table(row: Entity) -> Table:
    assert isinstance(row, Base)
    table = row.__table__
    assert isinstance(table, Table)
    return table
