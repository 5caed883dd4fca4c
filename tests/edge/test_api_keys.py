"""API keys: whom they speak for, when they end, and what is kept of them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import asyncpg
import pytest

from commands.refusal import Refusal
from commands.token import RevokeTokens
from edge.api_keys import ApiKeys, BadKey
from edge.authentication import Authentication
from edge.revocations import FRESH_FOR, Revocations, RevocationsUnknown
from kernel.errors import KsbbError
from policy.api_keys import hash_of, new_secret, public_id_of
from policy.token_errors import BadToken
from policy.tokens import Verifier
from policy.viewer import Act, Agency, Role
from tests.acting import Acting
from tests.commands.test_loan_journey import refused

from .key_office import DAY, SOME, STEWARD, Office, beginning, header


@pytest.fixture
def office(acting: Acting) -> Office:
    return Office(acting)


# ---- who shows one


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN, Role.PUBLIK, Role.UMKM}))
async def test_a_key_leads_back_to_whom_it_was_made_for(office: Office, role: Role) -> None:
    key = await office.made(role, Act.READ)
    assert await office.process.viewer(header(key)) == office.viewer(role, Act.READ)


async def test_a_key_says_for_which_agency_its_program_speaks(office: Office) -> None:
    key = await office.made(Role.DINAS, agency=Agency.PMPTSP)
    assert (await office.process.viewer(header(key))).agency is Agency.PMPTSP


@pytest.mark.parametrize("role", [Role.ADMIN, Role.PUBLIK, Role.UMKM])
async def test_no_key_speaks_for_the_steward_the_public_or_an_owner(office: Office, role: Role) -> None:
    with pytest.raises(Refusal) as refusal:
        await office.made(role)
    assert refusal.value.code == "UNUSABLE_ROLE"


async def test_a_key_without_what_its_role_needs_is_not_made(office: Office) -> None:
    with pytest.raises(BadToken, match="institution"):
        await office.made(Role.FINTECH, institution_id="")


@pytest.mark.parametrize("lifetime", [dt.timedelta(), -DAY, 366 * DAY])
async def test_a_key_ends_within_a_year(office: Office, lifetime: dt.timedelta) -> None:
    with pytest.raises(Refusal) as refusal:
        await office.made(lifetime=lifetime)
    assert refusal.value.code == "UNUSABLE_LIFETIME"


async def test_a_key_for_nothing_is_not_made(office: Office) -> None:
    with pytest.raises(Refusal) as refusal:
        await office.made(acts=frozenset())
    assert refusal.value.code == "KEY_WITHOUT_SCOPE"


async def test_what_is_not_the_key_does_not_hold(office: Office) -> None:
    key, other = await office.made(), await office.made()
    secret = key.rpartition("_")[2]
    for wrong in (
        f"{beginning(key)}_{new_secret()}",
        f"{beginning(other)}_{secret}",
        f"{key[:-1]}{'0' if key[-1] != '0' else '1'}",
        f"{beginning(key)}_{secret.upper()}",
        beginning(key),
        f"{beginning(key)}_",
        f"{key}0",
        f"{key}_{secret}",
        f"ksbb_{'0' * 26}_{secret}",
        "ksbb_",
        "ksbb_" + "x" * 10_000,
    ):
        assert not await office.holds(wrong), wrong
    assert await office.holds(key)


async def test_a_key_is_told_no_other_way_than_as_a_bearers(office: Office) -> None:
    key = await office.made()
    for said in (key, f"Basic {key}", f"ApiKey {key}"):
        with pytest.raises(BadToken):
            await office.process.viewer(said.encode())


# ---- what is kept of one


async def test_of_a_key_only_a_hash_is_kept(office: Office) -> None:
    key = await office.made()
    secret, secrets = key.rpartition("_")[2], office.acting.city.secrets
    assert (await office.row(key))["secret_hash"] == hash_of(secrets, public_id_of(key) or "", secret)
    await office.revoke(key)
    dump = await office.acting.tables.fetch(
        "select t::text from ksbb.api_key t union all select t::text from ksbb.audit_entry t"
        " union all select t::text from ksbb.event t union all select t::text from ksbb.command_receipt t"
    )
    told = "\n".join(row[0] for row in dump)
    assert beginning(key) in told
    assert secret not in told


async def test_the_audit_trail_tells_of_making_and_ending(office: Office) -> None:
    key = await office.made(Role.BIRO_KSD, Act.READ)
    await office.revoke(key)
    rows = await office.acting.tables.fetch(
        "select act, about_kind, about_id, subject, details from ksbb.audit_entry where act like '%ApiKey'"
        " order by entry desc limit 2"
    )
    assert [row["act"] for row in rows] == ["RevokeApiKey", "CreateApiKey"]
    assert {(row["about_kind"], row["about_id"]) for row in rows} == {("api_key", public_id_of(key))}
    told = json.loads(rows[1]["details"])["key"]
    assert (told["key"], told["role"], told["subject"], told["scopes"]) == (
        beginning(key),
        "BIRO_KSD",
        "contoh-program",
        "read",
    )


async def test_a_row_that_was_written_without_our_key_opens_nothing(office: Office) -> None:
    """Who may write into the table, and nothing else, cannot give itself another's rights."""
    weak, strong = await office.made(Role.WILAYAH), await office.made(Role.INSPEKTORAT)
    await office.acting.tables.execute("alter table ksbb.api_key disable trigger all")
    await office.acting.tables.execute(
        "update ksbb.api_key set secret_hash = $1, changed_at = now() where public_id = $2",
        (await office.row(weak))["secret_hash"],
        public_id_of(strong),
    )
    await office.acting.tables.execute("alter table ksbb.api_key enable trigger all")
    office.wait()
    assert not await office.holds(f"{beginning(strong)}_{weak.rpartition('_')[2]}", office.another()[1])


