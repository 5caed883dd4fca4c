"""Every committed event gets its position: without a gap, once, and whatever becomes of the process that gives it."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID, uuid4

import pytest

from events.sequencer import Sequencer, give_positions
from tests.events.conftest import Log, until, written

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVENTS = 10_000 if os.environ.get("TEST_LONG") else 800
WRITERS = 8


@asynccontextmanager
async def sequenced(log: Log) -> AsyncIterator[Sequencer]:
    """A sequencer at work."""
    sequencer = Sequencer(log.dsn)
    task = asyncio.create_task(sequencer.run())
    try:
        yield sequencer
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _a_writer(log: Log, subject: UUID, count: int) -> list[UUID]:
    connection = await log.connect()
    try:
        return [await written(connection, subject, number) for number in range(count)]
    finally:
        await connection.close()


async def test_positions_have_no_gap_however_many_write_and_keep_the_order_of_each_subject(log: Log) -> None:
    async with sequenced(log):
        subjects = [uuid4() for _ in range(WRITERS)]
        wrote = await asyncio.gather(*(_a_writer(log, subject, EVENTS // WRITERS) for subject in subjects))
        await until(log.none_waits)
    found = await log.all()
    assert [one.position for one in found] == list(range(1, len(found) + 1))
    of: dict[UUID, list[UUID]] = defaultdict(list)
    for one in found:
        of[one.key].append(one.id)
    assert [of[subject] for subject in subjects] == wrote
    assert (await log.events.state())[0] == len(found)


async def test_an_event_that_is_written_first_and_committed_last_is_read_by_who_read_the_others(log: Log) -> None:
    slow = await log.connect()
    async with sequenced(log):
        transaction = slow.transaction()
        await transaction.start()
        first = await written(slow, uuid4())
        others = await log.write(5)
        await until(_is_placed(log, others[-1]))
        read = await log.all()
        assert {*others} <= {one.id for one in read}
        assert first not in {one.id for one in read}
        await transaction.commit()
        await until(log.none_waits)
        assert [one.id for one in await log.all(after=read[-1].position)] == [first]
    await slow.close()


def _is_placed(log: Log, key: UUID):  # type: ignore[no-untyped-def]
    async def ask() -> bool:
        found: bool = await log.acting.tables.fetchval("select position is not null from ksbb.event where id = $1", key)
        return found

    return ask


async def test_two_that_both_believe_to_be_the_one_give_each_position_once(log: Log) -> None:
    before, _ = await log.events.state()
    await log.write(50)

    async def give() -> int:
        async with log.engine.connect() as connection:
            return len(await give_positions(connection))

    given = await asyncio.gather(*(give() for _ in range(5)))
    assert sum(given) == 50
    assert [one.position for one in await log.all(after=before)] == list(range(before + 1, before + 51))
