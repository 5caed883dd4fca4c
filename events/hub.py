"""Fan-out in one process: each followed document is shown an event once, and all its subscribers get the same bytes."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable, Iterator, Sequence
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from events.log import MOST_AT_ONCE, EventLog, Logged
from events.shown import Document, Filter, Shown
from events.stream import CannotRead, Delivery, ServerStops, Sink, TooSlowConsumer
from kernel.errors import KsbbError

KEPT = 2_000
"""Newest events that are kept at hand for documents that lag behind."""
AT_A_TIME = 500
"""Subscribers that are served without a break."""
REPLAY_SHARED_S = 2.0
"""How long a replayed part of the log serves others who ask for the same, such as all clients of a server that was
started again."""
PAUSES_S = (0.05, 0.2, 0.5, 1.0, 2.0)
"""Between the tries to show an event while the database does not answer; then its subscribers are sent away."""

_log = logging.getLogger("ksbb.hub")


class _Archived(Exception):  # between parts of this module: a reader is told, and goes on
    """Events that a reader had before it were archived before it read them."""

    def __init__(self, until: int) -> None:
        super().__init__(f"archived until {until}")
        self.until = until


class Hub:
    """The followed documents of one process, and the newest part of the log."""

    def __init__(self, log: EventLog, *, queue: int) -> None:
        self._log = log
        self._queue = queue
        self._recent: deque[Logged] = deque(maxlen=KEPT)
        self._followed: dict[Hashable, _Followed] = {}
        self._bell = asyncio.Event()
        self.position = 0

    async def start(self) -> None:
        """Begin at the end of the log."""
        self.position, _ = await self._log.state()

    async def run(self, news: AsyncIterator[int]) -> None:
        """Take in what the sequencer numbered whenever there is news of it; ends when cancelled."""
        async for _ in news:
            with suppress(SQLAlchemyError, OSError):  # then the next news finds it
                await self._take_in()

    async def _take_in(self) -> None:
        while events := await self._log.after(self.position):
            if events[0].position > self.position + 1:
                self._recent.clear()  # what is at hand has no gap: who lags behind finds this one in the log
            self._recent.extend(events)
            self.position = events[-1].position
            self._ring()

    def _ring(self) -> None:
        bell, self._bell = self._bell, asyncio.Event()
        bell.set()

    async def wait(self, position: int) -> None:
        """Wait until the log goes beyond a position."""
        while self.position <= position:
            await self._bell.wait()

    async def since(self, position: int) -> Sequence[Logged]:
        """Events after a position, some at least if there are any: from memory, or from the log.

        Raises:
            _Archived: the next ones were archived, even if they were there when the reader began.
        """
        if self._recent and self._recent[0].position <= position + 1:
            return [e for e in self._recent if e.position > position][:MOST_AT_ONCE]
        events = await self._log.after(position)
        if events and events[0].position > position + 1:
            raise _Archived(events[0].position - 1)
        if not events and position < self.position:
            _, archived_until = await self._log.state()
            if position < archived_until:
                raise _Archived(archived_until)
        return events

    def open(
        self, document: Document, wanted: Filter | None, after: int | None, first: Delivery | None = None
    ) -> Subscriber:
        """A new subscriber, that begins after a position or now, and gets something before everything else."""
        made = Subscriber(self, document, wanted, self.position if after is None else after, self._queue)
        if first is not None:
            made.begin_with(first)
        return made

    def follow(self, document: Document, member: Subscriber) -> _Followed:
        """The followed document of which a subscriber becomes a member; a new one begins at the end of the log."""
        followed = self._followed.get(document.key)
        if followed is None:
            followed = _Followed(self, document)
            self._followed[document.key] = followed
            followed.begin(lambda: self._followed.pop(document.key, None))
        followed.members.add(member)
        return followed

    @property
    def followed(self) -> int:
        """How many documents are followed."""
        return len(self._followed)

    async def close(self) -> None:
        """Send every subscriber away, to come again."""
        for followed in list(self._followed.values()):
            await followed.close()


class _Followed:
    """One document while somebody follows it: a task that shows it each event once."""

    def __init__(self, hub: Hub, document: Document) -> None:
        self._hub = hub
        self._document = document
        self.position = hub.position
        self.members: set[Subscriber] = set()
        self._replayed: dict[tuple[int, int], asyncio.Task[Sequence[Shown]]] = {}
        self._task: asyncio.Task[None] | None = None
        self._ended: Callable[[], object] = lambda: None

    def begin(self, ended: Callable[[], object]) -> None:
        """Start working; `ended` is called when the last member has gone."""
        self._ended = ended
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while True:
                await self._hub.wait(self.position)
                try:
                    await self._show(await self._hub.since(self.position))
                except _Archived as gap:
                    self._skip(gap.until)
        except (KsbbError, SQLAlchemyError, OSError) as failure:
            self._send_away(failure)
        except Exception as failure:  # noqa: BLE001  # the outermost layer of its task: nobody may wait for it in vain
            _log.exception("a followed document ended", exc_info=failure)
            self._send_away(failure)

    async def _show(self, events: Sequence[Logged]) -> None:
        shown = await _patiently(self._document, events)
        self.position = events[-1].position
        for some in _parts(list(self.members)):
            for member in some:
                if member.is_live:
                    member.push(shown)
            await asyncio.sleep(0)

    def _skip(self, until: int) -> None:
        self.position = until
        for member in list(self.members):
            if member.is_live:
                member.skip(until)

    async def replayed(self, events: Sequence[Logged]) -> Sequence[Shown]:
        """Events that are past, as the document shows them: once for all who ask for the same within a moment."""
        key = (events[0].position, events[-1].position)
        task = self._replayed.get(key)
        if task is None:
            task = self._replayed[key] = asyncio.create_task(_patiently(self._document, events))
            asyncio.get_running_loop().call_later(REPLAY_SHARED_S, self._replayed.pop, key, None)
        return await asyncio.shield(task)

    def _send_away(self, failure: Exception) -> None:
        self._finish()
        for member in list(self.members):
            member.end(failure if isinstance(failure, KsbbError) else CannotRead())

    def _finish(self) -> None:
        ended, self._ended = self._ended, lambda: None
        ended()

    def leave(self, member: Subscriber) -> None:
        """Let a member go; with the last one the work ends."""
        self.members.discard(member)
        if not self.members and self._task is not None:
            self._finish()
            self._task.cancel()

    async def close(self) -> None:
        """End the work and all members."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._finish()
        for member in list(self.members):
            member.end(ServerStops(member.last))


