"""Which tokens were revoked, and which API keys there are: read again every few seconds, known in memory.

One reading tells both, so that a key that was revoked or has expired ends as a token does.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from commands.api_key import api_keys
from commands.token import revocations
from commands.work import Work
from kernel.clock import Clock
from kernel.errors import KsbbError
from models.account import TokenRevocation
from models.api_key import ApiKey
from policy.viewer import Role

FRESH_FOR = dt.timedelta(seconds=2)
"""Then it is read again, before the next token is relied on."""
RELIED_ON_FOR = dt.timedelta(seconds=5)
"""Longer than this no token is relied on without a reading."""
READ_IN_S = 2.0
WHOLE_EVERY = dt.timedelta(minutes=5)
"""Then all are read: what was written while a clock was wrong stands at another place than the newest."""
OVERLAP = dt.timedelta(minutes=10)
"""Longer than any command takes: what was written before the last reading may have been committed after it."""


class RevocationsUnknown(KsbbError):
    """It cannot be read now which tokens were revoked, so none can be relied on."""

    code = "TOKEN_REVOCATIONS_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__(
            "Tokens cannot be checked now, because the database does not answer (basis data tidak menjawab). Try again "
            "in a minute."
        )


class Looking(Protocol):
    """Who reads what the system itself needs to know, as `commands.bus.Bus` does."""

    def look(self, part: Callable[[Work], Awaitable[Any]]) -> Awaitable[Any]:
        """Give a part the work to read with."""
        ...


@dataclass(frozen=True)
class Told:
    """What one reading tells, each in the order of time."""

    revocations: Sequence[TokenRevocation] = ()
    keys: Sequence[ApiKey] = ()


async def _told(work: Work, revoked_since: dt.datetime | None, changed_since: dt.datetime | None) -> Told:
    return Told(await revocations(work, revoked_since), await api_keys(work, changed_since))


_NOTHING = dt.timedelta()


class Revocations:
    """The revocations and keys, at most some seconds old in every process; a reading costs two indexed queries."""

    def __init__(self, looking: Looking, clock: Clock) -> None:
        self._looking = looking
        self._clock = clock
        self._last: dict[tuple[str, str | None], dt.datetime] = {}
        self._keys: dict[str, ApiKey] = {}
        self._newest: dt.datetime | None = None
        self._newest_key: dt.datetime | None = None
        self._read_at: dt.datetime | None = None
        self._all_read_at: dt.datetime | None = None
        self._reading: asyncio.Task[None] | None = None

    async def is_revoked(self, subject: str, role: Role, issued_at: dt.datetime | None) -> bool:
        """Whether a token of a login and role holds no longer; one that does not say when it was issued, after any.

        Raises:
            RevocationsUnknown: the last reading is too old, and there is none now.
        """
        await self._refresh()
        if not self._last:  # nearly always
            return False
        ends = [end for end in (self._last.get((subject, None)), self._last.get((subject, role.value))) if end]
        return bool(ends) and (issued_at is None or issued_at <= max(ends))

    async def key(self, public_id: str) -> ApiKey | None:
        """The API key of a public identifier, as it stood at the last reading.

        Raises:
            RevocationsUnknown: as `is_revoked`.
        """
        await self._refresh()
        return self._keys.get(public_id)

    async def _refresh(self) -> None:
        if self._is_within(FRESH_FOR):
            return
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        await asyncio.shield(self._reading)
        if not self._is_within(RELIED_ON_FOR):
            raise RevocationsUnknown

    def _is_within(self, age: dt.timedelta) -> bool:
        """Whether the last reading is so young; one of the future is not, for the clock was set back since."""
        return _is_within(age, self._read_at, self._clock.now())

    async def _read(self) -> None:
        """Read what is new; when that fails, what is known serves on as long as it may."""
        asked_at = self._clock.now()
        goes_on = _is_within(WHOLE_EVERY, self._all_read_at, asked_at) and (self._read_at or asked_at) <= asked_at
        since = partial(_since, asked_at) if goes_on else _all
        part = partial(_told, revoked_since=since(self._newest), changed_since=since(self._newest_key))
        try:
            async with asyncio.timeout(READ_IN_S):
                found: Told = await self._looking.look(part)
        except (KsbbError, SQLAlchemyError, OSError):  # a time-out is an OSError
            return
        for row in found.revocations:
            key = (row.subject, row.role)
            self._last[key] = max(row.issued_before, self._last.get(key, row.issued_before))
        self._newest = found.revocations[-1].at if found.revocations else self._newest
        self._keys.update((row.public_id, row) for row in found.keys)
        self._newest_key = found.keys[-1].changed_at if found.keys else self._newest_key
        self._read_at = asked_at
        self._all_read_at = self._all_read_at if goes_on else asked_at


def _is_within(age: dt.timedelta, instant: dt.datetime | None, now: dt.datetime) -> bool:
    return instant is not None and _NOTHING <= now - instant < age


def _since(asked_at: dt.datetime, newest: dt.datetime | None) -> dt.datetime | None:
    """From when on to read again; a row of a clock that is ahead of ours hides none that come after it."""
    return None if newest is None else min(newest, asked_at) - OVERLAP


def _all(_: dt.datetime | None) -> None:
    """From the beginning."""