async def test_the_database_lets_only_the_end_of_a_key_change(office: Office) -> None:
    key = await office.made()
    await office.revoke(key)
    for change in (
        "role = 'ADMIN'",
        "scopes = 'write'",
        "secret_hash = sha256('')",
        "subject = 'contoh'",
        "expires_at = expires_at + interval '1 day'",
        "revoked_at = null",
        "revoked_at = revoked_at + interval '1 day'",
    ):
        with pytest.raises(asyncpg.PostgresError):
            await office.acting.tables.execute(
                f"update ksbb.api_key set {change} where public_id = $1", public_id_of(key)
            )
    with pytest.raises(asyncpg.PostgresError):
        await office.acting.tables.execute("delete from ksbb.api_key")
    granted = await office.acting.tables.fetch(
        "select column_name from information_schema.column_privileges"
        " where table_name = 'api_key' and grantee = 'ksbb_writer' and privilege_type = 'UPDATE'"
    )
    assert {row[0] for row in granted} == {"expires_at", "revoked_at", "last_used_at", "changed_at"}
    readers = await office.acting.tables.fetch(
        "select distinct grantee from information_schema.column_privileges where table_name = 'api_key'"
    )
    assert {row[0] for row in readers} == {"ksbb_writer", "postgres"}


# ---- how one ends


async def test_a_revoked_key_is_refused_by_every_process_within_five_seconds(office: Office) -> None:
    key, (_, another) = await office.made(), office.another()
    assert await office.holds(key)
    assert await office.holds(key, another)
    await office.revoke(key)
    office.wait(dt.timedelta(seconds=2))
    assert not await office.holds(key)
    assert not await office.holds(key, another)
    with pytest.raises(BadKey, match="revoked"):
        await another.viewer(header(key))


async def test_a_key_expires(office: Office) -> None:
    key = await office.made(lifetime=DAY)
    office.wait(DAY - 2 * SOME)
    assert await office.holds(key)
    office.wait(2 * SOME)
    with pytest.raises(BadKey, match="expired"):
        await office.process.viewer(header(key))


async def test_a_replaced_key_holds_on_for_the_overlap(office: Office) -> None:
    old = await office.made(Role.FINTECH, Act.READ, Act.WRITE)
    new = await office.replaced(old, dt.timedelta(hours=2))
    assert await office.process.viewer(header(new)) == await office.process.viewer(header(old))
    office.wait(dt.timedelta(hours=2) - 2 * SOME)
    assert await office.holds(old)
    office.wait(2 * SOME)
    assert not await office.holds(old)
    assert await office.holds(new)
    assert (await office.row(new))["replaces_id"] == (await office.row(old))["id"]


async def test_an_overlap_makes_no_key_hold_longer(office: Office) -> None:
    old = await office.made(lifetime=DAY)
    until = (await office.row(old))["expires_at"]
    await office.replaced(old, 20 * DAY)
    assert (await office.row(old))["expires_at"] == until


