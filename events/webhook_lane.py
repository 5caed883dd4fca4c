"""One webhook while it is served: the log goes in at one end, and messages go out at the other."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import SystemRandom
from uuid import UUID

from events.audience import Audience, Heard
from events.log import EventLog
from events.webhook_queue import Hook, Waiting, WebhookQueue
from events.webhook_sender import ANSWERED_WITHIN_S, Answer, Sender, signature_headers
from kernel.clock import Clock
from models.webhook_codes import WebhookProblem

MOST_WAITING = 1_000
"""Deliveries of one webhook that wait at a time: what comes after them waits in the log."""
AT_ONCE = 64
"""Messages on their way at a time to targets that answer."""
AT_ONCE_FAILING = 64
"""Messages on their way at a time to targets that failed last: they have roads of their own."""
AT_ONCE_PER_TARGET = 4
HEARD_FOR_S = 2.0
"""How old the answer of the audience may be when a message leaves; after that it is asked again."""

_TAKEN = 32
"""Deliveries that a lane has in hand."""
_LANDING_S = 0.02
"""After one has landed others are waited for: so that the database is asked once for many, not once for each."""
_RANDOM = SystemRandom()


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long what fails is tried again.

    After the n-th attempt a random part of `first_s * factor ** (n - 1)`, at most of `longest_s`, is waited (full
    jitter); after the last one, it is a dead letter. So it takes two days on average, and at most three and a half.
    """

    first_s: float = 5.0
    factor: float = 3.0
    longest_s: float = 43_200.0
    attempts: int = 16
    answered_within_s: float = ANSWERED_WITHIN_S
    rest_s: float = 0.1
    """Between messages to a target that fails again and again; it doubles with each, up to `longest_rest_s`."""
    longest_rest_s: float = 30.0

    def next_s(self, attempts: int, told_s: float) -> float | None:
        """Seconds until the next attempt, not before what the receiver told; None when there were enough."""
        if attempts >= self.attempts:
            return None
        longest = min(self.first_s * self.factor ** (attempts - 1), self.longest_s)
        return max(_RANDOM.uniform(0, longest), min(told_s, self.longest_s))

    def rest(self, failures: int) -> float:
        """Seconds for which a target is left alone after so many failures in a row."""
        return min(self.rest_s * 2 ** min(failures, 20), self.longest_rest_s) if failures > AT_ONCE_PER_TARGET else 0.0


@dataclass(frozen=True, slots=True)
class Post:
    """What a lane works with."""

    audience: Audience
    log: EventLog
    queue: WebhookQueue
    sender: Sender
    clock: Clock


@dataclass
class Road:
    """The way to one target, as it was found lately."""

    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE_PER_TARGET))
    failures: int = 0
    """In a row."""
    failed_at: float = 0.0
    """When the last one was, in the time of the loop."""

    def note(self, answer: Answer, at: float) -> None:
        """Remember how it went."""
        if answer.problem is None:
            self.failures = 0
        else:
            self.failures, self.failed_at = self.failures + 1, at


