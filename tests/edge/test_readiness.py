"""Whether the server is ready: each check by its name, and what hangs holds nothing up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest

from edge import readiness
from edge.readiness import EVENTS_WAIT_S, NotReady, Readiness, require_events, require_room
from events.database import sequencer_engine
from events.lag import Behind, Lag
from events.sequencer import BATCH, give_positions
from server import check_policy, create_app, sequencer_dsn
from tests.acting import Acting
from tests.serving import started


async def _well() -> None:
    pass


async def _broken() -> None:
    raise asyncpg.InterfaceError("rahasia")


async def _refused() -> None:
    raise NotReady("Contoh: run `ksbb db upgrade`.")


async def test_each_check_is_told_by_its_name_and_no_error_by_its_text() -> None:
    told = await Readiness({"a": _well, "b": _broken, "c": _refused})()
    assert (told["a"], told["c"]) == ("ok", "Contoh: run `ksbb db upgrade`.")
    assert "ksbb doctor" in told["b"]
    assert "rahasia" not in told["b"]


async def test_a_database_that_hangs_is_not_waited_for() -> None:
    async with _silence() as uri:
        look = Readiness({"well": _well, "policy": lambda: check_policy(uri)}, within_s=0.3)
        for _ in range(3):
            started = time.monotonic()
            told = await look()
            assert time.monotonic() - started < 2
            assert (told["well"], told["policy"]) == ("ok", readiness._SILENT)


async def test_what_hangs_is_asked_once_and_told_when_it_ends() -> None:
    asked, goes_on = 0, asyncio.Event()

    async def hangs() -> None:
        nonlocal asked
        asked += 1
        await goes_on.wait()

    look = Readiness({"x": hangs}, within_s=0.05)
    assert await look() == await look() == {"x": readiness._SILENT}
    goes_on.set()
    assert await look() == {"x": "ok"}
    assert asked == 1
    await look()
    assert asked == 2


async def test_a_full_disk_is_not_ready(tmp_path: Path) -> None:
    await require_room(tmp_path / "not" / "there", "evidence", 1)
    await require_room(tmp_path, "evidence", 0)
    with pytest.raises(NotReady, match="KSBB_DISK_FREE_MB"):
        await require_room(tmp_path, "evidence", 10**9)


async def test_events_that_wait_long_are_told() -> None:
    async def behind(s: float) -> Behind:
        return Behind(7, 3, s)

    await require_events(lambda: behind(EVENTS_WAIT_S - 1))
    with pytest.raises(NotReady, match="3 events have had no position"):
        await require_events(lambda: behind(EVENTS_WAIT_S + 1))


async def test_the_lag_is_that_of_the_event_that_waits_longest(acting: Acting) -> None:
    city, now_s = acting.city, [100.0]
    engine = sequencer_engine(city.settings, sequencer_dsn(city.settings, city.server))
    lag = Lag(engine, now_s=lambda: now_s[0])
    try:
        await acting.tables.execute(
            "insert into ksbb.event (id, at, type, version, subject_kind, subject_id, institutions, payload)"
            " values (gen_random_uuid(), '2021-01-01Z', 'X', 1, 'loan', gen_random_uuid(), '{}', '{}')"
        )
        assert (await lag.look()).oldest_s == 0
        now_s[0] += 40
        behind = await lag.look()
        assert (behind.waiting > 0, behind.oldest_s) == (True, 40)
        async with engine.connect() as connection:
            while len(given := await give_positions(connection)) == BATCH:
                pass
        assert await lag.look() == Behind(given[-1], 0, 0)
    finally:
        await engine.dispose()


async def test_the_application_looks_at_everything(acting: Acting) -> None:
    app = create_app(acting.city.settings, acting.city.server)
    async with started(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http:
        checks = (await http.get("/readyz")).json()["checks"]
    assert list(checks) == ["queries", "migrations", "policy", "events", "data disk", "evidence disk"]
    assert set(checks.values()) == {"ok"}


@asynccontextmanager
async def _silence() -> AsyncIterator[str]:
    """A database that takes connections and says nothing."""

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"postgresql://x@127.0.0.1:{port}/x?sslmode=disable"
    server.close()
