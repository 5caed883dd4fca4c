"""Webhooks over GraphQL: registered, changed, rotated, tested, sent again and removed, by their owners only."""

from __future__ import annotations

from typing import Any

import pytest

from commands.webhook import MOST_ACTIVE
from models.webhook import SECRET_COLUMN
from policy.event_cursor import BEGINNING, sealed_position
from policy.viewer import Role
from tests.acting import Acting

pytestmark = pytest.mark.asyncio(loop_scope="session")

URL = "https://8.8.8.8/hook?key=rahasia"
SHOWN = "agencySubscription { id name active paused role eventTypes regionCodes targetHost endedOn }"


async def registered(acting: Acting, who: Role, **given: Any) -> Any:
    made = await acting.do(who, "registerWebhook", f"secret {SHOWN}", **{"name": "Contoh", "targetUrl": URL, **given})
    assert made["userErrors"] == []
    return made


async def refused(acting: Acting, who: Role, mutation: str, **given: Any) -> tuple[str, list[str]]:
    (error,) = (await acting.do(who, mutation, **given))["userErrors"]
    return error["code"], error["path"]


async def seen(acting: Acting, who: Role) -> list[str]:
    answer = await acting(who, "{ agencySubscriptions(first: 100) { nodes { id } } }")
    return [node["id"] for node in answer["data"]["agencySubscriptions"]["nodes"]]


async def test_a_webhook_is_registered_and_its_secret_is_shown_once_and_kept_encrypted(acting: Acting) -> None:
    made = await registered(acting, Role.FINTECH, eventTypes=["LoanMoved"], regionCodes=["31.74"])
    shown = made["agencySubscription"]
    assert shown["eventTypes"] == "LoanMoved"
    assert (shown["regionCodes"], shown["targetHost"], shown["active"]) == ("31.74", "8.8.8.8", True)
    kept = await acting.tables.fetchrow("select * from ksbb.subscription where public_id = $1", shown["id"])
    assert made["secret"].startswith("whsec_")
    assert made["secret"].encode() not in kept["secret"]
    assert acting.city.secrets.decrypt(kept["secret"], SECRET_COLUMN) == made["secret"]
    trail = await acting.tables.fetch("select details::text from ksbb.audit_entry where act = 'RegisterWebhook'")
    assert trail
    assert "rahasia" not in str(trail)
    assert made["secret"] not in str(trail)


async def test_owners_see_their_own_and_the_inspectorate_sees_all_but_touches_none(acting: Acting) -> None:
    made = (await registered(acting, Role.AGREGATOR))["agencySubscription"]["id"]
    assert made in await seen(acting, Role.AGREGATOR)
    assert made in await seen(acting, Role.INSPEKTORAT)
    assert made in await seen(acting, Role.ADMIN)
    for role in (Role.FINTECH, Role.BIRO_KSD, Role.WILAYAH, Role.DINAS):
        assert made not in await seen(acting, role)
    for role in (Role.INSPEKTORAT, Role.FINTECH):
        for mutation in ("rotateWebhookSecret", "pingWebhook", "removeWebhook", "redeliverWebhook"):
            assert (await refused(acting, role, mutation, subscriptionId=made))[0] == "NOT_FOUND"


async def test_a_rotation_keeps_the_old_secret_for_a_day(acting: Acting) -> None:
    made = await registered(acting, Role.BIRO_KSD)
    key = made["agencySubscription"]["id"]
    new = await acting.do(Role.BIRO_KSD, "rotateWebhookSecret", "secret", subscriptionId=key)
    assert new["secret"] != made["secret"]
    kept = await acting.tables.fetchrow("select * from ksbb.subscription where public_id = $1", key)
    assert acting.city.secrets.decrypt(kept["old_secret"], SECRET_COLUMN) == made["secret"]
    assert (kept["old_secret_until"] - acting.clock.now()).total_seconds() == 24 * 3600


async def test_a_ping_waits_and_is_not_doubled(acting: Acting) -> None:
    key = (await registered(acting, Role.DINAS))["agencySubscription"]["id"]
    shown = "webhookDelivery { id state eventType messageId subscription { id } }"
    first = await acting.do(Role.DINAS, "pingWebhook", shown, subscriptionId=key)
    again = await acting.do(Role.DINAS, "pingWebhook", shown, subscriptionId=key)
    assert first["webhookDelivery"]["state"] == "WAITING"
    assert first["webhookDelivery"]["subscription"] == {"id": key}
    assert first == again
    listed = "{ webhookDeliveries(filter: {state: {eq: WAITING}}) { nodes { id } } }"
    assert len((await acting(Role.DINAS, listed))["data"]["webhookDeliveries"]["nodes"]) == 1
    assert (await acting(Role.FINTECH, listed))["data"]["webhookDeliveries"]["nodes"] == []
    await acting.do(Role.DINAS, "removeWebhook", subscriptionId=key)
    assert (await acting(Role.DINAS, listed))["data"]["webhookDeliveries"]["nodes"] == []


