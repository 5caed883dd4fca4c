"""Fan-out in a process: the same bytes for all, bounded queues, and a seam that neither loses nor repeats."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Sequence
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import TimeoutError as NoConnection

from events.hub import Hub, Subscriber
from events.log import Logged
from events.shown import Filter, Shown
from events.stream import CannotRead, Delivery, ServerStops, StreamEnded, TooSlowConsumer


class Log:
    """A log in memory, which grows when the test says so."""

    def __init__(self) -> None:
        self.events: list[Logged] = []
        self.readings = 0
        self.archived_until = 0

    def grow(self, count: int, kind: str = "loan") -> None:
        at = dt.datetime(2022, 1, 3, tzinfo=dt.UTC)
        for _ in range(count):
            self.events.append(Logged(len(self.events) + 1, uuid4(), "LoanMoved", 1, at, kind, uuid4(), {}))

    async def after(self, position: int, limit: int = 50) -> list[Logged]:
        self.readings += 1
        await asyncio.sleep(0)
        position = max(position, self.archived_until)
        return self.events[position : position + limit]

    async def state(self) -> tuple[int, int]:
        return len(self.events), self.archived_until


class Document:
    """Shows every event by its position, and counts how often it is asked."""

    def __init__(self, key: str = "document") -> None:
        self.key = key
        self.showings = 0
        self.slow_s = 0.0
        self.failure: Exception | None = None

    def cursor(self, position: int) -> str:
        return str(position)

    def discontinuity(self, position: int) -> Delivery:
        return Delivery(str(position), b"%d" % -position)

    async def shown(self, events: Sequence[Logged]) -> Sequence[Shown]:
        self.showings += 1
        await asyncio.sleep(self.slow_s)
        if self.failure is not None:
            raise self.failure
        return [
            Shown(
                e.position, e.type, e.kind, "31.71", frozenset(), False, Delivery(str(e.position), b"%d" % e.position)
            )
            for e in events
        ]


class Gated(Document):
    """Keeps those of its showings waiting that have a gate, until the test opens it."""

    def __init__(self, *gates: asyncio.Event | None) -> None:
        super().__init__()
        self._gates = list(gates)

    async def shown(self, events: Sequence[Logged]) -> Sequence[Shown]:
        gate = self._gates.pop(0) if self._gates else None
        found = await super().shown(events)
        if gate is not None:
            await gate.wait()
        return found


class House:
    """A hub on a log in memory, and the news of it."""

    def __init__(self, queue: int = 1_000) -> None:
        self.log = Log()
        self.hub = Hub(self.log, queue=queue)  # type: ignore[arg-type]  # reads as an EventLog does
        self._news: asyncio.Queue[int] = asyncio.Queue()
        self.task = asyncio.create_task(self.hub.run(self._told()))

    async def _told(self) -> AsyncIterator[int]:
        while True:
            yield await self._news.get()

    def grow(self, count: int) -> None:
        self.log.grow(count)
        self._news.put_nowait(len(self.log.events))

    async def close(self) -> None:
        self.task.cancel()
        await self.hub.close()


async def read(hub: Hub, document: Document, count: int, after: int | None, wanted: Filter | None = None) -> list[int]:
    stream = hub.open(document, wanted, after)
    found: list[int] = []
    while len(found) < count:
        found += [int(delivery.body) for delivery in await stream.take()]
    await stream.close()
    return found


async def test_whoever_joins_whenever_gets_every_event_once_and_in_order() -> None:
    house = House()
    house.grow(300)
    await asyncio.sleep(0.01)
    document = Document()
    readers = []
    for step in range(40):
        readers.append(asyncio.create_task(read(house.hub, document, 700 - step * 7, step * 7)))
        house.grow(10)
        await asyncio.sleep(0.001 * (step % 3))
    for number, reader in enumerate(readers):
        async with asyncio.timeout(5):
            assert await reader == list(range(number * 7 + 1, 701))
    assert house.hub.followed == 0
    await house.close()


async def becomes(is_so: Callable[[], bool]) -> None:
    """Wait until something is so, but not for ever."""
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110  # what it waits for does not tell
            await asyncio.sleep(0)


async def next_of(stream: Subscriber) -> list[int]:
    async with asyncio.timeout(5):
        return [int(delivery.body) for delivery in await stream.take()]


async def joined(house: House, document: Document) -> Subscriber:
    """A subscriber that is live."""
    stream = house.hub.open(document, None, None)
    taking = asyncio.create_task(stream.take())
    await becomes(lambda: stream.is_live)
    taking.cancel()
    return stream


async def test_who_replayed_further_than_the_others_were_shown_gets_nothing_twice() -> None:
    gate = asyncio.Event()
    house, document = House(), Gated(gate)
    behind = await joined(house, document)
    house.grow(1)
    await becomes(lambda: document.showings == 1)
    house.grow(2)
    await becomes(lambda: house.hub.position == 3)
    ahead = house.hub.open(document, None, 0)
    assert await next_of(ahead) == [1, 2, 3]
    gate.set()
    await becomes(lambda: document.showings == 3)
    house.grow(1)
    assert await next_of(ahead) == [4]
    assert await next_of(behind) == [1, 2, 3, 4]
    await behind.close()
    await ahead.close()
    await house.close()


async def test_who_replays_while_the_others_are_shown_more_misses_nothing() -> None:
    gate = asyncio.Event()
    house, document = House(), Gated(None, gate)
    live = await joined(house, document)
    house.grow(1)
    assert await next_of(live) == [1]
    late = house.hub.open(document, None, 0)
    replayed = asyncio.create_task(next_of(late))
    await becomes(lambda: document.showings == 2)
    house.grow(1)
    assert await next_of(live) == [2]
    gate.set()
    assert await replayed == [1]
    assert await next_of(late) == [2]
    house.grow(1)
    assert await next_of(late) == [3]
    await live.close()
    await late.close()
    await house.close()


async def test_what_comes_live_never_overtakes_what_waits() -> None:
    house, document, poured = House(), Document(), list[int]()

    def sink(deliveries: Sequence[Delivery]) -> bool:
        poured.extend(int(delivery.body) for delivery in deliveries)
        return True

    stream, other = await joined(house, document), await joined(house, document)
    stream.pour_into(sink)
    house.grow(1)
    assert await next_of(other) == [1]
    assert poured == []
    assert await next_of(stream) == [1]
    taking = asyncio.create_task(stream.take())
    await asyncio.sleep(0)
    house.grow(1)
    assert await next_of(other) == [2]
    assert (poured, stream.last) == ([2], "2")
    taking.cancel()
    await stream.close()
    await other.close()
    await house.close()


async def test_one_showing_serves_all_who_follow_the_same_document() -> None:
    house, document = House(), Document()
    streams = [house.hub.open(document, None, None) for _ in range(200)]
    waiting = [asyncio.create_task(stream.take()) for stream in streams]
    await asyncio.sleep(0.01)
    house.grow(1)
    taken = [await task for task in waiting]
    assert document.showings == 1
    assert len({id(deliveries[0].body) for deliveries in taken}) == 1
    for stream in streams:
        await stream.close()
    assert house.hub.followed == 0
    await house.close()


async def test_all_who_come_again_at_once_share_one_replay() -> None:
    house, document = House(), Document()
    house.grow(100)
    await asyncio.sleep(0.01)
    await asyncio.gather(*(read(house.hub, document, 100, 0) for _ in range(100)))
    assert document.showings <= 3
    await house.close()


async def test_who_lets_the_queue_fill_up_is_sent_away_with_the_cursor_to_go_on_after() -> None:
    house, document = House(queue=10), Document()
    stream = house.hub.open(document, None, None)
    first = asyncio.create_task(stream.take())
    await asyncio.sleep(0.01)
    house.grow(1)
    assert [d.cursor for d in await first] == ["1"]
    house.grow(11)
    await asyncio.sleep(0.01)
    with pytest.raises(TooSlowConsumer) as ended:
        await stream.take()
    assert ended.value.details["cursor"] == "1"
    assert await read(house.hub, document, 11, 1) == list(range(2, 13))
    await house.close()


async def test_a_server_that_stops_sends_everybody_away() -> None:
    house, document = House(), Document()
    stream = house.hub.open(document, None, None)
    waiting = asyncio.create_task(stream.take())
    await asyncio.sleep(0.01)
    await house.close()
    with pytest.raises(ServerStops):
        await waiting


async def test_a_subscriber_that_breaks_sends_all_away_and_leaves_nobody_waiting() -> None:
    house, document = House(), Document()
    streams = [house.hub.open(document, None, None) for _ in range(3)]

    def broken(_: Sequence[Delivery]) -> bool:
        raise ZeroDivisionError

    streams[1].pour_into(broken)
    waiting = [asyncio.create_task(stream.take()) for stream in streams]
    await asyncio.sleep(0.01)
    house.grow(1)
    async with asyncio.timeout(2):
        ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert any(isinstance(end, StreamEnded) for end in ended)
    assert all(isinstance(end, StreamEnded | list) for end in ended)
    await house.close()


async def test_a_document_that_lags_behind_holds_up_nobody_else() -> None:
    house, slow, quick = House(), Document("slow"), Document("quick")
    slow.slow_s = 0.3
    lagging = asyncio.create_task(read(house.hub, slow, 3, None))
    other = asyncio.create_task(read(house.hub, quick, 3, None))
    await asyncio.sleep(0.01)
    house.grow(3)
    async with asyncio.timeout(0.2):
        assert await other == [1, 2, 3]
    assert await lagging == [1, 2, 3]
    await house.close()


async def test_what_is_archived_under_a_reader_is_announced_and_not_passed_over() -> None:
    house, document = House(), Document()
    house.hub.position = 3_000  # beyond what is kept at hand
    house.log.grow(3_000)
    stream = house.hub.open(document, None, 0)
    assert [int(d.body) for d in await stream.take()] == list(range(1, 51))
    house.log.archived_until = 200
    assert [int(d.body) for d in await stream.take()] == [-200]
    assert [int(d.body) for d in await stream.take()] == list(range(201, 251))
    house.log.archived_until = 3_000
    assert [int(d.body) for d in await stream.take()] == [-3_000]
    house.grow(1)
    assert [int(d.body) for d in await stream.take()] == [3_001]
    await stream.close()
    await house.close()


async def test_what_is_archived_before_a_lagging_document_shows_it_is_announced_too() -> None:
    house, document = House(), Document()
    reading = asyncio.create_task(read(house.hub, document, 4, None))
    await asyncio.sleep(0.01)
    house.log.grow(60)
    house.log.archived_until = 58
    house.grow(1)
    async with asyncio.timeout(5):
        assert await reading == [-58, 59, 60, 61]
    await house.close()


async def test_what_is_archived_behind_what_is_at_hand_is_announced_too() -> None:
    house, document = House(), Document()
    stream = await joined(house, document)
    house.grow(1)
    assert await next_of(stream) == [1]
    house.log.grow(60)
    house.log.archived_until = 58
    house.grow(1)
    found: list[int] = []
    while len(found) < 5:
        found += await next_of(stream)
    assert found == [-58, 59, 60, 61, 62]
    await stream.close()
    await house.close()


@pytest.mark.parametrize("failure", [TimeoutError(), NoConnection("pool"), KeyError("loan_id")])
async def test_nobody_waits_for_a_document_that_ended(failure: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.hub.PAUSES_S", (0.01,))
    house, document = House(), Document()
    stream = house.hub.open(document, None, None)
    waiting = asyncio.create_task(stream.take())
    await asyncio.sleep(0.01)
    document.failure = failure
    house.grow(1)
    async with asyncio.timeout(5):
        with pytest.raises(CannotRead):
            await waiting
    document.failure = None
    assert await read(house.hub, document, 1, 0) == [1]
    await house.close()


def shown(region: str | None, *institutions: UUID, left: bool = False) -> Shown:
    return Shown(1, "LoanMoved", "loan", region, frozenset(institutions), left, Delivery("c", b""))


def test_a_filter_by_region_takes_everything_below_it_and_nothing_beside() -> None:
    wanted = Filter(regions=("31.71.01",))
    assert wanted.passes(shown("31.71.01"))
    assert wanted.passes(shown("31.71.01.1001"))
    assert not wanted.passes(shown("31.71.010"))
    assert not wanted.passes(shown("31.71"))
    assert not wanted.passes(shown(None))


def test_that_a_subject_left_is_told_whatever_the_region_to_who_wants_its_kind() -> None:
    assert Filter(regions=("31.71.01",)).passes(shown(None, left=True))
    assert Filter(types=frozenset({"DefaultProposed"})).passes(shown(None, left=True))
    assert not Filter(types=frozenset({"ComplaintFiled", "DISCONTINUITY"})).passes(shown(None, left=True))


def test_a_filter_by_institution_takes_what_concerns_any_of_them() -> None:
    one, other = uuid4(), uuid4()
    assert Filter(institutions=frozenset({one})).passes(shown(None, one, other))
    assert not Filter(institutions=frozenset({one})).passes(shown(None, other))
