"""Every invariant is green on the demo city, and red as soon as somebody breaks it."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncConnection

from commands.check import MOST_IDS, Checked, check, find, lines
from commands.check_page import page
from commands.invariants.all import invariants
from tests.conftest import City
from tests.undone import undone

ROOT = Path(__file__).parents[2]
EARLY = dt.date(2020, 9, 1)
RULES = {rule.name: rule for invariant in invariants(EARLY) for rule in invariant.rules}
PLANTED_BY_DESIGN = {
    "pledged_value_is_the_sum_of_its_pledges": 1,
    "handover_is_the_sum_of_its_loans": 2,
    "disbursed_is_principal_less_fees": 3,
    "passed_on_within_handover": 2,
    "ledger_differences_are_recorded": 5,
}


def booked(account: str, amount: int) -> list[str]:
    """An entry more on a paid out loan of which no discrepancy is recorded."""
    posting = """insert into ledger_posting (id, collaboration_id, loan_id, kind, source_table, source_id, entry_on,
        recorded_at) select gen_random_uuid(), collaboration_id, id, 'PEMBAYARAN', 'loan', id, date '2022-01-01',
        timestamptz '2022-01-01 12:00+07' from loan l where disbursed_on is not null and status <> 'DISERAHKAN'
        and not exists (select from discrepancy d where d.loan_id = l.id)
        and not exists (select from handover_loan h where h.loan_id = l.id) order by id limit 1"""
    after = "select id from ledger_posting where entry_on > date '2021-12-31'"
    entry = f"insert into ledger_entry select id, '{account}', {amount} from ({after}) added"
    return [posting, entry]


def unbooked(kind: str) -> list[str]:
    """No entry any more of postings of a kind."""
    gone = f"delete from ledger_entry e using ledger_posting p where p.id = e.posting_id and p.kind = '{kind}'"
    return ["alter table ledger_entry disable trigger user", gone]


def second_active(column: str) -> list[str]:
    """Two running loans of one owner or business."""
    two = "(select id from loan where status = 'BERJALAN' order by id limit 2)"
    one = f"(select {column} from loan where status = 'BERJALAN' order by id limit 1)"
    return [
        "drop index uq_loan_one_active_per_owner",
        f"update loan set {column} = {one} where id in {two}",
    ]


BREAK = {
    "money_is_bigint": ["alter table ledger_entry alter amount type numeric"],
    "pledged_value_is_the_sum_of_its_pledges": ["update collaboration set pledged_value = pledged_value + 1"],
    "handover_is_the_sum_of_its_loans": ["update handover set amount = amount + 1"],
    "pledged_within_target": [
        "alter table need drop constraint ck_need_pledged_within_quantity",
        "update need set pledged_quantity = quantity + 1",
    ],
    "taken_of_a_need_is_counted": [
        "update need set pledged_quantity = pledged_quantity - 1 where pledged_quantity > 0"
    ],
    "validated_is_delivered": ["update pledge set delivered_quantity = 0"],
    "shares_within_delivery": ["update delivery_recipient set quantity = quantity + 1000"],
    "delivered_within_pledge": ["update pledge set delivered_quantity = quantity + 1"],
    "repaid_within_principal": ["update repayment set amount = amount + 10000000"],
    "repaid_in_full_means_all_of_it": ["update loan set status = 'HAPUS' where status = 'LUNAS'"],
    "instalments_are_the_principal": ["update instalment set principal = principal + 1 where number = 1"],
    "rest_in_the_last_instalment": ["update instalment set principal = principal + 7 where number = 2"],
    "ledger_receivable_within_principal": booked("PIUTANG", -90_000_000),
    "disbursed_is_principal_less_fees": ["update disbursement set amount = amount - 1"],
    "ledger_fees_as_declared": booked("BIAYA", -1),
    "ledger_differences_are_recorded": booked("SELISIH", 1),
    "contracts_before_money": ["update e_contract set signed_at = now() where party = 'DONATUR'"],
    "paid_out_under_a_number": ["update collaboration set number_issued_on = null"],
    "one_active_loan_per_owner": second_active("owner_id"),
    "one_active_loan_per_business": second_active("business_id"),
    "same_goods_again_have_a_reason": [
        "update delivery_recipient set received_on = date '2021-06-01' where received_on is not null",
        "update delivery set item = 'Contoh', override_reason = null",
    ],
    "principal_within_rule": ["update loan set principal = 10000001 where status = 'DIUSULKAN'"],
    "only_repaid_loans_are_handed_over": ["update loan set status = 'HAPUS' where status = 'DISERAHKAN'"],
    "handed_over_within_repaid": ["update handover_loan set amount = amount + 1"],
    "in_one_handover_at_most": [
        "alter table handover_loan drop constraint uq_handover_loan_loan_id",
        """insert into handover_loan (id, public_id, handover_id, loan_id, fintech_id, fund_manager_id, amount)
            select gen_random_uuid(), 'x', handover_id, loan_id, fintech_id, fund_manager_id, amount
            from handover_loan limit 1""",
    ],
    "handed_over_means_confirmed": ["update handover set status = 'DIKIRIM' where status = 'DITERIMA'"],
    "fintech_hands_over_within_its_repayments": ["update handover_loan set amount = amount * 100"],
    "ledger_handed_over_within_repaid": booked("KAS_AGREGATOR", 90_000_000),
    "passed_on_within_handover": ["update onward_aid set amount = amount * 2"],
    "passed_on_within_received": ["update onward_aid set amount = amount * 50"],
    "ledger_cash_is_not_negative": booked("KAS_AGREGATOR", -1),
    "accredited_on_the_day": ["update accreditation set status = 'DIAJUKAN'"],
    "agreement_on_the_day": ["update agreement set ends_on = starts_on"],
    "agreement_is_named": ["update collaboration set agreement_id = null"],
    "loans_go_through_the_distributor": [
        "update loan set fintech_id = (select id from institution where kind = 'AGREGATOR' limit 1)"
    ],
    "reporter_does_not_validate": [
        "update document d set uploaded_by = v.officer_id from validation v where v.loan_id = d.loan_id"
    ],
    "another_login_validates": [
        f"""insert into audit_entry (id, at, role, subject, act, about_id, details, digest)
            values (gen_random_uuid(), now(), 'X', 'somebody', '{act}', 'delivery_x', '{{}}', '-')"""
        for act in ("ReportDelivery", "ValidateDelivery")
    ],
    "officer_of_the_area": ["update role_assignment set region_code = '31.01' where role = 'PENDAMPING'"],
    "no_commitment_after_the_end": [],
    "one_repayment_per_key": [
        "alter table repayment drop constraint uq_repayment_fintech_id_idempotency_key",
        "update repayment set idempotency_key = 'the same'",
    ],
    "one_receipt_per_key": [
        "alter table command_receipt drop constraint uq_command_receipt_caller_key",
        """insert into command_receipt (id, at, caller, key, body_hash, answer)
            select gen_random_uuid(), now(), 'x', 'the same', '', '' from generate_series(1, 2)""",
    ],
    "reporting_lag_is_counted": ["update repayment set reporting_lag_days = reporting_lag_days + 1"],
    "one_release_per_version": [
        """insert into release (id, public_id, dataset, version, released_at, rows, sha256, policy_hash, path)
            select gen_random_uuid(), 'x' || n, 'wilayah', '1', now(), 0, '', '', '' from generate_series(1, 2) n"""
    ],
    "file_names_are_impersonal": ["update document set file_name = 'ktp-3173031708899901.jpg'"],
    "events_are_impersonal": [
        """insert into event (id, at, type, version, subject_kind, subject_id, institutions, payload)
            values (gen_random_uuid(), now(), 'X', 1, 'loan', gen_random_uuid(), '{}', '{"nik": "3173031708899901"}')"""
    ],
    "kbli_has_a_version": ["update business set kbli_version = 2019"],
    "scale_has_a_version": ["update business set scale_rule = ' '"],
    "regions_are_kemendagri_codes": ["update place set region_code = '3173'"],
    "figures_have_source_and_definition": ["update reported_figure set source = ''"],
    "postings_balance": ["insert into ledger_entry select id, 'SELISIH', 1 from ledger_posting limit 1"],
    "disbursement_is_posted": unbooked("PENCAIRAN"),
    "repayment_is_posted": unbooked("PEMBAYARAN"),
    "handover_sent_is_posted": unbooked("SERAH_TERIMA_DIKIRIM"),
    "handover_received_is_posted": unbooked("SERAH_TERIMA_DITERIMA"),
    "onward_aid_is_posted": unbooked("PENYALURAN_ULANG"),
    "write_off_is_posted": unbooked("PENGHAPUSAN"),
    "postings_are_of_the_loan_of_their_collaboration": [
        "alter table ledger_posting disable trigger user",
        "update ledger_posting set collaboration_id = (select id from collaboration limit 1)",
    ],
}
"""How to break each rule behind the back of all guards."""


@pytest_asyncio.fixture
async def tables(walled_city: City) -> AsyncIterator[AsyncConnection]:
    """A connection as the owner of the tables; what a test breaks is undone."""
    async with undone(walled_city.server.uri()) as connection:
        yield connection


def test_all_19_invariants_are_there_and_each_is_upheld_somewhere() -> None:
    found = invariants()
    assert [invariant.number for invariant in found] == list(range(1, 20))
    assert all(invariant.rules or invariant.upheld_by for invariant in found)
    assert all(
        place.startswith(("uq_", "ck_", "ledger_", "ksbb ")) or (ROOT / place).exists()
        for invariant in found
        for place in invariant.upheld_by
    )


def test_every_rule_can_be_broken_by_a_test() -> None:
    assert set(BREAK) == set(RULES)


async def test_the_demo_city_is_green_but_for_what_was_planted_and_recorded(tables: AsyncConnection) -> None:
    checked = await check(tables, invariants())
    assert [one.number for one in checked if not one.holds] == []
    assert {f.rule: f.known for one in checked for f in one.findings if f.known} == PLANTED_BY_DESIGN


@pytest.mark.parametrize("name", BREAK)
async def test_a_broken_rule_is_found_and_named_by_public_identifiers(tables: AsyncConnection, name: str) -> None:
    for statement in BREAK[name]:
        await tables.exec_driver_sql(statement)
    finding = await find(tables, RULES[name])
    assert finding.offending > 0
    assert 0 < len(finding.ids) == min(finding.offending, MOST_IDS)


async def test_a_rule_speaks_of_exactly_the_rows_that_break_it(tables: AsyncConnection) -> None:
    one = "(select id from business order by id limit 1)"
    await tables.exec_driver_sql(f"update business set kbli_version = 2019 where id = {one}")
    id_ = (await tables.exec_driver_sql(f"select public_id from business where id = {one}")).scalar_one()
    finding = await find(tables, RULES["kbli_has_a_version"])
    assert (finding.offending, finding.ids) == (1, (id_,))


async def broken(tables: AsyncConnection) -> list[Checked]:
    """What is found when the figures lose their source."""
    await tables.exec_driver_sql("update reported_figure set source = ''")
    return await check(tables, invariants())


async def test_the_page_stands_alone_and_speaks_both_languages(tables: AsyncConnection) -> None:
    green = page(await check(tables, invariants()))
    red = page(await broken(tables))
    assert "All 19 invariants hold" in green
    assert "Semua 19 invarian terpenuhi" in green
    assert "1 of 19 invariants are broken" in red
    assert "figure_" in red
    assert not [reach for reach in ("http", "src=", "href=", "@import") if reach in green + red]


async def test_the_list_says_green_and_red(tables: AsyncConnection) -> None:
    told = list(lines(await broken(tables)))
    assert sum(line.startswith("green") for line in told) == 18
    assert sum(line.startswith("RED") for line in told) == 1


def test_the_command_checks_an_own_database_and_exits_by_the_outcome(walled_city: City, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KSBB_")}
    environment |= {"KSBB_DATABASE_URL": walled_city.server.uri(), "KSBB_DATA_DIR": str(tmp_path)}

    def ksbb(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cli", "check", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)

    done = ksbb("--json", "--html", str(tmp_path / "page.html"))
    assert done.returncode == 0, done.stderr
    assert [one["number"] for one in json.loads(done.stdout)] == list(range(1, 20))
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    late = ksbb("--programme-ends", str(EARLY))
    assert late.returncode == 1
    assert "no_commitment_after_the_end" in late.stdout
    assert ksbb("--programme-ends", "soon").returncode == 2
    nobody = ksbb("--collaboration", "KSBB-UMK-2020-AAAAAA")
    assert nobody.returncode == 1
    assert "No collaboration has the number" in nobody.stderr
