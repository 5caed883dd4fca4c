"""What subscribers hear of the log, and what not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from unittest.mock import patch
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from events.sight import Sights
from events.stream import Stream
from kernel.errors import BadInput
from policy.event_cursor import BEGINNING
from policy.viewer import Role, Viewer
from resolvers.cursors import BadCursor
from resolvers.request import Answer, GraphQLRequest
from resolvers.updates import Updates
from server import updates_of
from tests.acting import Acting
from tests.events.conftest import until
from tests.events.following import EVENTS, a_complaint, following, nothing_more, opened, taken, tell


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def updates(acting: Acting) -> AsyncIterator[Updates]:
    """What delivers the events of the module's city."""
    async with updates_of(acting.city.settings, acting.city.server, acting.clock, acting.reader) as made:
        yield made


async def test_a_fact_reaches_who_may_hear_of_it_and_nobody_else(acting: Acting, updates: Updates) -> None:
    inspector = await opened(updates, acting.city.viewer(Role.INSPEKTORAT))
    public = await opened(updates, acting.city.viewer(Role.PUBLIK))
    waiting = asyncio.create_task(taken(inspector, 1)), asyncio.create_task(nothing_more(public))
    await asyncio.sleep(0.1)
    await a_complaint(acting)
    (event,) = await waiting[0]
    assert event["type"] == "ComplaintFiled"
    assert event["subject"]["id"] == event["subjectId"]
    assert await waiting[1]
    await inspector.close()
    await public.close()


async def test_a_stream_goes_on_after_its_cursor_without_gap_or_duplicate(acting: Acting, updates: Updates) -> None:
    viewer = acting.city.viewer(Role.INSPEKTORAT)
    first = await opened(updates, viewer, after=updates.feeds.start_cursor(viewer))
    for _ in range(6):
        await a_complaint(acting)
    events = await taken(first, 6)
    again = await opened(updates, viewer, after=events[2]["cursor"])
    await a_complaint(acting)
    followed = await taken(again, 4)
    assert [e["id"] for e in followed[:3]] == [e["id"] for e in events[3:]]
    assert len({e["id"] for e in [*events, *followed]}) == 7
    await first.close()
    await again.close()


async def test_a_cursor_beside_the_document_comes_before_its_own(acting: Acting, updates: Updates) -> None:
    viewer = acting.city.viewer(Role.INSPEKTORAT)
    first = await following(updates, viewer)
    await a_complaint(acting)
    await a_complaint(acting)
    one, two = await taken(first, 2)
    request = GraphQLRequest(EVENTS, variables={"after": BEGINNING})
    again = await updates.feeds.subscribe(viewer, request, one["cursor"])
    assert not isinstance(again, Answer)
    assert [event["id"] for event in await taken(again, 1)] == [two["id"]]
    await first.close()
    await again.close()


async def test_an_event_that_was_written_first_and_committed_last_is_delivered(
    acting: Acting, updates: Updates
) -> None:
    viewer = acting.city.viewer(Role.INSPEKTORAT)
    stream = await following(updates, viewer)
    complaint = await acting.tables.fetchval("select id from ksbb.complaint order by id limit 1")
    slow = await asyncpg.connect(acting.city.server.uri())
    async with slow.transaction():
        first = await tell(replace(acting, tables=slow), "ComplaintMoved", "complaint", complaint)
        await a_complaint(acting)
        (overtaking,) = await taken(stream, 1)
    await slow.close()
    (late,) = await taken(stream, 1)
    assert overtaking["type"] == "ComplaintFiled"
    assert late["id"] == acting.city.secrets.public_id("event", first)
    assert await nothing_more(stream)
    await stream.close()


async def test_a_typed_subscription_tells_only_its_own(acting: Acting, updates: Updates) -> None:
    viewer = acting.city.viewer(Role.INSPEKTORAT)
    loan = await acting.tables.fetchrow("select id, public_id, status from ksbb.loan where status = 'BERJALAN' limit 1")
    query = """subscription ($after: String) {
      loanUpdated(after: $after) { __typename type subject { __typename id status principal } }
    }"""
    stream = await following(updates, viewer, query)
    await a_complaint(acting)
    await tell(acting, "LoanMoved", "loan", loan["id"])
    (event,) = await taken(stream, 1)
    assert event["__typename"] == "LoanUpdated"
    assert event["subject"]["id"] == loan["public_id"]
    assert event["subject"]["status"] == loan["status"]
    await stream.close()


