"""Every committed event gets its position: without a gap, once, and whatever becomes of the process that gives it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from random import Random
from uuid import UUID, uuid4

import asyncpg
import pytest

from cli.database import upgrade
from commands.complaint import FileComplaint, VerifyComplaint
from commands.refusal import NotAllowed
from events.beside import going_on
from events.sequencer import BATCH, Sequencer, give_positions
from events.status import status
from kernel.settings import Settings
from models.server import Server
from models.vocabulary import ComplaintCategory
from models.writing import connected
from policy.viewer import PUBLIC, Role
from server import bus_of, sequencer_dsn
from tests.commands.test_complaint import filed
from tests.commands.test_kills import kill_database
from tests.conftest import SECRET_KEY
from tests.events.conftest import Log, until, written
from tests.events.wire import a_wire
from tests.folders import a_data_folder
from tests.serving import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVENTS = 10_000 if os.environ.get("TEST_LONG") else 800
WRITERS = 8


@asynccontextmanager
async def sequenced(log: Log) -> AsyncIterator[Sequencer]:
    """A sequencer at work."""
    sequencer = Sequencer(log.dsn)
    async with going_on(sequencer.run()):
        yield sequencer


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


def _is_placed(log: Log, key: UUID) -> Callable[[], Awaitable[bool]]:
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


MANY = (
    "insert into ksbb.event (id, at, type, version, subject_kind, subject_id, institutions, payload)"
    " select gen_random_uuid(), now(), 'ContohTerjadi', 1, 'contoh', gen_random_uuid(), '{}', '{}'"
    " from generate_series(1, $1::int)"
)


async def test_more_than_one_batch_gets_its_positions_in_the_order_of_writing(log: Log) -> None:
    before, _ = await log.events.state()
    assert await log.none_waits()
    await log.acting.tables.execute(MANY, BATCH + 200)
    async with log.engine.connect() as connection:
        assert [len(await give_positions(connection)) for _ in range(3)] == [BATCH, 200, 0]
    rows = await log.acting.tables.fetch("select entry from ksbb.event where position > $1 order by position", before)
    written_as = [row["entry"] for row in rows]
    assert written_as == sorted(written_as)


async def test_events_of_commands_keep_the_order_in_which_their_subject_went(log: Log) -> None:
    acting = log.acting

    async def one() -> UUID:
        _, complaint = await filed(acting)
        await acting.do(Role.DINAS, "verifyComplaint", complaintId=complaint)
        await acting.do(Role.DINAS, "rejectComplaint", complaintId=complaint, reason="Contoh")
        return acting.city.secrets.internal_key(complaint)[1]

    async with sequenced(log):
        keys = await asyncio.gather(*(one() for _ in range(WRITERS)))
        await until(log.none_waits)
    found = await log.all()
    for key in keys:
        told = [(e.type, e.payload.get("to")) for e in found if e.key == key]
        assert [name for name, _ in told] == ["ComplaintFiled", "ComplaintMoved", "ComplaintMoved"], told


CUT = "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'ksbb-sequencer %'"


async def test_what_goes_on_beside_begins_and_ends_with_the_lock(log: Log) -> None:
    begun, ended = list[int](), list[int]()

    async def beside() -> None:
        begun.append(1)
        try:
            await asyncio.sleep(3_600)
        finally:
            ended.append(1)

    async def as_many_as(number: int) -> None:
        async def ask() -> bool:
            return (len(begun), len(ended)) == (number, number - 1)

        await until(ask)

    first, other = Sequencer(log.dsn), Sequencer(log.dsn, beside=beside)
    task = asyncio.create_task(first.run())
    await until(_is_working(first))
    async with going_on(other.run()):
        await asyncio.sleep(0.7)
        assert begun == []
        task.cancel()
        await as_many_as(1)
        await log.acting.tables.execute(CUT)
        await as_many_as(2)
    assert (len(begun), len(ended)) == (2, 2)


# ---- processes that die


@contextmanager
def a_process(log: Log, dsn: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A sequencer as a process, killed at the end."""
    command = [sys.executable, "-m", "tests.events.sequencing", dsn or log.dsn]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def holder(log: Log) -> int | None:
    """The process that works."""
    async with connected(log.acting.city.server.uri()) as connection:
        name = (await status(connection)).holder
    return int(name.rpartition(" ")[2]) if name else None


def _works(log: Log, process: subprocess.Popen[bytes]) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return await holder(log) == process.pid

    return ask


TAKEN_OVER_WITHIN_S = 5.0


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM])
async def test_when_the_process_that_works_ends_or_freezes_another_takes_over(log: Log, end: signal.Signals) -> None:
    with a_process(log) as one:
        await until(_works(log, one))
        with a_process(log) as other:
            await asyncio.sleep(2)
            assert await holder(log) == one.pid
            one.send_signal(end)
            before = time.monotonic()
            await log.write(10)
            await until(log.none_waits)
            took = time.monotonic() - before
            assert await holder(log) == other.pid
            one.send_signal(signal.SIGCONT)
            await asyncio.sleep(0.5)
            await log.write(10)
            await until(log.none_waits)
            assert await holder(log) == other.pid
    assert took < TAKEN_OVER_WITHIN_S
    print(f"{end.name}: taken over after {took:.2f} s")  # noqa: T201  # the figure
    await _whole(log)


async def _whole(log: Log) -> None:
    found = [one.position for one in await log.all()]
    assert found == list(range(1, len(found) + 1))


