"""The worker of webhooks: queues what agencies may hear of, and sends it until they have it.

At least once: what is to be sent waits in the database from the transaction that moves the webhook on, and is marked
after the receiver's answer. In order per subject; webhooks do not wait for each other. One process works at a time:
the one that holds the sequencer's lock.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import SystemRandom
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from events.audience import Audience
from events.bell import Bell
from events.log import EventLog
from events.webhook_lane import MOST_WAITING, Lane, Patience, Post, Roads
from events.webhook_queue import Hook, WebhookQueue
from events.webhook_sender import Sender, names_in_threads
from kernel.clock import Clock
from kernel.keys import KeyMaker
from kernel.targets import Targets
from policy.secrets import Secrets

_POLL_S = 2.0
"""What other processes queue, such as pings, is found by looking."""
_PAUSE_S = 0.02
"""The shortest time between two looks, however often the bell rings."""
_TIDIED_EVERY_S = 3_600.0

_log = logging.getLogger("ksbb.webhooks")


@dataclass(frozen=True, kw_only=True)
class Office:
    """What the worker works with; `log_days`: how long what was sent stays in the log."""

    engine: AsyncEngine
    audience: Audience
    secrets: Secrets
    clock: Clock
    targets: Targets
    log_days: int
    patience: Patience


class Webhooks:
    """Serves all webhooks while it runs; `run` it beside the sequencer, in the process that holds its lock."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._log = EventLog(office.engine)
        self._queue = WebhookQueue(office.engine, office.secrets, KeyMaker(SystemRandom(), office.clock))
        self._bell = Bell()

    def wake(self) -> None:
        """Say that there are new events, or that something was queued."""
        self._bell.ring()

    async def run(self) -> None:
        """Work until cancelled; whatever goes wrong is logged, and tried again."""
        office = self._office
        async with AsyncExitStack() as stack:
            targets = await stack.enter_async_context(names_in_threads(office.targets))
            sender = Sender(targets, within_s=office.patience.answered_within_s)
            stack.push_async_callback(sender.close)
            post = Post(office.audience, self._log, self._queue, sender, office.clock)
            lanes = _Lanes(post, Roads(), office.patience, self._bell)
            stack.push_async_callback(lanes.close)
            while True:
                try:
                    pause_s = await self._look(lanes)
                except Exception as failure:  # noqa: BLE001  # the outermost layer of its task: without it nothing is sent
                    _log.warning("webhooks could not be looked at; they are again", exc_info=failure)
                    pause_s = _POLL_S
                await self._bell.wait(pause_s)
                await asyncio.sleep(_PAUSE_S)

    async def _look(self, lanes: _Lanes) -> float:
        """Set to work every webhook that has something to do; the seconds until something is due."""
        now = self._office.clock.now()
        await lanes.tidy(now, self._office.log_days)
        hooks = await self._queue.served(now)
        last, _ = await self._log.state()
        lanes.serve([hook for hook in hooks if _has_work(hook, last, now)])
        coming = [(hook.next_at - now).total_seconds() for hook in hooks if hook.next_at and hook.next_at > now]
        return min([_POLL_S, *coming])


def _has_work(hook: Hook, last: int, now: dt.datetime) -> bool:
    is_due = hook.next_at is not None and hook.next_at <= now
    return is_due or (hook.position != last and hook.waiting < MOST_WAITING)  # also beyond the log: that is told


class _Lanes:
    """The webhooks that are being served, each by a task of its own."""

    def __init__(self, post: Post, roads: Roads, patience: Patience, bell: Bell) -> None:
        self._bell = bell
        self._post = post
        self._roads = roads
        self._patience = patience
        self._lanes: dict[UUID, Lane] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._tidied_at: dt.datetime | None = None

    def serve(self, hooks: Sequence[Hook]) -> None:
        """Serve these; those that are served already are told to look again."""
        for hook in hooks:
            if (lane := self._lanes.get(hook.id)) is not None:
                lane.wake()
                continue
            self._lanes[hook.id] = lane = Lane(hook, self._post, self._roads, self._patience)
            self._tasks[hook.id] = asyncio.create_task(self._served(hook.id, lane))

    async def _served(self, id_: UUID, lane: Lane) -> None:
        try:
            await lane.run()
            self._bell.ring()  # it may be due again before the next look
        except Exception as failure:  # noqa: BLE001  # the outermost layer of its task: it is served again at the next look
            _log.warning("a webhook could not be served; it is again", exc_info=failure)
        finally:
            del self._lanes[id_], self._tasks[id_]

    async def tidy(self, now: dt.datetime, days: int) -> None:
        """Drop, once an hour, what was done long ago."""
        if self._tidied_at is None or (now - self._tidied_at).total_seconds() > _TIDIED_EVERY_S:
            self._tidied_at = now
            await self._post.queue.drop_before(now - dt.timedelta(days=days))

    async def close(self) -> None:
        """End all tasks; what was not answered is sent again by who works next."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