async def test_a_repayment_is_told_of_its_loan_too(acting: Acting, updates: Updates) -> None:
    repayment = await acting.tables.fetchrow(
        "select r.id, r.loan_id, l.public_id from ksbb.repayment r join ksbb.loan l on l.id = r.loan_id limit 1"
    )
    query = "subscription ($after: String) { loanUpdated(after: $after) { type subject { id } } }"
    stream = await following(updates, acting.city.viewer(Role.BIRO_KSD), query)
    await tell(acting, "RepaymentRecorded", "repayment", repayment["id"], loan_id=str(repayment["loan_id"]))
    (event,) = await taken(stream, 1)
    assert event == {"type": "RepaymentRecorded", "subject": {"id": repayment["public_id"]}}
    await stream.close()


async def test_of_somebody_elses_loan_a_fintech_hears_nothing(acting: Acting, updates: Updates) -> None:
    viewer = acting.city.viewer(Role.FINTECH)
    mine, others = [
        await acting.tables.fetchval(
            f"select id from ksbb.loan where (fintech_id = $1) is {is_mine} and status = 'BERJALAN' limit 1",
            viewer.institution_id,
        )
        for is_mine in (True, False)
    ]
    stream = await following(updates, viewer)
    await tell(acting, "LoanMoved", "loan", others)
    await tell(acting, "LoanMoved", "loan", mine)
    (event,) = await taken(stream, 1)
    assert event["subjectId"] == acting.city.secrets.public_id("loan", mine)
    assert await nothing_more(stream)
    await stream.close()


async def test_two_bodies_that_follow_the_same_document_hear_each_their_own(acting: Acting, updates: Updates) -> None:
    viewer = acting.city.viewer(Role.FINTECH)
    rows = await acting.tables.fetch(
        "select distinct on (fintech_id) id, public_id, fintech_id from ksbb.loan where status = 'BERJALAN'"
    )
    streams = [await following(updates, replace(viewer, institution_id=str(row["fintech_id"]))) for row in rows]
    waiting = [asyncio.create_task(taken(stream, 1)) for stream in streams]
    for row in rows:
        await tell(acting, "LoanMoved", "loan", row["id"])
    told = [(await one)[0]["subjectId"] for one in waiting]
    assert len(rows) > 1
    assert told == [row["public_id"] for row in rows]
    for stream in streams:
        assert await nothing_more(stream, 0.1)
        await stream.close()


async def test_filters_hold_for_one_subscriber_only(acting: Acting, updates: Updates) -> None:
    viewer = acting.city.viewer(Role.INSPEKTORAT)
    query = """subscription ($after: String, $regions: [RegionCode!], $types: [EventType!]) {
      events(after: $after, regions: $regions, types: $types) { type regionCode }
    }"""
    in_kota = await following(updates, viewer, query, regions=["31.72"])
    of_type = await following(updates, viewer, query, types=["ComplaintFiled"])
    routed = await following(updates, viewer, query, types=["ComplaintRouted"])
    await a_complaint(acting, "31.71.01.1001")
    await a_complaint(acting, "31.72.01.1001")
    assert await taken(in_kota, 1) == [{"type": "ComplaintFiled", "regionCode": "31.72.01.1001"}]
    assert len(await taken(of_type, 2)) == 2
    assert await nothing_more(routed)
    for stream in (in_kota, of_type, routed):
        await stream.close()


async def test_a_filter_by_what_is_no_institution_is_refused(acting: Acting, updates: Updates) -> None:
    loan = await acting.tables.fetchval("select public_id from ksbb.loan limit 1")
    query = "subscription ($institutions: [ID!]) { events(institutions: $institutions) { type } }"
    with pytest.raises(BadInput, match="lembaga"):
        await opened(updates, acting.city.viewer(Role.INSPEKTORAT), query, institutions=[loan])


async def test_a_cursor_opens_for_its_own_role_and_scope_only(acting: Acting, updates: Updates) -> None:
    inspector, public = acting.city.viewer(Role.INSPEKTORAT), acting.city.viewer(Role.PUBLIK)
    cursor = updates.feeds.start_cursor(inspector)
    changed = ("B" if cursor[0] == "A" else "A") + cursor[1:]
    for viewer, given in ((public, cursor), (inspector, changed), (inspector, ""), (inspector, "x")):
        with pytest.raises(BadCursor):
            await opened(updates, viewer, after=given)
    fintech = acting.city.viewer(Role.FINTECH)
    other = replace(fintech, institution_id="0" * 8 + fintech.institution_id[8:])
    with pytest.raises(BadCursor):
        await opened(updates, other, after=updates.feeds.start_cursor(fintech))