async def test_what_ended_is_neither_replaced_nor_revoked_again(office: Office) -> None:
    key = await office.made()
    await office.revoke(key)
    assert (await refused(office.acting, Role.ADMIN, "revokeApiKey", key=beginning(key)))[0] == "API_KEY_ENDED"
    with pytest.raises(Refusal) as refusal:
        await office.replaced(key, DAY)
    assert refusal.value.code == "API_KEY_ENDED"
    for unknown in (f"ksbb_{'0' * 26}", "contoh", ""):
        assert (await refused(office.acting, Role.ADMIN, "revokeApiKey", key=unknown))[0] == "NOT_FOUND"


async def test_a_leaked_key_is_revoked_as_it_was_found(office: Office) -> None:
    key = await office.made()
    assert (await office.acting.do(Role.ADMIN, "revokeApiKey", key=key))["userErrors"] == []
    office.wait()
    assert not await office.holds(key)


async def test_nobody_but_the_steward_revokes_and_nobody_makes_keys_over_the_api(office: Office) -> None:
    query = 'mutation { revokeApiKey(input: { key: "contoh" }) { userErrors { code } } }'
    assert "errors" in await office.acting(Role.BIRO_KSD, query)
    asked = await office.acting(Role.ADMIN, '{ __type(name: "Mutation") { fields { name } } }')
    named = [field["name"] for field in asked["data"]["__type"]["fields"] if "apikey" in field["name"].lower()]
    assert named == ["revokeApiKey"]


async def test_keys_of_a_login_end_with_its_tokens(office: Office) -> None:
    key, other = await office.made(subject="contoh-pergi"), await office.made(subject="contoh-tinggal")
    await office.acting.bus.carry_out(STEWARD, RevokeTokens(subject="contoh-pergi"))
    office.wait()
    assert not await office.holds(key)
    assert await office.holds(other)
    assert await office.holds(await office.made(subject="contoh-pergi"))


async def test_a_stream_ends_when_its_key_is_revoked_or_expires(office: Office) -> None:
    lasting, short = await office.made(), await office.made(lifetime=DAY)
    rights = [await office.process.right(header(key)) for key in (lasting, short)]
    office.wait(FRESH_FOR)
    assert all(right.is_due() for right in rights)
    assert [await right.still_holds() for right in rights] == [True, True]
    await office.revoke(lasting)
    office.wait(FRESH_FOR)
    assert [await right.still_holds() for right in rights] == [False, True]
    office.wait(DAY)
    assert rights[1].is_due()
    assert not await rights[1].still_holds()


async def test_without_the_database_keys_are_refused_soon(office: Office) -> None:
    class Failing:
        is_down = False

        async def look(self, part: Any) -> Any:
            if self.is_down:
                raise KsbbError("Contoh: the database does not answer.")
            return await office.acting.bus.look(part)

    settings, clock, database = office.acting.city.settings, office.acting.clock, Failing()
    revocations = Revocations(database, clock)
    keys = ApiKeys(revocations, office.acting.city.secrets, clock, office.acting.bus)
    process, key = Authentication(Verifier(settings, clock), clock, revocations, keys), await office.made()
    right = await process.right(header(key))
    database.is_down = True
    office.wait()
    assert await office.holds(key, process)
    office.wait()
    with pytest.raises(RevocationsUnknown):
        await process.viewer(header(key))
    with pytest.raises(RevocationsUnknown):
        await right.still_holds()
    database.is_down = False
    assert await office.holds(key, process)


# ---- last use


async def test_the_last_use_is_noted_once_a_minute_and_beside_the_request(office: Office) -> None:
    key = await office.made()
    assert (await office.row(key))["last_used_at"] is None
    first = office.acting.clock.now()
    for _ in range(10):
        assert await office.holds(key)
        office.wait(dt.timedelta(seconds=5))
    await office.keys.close()
    changed = (await office.row(key))["changed_at"]
    assert (await office.row(key))["last_used_at"] == first
    office.wait(dt.timedelta(seconds=20))
    another_keys, another = office.another()
    assert await office.holds(key, another)
    await another_keys.close()
    last = (await office.row(key))["last_used_at"]
    assert last == office.acting.clock.now()
    office.wait(dt.timedelta(seconds=20))
    assert await office.holds(key)
    await office.keys.close()
    row = await office.row(key)
    assert (row["last_used_at"], row["changed_at"]) == (last, changed)


async def test_a_wrong_secret_is_no_use(office: Office) -> None:
    key = await office.made()
    assert not await office.holds(f"{beginning(key)}_{new_secret()}")
    await office.keys.close()
    assert (await office.row(key))["last_used_at"] is None
