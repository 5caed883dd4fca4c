"""A person gets everything that is held, and what was done with it; nobody else does."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from commands.export import export_at_the_desk, is_withheld, own_export
from commands.person import NOT_OF_A_PERSON
from commands.refusal import NotFound
from edge.authentication import Authentication
from edge.export import export_route
from edge.rates import Rates
from kernel.clock import FixedClock
from models.all import METADATA
from models.base import SCHEMA
from models.privacy import Privacy
from policy.tokens import Verifier, issue
from policy.viewer import PUBLIC, Role, Viewer
from schema.nouns import CATALOGUE
from schema.words import labels
from server import bus_of
from tests.acting import Acting
from tests.commands.test_loan_journey import done

LABELS = labels(CATALOGUE)


def hanging() -> set[str]:
    """Every table from which keys lead to an owner, or that knows a NIK, but for those of others."""
    found = {"owner"}
    while True:
        more = {
            table.name
            for table in METADATA.tables.values()
            if table.name not in NOT_OF_A_PERSON
            and (
                {"owner_id", "complainant_id", "nik_hash"} & {*table.columns.keys()}
                or any(key.column.table.name in found for key in table.foreign_keys)
            )
        }
        if more | found == found:
            return found
        found |= more


async def somebody(acting: Acting) -> Viewer:
    """An owner with a loan that was paid back in part, and a complaint."""
    owner_id = await acting.tables.fetchval(
        "select l.owner_id from ksbb.loan l join ksbb.repayment r on r.loan_id = l.id"
        " join ksbb.consent c on c.owner_id = l.owner_id join ksbb.owner o on o.id = l.owner_id"
        " where o.name <> '(dihapus)' order by l.id limit 1"
    )
    return Viewer(Role.UMKM, "the owner", person_id=str(owner_id))


async def fetched(acting: Acting, owner: Viewer) -> Any:
    """The copy of a person."""
    asked = await acting.do(owner, "requestAccessExport", "download rightsRequest { id status }")
    assert asked["userErrors"] == []
    assert asked["rightsRequest"]["status"] == "DIPENUHI"
    assert asked["download"] == f"/me/export/{asked['rightsRequest']['id']}"
    return json.loads(await own_export(acting.bus, owner, asked["rightsRequest"]["id"], LABELS))


async def test_a_copy_speaks_of_every_column_of_every_table_that_hangs_on_the_person(acting: Acting) -> None:
    document = await fetched(acting, await somebody(acting))
    told = {(noun["table"], column) for noun in document["nouns"] for column in noun["columns"]}
    tables = hanging()
    assert tables >= {"business", "loan", "repayment", "document", "complaint", "intake_application", "intake_step"}
    assert told == {(t, c.key) for t in tables for c in METADATA.tables[f"{SCHEMA}.{t}"].columns}
    for noun in document["nouns"]:
        for row in noun["rows"]:
            assert set(row) == set(noun["columns"])
    assert set(document["classes"]) == set(Privacy)


def test_only_hashes_indexes_keys_of_officers_and_the_other_side_of_a_red_flag_are_withheld() -> None:
    withheld = {f"{t}.{c.key}" for t in hanging() for c in METADATA.tables[f"{SCHEMA}.{t}"].columns if is_withheld(c)}
    assert withheld == {
        "business.search",
        "business.verified_by",
        "complaint.tracking_hash",
        "document.uploaded_by",
        "intake_application.nik_hash",
        "intake_step.officer_id",
        "mentoring_visit.officer_id",
        "owner.nik_hash",
        "red_flag.other_id",
        "red_flag.other_loan_id",
        "red_flag.reason",
        "red_flag.subject_id",
        "repayment.idempotency_key",
        "validation.officer_id",
    }


async def test_the_rows_are_all_of_the_persons_and_the_numbers_are_in_clear(acting: Acting) -> None:
    owner = await somebody(acting)
    document = await fetched(acting, owner)
    rows = {noun["table"]: noun["rows"] for noun in document["nouns"]}
    for table in ("business", "consent", "loan", "repayment", "instalment"):
        count = f"select count(*) from ksbb.{table} where owner_id = $1::uuid"
        assert len(rows[table]) == await acting.tables.fetchval(count, owner.person_id) > 0, table
    (row,) = rows["owner"]
    stored = await acting.tables.fetchrow("select * from ksbb.owner where id = $1::uuid", owner.person_id)
    assert stored is not None
    assert row["nik"] == acting.city.secrets.decrypt(stored["nik"], "owner.nik")
    assert (row["name"], row["nik_hash"]) == (stored["name"], None)
    (noun,) = (noun for noun in document["nouns"] if noun["table"] == "owner")
    assert noun["label"]["id"] == "pelaku usaha"
    assert noun["columns"]["phone"]["label"] == {"id": "telepon", "en": "Telephone."}
    assert noun["columns"]["nik"]["class"] == "IDENTITY"


async def test_the_history_tells_roles_and_institutions_and_no_officer(acting: Acting) -> None:
    owner = await somebody(acting)
    kept = await acting.tables.fetchrow("select nik_hash from ksbb.owner where id = $1::uuid", owner.person_id)
    loan = await acting.tables.fetchrow("select public_id from ksbb.loan where owner_id = $1::uuid", owner.person_id)
    account = await acting.tables.fetchrow(
        "select u.login, u.name, i.name as institution from ksbb.user_account u join ksbb.role_assignment r"
        " on r.user_account_id = u.id join ksbb.institution i on i.id = r.institution_id"
        " where r.role = 'FINTECH' limit 1"
    )
    assert kept
    assert loan
    assert account
    entry = (
        "insert into ksbb.audit_entry (id, at, role, subject, act, details, about_id)"
        " values (gen_random_uuid(), $1, $2, $3, $4, $5, $6)"
    )
    at = acting.clock.now() - dt.timedelta(days=1)
    step = {"noun": "loan", "id": loan["public_id"], "from": "BERJALAN", "to": "LUNAS", "actor": "SISTEM"}
    others = {**step, "id": "loan_of_somebody_else"}
    for values in (
        (at, "DINAS", "dinas-dinas_ppkukm", "LOOK_UP", json.dumps({"nik_hash": kept["nik_hash"].hex()}), None),
        (at, "DINAS", "dinas-dinas_ppkukm", "LOOK_UP", json.dumps({"nik_hash": "00" * 32}), None),
        (at, "FINTECH", account["login"], "READ", json.dumps({"fields": ["owner.nik"]}), None),
        (at, "ADMIN", "system", "a job", json.dumps({"steps": [others, step]}), None),
    ):
        await acting.tables.execute(entry, *values)
    document = await fetched(acting, owner)
    look_ups = [act for act in document["history"] if act["act"] == "LOOK_UP"]
    assert [(act["role"], act["institution"]) for act in look_ups] == [("DINAS", "DINAS_PPKUKM")]
    (job,) = (act for act in document["history"] if act["act"] == "a job")
    assert [moved["id"] for moved in job["steps"]] == [loan["public_id"]]
    assert {"role": "FINTECH", "institution": account["institution"], "fields": ["owner.nik"]}.items() <= next(
        read for read in document["readings"] if read["role"] == "FINTECH"
    ).items()
    again = await fetched(acting, owner)
    assert [act["act"] for act in again["history"]].count("ACCESS_EXPORT") >= 1
    text = json.dumps(again)
    assert account["login"] not in text
    assert account["name"] not in text
    assert "loan_of_somebody_else" not in text


async def test_a_copy_tells_of_a_red_flag_and_not_who_stands_on_its_other_side(acting: Acting) -> None:
    owner, said = await somebody(acting), "Contoh: kakak beradik"
    find = "select id, public_id, business_id, fintech_id, owner_id from ksbb.loan where"
    mine = await acting.tables.fetchrow(f"{find} owner_id = $1::uuid order by id", owner.person_id)
    other = await acting.tables.fetchrow(f"{find} owner_id <> $1::uuid order by id", owner.person_id)
    assert mine
    assert other
    flags = []
    for one, beside in ((mine, other), (other, mine)):
        key = acting.bus._keys.new()
        flags.append(acting.city.secrets.public_id("red_flag", key))
        values = (key, flags[-1], one["id"], beside["id"], one["business_id"], one["fintech_id"])
        await acting.tables.execute(
            "insert into ksbb.red_flag (id, public_id, kind, subject_id, other_id, loan_id, other_loan_id, business_id,"
            " institution_id, found_on, status) values ($1, $2, 'PINJAMAN_GANDA', $3, $4, $3, $4, $5, $6,"
            " '2022-01-03', 'TERBUKA')",
            *values,
        )
        await done(acting, Role.INSPEKTORAT, "dismissRedFlag", "redFlag { id }", redFlagId=flags[-1], reason=said)
    document = await fetched(acting, owner)
    (told,) = (row for noun in document["nouns"] if noun["table"] == "red_flag" for row in noun["rows"])
    assert (told["public_id"], told["loan_id"], told["kind"]) == (flags[0], mine["public_id"], "PINJAMAN_GANDA")
    assert "DismissRedFlag" in {act["act"] for act in document["history"]}
    text = json.dumps(document)
    business = acting.city.secrets.public_id("business", other["business_id"])
    kinds = ("loan", "owner")
    for hidden in (said, flags[1], business, *(acting.city.secrets.public_id(k, other["id"]) for k in kinds)):
        assert hidden not in text


async def test_a_copy_is_for_its_person_and_for_a_time(acting: Acting) -> None:
    owner = await somebody(acting)
    asked = await done(acting, owner, "requestAccessExport", "rightsRequest { id dueAt }")
    request = asked["id"] if isinstance(asked, dict) else asked
    other = await acting.tables.fetchval("select id from ksbb.owner where id <> $1::uuid limit 1", owner.person_id)
    export, clock = (lambda viewer, key: own_export(acting.bus, viewer, key, LABELS)), acting.clock
    authentication = Authentication(Verifier(acting.city.settings, clock), clock)
    app = Starlette(routes=[export_route(authentication, export, Rates())])
    statuses = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ksbb") as client:
        for name, viewer, address in (
            ("own", owner, request),
            ("other", Viewer(Role.UMKM, "other", person_id=str(other)), request),
            ("inspector", acting.city.viewer(Role.INSPEKTORAT), request),
            ("public", PUBLIC, request),
            ("nothing", owner, "rights_request_0"),
        ):
            headers = {}
            if viewer is not PUBLIC:
                headers["authorization"] = f"Bearer {issue(acting.city.settings, clock, viewer, dt.timedelta(hours=1))}"
            answer = await client.get(f"/me/export/{address}", headers=headers)
            assert answer.headers["cache-control"] == "no-store"
            statuses[name] = answer.status_code
            assert ("nouns" in answer.json()) == (name == "own")
    assert statuses == {"own": 200, "other": 404, "inspector": 403, "public": 403, "nothing": 404}
    late = bus_of(acting.city.settings, acting.city.server, FixedClock(clock.now() + dt.timedelta(hours=73)))
    try:
        with pytest.raises(NotFound):
            await own_export(late, owner, request, LABELS)
    finally:
        await late.close()


async def test_a_copy_at_the_desk_is_logged_with_its_purpose_and_case(acting: Acting) -> None:
    owner = await somebody(acting)
    stored = await acting.tables.fetchval("select nik from ksbb.owner where id = $1::uuid", owner.person_id)
    nik = acting.city.secrets.decrypt(stored, "owner.nik")
    desk = Viewer(Role.DINAS, "ksbb-person:officer")
    case = {"purpose": "Contoh: hak akses", "case_number": "CONTOH-7"}
    copy = json.loads(await export_at_the_desk(acting.bus, desk, nik, LABELS, **case))
    assert nik in json.dumps(copy)
    entry = await acting.tables.fetchrow(
        "select subject, purpose, e::text as text from ksbb.audit_entry e where act = 'ACCESS_EXPORT_AT_DESK'"
    )
    assert entry is not None
    assert (entry["subject"], entry["purpose"]) == ("ksbb-person:officer", "Contoh: hak akses")
    assert "CONTOH-7" in entry["text"]
    assert nik not in entry["text"]
    with pytest.raises(NotFound) as refused:
        await export_at_the_desk(acting.bus, desk, "3171010101010001", LABELS, **case)
    assert "3171" not in refused.value.message
