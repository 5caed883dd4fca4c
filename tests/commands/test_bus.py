"""The bus: one transaction, once per key, nothing half."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Integer, cast, literal, select, update

from commands import bus
from commands.all import REGISTRY
from commands.database import DatabaseGone, ValueNotPossible
from commands.work import Work
from models.business import Need
from models.complaint import Complaint
from policy.actions import MAY
from policy.viewer import Role
from resolvers.request import GraphQLRequest, QueriesOnly
from schema.build import sdl
from schema.mutation import name_of
from tests.acting import Acting
from tests.commands.test_complaint import FORM, filed

KEY = "contoh-kunci-idempotensi-"


def test_what_each_role_may_do_stands_in_one_table() -> None:
    assert set(MAY) == {r.name for r in REGISTRY.values()}


@pytest.mark.parametrize("role", list(Role))
def test_a_mutation_exists_exactly_for_the_roles_that_may_give_its_command(role: Role) -> None:
    _, _, mutations = sdl(role).partition("type Mutation {")
    body, _, _ = mutations.partition("\n}")
    for registered in REGISTRY.values():
        assert (f"  {name_of(registered)}(" in body) is (role in MAY[registered.name]), registered.name


async def test_a_key_is_one_effect_and_one_answer_however_many_send_it(acting: Acting) -> None:
    form = {**FORM, "regionCode": acting.city.cast.kelurahan, "idempotencyKey": f"{KEY}20"}
    before = await acting.tables.fetchval("select count(*) from ksbb.complaint")
    answers = await asyncio.gather(
        *(acting.do(Role.PUBLIK, "fileComplaint", "trackingCode", **form) for _ in range(20))
    )
    assert len({json.dumps(answer) for answer in answers}) == 1
    assert answers[0]["userErrors"] == []
    assert await acting.tables.fetchval("select count(*) from ksbb.complaint") == before + 1


async def test_a_key_that_comes_with_another_body_is_refused(acting: Acting) -> None:
    form = {**FORM, "regionCode": acting.city.cast.kelurahan, "idempotencyKey": f"{KEY}other"}
    assert (await acting.do(Role.PUBLIK, "fileComplaint", **form))["userErrors"] == []
    (error,) = (await acting.do(Role.PUBLIK, "fileComplaint", **{**form, "text": "Contoh lain"}))["userErrors"]
    assert error["code"] == "IDEMPOTENCY_CONFLICT"
    key_of_another = await acting.do(Role.DINAS, "fileComplaint", **form)
    assert key_of_another["userErrors"] == []


async def test_a_mutation_that_is_known_is_no_query_either(acting: Acting) -> None:
    """By GET come queries only, however often the same document came by POST."""
    given = f'category: LAIN, regionCode: "{acting.city.cast.kelurahan}", text: "Contoh"'
    document = f"mutation {{ fileComplaint(input: {{{given}}}) {{ userErrors {{ code }} }} }}"
    viewer, request = acting.city.viewer(Role.PUBLIK), GraphQLRequest(document)
    before = await acting.tables.fetchval("select count(*) from ksbb.complaint")
    for known in (False, True):
        with pytest.raises(QueriesOnly):
            await acting.reader.answer(viewer, request, only_queries=True)
        assert await acting.tables.fetchval("select count(*) from ksbb.complaint") == before + known
        await acting.reader.answer(viewer, request)


async def test_a_fact_its_event_and_its_audit_entry_are_written_together(acting: Acting) -> None:
    _, complaint = await filed(acting)
    await acting.do(Role.DINAS, "verifyComplaint", complaintId=complaint, note="Contoh rahasia")
    key = acting.city.secrets.internal_key(complaint)[1]
    events = await acting.tables.fetch("select type, payload from ksbb.event where subject_id = $1 order by id", key)
    assert [e["type"] for e in events] == ["ComplaintFiled", "ComplaintMoved"]
    entries = await acting.tables.fetch(
        "select act, role, about_kind, from_state, to_state, details from ksbb.audit_entry"
        " where about_id = $1 order by id",
        complaint,
    )
    assert [(e["act"], e["role"]) for e in entries] == [("FileComplaint", "PUBLIK"), ("VerifyComplaint", "DINAS")]
    (step,) = json.loads(entries[1]["details"])["steps"]
    assert (step["from"], step["to"]) == ("DITERIMA", "DIVERIFIKASI")
    assert [(e["about_kind"], e["from_state"], e["to_state"]) for e in entries] == [
        ("complaint", None, "DITERIMA"),
        ("complaint", "DITERIMA", "DIVERIFIKASI"),
    ]
    assert not [row for row in (*events, *entries) if "rahasia" in str(dict(row)) or "Pelapor" in str(dict(row))]


async def test_a_refused_command_leaves_nothing(acting: Acting) -> None:
    _, complaint = await filed(acting)
    counts = (
        "select (select count(*) from ksbb.event), (select count(*) from ksbb.audit_entry), "
        "(select count(*) from ksbb.follow_up), (select count(*) from ksbb.command_receipt)"
    )
    before = await acting.tables.fetchrow(counts)
    given = {"complaintId": complaint, "idempotencyKey": f"{KEY}refused"}
    assert (await acting.do(Role.DINAS, "resolveComplaint", **given))["userErrors"]
    assert await acting.tables.fetchrow(counts) == before


async def test_who_waits_too_long_for_a_record_is_told_and_may_come_again(
    acting: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(bus._SESSION, "lock_timeout", "100ms")
    _, complaint = await filed(acting)
    given = {"complaintId": complaint, "note": "Contoh", "idempotencyKey": f"{KEY}busy"}
    holder = await asyncpg.connect(acting.city.server.uri())
    async with acting.under(acting.city.settings) as impatient:
        async with holder.transaction():
            await holder.execute("select from ksbb.complaint where public_id = $1 for update", complaint)
            (error,) = (await impatient.do(Role.DINAS, "verifyComplaint", **given))["userErrors"]
            assert error["code"] == "BUSY"
        assert (await impatient.do(Role.DINAS, "verifyComplaint", **given))["userErrors"] == []
    await holder.close()


async def test_a_process_that_freezes_within_a_command_lets_others_go_on(
    acting: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(bus._SESSION, "idle_in_transaction_session_timeout", "200ms")
    _, complaint = await filed(acting)

    async def freeze(work: Work) -> None:
        await work.session.execute(select(Complaint).where(Complaint.public_id == complaint).with_for_update())
        await asyncio.sleep(1)
        await work.session.execute(select(1))

    async with acting.under(acting.city.settings) as frozen:
        with pytest.raises(DatabaseGone):
            await asyncio.gather(
                frozen.bus.look(freeze), acting.do(Role.DINAS, "verifyComplaint", complaintId=complaint, note="Contoh")
            )


async def test_values_may_be_written_in_the_document_too(acting: Acting) -> None:
    region = acting.city.cast.kelurahan
    for text in ("Contoh satu", "Contoh dua"):
        given = f'{{category: LAIN, regionCode: "{region}", text: "{text}"}}'
        query = f"mutation {{ a: fileComplaint(input: {given}) {{ userErrors {{ code }} trackingCode }} __typename }}"
        answer = await acting(Role.PUBLIK, query)
        assert answer["data"]["a"]["userErrors"] == []
        assert answer["data"]["__typename"] == "Mutation"
        assert await acting.tables.fetchval("select count(*) from ksbb.complaint where text = $1", text) == 1


async def test_facts_cannot_be_changed_by_the_role_that_writes(acting: Acting) -> None:
    assert not await acting.tables.fetchval("select has_table_privilege('ksbb_writer', 'ksbb.repayment', 'update')")
    assert not await acting.tables.fetchval("select has_table_privilege('ksbb_writer', 'ksbb.audit_entry', 'delete')")
    assert await acting.tables.fetchval("select has_table_privilege('ksbb_writer', 'ksbb.complaint', 'update')")


@pytest.mark.parametrize(
    "refused",
    [update(Need).values(quantity=0), select(cast(literal(2**31 - 1), Integer) + 1)],
    ids=["against a rule of the table", "too large for its column"],
)
async def test_what_only_the_database_refuses_is_a_situation_too(acting: Acting, refused: Any) -> None:
    async def part(work: Work) -> Any:
        return await work.session.execute(refused)

    with pytest.raises(ValueNotPossible) as told:
        await acting.bus.perform(acting.city.viewer(Role.DINAS), "Try", part)
    assert told.value.code == "VALUE_NOT_POSSIBLE"
    assert told.value.message != told.value.indonesian
