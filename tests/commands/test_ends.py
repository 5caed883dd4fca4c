"""How collaborations, pledges and needs end, and whom the audit trail names for it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from uuid import UUID

from commands.collaboration import EXPIRY_DAYS, ConfirmCollaboration
from commands.disbursement import ReportBouncedTransfer
from commands.erasure import CarryOutErasure, RequestErasure
from commands.loan import CancelLoan
from commands.target import CloseNeed, VerifyBusiness
from commands.withdrawal import CancelCollaboration, WithdrawPledge
from models.vocabulary import Party
from policy.viewer import Role, Viewer
from tests.commands.lives import Lives
from tests.sequences.giving import BIRO_KSD, DINAS
from tests.sequences.world import owner

WHY = "Contoh alasan"
VERY_LARGE = 1_000_000_000
STEWARD = Viewer(Role.DISKOMINFOTIK, "diskominfotik")


async def test_pledges_that_wait_end_with_their_collaboration_by_whoever_cancels_it(lives: Lives) -> None:
    for who in (lives.donor, BIRO_KSD):
        made, (pledge,) = await lives.pledged(await lives.need(), value=VERY_LARGE)
        await lives.do(who, CancelCollaboration(collaboration_id=made, reason=WHY))
        assert (await lives.row("pledge", pledge))["status"] == "DITARIK"
        last = (await lives.trail(pledge, "pledge"))[-1]
        assert (last["from"], last["to"], last["actor"], last["reason"]) == ("DIAJUKAN", "DITARIK", who.role, WHY)


async def test_the_office_submits_form_a_for_a_donor_that_it_names(lives: Lives) -> None:
    form = lives.form_a(await lives.need())
    assert await lives.refused(BIRO_KSD, form) == "DONOR_MISSING"
    donor = UUID(lives.donor.institution_id)
    made = await lives.do(BIRO_KSD, replace(form, on_behalf_of=donor))
    row = await lives.row("collaboration", made)
    assert (row["collaborator_id"], row["distributor_id"], row["status"]) == (donor, None, "DIKONFIRMASI")
    assert [step["actor"] for step in await lives.trail(made, "collaboration")] == ["BIRO_KSD", "BIRO_KSD", "SISTEM"]
    assert await lives.refused(lives.donor, replace(form, on_behalf_of=donor)) == "DONOR_MISSING"
    waits = await lives.do(BIRO_KSD, replace(lives.form_a(await lives.need(), value=VERY_LARGE), on_behalf_of=donor))
    assert (await lives.row("collaboration", waits))["status"] == "DIAJUKAN"


async def test_the_trail_names_the_office_that_ends_accepted_pledges(lives: Lives) -> None:
    made, (pledge,) = await lives.pledged(await lives.need())
    await lives.do(BIRO_KSD, CancelCollaboration(collaboration_id=made, reason=WHY))
    last = (await lives.trail(pledge, "pledge"))[-1]
    assert (last["to"], last["actor"], last["reason"]) == ("DITARIK", "BIRO_KSD", WHY)


async def test_a_fintech_cancels_its_own_form_b_before_a_contract_only(lives: Lives) -> None:
    loan, made = await lives.funded()
    command = CancelCollaboration(collaboration_id=made, reason=WHY)
    assert await lives.refused(lives.other_fintech, command) == "NOT_FOUND"
    await lives.do(lives.fintech, command)
    assert (await lives.row("loan", loan))["collaboration_id"] is None
    assert (await lives.row("collaboration", made))["status"] == "DIBATALKAN"
    loan, made = await lives.funded()
    await lives.do(lives.fintech, await lives.signature(loan, Party.DONATUR))
    command = CancelCollaboration(collaboration_id=made, reason=WHY)
    assert await lives.refused(lives.fintech, command) == "LOANS_UNDER_CONTRACT"


async def test_a_collaboration_begins_on_the_first_day_of_its_schedule(lives: Lives) -> None:
    today = lives.world.today
    form = replace(lives.form_a(await lives.need()), starts_on=today + dt.timedelta(2), ends_on=today + dt.timedelta(2))
    made = await lives.do(lives.donor, form)
    await lives.world.bus.tick()
    assert (await lives.row("collaboration", made))["status"] == "DIKONFIRMASI"
    lives.world.clock.move(dt.timedelta(2))
    await lives.world.bus.tick()
    assert (await lives.row("collaboration", made))["status"] == "BERJALAN"
    last = (await lives.trail(made, "collaboration"))[-1]
    assert (last["from"], last["to"], last["actor"]) == ("DIKONFIRMASI", "BERJALAN", "SISTEM")
    lives.world.clock.move(dt.timedelta(31))
    await lives.world.bus.tick()
    assert (await lives.row("collaboration", made))["status"] == "KEDALUWARSA"
    assert await lives.world.broken() == []


async def test_loans_that_nobody_contracts_are_on_offer_again_after_the_schedule(lives: Lives) -> None:
    loan, made = await lives.funded()
    signed, kept = await lives.funded()
    await lives.do(lives.fintech, await lives.signature(signed, Party.DONATUR))
    gone, empty = await lives.funded()
    await lives.do(lives.fintech, CancelLoan(loan_id=gone, reason=WHY))
    bounced = await lives.disbursed()
    back: dict[str, Any] = {"returned_on": lives.world.today, "invoice": "CONTOH", "reason": WHY}
    await lives.do(lives.fintech, ReportBouncedTransfer(loan_id=bounced, **back))
    undone = (await lives.row("loan", bounced))["collaboration_id"]
    lives.world.clock.move(dt.timedelta(20 + EXPIRY_DAYS))
    await lives.world.bus.tick()
    assert {(await lives.row("collaboration", c))["status"] for c in (made, kept, empty, undone)} == {"BERJALAN"}
    lives.world.clock.move(dt.timedelta(1))
    assert (await lives.world.bus.tick())["loan pledges expired"] >= 3
    assert set((await lives.world.bus.tick()).values()) == {0}
    assert {(await lives.row("collaboration", c))["status"] for c in (made, empty, undone)} == {"KEDALUWARSA"}
    assert (await lives.row("collaboration", kept))["status"] == "BERJALAN"
    row = await lives.row("loan", loan)
    assert (row["status"], row["collaboration_id"], row["collaborator_id"]) == ("DITAWARKAN", None, None)
    assert (await lives.row("loan", signed))["collaboration_id"] == kept
    assert await lives.world.broken() == []
    again = await lives.submitted(loan)
    await lives.do(BIRO_KSD, ConfirmCollaboration(collaboration_id=again))


async def test_the_trail_names_the_steward_who_ends_the_proposals_of_an_erased_person(lives: Lives) -> None:
    loan = await lives.offered()
    person = owner((await lives.row("loan", loan))["owner_id"])
    request = await lives.do(person, RequestErasure(restrict_only=True))
    await lives.do(STEWARD, CarryOutErasure(request_id=request))
    last = (await lives.trail(loan, "loan"))[-1]
    assert (last["to"], last["actor"], last["reason"]) == ("BATAL", "DISKOMINFOTIK", "PERSETUJUAN_DITARIK")


async def test_the_trail_tells_that_a_business_was_found_out_of_business(lives: Lives) -> None:
    business: UUID = (await lives.free_business())["id"]
    await lives.do(DINAS, VerifyBusiness(recipient_id=business, is_active=False))
    last = (await lives.trail(business, "business"))[-1]
    assert (last["from"], last["to"], last["actor"]) == ("AKTIF", "TIDAK_AKTIF", "DINAS_PPKUKM")


async def test_a_need_that_an_officer_closed_is_not_opened_by_what_is_given_back(lives: Lives) -> None:
    need = await lives.need()
    _, (pledge,) = await lives.pledged(need)
    await lives.do(DINAS, CloseNeed(need_id=need))
    last = (await lives.trail(need, "need"))[-1]
    assert (last["from"], last["to"], last["actor"]) == ("TERBUKA", "TERTUTUP", "DINAS_PPKUKM")
    await lives.do(lives.donor, WithdrawPledge(pledge_id=pledge, reason=WHY))
    row = await lives.row("need", need)
    assert (row["open"], row["closed_on"], row["pledged_quantity"]) == (False, lives.world.today, 0)


async def test_a_need_that_was_taken_whole_is_open_again_when_it_is_given_back(lives: Lives) -> None:
    need = await lives.need(3)
    _, (pledge,) = await lives.pledged(need)
    assert (await lives.row("need", need))["open"] is False
    await lives.do(lives.donor, WithdrawPledge(pledge_id=pledge, reason=WHY))
    assert (await lives.row("need", need))["open"] is True
