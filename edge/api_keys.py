"""API keys as callers show them: whether one holds, whom it speaks for, and when it was last used."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from commands.api_key import USE_NOTED_EVERY, note_use, speaks_for
from commands.work import Work
from edge.log import log_failure
from edge.revocations import Revocations
from kernel.clock import Clock
from kernel.errors import KsbbError
from policy.api_keys import PREFIX, is_right, public_id_of
from policy.secrets import Secrets
from policy.token_errors import BadToken
from policy.tokens import RELIED_ON_FOR_S, Verified


class BadKey(BadToken):
    """An API key that does not hold. `public_id`: of the key, where there is one that the text might have been."""

    def __init__(self, reason: str, public_id: str | None = None) -> None:
        super().__init__(reason)
        self.public_id = public_id


class Noting(Protocol):
    """Who writes what is nobody's act, as `commands.bus.Bus` does."""

    def note(self, part: Callable[[Work], Awaitable[None]]) -> Awaitable[None]:
        """Give a part the work to write with."""
        ...


class ApiKeys:
    """Checks API keys against what `Revocations` knows; no query is in a request's way.

    That a key was used is noted beside the request, at most once a minute, and lost where the database does not answer.
    """

    def __init__(self, revocations: Revocations, secrets: Secrets, clock: Clock, noting: Noting) -> None:
        self._revocations = revocations
        self._secrets = secrets
        self._clock = clock
        self._noting = noting
        self._noted: dict[UUID, dt.datetime] = {}
        self._notes: set[asyncio.Task[None]] = set()

    @staticmethod
    def is_one(text: str) -> bool:
        """Whether a bearer's text is meant to be a key: no JWT begins so."""
        return text.startswith(PREFIX)

    async def verified(self, text: str) -> Verified:
        """Whom a key speaks for, and until when that may be relied on.

        Raises:
            BadKey: there is no such key, its secret is another, it expired or was revoked.
            RevocationsUnknown: that cannot be told now.
        """
        key = await self._revocations.key(public_id_of(text) or "")
        if not is_right(self._secrets, text, None if key is None else key.secret_hash) or key is None:
            raise BadKey("there is no such API key", None if key is None else key.public_id)
        now = self._clock.now()
        if key.revoked_at is not None:
            raise BadKey("this API key was revoked")
        if key.expires_at <= now:
            raise BadKey("this API key has expired")
        self._note(key.id, now)
        until = min(key.expires_at, now + dt.timedelta(seconds=RELIED_ON_FOR_S))
        return Verified(speaks_for(key), until, key.created_at)

    def _note(self, key: UUID, now: dt.datetime) -> None:
        last = self._noted.get(key)
        if last is not None and dt.timedelta() <= now - last < USE_NOTED_EVERY:
            return
        self._noted[key] = now
        task = asyncio.create_task(self._write(key, now))
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _write(self, key: UUID, now: dt.datetime) -> None:
        try:
            await self._noting.note(partial(note_use, key=key, at=now))
        except (KsbbError, SQLAlchemyError, OSError) as failure:
            log_failure("api-key-use", failure)

    async def close(self) -> None:
        """Wait for what is being written."""
        await asyncio.gather(*self._notes)
