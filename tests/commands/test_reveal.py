"""Clear values for a while: who reads them and until when, what is written down, and that nobody else gets them."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from commands.bus import Bus
from commands.forgetting import forget
from commands.history import history
from commands.person import Person
from kernel.errors import KsbbError
from models.owner import Owner
from models.reveal import AT_ONCE, MOST, TURNS_A_DAY
from policy.reveal import PROOF, proof_of, revealable
from policy.treatment import Kind
from policy.viewer import Role, Viewer
from policy.visibility import treatment
from tests.acting import Acting
from tests.policy.conftest import login, login_name

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHOWN = "reveal { id role requestedBy purpose caseNumber subjects subjectCount fields decidedBy grantedUntil readings }"
READ = "query ($id: ID!) { revealedValues(id: $id) { subject field value } }"
CASE = "700/123/ITDA/2026"
EVERY_FIELD = ["name", "phone", "nik", "familyCard", "bornOn"]


def inspector(name: str) -> Viewer:
    """An officer of the inspectorate."""
    return Viewer(Role.INSPEKTORAT, name)


async def owners(acting: Acting, number: int = 1) -> list[str]:
    rows = await acting.tables.fetch("select public_id from ksbb.owner order by id limit $1", number)
    return [row["public_id"] for row in rows]


async def asked(acting: Acting, who: Viewer, subjects: Sequence[str], **given: Any) -> Any:
    """The payload of a request."""
    most = {"subjects": subjects, "fields": ["name", "nik"], "purpose": "PENGADUAN", "caseNumber": CASE, **given}
    return await acting.do(who, "revealFields", SHOWN, **most)


async def opened(acting: Acting, who: Viewer, subjects: Sequence[str], **given: Any) -> Any:
    """A reveal that was asked for; it may wait."""
    payload = await asked(acting, who, subjects, **given)
    assert payload["userErrors"] == []
    return payload["reveal"]


async def values(acting: Acting, who: Viewer, reveal: Any) -> Any:
    """What somebody reads of a reveal, or the code of the refusal."""
    try:
        answer = await acting(who, READ, {"id": reveal["id"]})
    except KsbbError as refused:
        return refused.code
    return answer["data"]["revealedValues"]


async def code(acting: Acting, who: Viewer, subjects: Sequence[str], **given: Any) -> tuple[str, list[str]]:
    """Why a request was refused, and where."""
    payload = await asked(acting, who, subjects, **given)
    assert payload["reveal"] is None
    (error,) = payload["userErrors"]
    return error["code"], error["path"]


async def decided(acting: Acting, who: Viewer, reveal: Any, **given: Any) -> Any:
    payload = await acting.do(who, "approveReveal", SHOWN, revealId=reveal["id"], **given)
    return payload["userErrors"][0]["code"] if payload["userErrors"] else payload["reveal"]


# ---- what may be revealed


@pytest.mark.parametrize("role", list(Role))
async def test_what_is_masked_for_the_inspectorate_can_be_revealed_and_nothing_of_anybody_else(role: Role) -> None:
    found = revealable(role)
    assert bool(found) is (role is Role.INSPEKTORAT)
    for fields in found.values():
        assert all(treatment(column, role).kind is Kind.MASKED for column in fields.values())
    if found:
        assert [*found["owner"]] == EVERY_FIELD


async def test_who_asks_reads_the_clear_values_and_the_views_stay_masked(acting: Acting) -> None:
    who, (subject,) = inspector("reads"), await owners(acting)
    row = await acting.tables.fetchrow("select * from ksbb.owner where public_id = $1", subject)
    reveal = await opened(acting, who, [subject], fields=EVERY_FIELD)
    decrypted = [acting.city.secrets.decrypt(row[c], f"owner.{c}") for c in ("nik", "family_card")]
    told = [row["name"], row["phone"], *decrypted, row["born_on"].isoformat()]
    assert await values(acting, who, reveal) == [
        {"subject": subject, "field": field, "value": value} for field, value in zip(EVERY_FIELD, told, strict=True)
    ]
    masked = await acting(who, "query ($id: ID!) { owner(id: $id) { name nik } }", {"id": subject})
    assert masked["data"]["owner"]["nik"] == f"************{row['nik_last4']}"
    assert masked["data"]["owner"]["name"] != row["name"]


async def test_rows_of_other_types_are_revealed_in_the_order_in_which_they_were_asked_for(acting: Acting) -> None:
    rows = await acting.tables.fetch("select public_id, reporter_name from ksbb.complaint order by public_id limit 3")
    assert len(rows) == 3
    who, named = inspector("complaints"), [row["public_id"] for row in reversed(rows)]
    reveal = await opened(acting, who, named, fields=["reporterName"])
    found = await values(acting, who, reveal)
    assert [(v["subject"], v["value"]) for v in found] == [
        (row["public_id"], row["reporter_name"]) for row in reversed(rows)
    ]


async def test_a_request_that_is_wrong_says_what_may_be_asked_for(acting: Acting) -> None:
    who, (subject,) = inspector("wrong"), await owners(acting)
    (other,) = await acting.tables.fetchrow("select public_id from ksbb.complaint limit 1")
    (release,) = await acting.tables.fetchrow("select public_id from ksbb.loan limit 1")
    assert await code(acting, who, [subject], fields=["name", "address"]) == ("NOT_REVEALED", ["fields", "1"])
    assert await code(acting, who, [subject], fields=[]) == ("NOT_REVEALED", ["fields"])
    assert await code(acting, who, [subject, other]) == ("NOT_REVEALED", ["subjects", "1"])
    assert await code(acting, who, [release]) == ("NOT_REVEALED", ["subjects", "0"])
    assert await code(acting, who, ["owner_0"]) == ("NOT_FOUND", ["subjects", "0"])
    nobody = acting.city.secrets.public_id("owner", uuid4())
    assert await code(acting, who, [subject, nobody]) == ("NOT_FOUND", ["subjects", "1"])
    assert await code(acting, who, []) == ("TOO_MANY_REVEALED", ["subjects"])
    assert await code(acting, who, await owners(acting, MOST + 1)) == ("TOO_MANY_REVEALED", ["subjects"])
    for number in ("", "70", "Budi", "kasus Budi 1", "NIK 3174071308009912", "3174071308009912", "7" * 41):
        assert await code(acting, who, [subject], caseNumber=number) == ("CASE_NUMBER_MISSING", ["caseNumber"])
    payload = await asked(acting, who, [subject], fields=["address"])
    assert ", ".join(EVERY_FIELD) in payload["userErrors"][0]["message"]
    assert await acting.tables.fetchval("select count(*) from ksbb.reveal where requested_by = 'wrong'") == 0


# ---- the wall


async def test_nobody_else_reads_it_neither_by_the_api_nor_as_the_login_of_the_role(acting: Acting) -> None:
    who, subjects = inspector("alone"), await owners(acting)
    reveal = await opened(acting, who, subjects)
    assert await values(acting, inspector("another"), reveal) == "REVEAL_NOT_OPEN"
    for role in set(Role) - {Role.INSPEKTORAT}:
        answer = await acting(Viewer(role, "alone"), READ, {"id": reveal["id"]})
        assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED", role
    secrets, call = acting.city.secrets, "select * from read_revealed($1, $2, $3, $4)"
    async with login(acting.city.server, login_name(acting.city, Role.INSPEKTORAT), secrets) as connection:
        for proof in (b"", bytes(32), secrets.blind(proof_of("another", reveal["id"]), PROOF)):
            with pytest.raises(asyncpg.PostgresError) as refused:
                await connection.fetch(call, uuid4(), "alone", reveal["id"], proof)
            assert refused.value.sqlstate == "KS002"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("select proof from ksbb.reveal")
        for column in ("proof", "turn"):
            with pytest.raises(asyncpg.UndefinedColumnError):
                await connection.fetch(f"select {column} from reveal")
    assert await acting.tables.fetchval("select readings from ksbb.reveal where public_id = $1", reveal["id"]) == 0
    assert len(await values(acting, who, reveal)) == 2


async def test_nothing_is_read_when_its_time_is_over_and_no_grant_is_made_longer(acting: Acting) -> None:
    who = inspector("late")
    reveal = await opened(acting, who, await owners(acting))
    change = "update ksbb.reveal set granted_until = granted_until {} where public_id = $1"
    for longer in ("+ interval '1 hour'", "- interval '1 minute'"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await acting.tables.execute(change.format(longer), reveal["id"])
    for other in ("fields = 'nik'", "requested_by = 'x'", "turn = 2", "readings = -1"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await acting.tables.execute(f"update ksbb.reveal set {other} where requested_by = 'late'")
    await acting.tables.execute("set session_replication_role = replica")
    await acting.tables.execute(change.format("- interval '16 minutes'"), reveal["id"])
    await acting.tables.execute("set session_replication_role = origin")
    assert await values(acting, who, reveal) == "REVEAL_NOT_OPEN"
    again = await opened(acting, who, await owners(acting))
    minutes = await acting.tables.fetchval(
        "select extract(epoch from granted_until - clock_timestamp()) / 60 from ksbb.reveal where public_id = $1",
        again["id"],
    )
    assert 14 < minutes <= 15


# ---- two officers


async def test_many_are_read_by_who_asked_once_another_officer_agrees(acting: Acting) -> None:
    who, second, subjects = inspector("many"), inspector("second"), await owners(acting, AT_ONCE + 1)
    reveal = await opened(acting, who, subjects)
    assert (reveal["grantedUntil"], reveal["decidedBy"]) == (None, None)
    assert await values(acting, who, reveal) == "REVEAL_NOT_OPEN"
    assert await decided(acting, who, reveal) == "REVEAL_NOT_YOURS"
    for role in (Role.BIRO_KSD, Role.ADMIN, Role.DINAS):  # the same person under another role
        answer = await acting(Viewer(role, "many"), 'mutation { approveReveal(input: {revealId: "x"}) { __typename } }')
        assert "errors" in answer
    assert (await decided(acting, second, reveal))["decidedBy"] == "second"
    assert await values(acting, second, reveal) == "REVEAL_NOT_OPEN"
    assert len(await values(acting, who, reveal)) == 2 * len(subjects)
    assert await decided(acting, inspector("third"), reveal) == "REVEAL_NOT_WAITING"


async def test_the_database_refuses_one_officer_for_many_whoever_writes(acting: Acting) -> None:
    reveal = await opened(acting, inspector("two"), await owners(acting, AT_ONCE + 1))
    grant = "granted_until = clock_timestamp() + interval '1 minute', granted_on = current_date"
    for change in (grant, f"{grant}, decided_by = 'two', decided_at = now()"):
        with pytest.raises(asyncpg.CheckViolationError):
            await acting.tables.execute(f"update ksbb.reveal set {change} where public_id = $1", reveal["id"])
    with pytest.raises(asyncpg.CheckViolationError):
        await acting.tables.execute(
            "insert into ksbb.reveal select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(),"
            " 'public_id', 'x', 'turn', 1, 'granted_until', now() + interval '1 minute', 'granted_on', current_date)))"
            ".* from ksbb.reveal r where public_id = $1",
            reveal["id"],
        )


async def test_a_refusal_stands_and_two_who_decide_at_once_decide_once(acting: Acting) -> None:
    who, subjects = inspector("hasty"), await owners(acting, AT_ONCE + 1)
    refused = await opened(acting, who, subjects)
    assert (await decided(acting, inspector("no"), refused, refuse=True))["grantedUntil"] is None
    assert await values(acting, who, refused) == "REVEAL_NOT_OPEN"
    assert await decided(acting, inspector("yes"), refused) == "REVEAL_NOT_WAITING"
    reveal = await opened(acting, who, subjects)
    both = await asyncio.gather(
        *(decided(acting, inspector(f"at-once-{n}"), reveal, refuse=bool(n % 2)) for n in range(4))
    )
    assert sum(answer != "REVEAL_NOT_WAITING" for answer in both) == 1


async def test_who_opens_few_again_and_again_needs_a_second_officer_too(acting: Acting) -> None:
    who, subjects = inspector("again"), await owners(acting)
    both = await asyncio.gather(*(asked(acting, who, subjects) for _ in range(TURNS_A_DAY * 3)))
    for _ in range(TURNS_A_DAY):
        both.append(await asked(acting, who, subjects))
    is_open = [p["reveal"]["grantedUntil"] is not None for p in both if not p["userErrors"]]
    assert sum(is_open) == TURNS_A_DAY
    assert {p["userErrors"][0]["code"] for p in both if p["userErrors"]} <= {"CONFLICT"}
    assert (await opened(acting, who, subjects))["grantedUntil"] is None


# ---- what stays of it


async def test_the_trail_says_who_and_for_what_and_no_value_is_kept_anywhere(
    acting: Acting, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    who, (subject,), key = inspector("traced"), await owners(acting), "k" * 16
    row = await acting.tables.fetchrow("select name, phone, nik from ksbb.owner where public_id = $1", subject)
    reveal = await opened(acting, who, [subject], fields=["name", "phone", "nik"], idempotencyKey=key)
    again = await opened(acting, who, [subject], fields=["name", "phone", "nik"], idempotencyKey=key)
    assert again["id"] == reveal["id"]
    for _ in range(2):
        assert len(await values(acting, who, reveal)) == 3
    trail = await acting.tables.fetch(
        "select act, role, subject, purpose, details from ksbb.audit_entry where about_id = $1 order by entry",
        reveal["id"],
    )
    assert [entry["act"] for entry in trail] == ["RevealFields", "REVEAL", "REVEAL"]
    for entry in trail:
        details = json.loads(entry["details"])
        assert (entry["role"], entry["subject"], entry["purpose"]) == ("INSPEKTORAT", "traced", "PENGADUAN")
        assert (details["case"], details["fields"], details["rows"]) == (CASE, ["name", "phone", "nik"], 1)
    nik = acting.city.secrets.decrypt(row["nik"], "owner.nik")
    kept = [caplog.text]
    for table in ("audit_entry", "command_receipt", "event", "reveal"):
        kept += [r[0] for r in await acting.tables.fetch(f"select t::text from ksbb.{table} t")]
    for value in (row["name"], row["phone"], nik, row["nik"].hex()):
        assert not [text for text in kept if value in text]


async def test_the_person_reads_who_revealed_what_and_the_inspectorate_how_often(acting: Acting) -> None:
    last = await acting.tables.fetch("select public_id from ksbb.owner order by id desc limit $1", AT_ONCE + 1)
    subjects = [row["public_id"] for row in last]  # nobody else's test reveals them
    reveal = await opened(acting, inspector("told"), subjects)
    await decided(acting, inspector("told-too"), reveal)
    await values(acting, inspector("told"), reveal)
    found = await acting(Role.INSPEKTORAT, "query ($id: ID!) { reveal(id: $id) { requestedBy readings } }", reveal)
    assert found["data"]["reveal"] == {"requestedBy": "told", "readings": 1}
    (key,) = await acting.tables.fetchrow("select id from ksbb.owner where public_id = $1", subjects[-1])
    told = [act for act in await _history(acting.bus, key) if act["fields"] is not None]
    assert sorted(act["act"] for act in told) == ["ApproveReveal", "REVEAL", "RevealFields"]
    for act in told:
        assert (act["role"], act["purpose"], act["case"]) == ("INSPEKTORAT", "PENGADUAN", CASE)
        assert act["fields"] == ["name", "nik"]
        assert "told" not in json.dumps(act)  # officers are not named


async def _history(bus: Bus, key: Any) -> list[dict[str, Any]]:
    async with bus.looking(Viewer(Role.UMKM, "the owner", person_id=str(key))) as work:
        owner = await work.session.get_one(Owner, key)
        person = Person.of(work, owner)
        return await history(work, person, await person.names(work))


async def test_who_is_erased_is_revealed_no_longer_neither_when_open_nor_when_it_waits(acting: Acting) -> None:
    who, subjects = inspector("erased"), await owners(acting, AT_ONCE + 1)
    is_open = await opened(acting, who, subjects[:2])
    waits = await opened(acting, who, subjects)
    assert len(await values(acting, who, is_open)) == 4
    (key,) = await acting.tables.fetchrow("select id from ksbb.owner where public_id = $1", subjects[0])

    async def erase(work: Any) -> Owner:
        owner: Owner = await work.session.get_one(Owner, key)
        await forget(work, Person.of(work, owner))
        return owner

    await acting.bus.perform(Viewer(Role.DISKOMINFOTIK, "steward"), "Erase", erase)
    assert await values(acting, who, is_open) == "REVEAL_NOT_OPEN"
    assert await decided(acting, inspector("erased-second"), waits) == "REVEAL_NOT_WAITING"
