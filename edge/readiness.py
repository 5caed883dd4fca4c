"""Whether this process can do its work (`/readyz`): named checks, their sentences and cures, none waited for."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from edge.app import OK
from events.lag import Behind
from kernel.errors import KsbbError

CHECKED_WITHIN_S = 2.0
"""Probes give up after some seconds: they are told before."""
EVENTS_WAIT_S = 30.0
"""A sequencer that works gives positions within a second, and another takes over within 20."""

_MEGABYTE = 1_000_000
_SILENT = (
    f"No answer within {CHECKED_WITHIN_S:g} s. See that PostgreSQL runs and is not overloaded; `ksbb doctor` says more."
)
_AWAY = "The database does not answer. See that PostgreSQL runs and can be reached; `ksbb doctor` says more."

Check = Callable[[], Coroutine[Any, Any, None]]
"""Ends where all is well; raises a KsbbError, whose sentence has no secret, or an error of the database where not."""


class NotReady(KsbbError):
    """Something that the work needs is missing."""

    code = "NOT_READY"


class Readiness:
    """The checks. One look at a time: what hangs is not asked again, and told to hang, until it comes to an end."""

    def __init__(self, checks: Mapping[str, Check], within_s: float = CHECKED_WITHIN_S) -> None:
        self._checks = checks
        self._within_s = within_s
        self._looks: dict[str, asyncio.Task[str]] = {}

    async def __call__(self) -> dict[str, str]:
        """By check `ok`, or what is wrong and what to do."""
        for name, check in self._checks.items():
            if name not in self._looks:
                self._looks[name] = asyncio.create_task(_verdict(check()))
                self._looks[name].add_done_callback(lambda _, name=name: self._looks.pop(name))  # type: ignore[misc]
        looks = {name: self._looks[name] for name in self._checks}
        await asyncio.wait(looks.values(), timeout=self._within_s)
        return {name: look.result() if look.done() else _SILENT for name, look in looks.items()}


async def _verdict(check: Awaitable[None]) -> str:
    try:
        await check
    except KsbbError as refused:
        return refused.message
    except (OSError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return _AWAY
    return OK


async def require_events(look: Callable[[], Awaitable[Behind]]) -> None:
    """Make sure that committed events get their positions.

    Raises:
        NotReady: some have waited for long.
    """
    behind = await look()
    if behind.oldest_s > EVENTS_WAIT_S:
        raise NotReady(
            f"{behind.waiting:,} events have had no position for {behind.oldest_s:.0f} s: subscriptions and webhooks "
            "stand still. Look for `ksbb.sequencer` in the log; `ksbb events status` names who should give them."
        )


async def require_room(folder: Path, what: str, megabytes: int) -> None:
    """Make sure that so much is free on the disk of a folder; 0: that is not looked at.

    Raises:
        NotReady: it is not.
    """
    if megabytes and await asyncio.to_thread(_free, folder) < megabytes * _MEGABYTE:
        raise NotReady(
            f"Less than {megabytes:,} MB are free for {what}. Make room, or move its folder to a larger disk; "
            "KSBB_DISK_FREE_MB says how much must be free."
        )


def _free(folder: Path) -> int:
    """Bytes that are free where a folder is, or will be."""
    absolute = folder.absolute()
    return shutil.disk_usage(next(place for place in (absolute, *absolute.parents) if place.exists())).free