def _parts(members: list[Subscriber]) -> Iterator[list[Subscriber]]:
    """Members, some at a time: others have work to do as well.

    To wake more at once makes more objects than the garbage collector lets pass (700): then it looks through thousands
    of connections, again and again, which took a third of the time of 5,000 deliveries.
    """
    return (members[start : start + AT_A_TIME] for start in range(0, len(members), AT_A_TIME))


async def _patiently(document: Document, events: Sequence[Logged]) -> Sequence[Shown]:
    """What a document shows of events; tried again while the database is away for a moment."""
    for pause in PAUSES_S:
        try:
            return await document.shown(events)
        except (KsbbError, SQLAlchemyError, OSError):
            await asyncio.sleep(pause)
    return await document.shown(events)


class Subscriber:
    """One subscriber: replays the log from where it begins, then joins those who follow the same document live.

    It satisfies `events.stream.Stream`. What it gets waits in a queue of bounded length; who lets it fill up is sent
    away, with the cursor after which to go on.
    """

    def __init__(self, hub: Hub, document: Document, wanted: Filter | None, position: int, queue: int) -> None:
        self._hub = hub
        self._document = document
        self._wanted = wanted
        self._position = position
        self._capacity = queue
        self._waiting: deque[Delivery] = deque()
        self._arrived: asyncio.Future[None] | None = None
        self._sink: Sink | None = None
        self._followed: _Followed | None = None
        self.is_live = False
        """Whether it gets what its fellow members get; until then it replays."""
        self._end: KsbbError | None = None
        self.start = document.cursor(position)
        self.last = self.start
        """The cursor of the last event that was taken."""

    def begin_with(self, delivery: Delivery) -> None:
        """Have something delivered before everything else."""
        self._waiting.append(delivery)

    def pour_into(self, sink: Sink) -> None:
        """Offer what comes live to a sink first; see `Stream.pour_into`."""
        self._sink = sink

    async def take(self) -> Sequence[Delivery]:
        """The next deliveries; see `Stream.take`."""
        while not self._waiting:
            if self._end is not None:
                raise self._end
            if self.is_live:
                self._arrived = asyncio.get_running_loop().create_future()
                await self._arrived
            else:
                await self._replay()
        taken = list(self._waiting)
        self._waiting.clear()
        self.last = taken[-1].cursor
        return taken

    async def _replay(self) -> None:
        """Read on in the log; at its end go live. Between the last look and going live nothing can happen."""
        if self._followed is None:
            self._followed = self._hub.follow(self._document, self)
        try:
            if events := await self._hub.since(self._position):
                self.push(await self._followed.replayed(events))
                self._position = events[-1].position
        except _Archived as gap:
            self.skip(gap.until)
        except (SQLAlchemyError, OSError):
            raise CannotRead from None
        self.is_live = self._followed.position <= self._position

    def skip(self, until: int) -> None:
        """Tell that nothing can be told up to a position, unless it is behind."""
        if until > self._position:
            self._position = until
            self._waiting.append(self._document.discontinuity(until))
            self._wake()

    def push(self, shown: Sequence[Shown]) -> None:
        """Pass on, or queue, what is new to this subscriber and what it wants."""
        wanted, before = self._wanted, self._position
        fresh = [s.delivery for s in shown if s.position > before and (wanted is None or wanted.passes(s))]
        if shown:
            self._position = max(before, shown[-1].position)
        if not fresh:
            return
        if self._is_waited_for() and self._sink is not None and self._sink(fresh):
            self.last = fresh[-1].cursor
            return
        self._waiting.extend(fresh)
        if self.is_live and len(self._waiting) > self._capacity:
            self._waiting.clear()
            self.end(TooSlowConsumer(self.last))
        else:
            self._wake()

    def _is_waited_for(self) -> bool:
        return not self._waiting and self._arrived is not None and not self._arrived.done()

    def end(self, why: KsbbError) -> None:
        """End the stream: what waits is still taken, then `take` raises."""
        self._end = why
        if self._followed is not None:
            self._followed.leave(self)
        self._wake()

    def _wake(self) -> None:
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(None)

    async def close(self) -> None:
        """Let go of it."""
        if self._followed is not None:
            self._followed.leave(self)
        self._end = self._end or ServerStops(self.last)
        self._wake()