async def test_two_cursors_of_one_place_are_of_one_length_and_never_equal(acting: Acting, updates: Updates) -> None:
    cursors = [updates.feeds.start_cursor(acting.city.viewer(Role.PUBLIK)) for _ in range(50)]
    assert len(set(cursors)) == 50
    assert len({len(cursor) for cursor in cursors}) == 1


async def test_from_the_beginning_everything_comes_that_the_log_holds(acting: Acting, updates: Updates) -> None:
    viewer = acting.city.viewer(Role.INSPEKTORAT)
    await a_complaint(acting)
    count = await acting.tables.fetchval("select count(*) from ksbb.event where type like 'Complaint%'")
    stream = await opened(
        updates, viewer, 'subscription { complaintUpdated(after: "BEGINNING") { id type subject { status } } }'
    )
    events = await taken(stream, count)
    assert len({e["id"] for e in events}) == count
    assert BEGINNING == "BEGINNING"
    await stream.close()


async def test_a_subject_that_leaves_the_sight_is_told_of_once_and_without_data(
    acting: Acting, updates: Updates
) -> None:
    viewer = replace(acting.city.viewer(Role.WILAYAH), area="31.73")
    stream = await following(updates, viewer)
    start = updates.feeds.start_cursor(viewer)
    await a_complaint(acting, "31.73.01.1001")
    (seen,) = await taken(stream, 1)
    key = await acting.tables.fetchval("select id from ksbb.complaint where public_id = $1", seen["subjectId"])
    await acting.tables.execute("update ksbb.complaint set region_code = '31.74.01.1001' where id = $1", key)
    await tell(acting, "ComplaintMoved", "complaint", key, status="TERVERIFIKASI")
    (gone,) = await taken(stream, 1)
    assert gone["left"]
    assert gone["subject"] is None
    assert gone["regionCode"] is None
    assert gone["subjectId"] == seen["subjectId"]
    await tell(acting, "ComplaintMoved", "complaint", key, status="DITERUSKAN")
    assert await nothing_more(stream)
    later = await opened(updates, viewer, after=start)
    assert [(e["id"], e["left"]) for e in await taken(later, 1)] == [(gone["id"], True)]
    assert await nothing_more(later)
    await stream.close()
    await later.close()


async def test_it_is_the_last_event_of_a_subject_that_tells_that_it_left(acting: Acting, updates: Updates) -> None:
    viewer = replace(acting.city.viewer(Role.WILAYAH), area="31.71")
    stream = await following(updates, viewer)
    await a_complaint(acting)
    (seen,) = await taken(stream, 1)
    await stream.close()
    key = await acting.tables.fetchval("select id from ksbb.complaint where public_id = $1", seen["subjectId"])
    await acting.tables.execute("update ksbb.complaint set region_code = '31.74.01.1001' where id = $1", key)
    told = [await tell(acting, "ComplaintMoved", "complaint", key, status="TERVERIFIKASI") for _ in range(2)]
    await until(lambda: acting.tables.fetchval("select not exists (select from ksbb.event where position is null)"))
    again = await opened(updates, viewer, after=seen["cursor"])
    (gone,) = await taken(again, 1)
    assert (gone["left"], gone["id"]) == (True, acting.city.secrets.public_id("event", told[1]))
    await again.close()


async def test_what_came_back_into_sight_leaves_again(acting: Acting, updates: Updates) -> None:
    viewer = replace(acting.city.viewer(Role.WILAYAH), area="31.75")
    stream = await following(updates, viewer)
    await a_complaint(acting, "31.75.02.1001")
    (seen,) = await taken(stream, 1)
    key = await acting.tables.fetchval("select id from ksbb.complaint where public_id = $1", seen["subjectId"])
    for region, left in (("31.74.01.1001", True), ("31.75.02.1001", False), ("31.74.01.1001", True)):
        await acting.tables.execute("update ksbb.complaint set region_code = $1 where id = $2", region, key)
        await tell(acting, "ComplaintMoved", "complaint", key, status="TERVERIFIKASI")
        assert [event["left"] for event in await taken(stream, 1)] == [left]
    await stream.close()


