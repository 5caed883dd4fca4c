"""The audit trail is a chain: nothing in it is removed, altered, moved or put in without being found."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from random import Random

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from commands.complaint import FileComplaint
from events.audit_chain import seal
from events.audit_trail import Fault, Verdict, verify
from events.beside import going_on
from events.sequencer import Sequencer
from models.audit_chain import digest
from models.vocabulary import ComplaintCategory
from models.writing import connected
from policy.viewer import PUBLIC, Role
from tests.acting import Acting
from tests.commands.test_complaint import filed
from tests.events.conftest import Log, until
from tests.events.test_sequencer import a_process

pytestmark = pytest.mark.asyncio(loop_scope="session")

MONDAY = dt.date(2024, 1, 1)
TUESDAY, THURSDAY = MONDAY + dt.timedelta(days=1), MONDAY + dt.timedelta(days=3)
WRITE = (
    "insert into ksbb.audit_entry (id, at, role, subject, act, reason, details)"
    " values (gen_random_uuid(), clock_timestamp(), 'BIRO_KSD', 'x', $1, $2, $3)"
)
STEPS = json.dumps({"n": 1.50, "steps": [{"id": "a", "reason": 'Sebab "é" \n'}, {"id": "b"}], "é": [None, True]})
EVERY_COLUMN = (
    *("at = at + interval '1 microsecond'", "role = 'ADMIN'", "subject = 'y'", "act = 'Lain'", "purpose = 'z'"),
    *("document_hash = ''", "about_kind = 'loan'", "about_id = 'a'", "from_state = 'A'", "to_state = 'B'"),
    *("id = gen_random_uuid()", "details = '{\"steps\": []}'", "words_hash = null, words_salt = null, reason = null"),
)
MOVED = "position = case position when 4 then 6 when 6 then 4 else position end"


@pytest_asyncio.fixture(loop_scope="session")
async def trail(log: Log) -> AsyncIterator[asyncpg.Connection]:
    """Nine entries that became links on three days; the tables as their owner, where nothing is refused."""
    owner = log.acting.tables
    await owner.execute("set session_replication_role = replica")
    await owner.execute("truncate ksbb.audit_entry, ksbb.audit_root")
    await owner.execute("set session_replication_role = origin")
    for day in (MONDAY, TUESDAY, THURSDAY):
        for number in range(3):
            await owner.execute(WRITE, f"Contoh{number}", "Sebab" if number == 1 else None, STEPS if number else "{}")
        assert await sealed(log, day) == 3
    await owner.execute("set session_replication_role = replica")
    yield owner
    await owner.execute("set session_replication_role = origin")


async def sealed(log: Log, day: dt.date | None = None) -> int:
    """How many entries become links."""
    async with log.engine.connect() as connection:
        return await seal(connection, day)


async def checked(log: Log, published: Mapping[dt.date, str] | None = None) -> Verdict:
    """What `ksbb audit verify` finds."""
    async with connected(log.acting.city.server.uri()) as connection:
        return await verify(connection, published or {})


async def fault(log: Log, published: Mapping[dt.date, str] | None = None) -> Fault:
    """What is wrong."""
    found = (await checked(log, published)).fault
    assert found is not None
    return found


async def test_a_trail_that_nobody_touched_is_whole_and_has_a_root_for_every_day(log: Log, trail: object) -> None:
    verdict = await checked(log)
    assert (verdict.fault, verdict.links, verdict.waiting) == (None, 9, 0)
    assert list(verdict.roots) == [MONDAY + dt.timedelta(days=n) for n in range(4)]
    assert len(set(verdict.roots.values())) == 4, "a day on which nothing was written looks like any other"
    assert (await checked(log, verdict.roots)).fault is None


@pytest.mark.parametrize("change", EVERY_COLUMN)
async def test_an_altered_entry_is_found(log: Log, trail: asyncpg.Connection, change: str) -> None:
    await trail.execute(f"update ksbb.audit_entry set {change} where position = 5")
    assert await fault(log) == Fault(5, "its content is not what was written")


@pytest.mark.parametrize(
    "change", ["reason = 'Lain'", "reason = null", f"details = '{STEPS.replace('Sebab', 'Lain')}'"]
)
async def test_an_altered_reason_is_found(log: Log, trail: asyncpg.Connection, change: str) -> None:
    await trail.execute(f"update ksbb.audit_entry set {change} where position = 5")
    assert await fault(log) == Fault(5, "its reasons are not what was written")


@pytest.mark.parametrize("change", ["reason = 'Lain'", 'details = \'{"steps": [{"\\u0072eason": "Lain"}]}\''])
async def test_a_reason_that_was_put_in_is_found(log: Log, trail: asyncpg.Connection, change: str) -> None:
    await trail.execute("update ksbb.audit_entry set details = '{\"steps\": [{}]}' where position = 4")
    await trail.execute("update ksbb.audit_entry e set digest = ksbb.audit_digest(e) where position = 4")
    await trail.execute(f"update ksbb.audit_entry set {change} where position = 4")
    assert await fault(log) == Fault(4, "its reasons are not what was written")


async def test_an_entry_whose_digest_and_hash_were_made_anew_is_found_by_the_next(
    log: Log, trail: asyncpg.Connection
) -> None:
    await trail.execute("update ksbb.audit_entry set act = 'Lain' where position = 5")
    await trail.execute("update ksbb.audit_entry e set digest = ksbb.audit_digest(e) where position = 5")
    assert (await fault(log)).position == 5
    before = "(select hash from ksbb.audit_entry where position = 4)"
    await trail.execute(
        f"update ksbb.audit_entry set hash = sha256({before} || digest || convert_to('5 2024-01-02', 'UTF8'))"
        " where position = 5"
    )
    assert (await fault(log)).position == 6


async def test_a_removed_entry_is_found(log: Log, trail: asyncpg.Connection) -> None:
    await trail.execute("delete from ksbb.audit_entry where position in (4, 5)")
    assert await fault(log) == Fault(4, "entries 4 to 5 were removed")
    await trail.execute("update ksbb.audit_entry set position = position - 2 where position = 6")
    assert (await fault(log)).position == 4


async def test_reordered_entries_are_found(log: Log, trail: asyncpg.Connection) -> None:
    await trail.execute("update ksbb.audit_entry set position = -position where position in (4, 6)")
    await trail.execute("update ksbb.audit_entry set position = 10 + position where position < 0")
    assert (await fault(log)).position == 4


@pytest.mark.parametrize("position", [0, -5, 5])
async def test_an_entry_that_was_put_in_is_found(log: Log, trail: asyncpg.Connection, position: int) -> None:
    for number in range(9, position - 1, -1):
        await trail.execute("update ksbb.audit_entry set position = $1 + 1 where position = $1", number)
    await trail.execute(
        "insert into ksbb.audit_entry (id, at, role, subject, act, details, digest, position, sealed_on, hash)"
        " select gen_random_uuid(), at, role, subject, act, details, digest, $1, sealed_on, hash"
        " from ksbb.audit_entry where position = 1 or position = 2 limit 1",
        position,
    )
    assert (await fault(log)).position == position


async def test_an_entry_behind_the_end_is_found(log: Log, trail: asyncpg.Connection) -> None:
    await trail.execute(
        WRITE.replace("details)", "details, digest, position)").replace("$3)", "$3, '1', 10)"), "x", "", "{}"
    )
    assert (await fault(log)).position == 10


async def test_a_tail_that_was_cut_off_is_found(log: Log, trail: asyncpg.Connection) -> None:
    roots = (await checked(log)).roots
    await trail.execute("delete from ksbb.audit_entry where position > 6")
    assert await fault(log) == Fault(7, "entries 7 to 9 were removed")
    await trail.execute("delete from ksbb.audit_root where position > 6")
    assert (await checked(log)).fault is None
    assert await fault(log, roots) == Fault(6, f"another root of {THURSDAY} was published: the trail was written anew")
    await trail.execute("delete from ksbb.audit_entry")
    await trail.execute("delete from ksbb.audit_root")
    assert await fault(log, roots) == Fault(0, f"another root of {MONDAY} was published: the trail was written anew")


async def test_a_trail_that_was_written_anew_is_found_by_the_roots_that_were_published(
    log: Log, trail: asyncpg.Connection
) -> None:
    roots = (await checked(log)).roots
    await trail.execute("update ksbb.audit_entry set position = null, hash = null, sealed_on = null")
    await trail.execute("delete from ksbb.audit_root; delete from ksbb.audit_entry where act = 'Contoh2'")
    for day in (MONDAY, TUESDAY, THURSDAY):
        await trail.execute("update ksbb.audit_entry set entry = entry")
        assert await sealed(log, day) == (6 if day == MONDAY else 0)
    assert (await checked(log)).fault is None
    assert (await fault(log, roots)).what.startswith(f"another root of {MONDAY} was published")


async def test_a_root_that_was_changed_is_found(log: Log, trail: asyncpg.Connection) -> None:
    await trail.execute("update ksbb.audit_root set hash = '1' where position = 6")
    assert await fault(log) == Fault(6, f"another root of {TUESDAY} was noted")


async def test_erased_reasons_leave_the_chain_whole(log: Log, trail: asyncpg.Connection) -> None:
    await trail.execute("set session_replication_role = origin")
    await trail.execute(
        "update ksbb.audit_entry set reason = null, words_salt = null, details = ksbb.without_reasons(details)"
        " where words_salt is not null"
    )
    assert not await trail.fetchval(r"select count(*) from ksbb.audit_entry where details::text ~ 'Sebab'")
    assert (await checked(log)).fault is None
    await trail.execute("set session_replication_role = replica")
    await trail.execute("update ksbb.audit_entry set reason = 'Lain' where position = 5")
    assert await fault(log) == Fault(5, "its reasons are not what was written")


async def test_equal_reasons_have_different_hashes(log: Log, trail: asyncpg.Connection) -> None:
    rows = await trail.fetch(
        "select words_hash, length(words_salt) as n from ksbb.audit_entry where words_salt is not null"
    )
    assert len({row["words_hash"] for row in rows}) == len(rows) == 6
    assert {row["n"] for row in rows} == {16}


async def test_nothing_is_sealed_on_a_day_before_the_last(log: Log, trail: asyncpg.Connection) -> None:
    await trail.execute("set session_replication_role = origin")
    await trail.execute(WRITE, "Contoh", None, "{}")
    assert await sealed(log, MONDAY) == 1
    assert await trail.fetchval("select sealed_on from ksbb.audit_entry where position = 10") == THURSDAY
    assert (await checked(log)).fault is None


# ---- writing


async def test_a_write_whose_entry_cannot_be_written_is_refused(log: Log) -> None:
    acting = log.acting
    count = "select (select count(*) from ksbb.complaint), (select count(*) from ksbb.event)"
    before = await acting.tables.fetchrow(count)
    await acting.tables.execute("alter function ksbb.audit_digest(ksbb.audit_entry) rename to gone")
    try:
        with pytest.raises(DBAPIError, match="audit_digest"):
            await acting.bus.carry_out(PUBLIC, a_complaint(acting))
    finally:
        await acting.tables.execute("alter function ksbb.gone(ksbb.audit_entry) rename to audit_digest")
    assert await acting.tables.fetchrow(count) == before
    await acting.bus.carry_out(PUBLIC, a_complaint(acting))
    assert await acting.tables.fetchrow(count) != before


def a_complaint(acting: Acting) -> FileComplaint:
    return FileComplaint(category=ComplaintCategory.LAIN, region_code=acting.city.cast.kelurahan, text="Contoh")


async def test_what_commands_write_becomes_links_by_the_sequencer(log: Log) -> None:
    acting = log.acting
    async with going_on(Sequencer(log.dsn).run()):
        _, complaint = await filed(acting)
        await acting.do(Role.DINAS, "verifyComplaint", complaintId=complaint)
        await acting.do(Role.DINAS, "rejectComplaint", complaintId=complaint, reason="Contoh")
        await until(_all_sealed(log))
    assert (await checked(log)).fault is None


async def test_two_that_seal_at_once_give_each_position_once(log: Log) -> None:
    await log.acting.tables.execute(MANY, 3_000)
    while not await _all_sealed(log)():
        await asyncio.gather(*(sealed(log) for _ in range(4)))
    assert (await checked(log)).fault is None


MANY = (
    "insert into ksbb.audit_entry (id, at, role, subject, act, details)"
    " select gen_random_uuid(), now(), 'BIRO_KSD', 'x', 'Contoh', '{}' from generate_series(1, $1::int)"
)


def _all_sealed(log: Log) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return not await log.acting.tables.fetchval("select count(*) from ksbb.audit_entry where position is null")

    return ask


KILLS = 20 if os.environ.get("TEST_LONG") else 4


@pytest.mark.slow
async def test_kills_of_who_seals_leave_a_whole_chain(log: Log) -> None:
    random = Random(2020)
    for _ in range(KILLS):
        await log.acting.tables.execute(MANY, 20_000)
        waiting = await log.acting.tables.fetchval(WAITING)
        with a_process(log) as process:
            await until(_fewer_wait(log, waiting))
            await asyncio.sleep(random.uniform(0, 0.3))
            process.kill()
        assert (await checked(log)).fault is None
    async with going_on(Sequencer(log.dsn).run()), going_on(Sequencer(log.dsn).run()):
        await until(_all_sealed(log), 60)
    verdict = await checked(log)
    assert (verdict.fault, verdict.links) == (
        None,
        await log.acting.tables.fetchval("select count(*) from ksbb.audit_entry"),
    )


WAITING = "select count(*) from ksbb.audit_entry where position is null"


def _fewer_wait(log: Log, than: int) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return bool(await log.acting.tables.fetchval(WAITING) < than)

    return ask


async def test_what_goes_wrong_with_the_trail_holds_up_no_event(log: Log) -> None:
    owner = log.acting.tables
    await owner.execute("alter table ksbb.audit_root rename to gone")
    try:
        await owner.execute(MANY, 1)
        async with going_on(Sequencer(log.dsn).run()):
            await log.write(3)
            await until(log.none_waits)
            await owner.execute("alter table ksbb.gone rename to audit_root")
            await until(_all_sealed(log))
    finally:
        await owner.execute("alter table if exists ksbb.gone rename to audit_root")
    assert (await checked(log)).fault is None


# ---- what a digest is made of

A_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
SOME_TEXTS = st.lists(st.none() | A_TEXT, max_size=4)


@given(SOME_TEXTS, SOME_TEXTS)
async def test_different_texts_have_different_digests(one: list[str | None], other: list[str | None]) -> None:
    assert (digest(one) == digest(other)) is (one == other)


async def test_what_is_computed_here_is_what_the_database_computed_whatever_is_written(log: Log) -> None:
    @settings(max_examples=200)
    @given(SOME_TEXTS, st.lists(st.dictionaries(st.sampled_from(["reason", "id", "é"]), A_TEXT)), st.floats(-1e9, 1e9))
    def collect(texts: list[str | None], steps: list[dict[str, str]], number: float) -> None:
        given_texts = [*texts, *[None] * 4]
        details = json.dumps(
            {"steps": steps, "number": number, "nested": [[], {}, texts]}, ensure_ascii=len(steps) % 2 == 0
        )
        rows.append((*given_texts[:4], details))

    rows = list[tuple[str | None, ...]]()
    collect()
    await log.acting.tables.executemany(
        "insert into ksbb.audit_entry (id, at, role, subject, act, purpose, reason, about_id, from_state, details)"
        " values (gen_random_uuid(), clock_timestamp(), 'x', 'y', 'z', $1, $2, $3, $4, $5)",
        rows,
    )
    while await sealed(log):
        pass
    assert (await checked(log)).fault is None
