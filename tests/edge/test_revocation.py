"""Revoked tokens: refused within seconds by every process, whoever revoked them, and in doubt."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from joserfc import jwt

from edge.authentication import Authentication
from edge.revocations import FRESH_FOR, Revocations, RevocationsUnknown
from kernel.errors import KsbbError
from policy.token_errors import BadToken
from policy.tokens import OWN_ALGORITHM, Verifier, issue, own_key
from policy.viewer import PUBLIC, Role
from tests.acting import Acting
from tests.commands.test_account import a_user
from tests.commands.test_loan_journey import done, refused

SOME = dt.timedelta(seconds=3)
"""Longer than what was read serves."""


class Desk:
    """Issues tokens and asks who shows them, as one process of several would."""

    def __init__(self, acting: Acting) -> None:
        self.acting = acting
        self.authentication = a_process(acting)

    def header(self, subject: str, role: Role = Role.INSPEKTORAT) -> bytes:
        viewer = replace(self.acting.city.viewer(role), subject=subject)
        return b"Bearer " + issue(self.acting.city.settings, self.acting.clock, viewer, dt.timedelta(days=30)).encode()

    async def holds(self, header: bytes) -> bool:
        return await holds(self.authentication, header)

    def wait(self, by: dt.timedelta = SOME) -> None:
        self.acting.clock.move(by)


async def holds(process: Authentication, header: bytes) -> bool:
    """Whether a process takes a token."""
    try:
        await process.viewer(header)
    except BadToken:
        return False
    return True


def a_process(acting: Acting, look: Any = None) -> Authentication:
    settings, clock = acting.city.settings, acting.clock
    return Authentication(Verifier(settings, clock), clock, Revocations(look or acting.bus, clock))


@pytest.fixture
def desk(acting: Acting) -> Desk:
    return Desk(acting)


async def revoke(acting: Acting, **given: str) -> None:
    assert (await acting.do(Role.ADMIN, "revokeTokens", **given))["userErrors"] == []


async def test_tokens_of_a_login_are_revoked_and_later_ones_hold(desk: Desk) -> None:
    before, other = desk.header("contoh-a"), desk.header("contoh-b")
    assert await desk.holds(before)
    desk.wait()
    await revoke(desk.acting, subject="contoh-a")
    desk.wait()
    assert not await desk.holds(before)
    with pytest.raises(BadToken, match="revoked"):
        await desk.authentication.viewer(before)
    assert await desk.holds(other)
    assert await desk.holds(desk.header("contoh-a"))


async def test_only_tokens_of_the_role_are_revoked(desk: Desk) -> None:
    inspector, bureau = desk.header("contoh-c"), desk.header("contoh-c", Role.BIRO_KSD)
    await revoke(desk.acting, subject="contoh-c", role="INSPEKTORAT")
    assert not await desk.holds(inspector)
    assert await desk.holds(bureau)


async def test_who_was_named_twice_holds_nothing_from_in_between(desk: Desk) -> None:
    await revoke(desk.acting, subject="contoh-o")
    desk.wait()
    between = desk.header("contoh-o")
    assert await desk.holds(between)
    await revoke(desk.acting, subject="contoh-o")
    desk.wait()
    assert not await desk.holds(between)


async def test_what_was_written_before_the_last_reading_and_committed_after_it_is_known(desk: Desk) -> None:
    header, now = desk.header("contoh-p"), desk.acting.clock.now()
    await revoke(desk.acting, subject="contoh-q")
    assert await desk.holds(header)
    await desk.acting.tables.execute(
        "insert into ksbb.token_revocation (id, at, subject, issued_before) values ($1, $2, 'contoh-p', $3)",
        uuid4(),
        now - dt.timedelta(minutes=5),
        now,
    )
    desk.wait()
    assert not await desk.holds(header)


async def test_a_row_of_a_clock_that_is_ahead_hides_none_that_comes_after_it(desk: Desk) -> None:
    header, later = desk.header("contoh-r"), desk.acting.clock.now() + dt.timedelta(hours=1)
    await desk.acting.tables.execute(
        "insert into ksbb.token_revocation (id, at, subject, issued_before) values ($1, $2, 'contoh-s', $2)",
        uuid4(),
        later,
    )
    assert await desk.holds(header)
    await revoke(desk.acting, subject="contoh-r")
    desk.wait()
    assert not await desk.holds(header)


async def test_every_process_knows_within_five_seconds(desk: Desk) -> None:
    header, another = desk.header("contoh-d"), a_process(desk.acting)
    assert await desk.holds(header)
    assert await holds(another, header)
    await revoke(desk.acting, subject="contoh-d")
    desk.wait(dt.timedelta(seconds=2))
    assert not await desk.holds(header)
    assert not await holds(another, header)


async def test_who_loses_a_role_or_the_account_is_out_at_once(desk: Desk) -> None:
    acting = desk.acting
    user = await a_user(acting, "contoh-e")
    assigned = await done(acting, Role.ADMIN, "assignRole", "roleAssignment { id }", userId=user, role="INSPEKTORAT")
    inspector, bureau = desk.header("contoh-e"), desk.header("contoh-e", Role.BIRO_KSD)
    assert await desk.holds(inspector)
    await done(acting, Role.ADMIN, "endRole", "roleAssignment { id }", roleAssignmentId=assigned["id"])
    desk.wait()
    assert not await desk.holds(inspector)
    assert await desk.holds(bureau)
    await done(acting, Role.ADMIN, "deactivateUser", "userAccount { id }", userId=user)
    desk.wait()
    assert not await desk.holds(bureau)


async def test_a_token_that_does_not_say_when_it_was_issued_is_refused_once_its_login_was_named(desk: Desk) -> None:
    settings, now = desk.acting.city.settings, int(desk.acting.clock.now().timestamp())
    key = own_key(settings)
    claims = {"iss": settings.token_issuer, "aud": settings.token_audience, "sub": "contoh-f", "role": "ADMIN"}
    token = jwt.encode(
        {"alg": OWN_ALGORITHM, "kid": key.thumbprint()}, claims | {"exp": now + 900}, key, algorithms=[OWN_ALGORITHM]
    )
    header = f"Bearer {token}".encode()
    assert await desk.holds(header)
    await revoke(desk.acting, subject="contoh-f")
    desk.wait()
    assert not await desk.holds(header)


async def test_a_long_life_and_a_restart_make_nothing_hold_again(desk: Desk) -> None:
    header = desk.header("contoh-g")
    await revoke(desk.acting, subject="contoh-g")
    desk.wait(dt.timedelta(days=20))
    await revoke(desk.acting, subject="contoh-h")
    assert not await desk.holds(header)
    assert not await holds(a_process(desk.acting), header)


async def test_a_stream_is_due_for_a_look_every_two_seconds_and_ends_when_its_token_is_revoked(desk: Desk) -> None:
    right = await desk.authentication.right(desk.header("contoh-i"))
    assert not right.is_due()
    desk.wait(FRESH_FOR)
    assert right.is_due()
    assert await right.still_holds()
    assert not right.is_due()
    await revoke(desk.acting, subject="contoh-i")
    desk.wait(FRESH_FOR)
    assert right.is_due()
    assert not await right.still_holds()


async def test_a_stream_of_the_public_is_never_due(desk: Desk) -> None:
    right = await desk.authentication.right(None)
    desk.wait(dt.timedelta(days=1))
    assert not right.is_due()


class Failing:
    """A database that answers, or does not."""

    def __init__(self, acting: Acting) -> None:
        self.acting = acting
        self.is_down = False
        self.asked = 0

    async def look(self, part: Callable[[Any], Awaitable[Any]]) -> Any:
        self.asked += 1
        if self.is_down:
            raise KsbbError("Contoh: the database does not answer.")
        return await self.acting.bus.look(part)


async def test_without_the_database_tokens_are_refused_soon_and_the_public_is_served(desk: Desk) -> None:
    database = Failing(desk.acting)
    process, header = a_process(desk.acting, database), desk.header("contoh-j")
    assert await holds(process, header)
    database.is_down = True
    desk.wait()
    assert await holds(process, header)
    desk.wait()
    with pytest.raises(RevocationsUnknown):
        await holds(process, header)
    assert await process.viewer(None) == PUBLIC
    database.is_down = False
    assert await holds(process, header)


async def test_without_the_database_a_stream_is_not_told_that_its_token_ended(desk: Desk) -> None:
    database = Failing(desk.acting)
    right = await a_process(desk.acting, database).right(desk.header("contoh-m"))
    database.is_down = True
    desk.wait(FRESH_FOR)
    assert await right.still_holds()
    desk.wait()
    with pytest.raises(RevocationsUnknown):
        await right.still_holds()
    assert right.is_due()
    database.is_down = False
    assert await right.still_holds()


async def test_a_clock_that_is_set_back_makes_nothing_hold_longer(desk: Desk) -> None:
    database, back = Failing(desk.acting), dt.timedelta(hours=1)
    process, header = a_process(desk.acting, database), desk.header("contoh-n")
    desk.wait(back)
    right = await process.right(header)
    desk.wait(-back)
    assert right.is_due()
    assert await right.still_holds()
    assert database.asked == 2
    assert not right.is_due()


async def test_many_requests_share_one_reading(desk: Desk) -> None:
    database = Failing(desk.acting)
    process, header = a_process(desk.acting, database), desk.header("contoh-k")
    assert await asyncio.gather(*(holds(process, header) for _ in range(50))) == [True] * 50
    assert database.asked == 1


@pytest.mark.parametrize("subject", ["", "  ", "a\nb", "x" * 201])
async def test_what_no_token_can_name_is_refused(acting: Acting, subject: str) -> None:
    assert (await refused(acting, Role.ADMIN, "revokeTokens", subject=subject))[0] == "UNUSABLE_SUBJECT"


async def test_an_unknown_role_is_refused(acting: Acting) -> None:
    assert (await refused(acting, Role.ADMIN, "revokeTokens", subject="contoh", role="RAJA"))[0] == "UNKNOWN_ROLE"


async def test_nobody_else_revokes_and_nothing_is_taken_back(acting: Acting) -> None:
    query = 'mutation { revokeTokens(input: { subject: "contoh" }) { userErrors { code } } }'
    assert "errors" in await acting(Role.BIRO_KSD, query)
    await revoke(acting, subject="contoh-l")
    with pytest.raises(asyncpg.PostgresError):
        await acting.tables.execute("delete from ksbb.token_revocation")
    query = "select details from ksbb.audit_entry where act = 'RevokeTokens' order by id desc limit 1"
    told = await acting.tables.fetchval(query)
    assert json.loads(told)["revoked"] == [{"subject": "contoh-l", "role": None}]
