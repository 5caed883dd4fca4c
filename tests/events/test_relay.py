"""Who follows the log hears of each new position at once, and within a second when a hint was lost."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
import nats
import pytest

from events.beside import going_on
from events.nats_relay import NatsRelay
from events.relay import LOOK_EVERY_S, PostgresRelay, Relay, channel_of, relay_of
from events.sequencer import Sequencer
from kernel.settings import UnusableSetting
from tests.events.conftest import Log, until
from tests.events.nats_server import a_nats_server

pytestmark = pytest.mark.asyncio(loop_scope="session")

TURNS = 10
LATE_S = LOOK_EVERY_S + 1
"""By then who follows has looked at the table, on a busy machine too."""


class Follower:
    """What one process hears."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self.heard: list[int] = []

    async def listen(self) -> None:
        """Follow until cancelled."""
        async for last in self._relay.follow():
            self.heard.append(last)

    def knows(self, position: int) -> Callable[[], Awaitable[bool]]:
        """Whether it has heard of a position."""

        async def ask() -> bool:
            return bool(self.heard) and self.heard[-1] >= position

        return ask


@asynccontextmanager
async def following(relay: Relay) -> AsyncIterator[Follower]:
    """Somebody who follows, and knows already where the log is."""
    follower = Follower(relay)
    async with going_on(follower.listen()):
        await until(follower.knows(0))
        await asyncio.sleep(0.5)  # it listens a moment after it looked
        yield follower


@asynccontextmanager
async def sequenced(log: Log, relay: Relay | None) -> AsyncIterator[Sequencer]:
    """A sequencer that announces by a relay, or not at all."""
    sequencer = Sequencer(log.dsn, relay.announce if relay is not None else None)
    async with going_on(sequencer.run()):
        await log.write()
        await until(log.none_waits)
        yield sequencer


async def heard_after(log: Log, sequencer: Sequencer, follower: Follower) -> float:
    """The seconds from a commit until the follower knows its position."""
    last, _ = await log.events.state()
    await log.write()
    started = time.monotonic()
    sequencer.wake()
    await until(follower.knows(last + 1))
    return time.monotonic() - started