async def test_what_was_never_shown_does_not_leave(acting: Acting, updates: Updates) -> None:
    viewer = replace(acting.city.viewer(Role.WILAYAH), area="31.74")
    stream = await following(updates, viewer)
    key = await acting.tables.fetchval("select id from ksbb.complaint where region_code like '31.71%' limit 1")
    await tell(acting, "ComplaintMoved", "complaint", key, status="TERVERIFIKASI")
    assert await nothing_more(stream)
    await stream.close()


async def test_a_cursor_older_than_the_log_gets_a_discontinuity_that_says_what_to_do(
    acting: Acting, updates: Updates
) -> None:
    viewer = acting.city.viewer(Role.INSPEKTORAT)
    await a_complaint(acting)
    await asyncio.sleep(0.3)
    old = updates.feeds.audience(viewer).cursors.seal(0)
    last, _ = await updates.log.state()
    await acting.tables.execute("update ksbb.event_log set archived_until = $1", last)
    try:
        stream = await opened(updates, viewer, after=old)
        await a_complaint(acting)
        lost, next_ = await taken(stream, 2)
    finally:
        await acting.tables.execute("update ksbb.event_log set archived_until = 0")
    assert lost["type"] == "DISCONTINUITY"
    assert lost["subject"] is None
    assert "queries" in lost["fetchInstead"]
    assert next_["type"] == "ComplaintFiled"
    again = await opened(updates, viewer, after=lost["cursor"])
    assert [e["id"] for e in await taken(again, 1)] == [next_["id"]]
    await stream.close()
    await again.close()


async def test_a_cursor_at_the_end_of_the_archive_misses_nothing(acting: Acting, updates: Updates) -> None:
    viewer = acting.city.viewer(Role.INSPEKTORAT)
    last, _ = await updates.log.state()
    await acting.tables.execute("update ksbb.event_log set archived_until = $1", last)
    try:
        stream = await opened(updates, viewer, after=updates.feeds.audience(viewer).cursors.seal(last))
        await a_complaint(acting)
        (next_,) = await taken(stream, 1)
    finally:
        await acting.tables.execute("update ksbb.event_log set archived_until = 0")
    assert next_["type"] == "ComplaintFiled"
    await stream.close()


async def test_a_cursor_beyond_the_log_gets_a_discontinuity_too(acting: Acting, updates: Updates) -> None:
    """As after a restore: what was given once is gone, and nothing is skipped silently."""
    viewer = acting.city.viewer(Role.INSPEKTORAT)
    stream = await opened(updates, viewer, after=updates.feeds.audience(viewer).cursors.seal(10**9))
    (lost,) = await taken(stream, 1)
    assert lost["type"] == "DISCONTINUITY"
    await a_complaint(acting)
    assert [e["type"] for e in await taken(stream, 1)] == ["ComplaintFiled"]
    await stream.close()


async def test_a_clear_reading_by_the_inspectorate_is_written_down_by_who_follows(
    acting: Acting, updates: Updates
) -> None:
    viewer = replace(acting.city.viewer(Role.INSPEKTORAT), subject="inspector-who-follows")
    another = replace(viewer, subject="inspector-beside")
    loans = await acting.tables.fetch("select id from ksbb.loan where status = 'BERJALAN' limit 3")
    query = "subscription ($after: String) { loanUpdated(after: $after) { subject { principal } } }"
    streams = [await following(updates, who, query) for who in (viewer, another)]
    for loan in loans:
        await tell(acting, "LoanMoved", "loan", loan["id"])
    for stream in streams:
        await taken(stream, 3)
    for who in (viewer, another):
        entries = await acting.tables.fetch("select details from ksbb.audit_entry where subject = $1", who.subject)
        assert entries
        assert all(json.loads(entry["details"])["fields"] == ["loan.principal"] for entry in entries)
    for stream in streams:
        await stream.close()


async def test_statements_per_event_do_not_grow_with_the_subscribers(acting: Acting, updates: Updates) -> None:
    viewer = acting.city.viewer(Role.BIRO_KSD)
    streams = [await following(updates, viewer) for _ in range(50)]
    waiting = [asyncio.create_task(taken(stream, 1)) for stream in streams]
    await asyncio.sleep(0.3)
    pool = acting.reader.runner._pools.of(Role.BIRO_KSD)
    with patch.object(pool, "fetch_rows", wraps=pool.fetch_rows) as reading:
        await a_complaint(acting)
        found = [await task for task in waiting]
    assert reading.call_count == 1
    assert len({events[0]["cursor"] for events in found}) == 1
    for stream in streams:
        await stream.close()


