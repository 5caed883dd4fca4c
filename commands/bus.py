"""The bus: may the caller? then the handler, its rows, events and audit entry, in one transaction or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from random import SystemRandom
from typing import Any, TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from commands.all import REGISTRY
from commands.clocks import JOBS
from commands.command import IDEMPOTENCY_KEY_LENGTHS, Command, Registered
from commands.database import FROM_THE_DATABASE, connected, is_worth_another_try, situation_of, situations
from commands.job import Job
from commands.refusal import Clash, KeyUsedForAnother, NotAllowed, NotOfYourAgency, Refusal
from commands.work import Work
from kernel.clock import Clock
from kernel.keys import KeyMaker
from kernel.settings import Settings
from models.audit import AuditEntry
from models.base import Base, Entity
from models.event import CommandReceipt
from policy.actions import may_do, may_give
from policy.secrets import Secrets
from policy.viewer import Act, Role, Viewer

E = TypeVar("E", bound=Entity)
T = TypeVar("T")

SYSTEM = Viewer(Role.ADMIN, "system")
"""Who does what time makes due; the machines know it as SISTEM."""

_TRIES = 8
"""How often a command is tried when PostgreSQL breaks a deadlock by ending it."""
_PAUSE_S = 0.005
"""The longest pause before the second try; it doubles with each."""
_TURN_S = 10
"""For which a command waits for a connection while others use them all."""
_RANDOM = SystemRandom()


class UnusableKey(Refusal):
    """An idempotency key of the wrong length."""

    code = "UNUSABLE_IDEMPOTENCY_KEY"

    def __init__(self) -> None:
        shortest, longest = IDEMPOTENCY_KEY_LENGTHS[0], IDEMPOTENCY_KEY_LENGTHS[-1]
        super().__init__(
            f"An idempotency key has {shortest} to {longest} characters.",
            f"Kunci idempotensi terdiri atas {shortest} sampai {longest} karakter.",
            path=("idempotencyKey",),
        )


@dataclass(frozen=True)
class Outcome:
    """What a command came to: the public identifier of the row it is about, if any, and what the answer says beside."""

    subject: str
    reply: Mapping[str, Any] = field(default_factory=dict)


_SESSION = {
    "application_name": "ksbb-write",
    "timezone": "UTC",
    "lock_timeout": "15s",
    "statement_timeout": "10min",
    "idle_in_transaction_session_timeout": "2min",
}
"""Who waits for a row is told soon, and a process that freezes within a command holds its rows for minutes only."""


class Bus:
    """Carries out commands for viewers, as the database role that writes. After each commit it calls `committed`."""

    def __init__(
        self, settings: Settings, secrets: Secrets, clock: Clock, dsn: str, committed: Callable[[], None] = lambda: None
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._clock = clock
        self._keys = KeyMaker(SystemRandom(), clock)
        self._engine = _engine(dsn, settings.pool_size)
        self._committed = committed

    async def carry_out(self, viewer: Viewer, command: Command) -> Outcome:
        """Do what a command says, all of it or nothing.

        Safe to repeat with the same idempotency key: the answer is the one of the first time.

        Raises:
            KeyMayNot: the viewer's API key is not for writing.
            Refusal: an expected situation; nothing was written.
        """
        viewer.require(Act.WRITE)
        registered = REGISTRY[type(command)]
        if not may_do(registered.name, viewer.role):
            raise NotAllowed(registered.name)
        if not may_give(registered.name, viewer):
            raise NotOfYourAgency(registered.name)
        if command.idempotency_key is not None and len(command.idempotency_key) not in IDEMPOTENCY_KEY_LENGTHS:
            raise UnusableKey
        outcome = await _tried(lambda: self._once(viewer, command, registered))
        self._committed()
        return outcome

    async def perform(self, viewer: Viewer, act: str, part: Callable[[Work], Awaitable[E]]) -> E:
        """Do what no mutation orders, such as taking in a file: in one transaction, with its events and audit entry.

        Raises:
            Refusal: an expected situation; nothing was written.
        """
        with situations():
            async with AsyncSession(self._engine, expire_on_commit=False) as session, session.begin():
                work = Work(viewer, session, self._clock.now(), self._keys, self._secrets, self._settings)
                subject = await part(work)
                session.add_all([*work.events(), audit_entry(work, act, subject)])
        self._committed()
        return subject

    async def look(self, part: Callable[[Work], Awaitable[T]]) -> T:
        """Read what the system itself needs to know, such as where a file lies; nothing is written."""
        with situations():
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                return await part(Work(SYSTEM, session, self._clock.now(), self._keys, self._secrets, self._settings))

    async def note(self, part: Callable[[Work], Awaitable[None]]) -> None:
        """Write what is nobody's act, such as when a key was last used: without event and audit entry."""
        with situations():
            async with AsyncSession(self._engine, expire_on_commit=False) as session, session.begin():
                await part(Work(SYSTEM, session, self._clock.now(), self._keys, self._secrets, self._settings))

    async def tick(self, jobs: Mapping[str, Job] = JOBS) -> dict[str, int]:
        """Do everything that time makes due (`commands/clocks.py`); per job how many rows it changed."""
        return {name: await self._whole(name, job) for name, job in jobs.items()}

    async def _whole(self, name: str, job: Job) -> int:
        done = 0
        while some := await _tried(lambda: self._part(name, job)):
            done += some
            self._committed()
        return done

    async def _part(self, name: str, job: Job) -> int:
        """One transaction of a job."""
        async with AsyncSession(self._engine, expire_on_commit=False) as session, session.begin():
            work = Work(SYSTEM, session, self._clock.now(), self._keys, self._secrets, self._settings)
            some = await job(work)
            if some:
                session.add_all([*work.events(), audit_entry(work, name, None)])
            return some

    @asynccontextmanager
    async def looking(self, viewer: Viewer) -> AsyncIterator[Work]:
        """One snapshot of the database for a reading that is written into the audit trail (`Work.session`) in it."""
        engine = self._engine.execution_options(isolation_level="REPEATABLE READ")
        with situations():
            async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
                await set_scope(session, viewer)
                yield Work(viewer, session, self._clock.now(), self._keys, self._secrets, self._settings)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._engine.dispose()

    async def _once(self, viewer: Viewer, command: Command, registered: Registered) -> Outcome:
        async with AsyncSession(self._engine, expire_on_commit=False) as session, session.begin():
            work = Work(viewer, session, self._clock.now(), self._keys, self._secrets, self._settings)
            await set_scope(session, viewer)
            receipt = _Receipt.of(work, registered, command)
            if receipt is not None and not await receipt.is_first():
                return await receipt.answer()
            subject = await registered.handler(command, work)
            outcome = Outcome("" if subject is None else subject.public_id, work.reply)
            session.add_all([*work.events(), audit_entry(work, registered.name, subject)])
            await session.flush()
            if receipt is not None:
                await receipt.keep(outcome)
            return outcome