@pytest.mark.slow
async def test_a_process_that_is_cut_off_lets_go_and_another_takes_over(log: Log) -> None:
    async with a_wire(log.dsn) as wire:
        far = Sequencer(wire.dsn)
        async with going_on(far.run()):
            await until(_is_working(far))
            await log.write(1)
            await until(log.none_waits)  # from now on its statements are prepared: one that is half sent would hold on
            async with sequenced(log) as near:
                wire.cut()
                before = time.monotonic()
                await log.write(10)
                await until(log.none_waits)
                assert time.monotonic() - before < TAKEN_OVER_WITHIN_S
                assert near.is_working
                took = await until(_is_working(far, False))
            wire.mend()
            await until(_is_working(far))
            await log.write(10)
            await until(log.none_waits)
    await _whole(log)
    print(f"cut off: let go {took:.2f} s after another took over")  # noqa: T201  # the figure


FLUSH = b"H\0\0\0\4"
"""The message by which a client asks for what is there so far, in the middle of a statement."""


@pytest.mark.slow
@pytest.mark.parametrize("about", [b"SELECT EXISTS", b"last_position"])
async def test_a_process_that_freezes_while_it_prepares_a_statement_lets_go(log: Log, about: bytes) -> None:
    await log.write(1)
    async with a_wire(log.dsn) as wire:
        wire.cut_at = about
        with a_process(log, wire.dsn) as one:
            await until(wire.is_cut)
            one.send_signal(signal.SIGSTOP)
            assert FLUSH in wire.last  # the server has the half of a statement, and waits for the rest
            wire.mend()
            before = time.monotonic()
            async with sequenced(log):
                await log.write(10)
                await until(log.none_waits)
            assert time.monotonic() - before < TAKEN_OVER_WITHIN_S
    await _whole(log)


KILLS = 100 if os.environ.get("TEST_LONG") else 5


@pytest.mark.slow
async def test_kills_while_many_write_leave_no_gap(log: Log) -> None:
    random = Random(2020)
    subjects = [uuid4() for _ in range(3)]
    stop = asyncio.Event()
    writers = [asyncio.create_task(_until_told(log, subject, stop)) for subject in subjects]
    for _ in range(KILLS):
        with a_process(log) as process:
            await until(_works(log, process))
            await asyncio.sleep(random.uniform(0.1, 0.4))
    stop.set()
    wrote = await asyncio.gather(*writers)
    async with sequenced(log):
        await until(log.none_waits)
    await _whole(log)
    found = await log.all()
    for subject, keys in zip(subjects, wrote, strict=True):
        assert [one.id for one in found if one.key == subject] == keys
        assert len(keys) > KILLS


async def _until_told(log: Log, subject: UUID, stop: asyncio.Event) -> list[UUID]:
    connection = await log.connect()
    keys: list[UUID] = []
    while not stop.is_set():
        keys.append(await written(connection, subject))
        await asyncio.sleep(0.002)
    await connection.close()
    return keys


async def test_a_session_that_is_cut_again_and_again_is_opened_again(log: Log) -> None:
    async with sequenced(log) as sequencer:
        for _ in range(5):
            await log.write(20)
            await log.acting.tables.execute(CUT)
        await log.write(20)
        await until(log.none_waits)
        assert sequencer.is_working
    assert not sequencer.is_working
    await _whole(log)


async def test_a_commit_of_the_same_process_wakes_the_sequencer(log: Log) -> None:
    acting, told = log.acting, list[int]()
    bus = bus_of(acting.city.settings, acting.city.server, acting.clock, lambda: told.append(1))
    region = acting.city.cast.kelurahan
    await bus.carry_out(PUBLIC, FileComplaint(category=ComplaintCategory.LAIN, region_code=region, text="Contoh"))
    assert told == [1]
    with pytest.raises(NotAllowed):
        await bus.carry_out(PUBLIC, VerifyComplaint(complaint_id=uuid4(), note=""))
    assert told == [1]
    await bus.close()


async def test_who_is_woken_does_not_wait_for_its_next_look_nor_between_full_batches(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events.sequencer._POLL_S", 600)
    async with sequenced(log) as sequencer:
        await log.write()
        sequencer.wake()
        await until(log.none_waits)
        await log.acting.tables.execute(MANY, BATCH + 200)
        sequencer.wake()
        await until(log.none_waits)


@pytest.mark.slow
async def test_a_database_that_was_killed_is_found_again_when_it_is_back() -> None:
    with a_data_folder() as folder:
        settings = Settings(data_dir=folder, secret_key=SECRET_KEY)
        servers = [Server.open(settings)]
        await upgrade(settings, servers[0].uri())
        sequencer = Sequencer(sequencer_dsn(settings, servers[0]))
        async with going_on(sequencer.run()):
            for _ in range(2):
                await until(_is_working(sequencer))
                kill_database(settings)
                await until(_is_working(sequencer, False))
                await asyncio.sleep(1)
                servers.append(await asyncio.to_thread(Server.open, settings))
                owner = await asyncpg.connect(servers[-1].uri())
                await written(owner, uuid4())
                await until(_none_waits(owner))
                await owner.close()
        for server in servers:
            server.stop()


def _is_working(sequencer: Sequencer, expected: bool = True) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return sequencer.is_working is expected

    return ask


def _none_waits(owner: asyncpg.Connection) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return not await owner.fetchval("select count(*) from ksbb.event where position is null")

    return ask
