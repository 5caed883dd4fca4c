"""What time does by itself: once, whoever looks and however often."""

from __future__ import annotations

import asyncio
import datetime as dt

from kernel.clock import FixedClock
from policy.viewer import Role
from server import bus_of
from tests.acting import Acting
from tests.commands.test_loan_journey import done
from tests.commands.test_pledge import a_need, form_a, pledged_of


async def test_what_ran_out_is_ended_once_even_by_two_processes_and_returns_to_the_target(acting: Acting) -> None:
    need = await a_need(acting, 10)
    shown = "collaboration { id pledges { nodes { id expiresOn } } }"
    made = await done(acting, Role.KOLABORATOR, "submitPledge", shown, **form_a(acting, need, 7))
    (pledge,) = made["pledges"]["nodes"]
    last = dt.datetime.combine(dt.date.fromisoformat(pledge["expiresOn"]), dt.time(5), dt.UTC)
    buses = [
        bus_of(acting.city.settings, acting.city.server, FixedClock(last + dt.timedelta(days=days)))
        for days in (0, 1, 1)
    ]
    try:
        await buses[0].tick()
        assert await pledged_of(acting, need) == 7
        first, second = await asyncio.gather(buses[1].tick(), buses[2].tick())
        again = await buses[1].tick()
    finally:
        for bus in buses:
            await bus.close()
    assert first["pledges expired"] + second["pledges expired"] >= 1
    assert set(again.values()) == {0}
    assert await pledged_of(acting, need) == 0
    query = "query ($id: ID!) { collaboration(id: $id) { status closedOn pledges { nodes { status } } } }"
    found = (await acting(Role.KOLABORATOR, query, {"id": made["id"]}))["data"]["collaboration"]
    assert (found["status"], found["pledges"]["nodes"]) == ("KEDALUWARSA", [{"status": "KEDALUWARSA"}])
    key = acting.city.secrets.internal_key(made["id"])[1]
    contact = "select bool_or(contact_open) from ksbb.involvement where collaboration_id = $1"
    assert await acting.tables.fetchval(contact, key) is False
    events = "select count(*) from ksbb.event where type = 'PledgeExpired' and subject_id = $1"
    assert await acting.tables.fetchval(events, acting.city.secrets.internal_key(pledge["id"])[1]) == 1