async def test_a_replay_takes_the_owners_cursors_only(acting: Acting) -> None:
    key = (await registered(acting, Role.WILAYAH))["agencySubscription"]["id"]
    secrets, viewer = acting.city.secrets, acting.city.viewer
    assert await refused(acting, Role.WILAYAH, "replayWebhook", subscriptionId=key, after="5") == (
        "BAD_CURSOR",
        ["after"],
    )
    foreign = sealed_position(secrets, viewer(Role.DINAS), 3)
    assert (await refused(acting, Role.WILAYAH, "replayWebhook", subscriptionId=key, after=foreign))[0] == "BAD_CURSOR"
    for after, position in ((sealed_position(secrets, viewer(Role.WILAYAH), 3), 3), (BEGINNING, 0)):
        assert (await acting.do(Role.WILAYAH, "replayWebhook", subscriptionId=key, after=after))["userErrors"] == []
        stands = await acting.tables.fetchval("select position from ksbb.subscription where public_id = $1", key)
        assert stands == position


async def test_an_owner_has_so_many_active_ones_and_paused_ones_beside(acting: Acting) -> None:
    keys = [(await registered(acting, Role.DISKOMINFOTIK))["agencySubscription"]["id"] for _ in range(MOST_ACTIVE)]
    more = {"name": "Contoh", "targetUrl": URL}
    assert (await refused(acting, Role.DISKOMINFOTIK, "registerWebhook", **more))[0] == "TOO_MANY_WEBHOOKS"
    await acting.do(Role.DISKOMINFOTIK, "changeWebhook", subscriptionId=keys[0], active=False)
    assert (await refused(acting, Role.DISKOMINFOTIK, "pingWebhook", subscriptionId=keys[0]))[0] == "WEBHOOK_NOT_ACTIVE"
    await registered(acting, Role.DISKOMINFOTIK)
    assert (await refused(acting, Role.DISKOMINFOTIK, "changeWebhook", subscriptionId=keys[0], active=True))[
        0
    ] == "TOO_MANY_WEBHOOKS"
    ended = await acting.do(Role.DISKOMINFOTIK, "removeWebhook", SHOWN, subscriptionId=keys[1])
    assert (ended["agencySubscription"]["paused"], ended["agencySubscription"]["active"]) == ("REMOVED", False)
    assert (await refused(acting, Role.DISKOMINFOTIK, "removeWebhook", subscriptionId=keys[1]))[0] == "WEBHOOK_ENDED"
    changed = await acting.do(
        Role.DISKOMINFOTIK, "changeWebhook", SHOWN, subscriptionId=keys[0], active=True, eventTypes=[], name="Lain"
    )
    assert changed["agencySubscription"]["name"] == "Lain"
    assert changed["agencySubscription"]["paused"] is None


@pytest.mark.parametrize(
    "url",
    [
        *("http://8.8.8.8/", "https://127.0.0.1/", "https://[::1]/", "https://localhost/", "https://8.8.8.8:22/"),
        *("https://user:word@8.8.8.8/", "https://2130706433/", "https://[::ffff:8.8.8.8]/", "ftp://8.8.8.8/", ""),
    ],
)
async def test_an_address_inside_the_house_is_refused(acting: Acting, url: str) -> None:
    given = {"name": "Contoh", "targetUrl": url}
    assert await refused(acting, Role.FINTECH, "registerWebhook", **given) == ("TARGET_NOT_ALLOWED", ["targetUrl"])


async def test_a_filter_names_what_there_is(acting: Acting) -> None:
    given = {"name": "Contoh", "targetUrl": URL}
    wrong = await refused(acting, Role.FINTECH, "registerWebhook", **given, eventTypes=["LoanMoved", "Loan"])
    assert wrong == ("UNKNOWN_EVENT_TYPE", ["eventTypes", "1"])
    long = await refused(acting, Role.FINTECH, "registerWebhook", **given, eventTypes=["LoanMoved"] * 51)
    assert long == ("FILTER_TOO_LONG", ["eventTypes"])


async def test_dead_letters_wait_again(acting: Acting) -> None:
    key = (await registered(acting, Role.KOLABORATOR))["agencySubscription"]["id"]
    await acting.do(Role.KOLABORATOR, "pingWebhook", subscriptionId=key)
    await acting.tables.execute(
        "update ksbb.webhook_delivery set state = 'DEAD', attempts = 14 where role = 'KOLABORATOR'"
    )
    listed = "{ webhookDeliveries(filter: {state: {eq: DEAD}}) { nodes { id attempts } } }"
    (dead,) = (await acting(Role.KOLABORATOR, listed))["data"]["webhookDeliveries"]["nodes"]
    given = {"subscriptionId": key, "deliveryIds": [dead["id"]]}
    assert (await acting.do(Role.KOLABORATOR, "redeliverWebhook", "redelivered", **given))["redelivered"] == 1
    assert (await acting(Role.KOLABORATOR, listed))["data"]["webhookDeliveries"]["nodes"] == []
    assert (await acting.do(Role.KOLABORATOR, "redeliverWebhook", "redelivered", subscriptionId=key))[
        "redelivered"
    ] == 0
