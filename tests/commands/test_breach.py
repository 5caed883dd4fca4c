"""A breach has 3 x 24 hours to be told of."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from kernel.clock import FixedClock
from policy.viewer import Role
from server import bus_of
from tests.acting import Acting
from tests.commands.test_loan_journey import done, refused

SHOWN = "breach { id knownAt dueAt notifiedAt overdueAt affected notice noticeId }"


def form(acting: Acting, **change: Any) -> dict[str, Any]:
    """A breach that became known an hour ago."""
    known_at = acting.clock.now() - dt.timedelta(hours=1)
    given = {"nature": "KERAHASIAAN", "affected": ["IDENTITY", "CONTACT"], "measures": "Keys changed."}
    return {"knownAt": known_at.isoformat(), **given, "measuresId": "Kunci diganti.", **change}


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DISKOMINFOTIK])
async def test_a_breach_is_recorded_with_its_notice_in_both_languages(acting: Acting, role: Role) -> None:
    made = await done(acting, role, "recordBreach", SHOWN, **form(acting))
    known_at, due_at = (dt.datetime.fromisoformat(made[name]) for name in ("knownAt", "dueAt"))
    assert due_at - known_at == dt.timedelta(hours=72)
    assert made["affected"] == "CONTACT IDENTITY"
    assert "NIK, family card number" in made["notice"]
    assert "Keys changed." in made["notice"]
    assert "NIK, nomor KK" in made["noticeId"]
    assert "Kunci diganti." in made["noticeId"]
    told = await done(acting, role, "recordBreachNotice", SHOWN, breachId=made["id"])
    assert told["notifiedAt"] is not None
    assert (await refused(acting, role, "recordBreachNotice", breachId=made["id"]))[0] == "NOTIFIED_ALREADY"


async def test_a_notice_that_is_late_is_marked_once(acting: Acting) -> None:
    made = await done(acting, Role.ADMIN, "recordBreach", SHOWN, **form(acting))
    after = FixedClock(dt.datetime.fromisoformat(made["dueAt"]) + dt.timedelta(minutes=1))
    bus = bus_of(acting.city.settings, acting.city.server, after)
    try:
        assert (await bus.tick())["breach notices overdue"] == 1
        assert (await bus.tick())["breach notices overdue"] == 0
    finally:
        await bus.close()
    query = "query ($id: ID!) { breach(id: $id) { overdueAt } }"
    assert (await acting(Role.INSPEKTORAT, query, {"id": made["id"]}))["data"]["breach"]["overdueAt"] is not None


async def test_what_a_notice_lacks_is_said_at_its_place(acting: Acting) -> None:
    later = (acting.clock.now() + dt.timedelta(hours=1)).isoformat()
    lacking: list[tuple[dict[str, Any], str, list[str]]] = [
        ({"affected": []}, "NOTICE_INCOMPLETE", ["affected"]),
        ({"measuresId": " "}, "NOTICE_INCOMPLETE", ["measuresId"]),
        ({"knownAt": later}, "DATE_OUT_OF_ORDER", ["knownAt"]),
    ]
    for change, code, path in lacking:
        assert await refused(acting, Role.ADMIN, "recordBreach", **form(acting, **change)) == (code, path)
