"""The worker of webhooks with an audience of tests, also as a process that can be killed."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

from events.audience import Audience, Heard
from events.database import sequencer_engine
from events.log import Logged
from events.shown import Filter
from events.webhook_lane import Patience
from events.webhooks import Office, Webhooks
from kernel.clock import SystemClock
from kernel.settings import Settings
from kernel.targets import Targets
from policy.event_cursor import sealed_position
from policy.secrets import Secrets
from policy.viewer import Viewer

QUICK = Patience(
    first_s=0.05, factor=1.5, longest_s=0.3, attempts=12, answered_within_s=5.0, rest_s=0.01, longest_rest_s=0.05
)
HASTY = replace(QUICK, answered_within_s=0.5)
"""For receivers that hang."""
PATIENT = replace(QUICK, attempts=1_000)
"""Gives nothing up, however slow the machine is."""


@dataclass
class Everybody:
    """Hears of all events of the tests, but of what is hidden from it."""

    secrets: Secrets
    hidden: set[UUID] = field(default_factory=set)
    left: set[UUID] = field(default_factory=set)
    """Ids of events that tell that their subject left."""
    asked: int = 0

    async def heard(self, viewer: Viewer, events: Sequence[Logged], filter: Filter) -> Sequence[Heard]:
        """Those that are not hidden and of a wanted type."""
        self.asked += 1
        return [
            Heard(
                event=one,
                id=self.secrets.public_id("event", one.id),
                cursor=sealed_position(self.secrets, viewer, one.position),
                subject_type="Contoh",
                subject_id=self.secrets.public_id(one.kind, one.key),
                region=None if one.id in self.left else "31.74",
                left=one.id in self.left,
            )
            for one in events
            if one.kind == "contoh" and one.key not in self.hidden and (not filter.types or one.type in filter.types)
        ]


@asynccontextmanager
async def at_work(
    settings: Settings, dsn: str, audience: Audience | None = None, patience: Patience = QUICK
) -> AsyncIterator[Webhooks]:
    """A worker at work."""
    secrets, engine = Secrets.of(settings), sequencer_engine(settings, dsn)
    office = Office(
        engine=engine,
        audience=audience or Everybody(secrets),
        secrets=secrets,
        clock=SystemClock(),
        targets=Targets(allow_private=True),
        log_days=30,
        patience=patience,
    )
    worker = Webhooks(office)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await engine.dispose()


async def _until_killed(given: dict[str, str]) -> None:
    settings = Settings(data_dir=Path(given["data_dir"]), secret_key=given["secret_key"])
    async with at_work(settings, given["dsn"], patience=replace(QUICK, longest_s=0.1)):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_until_killed(json.loads(sys.stdin.readline())))
