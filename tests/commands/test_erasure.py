"""Who asks to be erased is gone from every table; money, counts and the reasons to keep stay."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Text, select

from commands.bus import Bus
from commands.check import check
from commands.erasure import CarryOutErasure, RequestErasure
from commands.export import own_export
from commands.invariants.all import invariants
from commands.person import Person
from commands.rights import RequestAccessExport
from events.audit_chain import seal
from events.audit_trail import verify
from kernel.clock import FixedClock, day_in_jakarta
from models.owner import Owner
from models.privacy import Privacy, privacy_of
from models.writing import connected, writing
from policy.viewer import Role, Viewer
from server import bus_of
from tests.acting import Acting
from tests.commands.test_export import LABELS
from tests.commands.test_loan_journey import done, parties, refused
from tests.commands.test_rights import where_found

LATER = dt.datetime(2050, 1, 3, 2, tzinfo=dt.UTC)
"""When no record must be kept any more."""
WORD = "KenariHapus"
PERSONAL = {Privacy.CONTACT, Privacy.PLACE, Privacy.IDENTITY, Privacy.FREE_TEXT}
BESIDE = {"business.trade_name", "business.photo", "mentoring_visit.photo"}
STEWARD = Viewer(Role.DISKOMINFOTIK, "steward")
SHOWN = "rightsRequest { id kind status }"


@asynccontextmanager
async def in_2050(acting: Acting) -> AsyncIterator[Bus]:
    bus = bus_of(acting.city.settings, acting.city.server, FixedClock(LATER))
    try:
        yield bus
    finally:
        await bus.close()


async def repaid(acting: Acting) -> asyncpg.Record:
    """The owner of a loan that is over, with what was written about it on the way."""
    found = await acting.tables.fetchrow(
        "select l.owner_id, l.id as loan_id, l.public_id as loan, o.nik, o.nik_hash, o.family_card,"
        " b.point::text as point from ksbb.loan l"
        " join ksbb.owner o on o.id = l.owner_id join ksbb.business b on b.id = l.business_id"
        " where l.status in ('DISERAHKAN', 'LUNAS')"
        " and exists (select from ksbb.repayment r where r.loan_id = l.id)"
        " and exists (select from ksbb.validation v where v.loan_id = l.id)"
        " and not exists (select from ksbb.discrepancy d where d.loan_id = l.id)"
        " and not exists (select from ksbb.loan x where x.owner_id = l.owner_id and x.id <> l.id) order by l.id limit 1"
    )
    assert found is not None
    return found


async def give_more(acting: Acting, owner: asyncpg.Record) -> None:
    """A complaint, a file of the intake chain and acts with reasons, all of the person."""
    nik = acting.city.secrets.decrypt(owner["nik"], "owner.nik")
    hashed = acting.city.secrets.blind(nik, "intake_application.nik")
    execute = acting.tables.execute
    await execute(
        "update ksbb.intake_application set nik_hash = $1 where id ="
        " (select a.id from ksbb.intake_application a join ksbb.intake_step s on s.intake_application_id = a.id"
        " where a.status = 'DITOLAK' order by a.id limit 1)",
        hashed,
    )
    complaint = await acting.tables.fetchval("select complaint_id from ksbb.follow_up order by id limit 1")
    async with acting.tables.transaction():
        await execute("set local session_replication_role = replica")  # a step is a fact
        for table, key in (("complaint", "id"), ("follow_up", "complaint_id")):
            await execute(f"update ksbb.{table} set complainant_id = $1 where {key} = $2", owner["owner_id"], complaint)
    step = {"noun": "loan", "id": owner["loan"], "from": "BERJALAN", "to": "HAPUS", "reason": f"{WORD} di langkah"}
    for about in (owner["loan"], None):
        await execute(
            "insert into ksbb.audit_entry (id, at, role, subject, act, details, about_id, reason)"
            " values (gen_random_uuid(), now(), 'BIRO_KSD', 'x', 'WriteOffLoan', $1, $2, $3)",
            json.dumps({"steps": [step]}),
            about,
            f"{WORD} alasan" if about else None,
        )


async def plant(acting: Acting, owner_id: UUID) -> set[str]:
    """Canaries in every personal text of the person's rows; the columns that have one."""
    planted = set()
    async with acting.bus.looking(STEWARD) as work, acting.tables.transaction():
        await acting.tables.execute("set local session_replication_role = replica")
        owner = (await work.session.execute(select(Owner).where(Owner.id == owner_id))).scalar_one()
        for table, condition in Person.of(work, owner).rows().items():
            keys = list((await work.session.execute(select(table.c.id).where(condition))).scalars())
            for column in table.columns:
                name = f"{table.name}.{column.key}"
                is_personal = privacy_of(column) in PERSONAL or name in BESIDE
                if keys and is_personal and type(column.type) is Text:
                    change = f"update ksbb.{table.name} set {column.key} = '{WORD} {name} ' || id where id = any ($1)"
                    await acting.tables.execute(change, keys)
                    planted.add(name)
        await acting.tables.execute("update ksbb.owner set born_on = '1701-01-03' where id = $1", owner_id)
    return planted


