"""What webhooks hear is what their owners may hear of: the real audience, from a command to a receiver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from events.webhook_lane import Patience
from policy.viewer import Role, Viewer
from resolvers.updates import Updates
from resolvers.webhooks import WebhookAudience
from schema.nouns import CATALOGUE
from server import sequencer_dsn, updates_of
from tests.acting import Acting
from tests.events.conftest import until
from tests.events.following import a_complaint, tell
from tests.events.receiving import Receiver, receiving
from tests.events.webhook_worker import PATIENT, QUICK, at_work

pytestmark = pytest.mark.asyncio(loop_scope="session")

PULO_GADUNG, TEBET = "31.75.02.1001", "31.74.01.1001"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def updates(acting: Acting) -> AsyncIterator[Updates]:
    """What delivers the events of the module's city."""
    async with updates_of(acting.city.settings, acting.city.server, acting.clock, acting.reader) as made:
        yield made


@asynccontextmanager
async def hooked(acting: Acting, receiver: Receiver, who: Viewer, **given: Any) -> AsyncIterator[str]:
    """A webhook, registered over GraphQL and removed at the end."""
    async with acting.under(replace(acting.city.settings, webhook_allow_private=1)) as allowed:
        shown = "secret agencySubscription { id }"
        made = await allowed.do(who, "registerWebhook", shown, name="Contoh", targetUrl=receiver.url, **given)
        assert made["userErrors"] == []
        receiver.secret = made["secret"]
        yield made["agencySubscription"]["id"]
        await allowed.do(who, "removeWebhook", subscriptionId=made["agencySubscription"]["id"])


@asynccontextmanager
async def working(acting: Acting, updates: Updates, patience: Patience = QUICK) -> AsyncIterator[None]:
    """The worker beside what numbers the events."""
    types = {noun.table.name: noun.name for noun in CATALOGUE.nouns.values()}
    audience = WebhookAudience(updates.feeds, types)
    dsn = sequencer_dsn(acting.city.settings, acting.city.server)
    async with at_work(acting.city.settings, dsn, audience, patience):
        yield


async def came(receiver: Receiver, count: int) -> list[Any]:
    """So many messages, beside those about webhooks themselves."""

    def now() -> list[Any]:
        return [one for one in receiver.got if one.type != "WebhookChanged"]

    async def enough() -> bool:
        return len(now()) >= count

    await until(enough)
    return now()


async def test_a_fact_comes_as_references_to_those_who_may_hear_of_it(acting: Acting, updates: Updates) -> None:
    heads, lender = acting.city.viewer(Role.INSPEKTORAT), acting.city.viewer(Role.FINTECH)
    async with receiving() as told, receiving() as not_told:
        hooks = hooked(acting, told, heads), hooked(acting, not_told, lender)
        async with working(acting, updates), hooks[0], hooks[1]:
            await a_complaint(acting, TEBET)
            (got,) = await came(told, 1)
            row = await acting.tables.fetchrow("select * from ksbb.complaint order by id desc limit 1")
            assert got.type == "ComplaintFiled"
            data = {name: got.data[name] for name in ("subjectType", "subjectId", "regionCode", "left")}
            wanted = {"subjectType": "Complaint", "subjectId": row["public_id"], "regionCode": TEBET, "left": False}
            assert data == wanted
            assert b"Petugas" not in got.body
            await asyncio.sleep(0.5)
            assert [one.type for one in not_told.got if one.type != "WebhookChanged"] == []
            viewer = replace(heads, subject="somebody else")
            assert updates.feeds.audience(viewer).cursors.open(got.data["cursor"], "after") > 0


async def test_a_filter_by_region_and_type_lets_only_that_through(acting: Acting, updates: Updates) -> None:
    heads = acting.city.viewer(Role.INSPEKTORAT)
    async with receiving() as here, receiving() as there:
        given = {"eventTypes": ["ComplaintFiled"]}
        async with (
            working(acting, updates),
            hooked(acting, here, heads, regionCodes=["31.74"], **given),
            hooked(acting, there, heads, regionCodes=["31.75"], **given),
        ):
            await a_complaint(acting, TEBET)
            await a_complaint(acting, PULO_GADUNG)
            assert [one.data["regionCode"] for one in await came(here, 1)] == [TEBET]
            assert [one.data["regionCode"] for one in await came(there, 1)] == [PULO_GADUNG]


async def test_a_subject_that_left_is_told_of_once_and_what_waits_about_it_is_dropped(
    acting: Acting, updates: Updates
) -> None:
    viewer, up = replace(acting.city.viewer(Role.WILAYAH), area="31.75"), False
    async with receiving(lambda _: 200 if up else 503) as receiver:
        hook = hooked(acting, receiver, viewer, eventTypes=["ComplaintFiled", "ComplaintMoved"])
        async with working(acting, updates, PATIENT), hook:
            await a_complaint(acting, PULO_GADUNG)
            await came(receiver, 1)
            key = await acting.tables.fetchval("select id from ksbb.complaint order by id desc limit 1")
            await acting.tables.execute("update ksbb.complaint set region_code = $2 where id = $1", key, TEBET)
            await tell(acting, "ComplaintMoved", "complaint", key, status="TERVERIFIKASI")
            await tell(acting, "ComplaintMoved", "complaint", key, status="DITERUSKAN")
            up = True

            async def through() -> bool:
                states = "select state from ksbb.webhook_delivery where role = 'WILAYAH' order by position"
                found = [row["state"] for row in await acting.tables.fetch(states)]
                return bool(found) and "WAITING" not in found and len({one.id for one in receiver.taken()}) == 1

            await until(through)
            await asyncio.sleep(0.5)
            (gone,) = {one.id: one.data for one in receiver.taken()}.values()  # a slow answer makes it come again
            assert gone["left"]
            assert "regionCode" not in gone
