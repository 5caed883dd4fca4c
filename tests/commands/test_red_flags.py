"""Red flags: each sign found where it is and not beside it, raised once, seen by those concerned, dismissed."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncConnection

from commands.red_flags import RED_FLAGS, SAME_GOODS_DAYS, SIGNS
from demo.plan import CUT_OFF
from kernel.settings import Settings
from models.vocabulary import RedFlagKind
from policy.viewer import Role, Viewer
from tests.acting import Acting, an_acting_city
from tests.commands.test_loan_journey import done, refused
from tests.conftest import City
from tests.undone import undone

K = RedFlagKind
TWO_LOANS = """select l.id, l.owner_id, l.fintech_id, l.public_id, l.region_code from {schema}loan l
    join {schema}owner o on o.id = l.owner_id where l.status = 'BERJALAN' and o.phone is not null
    and l.fintech_id = (select id from {schema}institution where kind = 'FINTECH' order by id offset {fintech} limit 1)
    order by l.id limit 1"""


@pytest_asyncio.fixture
async def tables(walled_city: City) -> AsyncIterator[AsyncConnection]:
    """A connection as the owner of the tables; what a test writes is undone."""
    async with undone(walled_city.server.uri()) as connection:
        yield connection


async def found(tables: AsyncConnection, kind: RedFlagKind, day: dt.date = CUT_OFF) -> set[tuple[Any, Any]]:
    """Subjects of a kind, each with what stands beside it."""
    rows = await tables.execute(SIGNS[kind](day, Settings()))
    return {(row.subject_id, row.other_id) for row in rows}


async def two_loans(tables: AsyncConnection) -> tuple[Any, Any]:
    """Running loans of two people at two fintechs."""
    one, other = [
        (await tables.exec_driver_sql(TWO_LOANS.format(schema="", fintech=fintech))).one() for fintech in (0, 1)
    ]
    return one, other


def test_every_kind_has_a_sign() -> None:
    assert list(SIGNS) == list(RedFlagKind)


async def test_a_second_loan_is_told_by_the_telephone_however_it_is_written(tables: AsyncConnection) -> None:
    one, other = await two_loans(tables)
    assert await found(tables, K.PINJAMAN_GANDA) == set()
    await tables.exec_driver_sql(f"""update owner set phone = '+62 ' || substr((select phone from owner
        where id = '{one.owner_id}'), 2) where id = '{other.owner_id}'""")
    assert await found(tables, K.PINJAMAN_GANDA) == {(one.id, other.id), (other.id, one.id)}
    await tables.exec_driver_sql(f"update loan set status = 'LUNAS' where id = '{one.id}'")
    assert await found(tables, K.PINJAMAN_GANDA) == set()


async def test_two_people_without_a_telephone_are_not_one(tables: AsyncConnection) -> None:
    await tables.exec_driver_sql("update owner set phone = null where id::text < '8'")
    await tables.exec_driver_sql("update owner set phone = '-' where id::text >= '8'")
    assert await found(tables, K.PINJAMAN_GANDA) == set()


async def test_a_second_loan_is_told_by_name_and_day_of_birth_and_not_by_the_name_alone(
    tables: AsyncConnection,
) -> None:
    one, other = await two_loans(tables)
    same = "(select {what} from owner where id = '" + str(one.owner_id) + "')"
    name = f"update owner set name = upper('  ' || {same.format(what='name')}) where id = '{other.owner_id}'"
    await tables.exec_driver_sql(name)
    assert await found(tables, K.PINJAMAN_GANDA) == set()
    born = f"update owner set born_on = {same.format(what='born_on')} where id = '{other.owner_id}'"
    await tables.exec_driver_sql(born)
    assert await found(tables, K.PINJAMAN_GANDA) == {(one.id, other.id), (other.id, one.id)}


async def test_an_offer_beside_a_loan_is_a_second_loan_and_a_proposal_is_not(tables: AsyncConnection) -> None:
    one, other = await two_loans(tables)
    change = f"update loan set owner_id = '{one.owner_id}', status = '{{status}}' where id = '{other.id}'"
    await tables.exec_driver_sql(change.format(status="DIUSULKAN"))
    assert await found(tables, K.PINJAMAN_GANDA) == set()
    await tables.exec_driver_sql(change.format(status="DITAWARKAN"))
    assert await found(tables, K.PINJAMAN_GANDA) == {(one.id, other.id), (other.id, one.id)}


async def test_goods_come_again_within_ninety_days_and_not_later_nor_by_a_reversed_delivery(
    tables: AsyncConnection,
) -> None:
    before = await found(tables, K.BARANG_BERULANG)
    first, again = (
        await tables.exec_driver_sql("""select r.id, r.delivery_id, r.business_id, d.item from delivery_recipient r
            join delivery d on d.id = r.delivery_id where r.package_kind = 'SARPRAS' and r.received_on is not null
            and not exists (select from delivery_recipient o where o.business_id = r.business_id and o.id <> r.id)
            order by r.id limit 2""")
    ).all()
    for day, expected in ((SAME_GOODS_DAYS, {(again.id, first.id)}), (SAME_GOODS_DAYS + 1, set())):
        await tables.exec_driver_sql(f"""update delivery_recipient set business_id = '{first.business_id}',
            received_on = date '2021-01-01' + case id when '{again.id}' then {day} else 0 end
            where id in ('{first.id}', '{again.id}')""")
        await tables.exec_driver_sql(f"""update delivery set item = '{first.item}'
            where id in ('{first.delivery_id}', '{again.delivery_id}')""")
        assert expected <= await found(tables, K.BARANG_BERULANG)
        assert ((again.id, first.id) in await found(tables, K.BARANG_BERULANG)) is bool(expected)
    await tables.exec_driver_sql(f"update delivery set status = 'DIBALIK' where id = '{again.delivery_id}'")
    assert (again.id, first.id) not in await found(tables, K.BARANG_BERULANG)
    await tables.exec_driver_sql("update delivery_recipient set package_kind = 'PELATIHAN'")
    assert before
    assert await found(tables, K.BARANG_BERULANG) == set()


async def test_a_repayment_on_the_day_of_disbursement_stands_out_unless_it_was_reversed(
    tables: AsyncConnection,
) -> None:
    assert await found(tables, K.BAYAR_HARI_CAIR) == set()
    paid = "(select id from repayment where amount > 0 order by id limit 1)"
    subject = (await tables.exec_driver_sql(f"select {paid}")).scalar_one()
    await tables.exec_driver_sql(f"""update repayment r set paid_on = l.disbursed_on from loan l
        where l.id = r.loan_id and r.id = {paid}""")
    assert await found(tables, K.BAYAR_HARI_CAIR) == {(subject, None)}
    for amount, later, expected in (
        ("1", 1, {(subject, None)}),
        ("-amount", 0, set()),
    ):
        await tables.exec_driver_sql("savepoint made")
        await tables.exec_driver_sql(f"""insert into repayment (id, public_id, loan_id, fintech_id, owner_id,
            region_code, paid_on, amount, invoice, reported_at, reporting_lag_days, idempotency_key, reason)
            select gen_random_uuid(), 'contoh', loan_id, fintech_id, owner_id, region_code, paid_on + {later},
            {amount}, invoice, reported_at, 0, 'reversal:' || public_id, 'Contoh' from repayment
            where id = '{subject}'""")
        assert await found(tables, K.BAYAR_HARI_CAIR) == expected
        await tables.exec_driver_sql("rollback to savepoint made")


async def test_a_private_donor_is_a_recipient_by_telephone_or_by_name_within_the_own_donation(
    tables: AsyncConnection,
) -> None:
    assert await found(tables, K.DONATUR_PENERIMA) == set()
    involved = (
        await tables.exec_driver_sql("""select i.owner_id, i.collaborator_id from involvement i
            join collaborator c on c.id = i.collaborator_id where c.kind = 'PERORANGAN' and i.owner_id is not null
            order by i.id limit 1""")
    ).one()
    helped, donor = involved.owner_id, involved.collaborator_id
    owner = f"(select {{what}} from owner where id = '{helped}')"
    by_name = f"update collaborator set name = {owner.format(what='name')} where id = '{donor}'"
    await tables.exec_driver_sql(by_name)
    assert await found(tables, K.DONATUR_PENERIMA) == {(donor, helped)}
    await tables.exec_driver_sql(f"update involvement set owner_id = null where owner_id = '{helped}'")
    assert await found(tables, K.DONATUR_PENERIMA) == set(), "the name of somebody else's recipient"
    await tables.exec_driver_sql(f"update owner set phone = '0812-3456 789' where id = '{helped}'")
    await tables.exec_driver_sql(f"update collaborator set contact_phone = '+628123456789' where id = '{donor}'")
    assert await found(tables, K.DONATUR_PENERIMA) == {(donor, helped)}
    await tables.exec_driver_sql(f"update collaborator set kind = 'DUNIA_USAHA' where id = '{donor}'")
    assert await found(tables, K.DONATUR_PENERIMA) == set(), "a company's contact is not the company"


async def test_a_fintech_is_silent_after_the_days_of_the_setting_and_anew_after_its_next_report(
    tables: AsyncConnection,
) -> None:
    last = CUT_OFF + dt.timedelta(days=Settings().silence_days)
    assert await found(tables, K.FINTECH_DIAM, last) == set()
    silent = await found(tables, K.FINTECH_DIAM, last + dt.timedelta(days=1))
    assert len(silent) == 2
    await tables.exec_driver_sql("""insert into periodic_report
        (id, public_id, fintech_id, period, rows, total, received_at, file_sha256)
        select gen_random_uuid(), 'contoh', fintech_id, '202201', 1, 1, '2022-02-14 12:00+07', 'x'
        from periodic_report group by fintech_id""")
    assert await found(tables, K.FINTECH_DIAM, last + dt.timedelta(days=1)) == set()
    assert (await found(tables, K.FINTECH_DIAM, last + dt.timedelta(days=60))).isdisjoint(silent)
    await tables.exec_driver_sql("update loan set status = 'LUNAS'")
    assert await found(tables, K.FINTECH_DIAM, last + dt.timedelta(days=60)) == set()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city() -> AsyncIterator[Acting]:
    """A city in which two fintechs lent to one person."""
    async with an_acting_city() as made:
        await made.tables.execute("delete from ksbb.red_flag")
        one, other = [
            await made.tables.fetchrow(TWO_LOANS.format(schema="ksbb.", fintech=fintech)) for fintech in (0, 1)
        ]
        await made.tables.execute(
            "update ksbb.owner set phone = (select phone from ksbb.owner where id = $1) where id = $2",
            one["owner_id"],
            other["owner_id"],
        )
        await made.tables.execute("update ksbb.collaborator set contact_phone = '0812-9'")
        await made.tables.execute(
            "update ksbb.collaborator set contact_phone = (select phone from ksbb.owner where id = $1) where id ="
            " (select id from ksbb.collaborator where kind = 'PERORANGAN' order by id limit 1)",
            one["owner_id"],
        )
        yield made


async def the_loans(city: Acting) -> list[Any]:
    """The two loans, by fintech."""
    query = """select l.*, i.id as lender from ksbb.red_flag f join ksbb.loan l on l.id = f.loan_id
        join ksbb.institution i on i.id = l.fintech_id where f.kind = 'PINJAMAN_GANDA' order by l.fintech_id"""
    return list(await city.tables.fetch(query))


async def test_flags_are_raised_once(city: Acting) -> None:
    assert (await city.bus.tick(RED_FLAGS))["red flags raised"] > 0
    assert (await city.bus.tick(RED_FLAGS))["red flags raised"] == 0
    kinds = dict(await city.tables.fetch("select kind, count(*) from ksbb.red_flag group by kind"))
    assert (kinds["PINJAMAN_GANDA"], kinds["DONATUR_PENERIMA"]) == (2, 2)


async def test_a_fintech_sees_its_own_loan_flagged_without_who_the_other_is(city: Acting) -> None:
    await city.bus.tick(RED_FLAGS)
    own, other = await the_loans(city)
    lender = Viewer(Role.FINTECH, "lender", institution_id=str(own["lender"]))
    query = "{ redFlags { nodes { kind status loan { id } institution { id } } } }"
    seen = (await city(lender, query))["data"]["redFlags"]["nodes"]
    assert [row["loan"]["id"] for row in seen if row["kind"] == "PINJAMAN_GANDA"] == [own["public_id"]]
    assert other["public_id"] not in str(seen)
    for hidden in ("otherLoan { id }", "reason"):
        assert "errors" in await city(lender, f"{{ redFlags {{ nodes {{ {hidden} }} }} }}")
    assert "errors" in await city(lender, "{ redFlags(filter: {otherLoan: {isNull: false}}) { nodes { kind } } }")


async def test_an_officer_sees_the_flags_of_the_area_but_no_donor(city: Acting) -> None:
    await city.bus.tick(RED_FLAGS)
    own, _ = await the_loans(city)
    officer = Viewer(Role.PENDAMPING, "officer", area=own["region_code"][:8], person_id=str(own["owner_id"]))
    seen = (await city(officer, "{ redFlags { nodes { kind region { code } } } }"))["data"]["redFlags"]["nodes"]
    assert "PINJAMAN_GANDA" in {row["kind"] for row in seen}
    assert {row["region"]["code"][:8] for row in seen} == {own["region_code"][:8]}
    assert "DONATUR_PENERIMA" not in {row["kind"] for row in seen}


async def test_who_does_not_supervise_lend_or_accompany_has_no_flags(city: Acting) -> None:
    for role in set(Role) - {Role.BIRO_KSD, Role.INSPEKTORAT, Role.FINTECH, Role.PENDAMPING}:
        assert "errors" in await city(role, "{ redFlags { nodes { kind } } }"), role


async def test_supervision_sees_both_sides_and_dismisses_with_a_reason_for_good(city: Acting) -> None:
    await city.bus.tick(RED_FLAGS)
    query = """{ redFlags(filter: {kind: {eq: PINJAMAN_GANDA}}) {
        nodes { id loan { id } otherLoan { id } recipient { id } status } } }"""
    flags: list[Any] = []
    for role in (Role.BIRO_KSD, Role.INSPEKTORAT):
        flags = (await city(role, query))["data"]["redFlags"]["nodes"]
        pairs = {(flag["loan"]["id"], flag["otherLoan"]["id"]) for flag in flags}
        own, other = [loan["public_id"] for loan in await the_loans(city)]
        assert pairs == {(own, other), (other, own)}
    given = {"redFlagId": flags[0]["id"]}
    blank = await refused(city, Role.INSPEKTORAT, "dismissRedFlag", reason=" ", **given)
    assert blank == ("REASON_MISSING", ["reason"])
    shown = "redFlag { status reason }"
    dismissed = await done(city, Role.INSPEKTORAT, "dismissRedFlag", shown, reason="Contoh: kakak beradik", **given)
    assert dismissed == {"status": "DIKESAMPINGKAN", "reason": "Contoh: kakak beradik"}
    again = await refused(city, Role.BIRO_KSD, "dismissRedFlag", reason="Contoh", **given)
    assert again[0] == "NOT_POSSIBLE_NOW"
    assert (await city.bus.tick(RED_FLAGS))["red flags raised"] == 0


async def test_events_of_flags_hold_the_kind_and_no_person(city: Acting) -> None:
    await city.bus.tick(RED_FLAGS)
    events = await city.tables.fetch("select payload::text, institutions from ksbb.event where type = 'RedFlagRaised'")
    kinds = {f'{{"kind": "{kind.value}"}}' for kind in RedFlagKind}
    assert {event["payload"] for event in events} <= kinds
    donors = [event for event in events if "DONATUR" in event["payload"]]
    assert donors
    assert not any(event["institutions"] for event in donors)