async def sealed(acting: Acting) -> int:
    """How many entries of the audit trail become links."""
    async with connected(acting.city.server.uri()) as connection:
        return await seal(connection)


async def broken(acting: Acting) -> set[tuple[str, tuple[str, ...]]]:
    """The rules that live data break, with the rows."""
    async with writing(acting.city.server.uri()) as connection:
        checked = await check(connection, invariants(None))
    return {(finding.rule, finding.ids) for one in checked for finding in one.findings if finding.offending}


async def test_an_erasure_leaves_no_value_of_the_person_in_any_table_and_every_rupiah_in_place(acting: Acting) -> None:
    found = await repaid(acting)
    owner = Viewer(Role.UMKM, "the owner", person_id=str(found["owner_id"]))
    await give_more(acting, found)
    planted = await plant(acting, found["owner_id"])
    assert planted >= {
        *("owner.name", "owner.address", "business.trade_name", "loan.status_reason", "validation.note"),
        *("repayment.reason", "complaint.text", "follow_up.note", "intake_application.applicant_name"),
        *("intake_step.reason", "consent.note"),
    }
    tables_with = await where_found(acting, WORD)
    assert tables_with >= {name.partition(".")[0] for name in planted} | {"audit_entry"}
    money = "select sum(amount), count(*) from ksbb.repayment"
    before, paid = await broken(acting), await acting.tables.fetchrow(money)
    assert await sealed(acting) > 0
    async with in_2050(acting) as bus:
        key = (await bus.carry_out(owner, RequestErasure(reason=f"{WORD} permohonan"))).subject
        request = acting.city.secrets.internal_key(key)[1]
        await bus.carry_out(STEWARD, CarryOutErasure(request_id=request))
        copy = await bus.carry_out(owner, RequestAccessExport())
        again = json.loads(await own_export(bus, owner, copy.subject, LABELS))
    assert await acting.tables.fetchval("select status from ksbb.rights_request where id = $1", request) == "DIPENUHI"
    assert await where_found(acting, WORD) == set()
    assert await sealed(acting) > 0
    async with connected(acting.city.server.uri()) as connection:
        assert (await verify(connection, {})).fault is None, "the audit trail is whole without the reasons"
    assert await where_found(acting, "1701-01-03") == set()
    for column in ("nik", "nik_hash", "family_card"):
        assert await where_found(acting, found[column].hex()) == set(), column
    assert found["point"] not in {row[0] for row in await acting.tables.fetch("select point::text from ksbb.business")}
    assert await broken(acting) == before
    assert await acting.tables.fetchrow(money) == paid
    (told,) = next(noun["rows"] for noun in again["nouns"] if noun["table"] == "owner")
    assert (told["name"], told["phone"], told["nik"]) == ("(dihapus)", None, "0" * 16)
    files = "select bool_and(drop_from is not null) from ksbb.document where owner_id = $1 or loan_id = $2"
    assert await acting.tables.fetchval(files, found["owner_id"], found["loan_id"])


async def test_what_must_be_kept_is_kept_and_the_person_is_told_until_when(acting: Acting) -> None:
    running = await acting.tables.fetchval(
        "select owner_id from ksbb.loan where status = 'BERJALAN' and owner_id not in"
        " (select owner_id from ksbb.rights_request where status = 'DIAJUKAN') order by id limit 1"
    )
    over = await acting.tables.fetchval(
        "select owner_id from ksbb.loan l where status = 'DISERAHKAN' and not exists (select from ksbb.discrepancy d"
        " where d.loan_id = l.id) and owner_id not in (select owner_id from ksbb.rights_request)"
        " and not exists (select from ksbb.loan x where x.owner_id = l.owner_id and x.id <> l.id)"
        " order by id desc limit 1"
    )
    last = await acting.tables.fetchval("select max(paid_on) from ksbb.repayment where owner_id = $1", over)
    told = {}
    for owner_id, reason in ((running, "PINJAMAN_BERJALAN"), (over, "WAJIB_SIMPAN")):
        owner = Viewer(Role.UMKM, "the owner", person_id=str(owner_id))
        request = (await done(acting, owner, "requestErasure", SHOWN))["id"]
        decided = await done(acting, STEWARD, "carryOutErasure", "rightsRequest { status }", requestId=request)
        assert decided == {"status": "DITOLAK"}
        query = "query ($id: ID!) { rightsRequest(id: $id) { keptFor keptUntil } }"
        told = (await acting(owner, query, {"id": request}))["data"]["rightsRequest"]
        assert told["keptFor"] == reason
        assert told["keptUntil"] > day_in_jakarta(acting.clock.now()).isoformat()
    assert told["keptUntil"][:4] == str(last.year + 10)
    assert await acting.tables.fetchval("select name from ksbb.owner where id = $1", running) != "(dihapus)"