class Roads:
    """Keeps apart targets that answer and those that do not, so that none waits for another."""

    def __init__(self) -> None:
        self._open = asyncio.Semaphore(AT_ONCE)
        self._failing = asyncio.Semaphore(AT_ONCE_FAILING)
        self._roads: dict[str, Road] = defaultdict(Road)

    def to(self, hook: Hook) -> Road:
        """The road to a webhook's target; webhooks with the same target share it."""
        return self._roads[origin_of(hook.url)]

    @asynccontextmanager
    async def taken(self, road: Road) -> AsyncIterator[None]:
        """Room for one message."""
        async with road.room, self._failing if road.failures else self._open:
            yield


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, as it is written."""
    return "/".join(url.split("/", 3)[:3]).lower()


class Lane:
    """Serves one webhook until there is nothing to do for it."""

    def __init__(self, hook: Hook, post: Post, roads: Roads, patience: Patience) -> None:
        self._hook = hook
        self._post = post
        self._roads = roads
        self._patience = patience
        self._flying: dict[asyncio.Task[None], UUID] = {}
        self._bell = asyncio.Event()

    def wake(self) -> None:
        """Say that there is more to do."""
        self._bell.set()

    async def run(self) -> None:
        """Queue and send, until nothing is due."""
        try:
            while await self._refresh():
                self._bell.clear()
                is_more = await self._queue_next()
                is_sending = await self._start_due()
                if is_sending:
                    await self._landed()
                elif not (is_more or self._bell.is_set()):
                    await self._post.queue.settle(self._hook)
                    return
        finally:
            for task in self._flying:
                task.cancel()
            await asyncio.gather(*self._flying, return_exceptions=True)

    async def _refresh(self) -> bool:
        """Read the webhook anew; whether it is still served."""
        found = await self._post.queue.served(self._post.clock.now(), only=self._hook.id)
        self._hook = found[0] if found else self._hook
        return bool(found)

    async def _queue_next(self) -> bool:
        """Let the next events of the log wait, if there is room; whether there may be more."""
        hook, post = self._hook, self._post
        if hook.waiting >= MOST_WAITING:
            return False
        last, archived_until = await post.log.state()
        if not archived_until <= hook.position <= last:  # beyond: the database was restored from an older state
            until = min(max(hook.position, archived_until), last)
            await post.queue.put_discontinuity(hook, until, post.clock.now())
            return True
        if hook.position == last:
            return False
        events = await post.log.after(hook.position)
        if events and events[0].position > hook.position + 1:
            return True  # archived since the look above
        heard = await post.audience.heard(hook.viewer, events, hook.filter)
        if events:
            await post.queue.put(hook, heard, events[-1].position, post.clock.now())
        return bool(events)

    async def _start_due(self) -> bool:
        """Send what is due, as much as there is room for; whether anything is on its way."""
        road, post = self._roads.to(self._hook), self._post
        room = (1 if road.failures else _TAKEN) - len(self._flying)
        if room > 0:
            due = await post.queue.due(self._hook, list(self._flying.values()), room, post.clock.now())
            for one, heard in await self._still_heard(due):
                sending = _Sending(self._hook, one, heard, asyncio.get_running_loop().time())
                self._flying[asyncio.create_task(self._send(sending, road))] = one.id
        return bool(self._flying)

    async def _still_heard(self, due: Sequence[Waiting]) -> list[tuple[Waiting, Heard | None]]:
        """What the owner may hear of now, beside tests and the like; the rest is dropped."""
        post, hook = self._post, self._hook
        events = await post.log.at([one.position for one in due if one.position])
        told = await post.audience.heard(hook.viewer, events, hook.filter) if events else ()
        heard = {one.event.position: one for one in told}
        if lost := [one for one in due if one.position and one.position not in heard]:
            await post.queue.dropped(lost)
        return [(one, heard.get(one.position)) for one in due if not one.position or one.position in heard]

    async def _landed(self) -> None:
        """Wait until one message is through, or there is more to do."""
        rung = asyncio.create_task(self._bell.wait())
        try:
            await asyncio.wait({*self._flying, rung}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(_LANDING_S)
        finally:
            rung.cancel()
        for task in [task for task in self._flying if task.done()]:
            del self._flying[task]
            task.result()

    async def _send(self, sending: _Sending, road: Road) -> None:
        """One attempt; a message that waited too long for its turn, or while others failed, is looked at again first.

        So one that finds its target away costs an attempt of those on their way, not of all that waited behind them.
        """
        loop = asyncio.get_running_loop()
        async with self._roads.taken(road):
            if sending.heard_at < max(loop.time() - HEARD_FOR_S, road.failed_at):
                return
            answer = await self._attempt(sending)
            road.note(answer, loop.time())
            await self._note(sending, answer)
        if answer.problem is not None:
            await asyncio.sleep(self._patience.rest(road.failures))

    async def _attempt(self, sending: _Sending) -> Answer:
        now, hook = self._post.clock.now(), sending.hook
        body = json.dumps(message(sending.one, sending.heard), separators=(",", ":"))
        headers = signature_headers(hook.secrets, sending.one.message_id, now, body)
        return await self._post.sender.send(hook.url, headers, body.encode(), now)

    async def _note(self, sending: _Sending, answer: Answer) -> None:
        queue, one, now = self._post.queue, sending.one, self._post.clock.now()
        if answer.problem is None:
            await queue.delivered(one, answer.status, now)
            return
        next_s = self._patience.next_s(one.attempts + 1, answer.retry_after_s)
        await queue.failed(one, answer.status, answer.problem, now, next_s)
        if answer.problem is WebhookProblem.GONE:
            await queue.pause(sending.hook)


@dataclass(frozen=True, slots=True)
class _Sending:
    """A message that leaves: for whom, what, and when the audience was asked."""

    hook: Hook
    one: Waiting
    heard: Heard | None
    heard_at: float


def message(one: Waiting, heard: Heard | None) -> dict[str, object]:
    """The body: references only. What is behind them the receiver reads over the API, with its own rights."""
    if heard is None:
        return _message(one.type, one.created_at, {"id": one.message_id})
    data: dict[str, object] = {
        "id": heard.id,
        "cursor": heard.cursor,
        "subjectType": heard.subject_type,
        "subjectId": heard.subject_id,
        **({} if heard.region is None else {"regionCode": heard.region}),
        "left": heard.left,
    }
    return _message(heard.event.type, heard.event.at, data)


def _message(type_: str, at: dt.datetime, data: Mapping[str, object]) -> dict[str, object]:
    return {"type": type_, "timestamp": at.isoformat(), "data": data}