async def test_what_does_not_fit_is_refused_with_its_place(acting: Acting, updates: Updates) -> None:
    public = acting.city.viewer(Role.PUBLIK)
    answer = await updates.feeds.subscribe(public, GraphQLRequest("subscription { loanUpdated { id } }"))
    assert isinstance(answer, Answer)
    assert "Cannot query field" in json.loads(answer.body)["errors"][0]["message"]
    refused = {"institutions: [ID!]": ["x"], "regions: [RegionCode!]": ["Jakarta Pusat!"], "after: String": "x"}
    for argument, value in refused.items():
        name, _, type_ = argument.partition(": ")
        query = f"subscription ($v: {type_}) {{ events({name}: $v) {{ id }} }}"
        with pytest.raises(BadInput, match=r"\$v" if name == "regions" else name):
            await updates.feeds.subscribe(public, GraphQLRequest(query, variables={"v": value}))
    two = await updates.feeds.subscribe(public, GraphQLRequest("subscription { a: events { id } b: events { id } }"))
    assert isinstance(two, Answer)
    assert EVENTS.startswith("subscription")


async def test_defaults_of_variables_are_each_subscribers_own(acting: Acting, updates: Updates) -> None:
    query = """subscription ($after: String, $n: Int = %d) {
      collaborationUpdated(after: $after) { subject { pledges(first: $n) { nodes { id } } } }
    }"""
    viewer = acting.city.viewer(Role.BIRO_KSD)
    key = await acting.tables.fetchval(
        "select collaboration_id from ksbb.pledge group by 1 having count(*) > 1 limit 1"
    )
    streams = [await following(updates, viewer, query % count) for count in (1, 2)]
    waiting = [asyncio.create_task(taken(stream, 1)) for stream in streams]
    await tell(acting, "CollaborationMoved", "collaboration", key, status="BERJALAN")
    found = [len((await one)[0]["subject"]["pledges"]["nodes"]) for one in waiting]
    assert found == [1, 2]
    for stream in streams:
        await stream.close()


async def _shown_before(updates: Updates, viewers: list[Viewer], loan: UUID) -> None:
    """Let viewers have been shown a loan that they do not see."""
    sights = Sights(updates.feeds._sights._engine, updates.log)
    for viewer in viewers:
        await sights.note(updates.feeds.audience(viewer)._name, [("loan", loan)])


async def _left_by(acting: Acting, streams: list[Stream], loan: UUID) -> list[bool]:
    """What streams tell of the next event on a loan."""
    waiting = [asyncio.create_task(taken(stream, 1, 20)) for stream in streams]
    await asyncio.sleep(0.2)
    await tell(acting, "LoanMoved", "loan", loan, status="BERJALAN")
    told = [event["left"] for (event,) in await asyncio.gather(*waiting)]
    for stream in streams:
        await stream.close()
    return told


async def test_that_a_subject_left_is_told_to_every_document_at_once(acting: Acting, updates: Updates) -> None:
    loan = await acting.tables.fetchval("select id from ksbb.loan limit 1")
    viewer = replace(acting.city.viewer(Role.FINTECH), institution_id=str(uuid4()))
    await _shown_before(updates, [viewer], loan)
    documents = [EVENTS.replace("cursor", f"cursor name{number}: type") for number in range(8)]
    streams = [await following(updates, viewer, document) for document in documents]
    assert await _left_by(acting, streams, loan) == [True] * 8


async def test_more_audiences_than_connections_hear_that_a_subject_left(acting: Acting, updates: Updates) -> None:
    loan = await acting.tables.fetchval("select id from ksbb.loan limit 1")
    viewers = [replace(acting.city.viewer(Role.FINTECH), institution_id=str(uuid4())) for _ in range(100)]
    await _shown_before(updates, viewers, loan)
    streams = [await following(updates, viewer) for viewer in viewers]
    assert await _left_by(acting, streams, loan) == [True] * 100


async def test_events_that_nobody_hears_do_not_decide_when_a_subject_left(acting: Acting, updates: Updates) -> None:
    loan = await acting.tables.fetchval("select id from ksbb.loan limit 1")
    viewer = replace(acting.city.viewer(Role.FINTECH), institution_id=str(uuid4()))
    await _shown_before(updates, [viewer], loan)
    stream = await following(updates, viewer)
    await tell(acting, "LoanMoved", "loan", loan, status="BERJALAN")
    await tell(acting, "SomethingInside", "loan", loan)
    (event,) = await taken(stream, 1)
    assert event["left"]
    await stream.close()