async def test_that_an_amount_had_its_reason_is_still_known_when_the_words_are_gone(acting: Acting) -> None:
    p = await parties(acting, 33)
    proposal = {"recipientId": p.business, "fintechId": p.fintech, "principal": 6_000_000, "tenorMonths": 4}
    of = {"loanId": (await done(acting, Role.DINAS, "recommendLoan", "loan { id }", **proposal))["id"]}
    above = {"principal": 12_000_000, "reason": f"{WORD} alasan"}
    await done(acting, Role.BIRO_KSD, "overrideLoanAmount", "loan { id }", **of, **above)
    await done(acting, p.owner, "cancelLoan", "loan { status }", **of, reason="Contoh")
    before = await broken(acting)
    request = (await done(acting, p.owner, "requestErasure", SHOWN))["id"]
    decided = await done(acting, STEWARD, "carryOutErasure", SHOWN, requestId=request)
    assert decided["status"] == "DIPENUHI"
    assert await broken(acting) == before
    kept = "select amount_reason from ksbb.loan where public_id = $1"
    assert await acting.tables.fetchval(kept, of["loanId"]) == "(dihapus)"


async def test_a_restriction_hides_and_keeps(acting: Acting) -> None:
    p = await parties(acting, 31)
    await done(acting, p.owner, "giveConsent", "consent { givenOn }", purpose="TAMPIL_PUBLIK")
    request = (await done(acting, p.owner, "requestErasure", SHOWN, restrictOnly=True))["id"]
    decided = await done(acting, STEWARD, "carryOutErasure", SHOWN, requestId=request)
    assert (decided["kind"], decided["status"]) == ("PEMBATASAN", "DIPENUHI")
    query = "query ($id: ID!) { recipient(id: $id) { tradeName status owner { name } } }"
    assert (await acting(Role.PUBLIK, "query ($id: ID!) { recipient(id: $id) { tradeName } }", {"id": p.business}))[
        "data"
    ]["recipient"] is None
    seen = (await acting(p.owner, query, {"id": p.business}))["data"]["recipient"]
    assert seen["status"] == "TIDAK_AKTIF"
    assert seen["owner"]["name"] != "(dihapus)"


async def test_nothing_waits_to_be_put_back_after_an_erasure(acting: Acting) -> None:
    p = await parties(acting, 33)
    wanted = {"field": "NAMA", "value": "Contoh Nama", "reason": "Contoh"}
    correction = await done(acting, p.owner, "requestCorrection", SHOWN, **wanted)
    restriction = await done(acting, p.owner, "requestErasure", SHOWN, restrictOnly=True)
    request = (await done(acting, p.owner, "requestErasure", SHOWN))["id"]
    await done(acting, STEWARD, "carryOutErasure", SHOWN, requestId=request)
    status = "select status from ksbb.rights_request where public_id = $1"
    closed = [await acting.tables.fetchval(status, one["id"]) for one in (correction, restriction)]
    assert closed == ["DITOLAK", "DIPENUHI"]
    region = await acting.tables.fetchval(
        "select region_code from ksbb.rights_request where public_id = $1", correction["id"]
    )
    officer = Viewer(Role.PENDAMPING, "officer", area=region, person_id=p.officer.person_id)
    code, _ = await refused(acting, officer, "decideCorrection", requestId=correction["id"], accepted=True)
    assert code == "NOT_POSSIBLE_NOW"


async def test_only_the_data_steward_carries_out_what_was_asked_for_as_an_erasure(acting: Acting) -> None:
    p = await parties(acting, 32)
    correction = await done(
        acting, p.owner, "requestCorrection", SHOWN, field="NAMA", value="Contoh Nama", reason="Contoh"
    )
    code, path = await refused(acting, STEWARD, "carryOutErasure", requestId=correction["id"])
    assert (code, path) == ("NOT_FOUND", ["requestId"])
    request = (await done(acting, p.owner, "requestErasure", SHOWN))["id"]
    for role in (Role.ADMIN, Role.INSPEKTORAT, Role.DINAS, Role.PENDAMPING):
        answer = await acting(role, f'mutation {{ carryOutErasure(input: {{requestId: "{request}"}}) {{ x }} }}')
        assert "errors" in answer, role
    gone = await done(acting, p.owner, "withdrawRightsRequest", SHOWN, requestId=request)
    assert gone["status"] == "DITARIK"


@pytest.mark.parametrize(
    "change",
    [
        "update ksbb.validation set note = 'other'",
        "update ksbb.validation set note = null, accepted = not accepted",
        "update ksbb.repayment set reason = null, amount = amount + 1",
        "update ksbb.audit_entry set reason = 'other'",
        "update ksbb.audit_entry set reason = null, details = '{}'",
        "update ksbb.audit_entry set reason = null, act = 'other'",
    ],
)
async def test_of_a_fact_a_text_can_be_taken_away_and_nothing_else(acting: Acting, change: str) -> None:
    transaction = acting.tables.transaction()
    await transaction.start()
    try:
        with pytest.raises(asyncpg.PostgresError) as refusal:
            await acting.tables.execute(change)
    finally:
        await transaction.rollback()
    assert refusal.value.sqlstate == "23001"
