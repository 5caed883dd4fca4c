"""Webhooks reach whoever may hear of an event: signed, in order per subject, and at least once, whatever goes wrong."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import SystemRandom
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from standardwebhooks import Webhook

from commands.bus import Bus, Outcome
from commands.command import Command
from commands.webhook import (
    ChangeWebhook,
    PingWebhook,
    RedeliverWebhook,
    RegisterWebhook,
    ReplayWebhook,
    RotateWebhookSecret,
)
from events.sequencer import give_positions
from events.webhook_lane import AT_ONCE_PER_TARGET, Patience
from events.webhook_queue import WebhookQueue
from events.webhooks import Webhooks
from kernel.clock import SystemClock
from kernel.keys import KeyMaker
from models.webhook_codes import WebhookProblem
from policy.event_cursor import BEGINNING, sealed_position
from policy.secrets import Secrets
from policy.viewer import Role, Viewer
from server import bus_of
from tests.events.conftest import Log, until
from tests.events.receiving import CLOSES, HANGS, Got, Receiver, receiving
from tests.events.webhook_worker import HASTY, PATIENT, QUICK, Everybody, at_work

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOT = Path(__file__).parents[2]
KILLS = 100 if os.environ.get("TEST_LONG") else 4


@dataclass
class Agency:
    """An agency that registers webhooks, in the city of a log."""

    log: Log
    bus: Bus
    viewer: Viewer
    everybody: Everybody
    worker: Webhooks | None = None

    async def do(self, command: Command) -> Outcome:
        outcome = await self.bus.carry_out(self.viewer, command)
        self.wake()
        return outcome

    def wake(self) -> None:
        """Tell the worker, as the server would."""
        if self.worker is not None:
            self.worker.wake()

    async def registers(self, receiver: Receiver, **given: Any) -> UUID:
        """Register a webhook; its key."""
        await self.log_is_placed()
        made = await self.do(RegisterWebhook(name="Contoh", target_url=receiver.url, **given))
        receiver.secret = made.reply["secret"]
        return Secrets.of(self.log.acting.city.settings).internal_key(made.subject)[1]

    async def tells(self, count: int, subject: UUID | None = None) -> list[str]:
        """Events, with their positions; the ids that they have outside."""
        keys = await self.log.write(count, subject)
        await self.log_is_placed()
        return [self.everybody.secrets.public_id("event", key) for key in keys]

    async def log_is_placed(self) -> None:
        async with self.log.engine.connect() as connection:
            while await give_positions(connection):
                pass
        self.wake()

    async def states(self) -> Counter[str]:
        rows = await self.log.acting.tables.fetch("select state from ksbb.webhook_delivery")
        return Counter(row["state"] for row in rows)

    @asynccontextmanager
    async def working(self, **given: Any) -> AsyncIterator[None]:
        settings = self.log.acting.city.settings
        async with at_work(settings, self.log.dsn, self.everybody, **given) as self.worker:
            yield
        self.worker = None


@pytest_asyncio.fixture(loop_scope="session")
async def agency(log: Log) -> AsyncIterator[Agency]:
    """An office without any webhook yet."""
    city = log.acting.city
    settings = replace(city.settings, webhook_allow_private=1)
    bus = bus_of(settings, city.server, SystemClock())
    yield Agency(log, bus, Viewer(Role.BIRO_KSD, "biro"), Everybody(Secrets.of(settings)))
    await bus.close()
    await log.acting.tables.execute("delete from ksbb.webhook_delivery")
    await log.acting.tables.execute("delete from ksbb.subscription")


def has(receiver: Receiver, ids: list[str]) -> Callable[[], Any]:
    async def ask() -> bool:
        return {one.id for one in receiver.taken()} >= set(ids)

    return ask


def is_in(agency: Agency, **wanted: int) -> Callable[[], Any]:
    async def ask() -> bool:
        return await agency.states() == Counter(wanted)

    return ask


async def test_a_message_is_signed_thin_and_sent_once(agency: Agency) -> None:
    async with receiving() as receiver, agency.working():
        await agency.registers(receiver)
        subject = uuid4()
        (told,) = await agency.tells(1, subject)
        await until(has(receiver, [told]))
        await until(is_in(agency, DELIVERED=1))
    (got,) = receiver.got
    assert json.loads(got.body).keys() == {"type", "timestamp", "data"}
    assert got.data == {
        "id": told,
        "cursor": got.data["cursor"],
        "subjectType": "Contoh",
        "subjectId": agency.everybody.secrets.public_id("contoh", subject),
        "regionCode": "31.74",
        "left": False,
    }
    assert got.headers["content-type"] == "application/json"
    row = await agency.log.acting.tables.fetchrow("select * from ksbb.webhook_delivery")
    assert (row["attempts"], row["last_status"], row["problem"], row["message_id"]) == (1, 200, None, told)
    assert row["next_at"] is None
    assert row["first_at"] <= row["delivered_at"]


@pytest.mark.parametrize("wrong", [500, 429, HANGS, CLOSES, 302])
async def test_what_fails_is_sent_again_with_the_same_id_until_it_is_taken(agency: Agency, wrong: int) -> None:
    seen: Counter[str] = Counter()

    def answer(got: Got) -> int:
        seen[got.id] += 1
        return wrong if seen[got.id] <= 3 else 200

    elsewhere = "Location: http://127.0.0.1:1/elsewhere\r\n"
    async with (
        receiving(answer, headers=elsewhere) as receiver,
        agency.working(patience=HASTY if wrong == HANGS else QUICK),
    ):
        await agency.registers(receiver)
        told = await agency.tells(2)
        await until(has(receiver, told))
        await until(is_in(agency, DELIVERED=2))
    assert set(seen.values()) == {4}
    assert {row["attempts"] for row in await _rows(agency)} == {4}


async def test_messages_of_a_subject_keep_their_order_whatever_fails(agency: Agency) -> None:
    fails = {number: number % 3 == 0 for number in range(1_000)}
    calls = iter(range(1_000))

    async with receiving(lambda _: 503 if fails[next(calls)] else 200) as receiver, agency.working():
        await agency.registers(receiver)
        subjects = [uuid4() for _ in range(8)]
        told: dict[UUID, list[str]] = defaultdict(list)
        for number in range(80):
            subject = subjects[number % 8]
            told[subject] += await agency.tells(1, subject)
        await until(is_in(agency, DELIVERED=80))
    public_id = agency.everybody.secrets.public_id
    assert receiver.order() == {public_id("contoh", subject): ids for subject, ids in told.items()}


async def test_a_dead_target_holds_up_no_other_and_ends_as_dead_letters(agency: Agency) -> None:
    patience = replace(QUICK, answered_within_s=2.0)
    async with receiving(lambda _: HANGS) as hanging, receiving() as healthy, agency.working(patience=patience):
        await agency.registers(hanging)
        await agency.registers(healthy)
        told = [*await agency.tells(38), *await agency.tells(2, uuid4())]
        await until(has(healthy, told))
        assert len(hanging.got) < 20
        async with receiving(lambda _: 500) as failing:
            await agency.registers(failing)
            late = await agency.tells(1)
            await until(_dead(agency, late[0]))
            assert len({one.id for one in failing.got}) == 1
            assert len(failing.got) == QUICK.attempts
        await until(has(healthy, late))


async def test_a_receiver_that_is_away_for_a_moment_is_not_left_alone_for_long(agency: Agency) -> None:
    is_away = True
    async with receiving(lambda _: 503 if is_away else 204) as receiver:

        async def failed_at_all() -> bool:
            return len(receiver.got) >= AT_ONCE_PER_TARGET

        await agency.registers(receiver)
        told = await agency.tells(60)
        async with agency.working(patience=replace(QUICK, rest_s=Patience.rest_s, longest_rest_s=30)):
            await until(failed_at_all)
            await asyncio.sleep(0.3)
            assert len(receiver.got) <= AT_ONCE_PER_TARGET + 1  # what already waited for its turn did not try too
            is_away = False
            await until(has(receiver, told), 15)


async def test_dead_letters_hold_nothing_up_and_are_sent_again_when_the_owner_says_so(agency: Agency) -> None:
    broken: set[str] = set()

    async with receiving(lambda got: 500 if got.id in broken else 200) as receiver, agency.working():
        key = await agency.registers(receiver)
        subject = uuid4()
        (first,) = await agency.tells(1, subject)
        await until(has(receiver, [first]))
        keys = await agency.log.write(2, subject)
        poison, after = (agency.everybody.secrets.public_id("event", one) for one in keys)
        broken.add(poison)
        await agency.log_is_placed()
        await until(has(receiver, [after]))
        await until(is_in(agency, DELIVERED=2, DEAD=1))
        broken.clear()
        assert (await agency.do(RedeliverWebhook(subscription_id=key))).reply == {"redelivered": 1}
        await until(has(receiver, [poison]))


async def test_no_more_than_so_many_messages_are_at_one_target_at_a_time(agency: Agency) -> None:
    async with receiving() as receiver, agency.working():
        receiver.takes_s = 0.02
        for _ in range(3):
            await agency.registers(receiver)
            receiver.url += "/lain"  # other webhooks at the same target
        receiver.secret = ""
        told = await agency.tells(30)
        await until(is_in(agency, DELIVERED=90))
    assert {one.id for one in receiver.got} == set(told)
    assert receiver.most_at_once == AT_ONCE_PER_TARGET


async def test_a_receiver_that_is_gone_pauses_its_webhook_until_the_owner_goes_on_with_it(agency: Agency) -> None:
    gone = True
    async with receiving(lambda _: 410 if gone else 200) as receiver, agency.working():
        key = await agency.registers(receiver)
        told = await agency.tells(1)

        async def paused() -> bool:
            found = await agency.log.acting.tables.fetchrow("select active, paused from ksbb.subscription")
            return tuple(found) == (False, "GONE")

        await until(paused)
        told += await agency.tells(2)
        await asyncio.sleep(0.3)
        assert len(receiver.got) == 1
        gone = False
        await agency.do(ChangeWebhook(subscription_id=key, active=True))
        await until(has(receiver, told))


async def test_a_receiver_that_asks_for_time_gets_it(agency: Agency) -> None:
    answers = iter([503, 200])
    patience = replace(QUICK, longest_s=1.2)
    told_to_wait = receiving(lambda _: next(answers), headers="Retry-After: 1\r\n")
    async with told_to_wait as receiver, agency.working(patience=patience):
        await agency.registers(receiver)
        await until(has(receiver, await agency.tells(1)))
    first, second = (one.at for one in receiver.got)
    assert second - first >= 1.0


async def test_a_replay_sends_again_with_the_same_ids_and_in_order(agency: Agency) -> None:
    async with receiving() as receiver, agency.working():
        key = await agency.registers(receiver)
        subject = uuid4()
        told = await agency.tells(5, subject)
        await until(has(receiver, told))
        cursor = next(one.data["cursor"] for one in receiver.got if one.id == told[2])
        await until(is_in(agency, DELIVERED=5))
        await agency.do(ReplayWebhook(subscription_id=key, after=cursor))

        async def again() -> bool:
            return [one.id for one in receiver.got] == [*told, *told[3:]]

        await until(again)
        await agency.do(ReplayWebhook(subscription_id=key, after=BEGINNING))
        await until(is_in(agency, DELIVERED=len(await _heard_by_anybody(agency))))
    of_the_subject = agency.everybody.secrets.public_id("contoh", subject)
    assert [one.id for one in receiver.got if one.data["subjectId"] == of_the_subject][-5:] == told


async def test_what_the_owner_may_not_hear_of_any_more_is_dropped_and_what_left_is_told_without_data(
    agency: Agency,
) -> None:
    up = False
    async with receiving(lambda _: 200 if up else 500) as receiver, agency.working(patience=PATIENT):
        await agency.registers(receiver)
        hidden, seen, leaving = uuid4(), uuid4(), uuid4()
        (secret,) = await agency.tells(1, hidden)
        (told,) = await agency.tells(1, seen)
        (key,) = await agency.log.write(1, leaving)
        agency.everybody.left.add(key)
        await agency.log_is_placed()
        await until(is_in(agency, WAITING=3))
        agency.everybody.hidden.add(hidden)
        await until(is_in(agency, DROPPED=1, WAITING=2))  # what is on its way meanwhile would arrive
        up = True
        await until(is_in(agency, DROPPED=1, DELIVERED=2))
    (left,) = [one for one in receiver.taken() if one.data["left"]]
    assert {one.id for one in receiver.taken()} == {told, left.id}
    assert secret not in {one.id for one in receiver.taken()}
    assert "regionCode" not in left.data


async def test_of_two_that_serve_a_webhook_the_slower_one_changes_nothing(agency: Agency) -> None:
    tables, now = agency.log.acting.tables, SystemClock().now()
    queue = WebhookQueue(agency.log.engine, agency.everybody.secrets, KeyMaker(SystemRandom(), SystemClock()))
    await agency.registers(Receiver(url="http://127.0.0.1:9/never"))
    (hook,) = await queue.served(now)
    await agency.tells(1)
    events = await agency.log.events.after(hook.position)
    heard = await agency.everybody.heard(hook.viewer, events, hook.filter)
    assert await queue.put(hook, heard, events[-1].position, now)
    assert not await queue.put(hook, heard, events[-1].position, now), "somebody moved it meanwhile"
    (one,) = await queue.due(hook, [], 10, now)
    await queue.failed(one, 500, WebhookProblem.STATUS, now, 60.0)
    await queue.delivered(one, 200, now)
    assert await agency.states() == Counter(WAITING=1), "it was tried meanwhile"
    await tables.execute("update ksbb.subscription set position = $1", hook.position)
    assert await queue.put(hook, heard, events[-1].position, now)
    assert [row["attempts"] for row in await _rows(agency)] == [1], "what waits is not begun anew by a replay"
    assert await queue.due(hook, [], 10, now) == []


async def test_a_rotated_secret_and_the_one_before_both_sign(agency: Agency) -> None:
    async with receiving() as receiver, agency.working():
        key = await agency.registers(receiver)
        old = receiver.secret
        new = (await agency.do(RotateWebhookSecret(subscription_id=key))).reply["secret"]
        await until(has(receiver, await agency.tells(1)))
        (got,) = receiver.got
        assert len(got.headers["webhook-signature"].split(" ")) == 2
        assert Webhook(old).verify(got.body, dict(got.headers)) == Webhook(new).verify(got.body, dict(got.headers))
        await agency.log.acting.tables.execute("update ksbb.subscription set old_secret_until = now()")
        receiver.secret = new
        await until(has(receiver, await agency.tells(1)))
        assert len(receiver.got[-1].headers["webhook-signature"].split(" ")) == 1


async def test_a_webhook_whose_secret_does_not_open_holds_up_no_other(agency: Agency) -> None:
    async with receiving() as broken, receiving() as sound, agency.working():
        key = await agency.registers(broken)
        await agency.registers(sound)
        await agency.log.acting.tables.execute("update ksbb.subscription set secret = '\\x00' where id = $1", key)
        ids = await agency.tells(2)
        await until(has(sound, ids))
        assert broken.got == []


async def test_a_ping_comes_without_any_event(agency: Agency) -> None:
    async with receiving() as receiver, agency.working():
        key = await agency.registers(receiver)
        ping = await agency.do(PingWebhook(subscription_id=key))
        await until(has(receiver, [ping.subject]))
    (got,) = receiver.got
    assert (got.type, got.data) == ("PING", {"id": ping.subject})


async def test_a_filter_lets_only_its_types_through_and_a_paused_webhook_loses_nothing(agency: Agency) -> None:
    async with receiving() as receiver, receiving() as other, agency.working():
        key = await agency.registers(receiver)
        await agency.registers(other, event_types=("LoanMoved",))
        await agency.do(ChangeWebhook(subscription_id=key, active=False))
        told = await agency.tells(3)
        await asyncio.sleep(0.2)
        assert receiver.got == []
        await agency.do(ChangeWebhook(subscription_id=key, active=True))
        await until(has(receiver, told))
    assert other.got == []


async def test_events_that_were_archived_before_they_could_be_sent_are_told_of(agency: Agency) -> None:
    async with receiving() as receiver:
        await agency.registers(receiver)
        await agency.tells(3)
        tables = agency.log.acting.tables
        last = await tables.fetchval("select last_position from ksbb.event_log")
        try:
            await tables.execute("update ksbb.event_log set archived_until = $1", last - 1)
            async with agency.working():
                await until(is_in(agency, DELIVERED=2))
        finally:
            await tables.execute("update ksbb.event_log set archived_until = 0")
    assert {one.type for one in receiver.got} == {"DISCONTINUITY", "ContohTerjadi"}


async def test_a_replay_from_beyond_the_log_is_told_of_and_goes_on(agency: Agency) -> None:
    """As after a restore: the owner has a cursor of what is gone."""
    async with receiving() as receiver, agency.working():
        key = await agency.registers(receiver)
        beyond = sealed_position(agency.everybody.secrets, agency.viewer, 10**9)
        await agency.do(ReplayWebhook(subscription_id=key, after=beyond))
        await until(is_in(agency, DELIVERED=1))
        await until(has(receiver, await agency.tells(1)))
    assert [one.type for one in receiver.got] == ["DISCONTINUITY", "ContohTerjadi"]


async def test_a_killed_worker_loses_nothing_and_doubles_only_with_the_same_id(agency: Agency) -> None:
    calls = iter(range(1_000_000))
    async with receiving(lambda _: 500 if next(calls) % 7 == 0 else 200) as receiver:
        await agency.registers(receiver)
        receiver.takes_s = 0.005
        subjects = [uuid4() for _ in range(20)]
        told: dict[str, list[str]] = defaultdict(list)
        for kill in range(KILLS):
            for number in range(60):
                subject = subjects[number % 20]
                told[agency.everybody.secrets.public_id("contoh", subject)] += await agency.tells(1, subject)
            process = _a_process(agency)
            before = len(receiver.got)
            await until(_got_more(receiver, before + 7 * (kill + 1)))
            process.send_signal(signal.SIGKILL)
            process.wait()
        async with agency.working():
            await until(is_in(agency, DELIVERED=60 * KILLS), 60)
    assert receiver.order() == told


async def test_rows_that_were_done_long_ago_are_dropped_and_what_waits_is_not(agency: Agency) -> None:
    async with receiving(lambda _: 500) as receiver:
        key = await agency.registers(receiver)
        await agency.do(PingWebhook(subscription_id=key))
        await agency.tells(2)
        async with agency.working(patience=replace(QUICK, attempts=1)):
            await until(is_in(agency, DEAD=3))
        old = "update ksbb.webhook_delivery set created_at = now() - interval '31 days'"
        await agency.log.acting.tables.execute(old)
        await agency.do(PingWebhook(subscription_id=key))
        async with agency.working(patience=replace(QUICK, first_s=60.0, longest_s=60.0)):
            await until(is_in(agency, WAITING=1))


def _got_more(receiver: Receiver, count: int) -> Callable[[], Any]:
    async def ask() -> bool:
        return len(receiver.got) >= count

    return ask


def _a_process(agency: Agency) -> subprocess.Popen[bytes]:
    settings = agency.log.acting.city.settings
    given = {"data_dir": str(settings.data_dir), "secret_key": settings.secret_key, "dsn": agency.log.dsn}
    command = [sys.executable, "-m", "tests.events.webhook_worker"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(json.dumps(given).encode() + b"\n")
    process.stdin.close()
    return process


async def _rows(agency: Agency) -> list[Any]:
    found: list[Any] = await agency.log.acting.tables.fetch("select * from ksbb.webhook_delivery")
    return found


async def _heard_by_anybody(agency: Agency) -> list[Any]:
    found: list[Any] = await agency.log.acting.tables.fetch("select id from ksbb.event where subject_kind = 'contoh'")
    return found


def _dead(agency: Agency, message: str) -> Callable[[], Any]:
    async def ask() -> bool:
        return any(row["message_id"] == message and row["state"] == "DEAD" for row in await _rows(agency))

    return ask