async def typically(log: Log, sequencer: Sequencer, follower: Follower) -> float:
    """The median of some turns: a hint comes at once, a look after half a second on average."""
    return sorted([await heard_after(log, sequencer, follower) for _ in range(TURNS)])[TURNS // 2]


def channel(log: Log) -> str:
    """The channel of the city."""
    return channel_of(log.acting.city.secrets)


async def test_a_notification_tells_of_a_new_position_at_once(log: Log) -> None:
    relay = PostgresRelay(log.engine, channel(log))
    async with sequenced(log, relay) as sequencer, following(relay) as one, following(relay) as other:
        took = await typically(log, sequencer, one)
        assert took < LOOK_EVERY_S / 4
        await until(other.knows(one.heard[-1]))
        assert one.heard == sorted(set(one.heard))
    print(f"from commit to follower by NOTIFY: {took * 1e3:.1f} ms")  # noqa: T201  # the figure


async def test_without_any_hint_a_position_is_known_within_a_second(log: Log) -> None:
    relay = PostgresRelay(log.engine, channel(log))
    async with sequenced(log, None) as sequencer, following(relay) as follower:
        assert await heard_after(log, sequencer, follower) < LATE_S


async def test_a_listening_connection_that_was_cut_is_opened_again_and_hears_again(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events.relay._ALIVE_EVERY_S", 0.2)
    relay = PostgresRelay(log.engine, channel(log))
    async with sequenced(log, relay) as sequencer, following(relay) as follower:
        await log.acting.tables.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ksbb-events'"
        )
        await log.engine.dispose()
        await heard_after(log, sequencer, follower)
        await asyncio.sleep(2 * LOOK_EVERY_S)
        assert await typically(log, sequencer, follower) < LOOK_EVERY_S / 4


async def test_no_other_login_can_guess_where_hints_are_told(log: Log) -> None:
    city = log.acting.city
    login = await asyncpg.connect(city.server.role_dsn("ksbb_publik", city.secrets.role_password("ksbb_publik")))
    heard: list[object] = []
    relay = PostgresRelay(log.engine, channel(log))
    try:
        for name in ("ksbb_event", "event", "event_log"):
            await login.add_listener(name, lambda *told: heard.append(told))
        async with sequenced(log, relay) as sequencer, following(relay) as follower:
            await heard_after(log, sequencer, follower)
        await login.fetchval("select 1")
        assert heard == []
        assert len(channel(log).rpartition("_")[2]) == 32
    finally:
        await login.close()


# ---- NATS


async def test_nats_tells_of_a_new_position_at_once_and_keeps_each_once(log: Log) -> None:
    with a_nats_server() as server:
        relay, twin = (NatsRelay(log.engine, server.url, channel(log)) for _ in range(2))
        async with sequenced(log, relay) as sequencer, following(relay) as follower, following(twin) as other:
            took = await typically(log, sequencer, follower)
            assert took < LOOK_EVERY_S / 4
            await until(other.knows(follower.heard[-1]))
            last = follower.heard[-1]
            for one in (relay, twin):
                await one.announce(last)  # as if two believed to be the one
        kept = await _kept(server.url, channel(log))
        assert kept.count(last) == 1
        assert kept == sorted(set(kept))
        await relay.close()
        await twin.close()
    print(f"from commit to follower by NATS: {took * 1e3:.1f} ms")  # noqa: T201  # the figure


async def _kept(url: str, stream: str) -> list[int]:
    """The positions that the stream holds."""
    client = await nats.connect(url)
    messages = await client.jetstream().subscribe(stream, ordered_consumer=True)
    info = await client.jetstream().stream_info(stream)
    found = [int((await messages.next_msg(timeout=5)).data) for _ in range(info.state.messages)]
    await client.close()
    return found


async def test_the_stream_is_made_although_others_listen_already_and_again_when_it_is_gone(log: Log) -> None:
    with a_nats_server() as server:
        relay = NatsRelay(log.engine, server.url, channel(log))
        async with following(relay) as follower, sequenced(log, relay) as sequencer:
            assert await typically(log, sequencer, follower) < LOOK_EVERY_S / 4
            client = await nats.connect(server.url)
            await client.jetstream().delete_stream(channel(log))
            await heard_after(log, sequencer, follower)
            await asyncio.sleep(1.5)  # the announcement that found no stream is given up
            assert await typically(log, sequencer, follower) < LOOK_EVERY_S / 4
            await client.close()
        assert (await _kept(server.url, channel(log)))[-1] == follower.heard[-1]
        await relay.close()


@pytest.mark.slow
async def test_a_nats_server_that_dies_and_comes_back_loses_no_event(log: Log) -> None:
    with a_nats_server() as server:
        relay = NatsRelay(log.engine, server.url, channel(log))
        async with sequenced(log, relay) as sequencer, following(relay) as follower:
            for _ in range(3):
                server.kill()
                for _ in range(3):
                    assert await heard_after(log, sequencer, follower) < LATE_S
                server.start()
                await asyncio.sleep(3)
                assert await typically(log, sequencer, follower) < LOOK_EVERY_S / 4
        assert (await _kept(server.url, channel(log)))[-1] == follower.heard[-1]
        await relay.close()


async def test_without_a_nats_server_everything_goes_on_and_closing_does_not_wait_for_it(log: Log) -> None:
    relay = NatsRelay(log.engine, "nats://127.0.0.1:1", channel(log))
    async with sequenced(log, relay) as sequencer, following(relay) as follower:
        for _ in range(3):
            assert await heard_after(log, sequencer, follower) < LATE_S
    async with asyncio.timeout(5):
        await relay.close()


async def test_a_nats_address_without_its_package_is_refused_with_the_cure(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(log.acting.city.settings, nats_url="nats://127.0.0.1:4222")
    assert isinstance(relay_of(settings, log.engine), NatsRelay)
    assert isinstance(relay_of(log.acting.city.settings, log.engine), PostgresRelay)
    monkeypatch.setitem(sys.modules, "nats", None)
    with pytest.raises(UnusableSetting, match="ksbb-terbuka\\[nats\\]"):
        relay_of(settings, log.engine)
