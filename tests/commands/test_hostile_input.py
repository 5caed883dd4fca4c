"""Input that is well formed and means harm: nothing is forged by it, and nothing of it is a fault of ours."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from commands.command import LONGEST_INPUT
from commands.repayment import LONGEST_REPORT_KEY, REVERSAL
from kernel.clock import day_in_jakarta
from models.vocabulary import PackageKind
from policy.viewer import Role
from tests.acting import Acting
from tests.commands.deliveries import a_scene, a_session, form_c
from tests.commands.test_loan_journey import done, paid_out, parties, refused, repayment


async def test_a_fintech_cannot_make_a_repayment_look_reversed(acting: Acting) -> None:
    p = await parties(acting, 0)
    loan = await paid_out(acting, p)
    first = repayment(acting, loan, 1_000_000, "real-1")
    made = await done(acting, p.lender, "recordRepayment", "repayment { id }", repayment=first)
    forged = repayment(acting, loan, 1, f"{REVERSAL}{made['id']}")
    assert await refused(acting, p.lender, "recordRepayment", repayment=forged) == (
        "UNUSABLE_REPORT_KEY",
        ["repayment", "reportKey"],
    )
    shown = "repayment { amount }"
    undone = await done(acting, p.lender, "reverseRepayment", shown, repaymentId=made["id"], reason="Contoh")
    assert undone == {"amount": -1_000_000}


@pytest.mark.parametrize("key", ["", "k" * (LONGEST_REPORT_KEY + 1)])
async def test_a_report_key_can_be_told_again(acting: Acting, key: str) -> None:
    p = await parties(acting, 0)
    loan = await paid_out(acting, p)
    code, _ = await refused(acting, p.lender, "recordRepayment", repayment=repayment(acting, loan, 1, key))
    assert code == "UNUSABLE_REPORT_KEY"


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31"])
async def test_indicators_of_any_day_are_told(acting: Acting, day: str) -> None:
    told = await acting.do(Role.BIRO_KSD, "measureIndicators", "indicators { figures { number } }", on=day)
    assert told["userErrors"] == []
    assert not any(figure["number"] for indicator in told["indicators"] for figure in indicator["figures"])


async def test_a_pledge_of_loans_is_not_delivered_as_goods(acting: Acting) -> None:
    pledge = await acting.tables.fetchrow(
        "select public_id, collaborator_id from ksbb.pledge where package_kind = 'PINJAMAN_MODAL' order by id limit 1"
    )
    assert pledge
    donor = replace(acting.city.viewer(Role.KOLABORATOR), institution_id=str(pledge["collaborator_id"]))
    form = {"deliveredOn": day_in_jakarta(acting.clock.now()).isoformat(), "quantity": 1, "value": 1}
    given = {"pledgeId": pledge["public_id"], "regionCode": "31.73.03.1001", **form}
    assert await refused(acting, donor, "reportDelivery", **given) == ("PLEDGE_NOT_OPEN", ["pledgeId"])


async def test_a_session_was_not_held_before_its_collaboration(acting: Acting) -> None:
    scene = await a_scene(acting, package=PackageKind.PELATIHAN)
    session = {**a_session(acting, {scene.businesses[0]: True}), "heldOn": "0001-01-01"}
    form = await form_c(acting, scene, 1, sessions=[session])
    code, path = await refused(acting, Role.KOLABORATOR, "reportDelivery", **form)
    assert (code, path) == ("DATE_OUT_OF_ORDER", ["sessions", "0", "heldOn"])


@pytest.mark.parametrize("letter", ["x", "\N{PILE OF POO}"])
async def test_no_text_is_longer_than_what_can_be_kept_and_searched(acting: Acting, letter: str) -> None:
    chance = Random(1)
    words = " ".join(f"{chance.randbytes(4).hex()}{letter}" for _ in range(95_000))
    place = {"kind": "LOKBIN", "regionCode": "31.73.03.1001"}
    assert await refused(acting, Role.DINAS, "registerPlace", name=words, **place) == ("TEXT_TOO_LONG", ["name"])
    kept = words[:LONGEST_INPUT]
    made = await done(acting, Role.DINAS, "registerPlace", "place { name }", name=kept, **place)
    assert made["name"] == kept.strip()
    p = await parties(acting, 0)
    paid = {**repayment(acting, await paid_out(acting, p), 1, "long-1"), "invoice": words}
    code = await refused(acting, p.lender, "recordRepayment", repayment=paid)
    assert code == ("TEXT_TOO_LONG", ["repayment", "invoice"])