async def _tried(once: Callable[[], Awaitable[T]]) -> T:
    """One transaction, again as long as PostgreSQL ends it only so that another can go on."""
    for turn in range(_TRIES):
        try:
            return await once()
        except FROM_THE_DATABASE as refused:
            if not is_worth_another_try(refused):
                raise situation_of(refused) from refused
        await asyncio.sleep(_RANDOM.uniform(0, _PAUSE_S * 2**turn))  # so that the same ones do not meet again
    raise Clash


def _engine(dsn: str, size: int) -> AsyncEngine:
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: connected(dsn, **_SESSION),
        pool_size=size,
        max_overflow=0,
        pool_timeout=_TURN_S,
    )


async def set_scope(session: AsyncSession, viewer: Viewer) -> None:
    """The viewer's scope for this transaction, so that the row conditions of the policy hold in it too."""
    if viewer.scope:
        calls = (func.set_config(f"ksbb.{scope.value}", value, True) for scope, value in viewer.scope)
        await session.execute(select(*calls))


def audit_entry(work: Work, act: str, subject: Entity | None) -> AuditEntry:
    """The entry of an act; without a subject it is about all the rows that its steps name."""
    about = {} if subject is None else {"about_kind": _kind(subject), "about_id": subject.public_id}
    steps = [step for step in work.steps if subject is not None and step["id"] == subject.public_id]
    return AuditEntry(
        id=work.keys.new(),
        at=work.now,
        role=work.viewer.role,
        subject=work.viewer.subject,
        act=act,
        purpose=work.purpose,
        **about,
        from_state=steps[0]["from"] if steps else None,
        to_state=steps[-1]["to"] if steps else None,
        reason=next((step["reason"] for step in reversed(steps) if "reason" in step), None),
        details={"id": subject.public_id if subject is not None else "", "steps": work.steps, **work.details},
    )


def _kind(row: Entity) -> str:
    assert isinstance(row, Base)
    return str(row.__tablename__)


@dataclass
class _Receipt:
    """The trace that a command with an idempotency key leaves, by which it is known when it comes again."""

    work: Work
    caller: str
    key: str
    body_hash: bytes

    @classmethod
    def of(cls, work: Work, registered: Registered, command: Command) -> _Receipt | None:
        """The receipt of a command, if it has a key."""
        if command.idempotency_key is None:
            return None
        body = json.dumps([registered.name, asdict(command)], default=str, sort_keys=True)
        viewer = work.viewer
        caller = ":".join([viewer.role, viewer.subject, viewer.institution_id])
        return cls(work, caller, command.idempotency_key, work.secrets.blind(body, "command_receipt.body"))

    async def is_first(self) -> bool:
        """Whether the key is new; one that another transaction is just using is waited for."""
        row = insert(CommandReceipt).values(
            id=self.work.keys.new(),
            at=self.work.now,
            caller=self.caller,
            key=self.key,
            body_hash=self.body_hash,
            answer="",
        )
        made = await self.work.session.execute(row.on_conflict_do_nothing().returning(CommandReceipt.id))
        return made.scalar_one_or_none() is not None

    async def answer(self) -> Outcome:
        """The answer of the first time.

        Raises:
            KeyUsedForAnother: the first time had another body.
        """
        first = await self.work.session.execute(select(CommandReceipt).where(*self._mine()))
        kept = first.scalar_one()
        if kept.body_hash != self.body_hash:
            raise KeyUsedForAnother
        opened: dict[str, Any] = json.loads(self.work.secrets.unseal(kept.answer, "receipt", self.caller))
        return Outcome(**opened)

    async def keep(self, outcome: Outcome) -> None:
        """Remember the answer; sealed, since it may hold a secret of the caller's."""
        sealed = self.work.secrets.seal(json.dumps(asdict(outcome)).encode(), "receipt", self.caller)
        await self.work.session.execute(update(CommandReceipt).where(*self._mine()).values(answer=sealed))

    def _mine(self) -> tuple[Any, ...]:
        return CommandReceipt.caller == self.caller, CommandReceipt.key == self.key
