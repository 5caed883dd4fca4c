"""DINAS stands for several agencies: what is DINAS_PPKUKM's alone is refused to those beside it."""

from __future__ import annotations

import pytest

from commands.all import REGISTRY
from commands.refusal import NotAllowed, Refusal
from models.vocabulary import Actor
from policy.actions import BESIDE_PPKUKM, MAY, actor_of, may_do, may_give
from policy.viewer import Agency, Role, Viewer
from tests.acting import Acting
from tests.commands.test_actions import count, filled
from tests.commands.test_loan_journey import done, parties, refused

OTHERS = [None, *(agency for agency in Agency if agency is not Agency.DINAS_PPKUKM)]
NEED = {"packageKind": "SARPRAS", "item": "Contoh gerobak", "quantity": 1, "estimatedValue": 10, "period": "202201"}


def of_agency(agency: Agency | None) -> Viewer:
    """Somebody of role DINAS."""
    return Viewer(Role.DINAS, "contoh", agency=agency)


@pytest.mark.parametrize("agency", OTHERS)
async def test_what_is_the_msme_agencys_alone_is_refused_to_those_beside_it(
    acting: Acting, agency: Agency | None
) -> None:
    who = of_agency(agency)
    for registered in REGISTRY.values():
        may = may_do(registered.name, Role.PUBLIK) or agency in BESIDE_PPKUKM.get(registered.name, ())
        before = await count(acting)
        try:
            await acting.bus.carry_out(who, filled(registered.command))
        except NotAllowed:
            assert not may, registered.name
        except Refusal:
            assert may, registered.name
        assert may or await count(acting) == before


@pytest.mark.parametrize(
    "command",
    [
        *("ConfirmCollaboration", "RejectCollaboration", "RecommendLoan", "RecommendLoans", "RecordProspect"),
        *("RecordOutreachEvent", "RegisterCollaborator", "RegisterPlace", "AnswerFinding", "DecideCorrection"),
        *("VerifyComplaint", "ForwardComplaint", "FollowUpComplaint", "ResolveComplaint", "RejectComplaint"),
    ],
)
def test_the_msme_agency_alone_confirms_recommends_and_handles_complaints(command: str) -> None:
    assert may_give(command, of_agency(Agency.DINAS_PPKUKM))
    assert not any(may_give(command, of_agency(agency)) for agency in OTHERS)


def test_agencies_beside_it_may_only_what_the_role_may() -> None:
    assert all(Role.DINAS in MAY[command] for command in BESIDE_PPKUKM)


def test_an_agency_is_the_actor_that_it_is() -> None:
    assert actor_of(of_agency(Agency.DINAS_PPKUKM)) is Actor.DINAS_PPKUKM
    assert actor_of(of_agency(Agency.PMPTSP)) is Actor.PMPTSP
    assert actor_of(of_agency(Agency.OPD_PEMBINA)) is Actor.OPD_PEMBINA
    assert actor_of(of_agency(Agency.DINAS_SOSIAL)) is Actor.OPD_PEMBINA
    assert actor_of(of_agency(None)) is Actor.PUBLIK


async def test_the_refusal_says_whose_it_is(acting: Acting) -> None:
    given = {"collaborationId": await acting.tables.fetchval("select public_id from ksbb.collaboration limit 1")}
    payload = await acting.do(of_agency(Agency.PMPTSP), "confirmCollaboration", **given)
    (error,) = payload["userErrors"]
    assert error["code"] == "FORBIDDEN"
    assert "DINAS_PPKUKM" in error["message"]
    assert "DINAS_PPKUKM" in error["messageId"]


async def test_an_agency_verifies_and_registers_needs_of_the_businesses_that_it_fosters(acting: Acting) -> None:
    p = await parties(acting, 3)
    fosters = "update ksbb.business set supervising_agency = $2 where public_id = $1"
    await acting.tables.execute(fosters, p.business, "DINAS_SOSIAL")
    its, anothers = of_agency(Agency.DINAS_SOSIAL), of_agency(Agency.DINAS_KPKP)
    assert (await refused(acting, anothers, "verifyBusiness", recipientId=p.business))[0] == "NOT_FOUND"
    assert (await refused(acting, anothers, "registerNeed", recipientId=p.business, **NEED))[0] == "NOT_FOUND"
    await done(acting, its, "verifyBusiness", "recipient { id }", recipientId=p.business)
    need = await done(acting, its, "registerNeed", "need { id }", recipientId=p.business, **NEED)
    assert (await refused(acting, anothers, "closeNeed", needId=need["id"]))[0] == "NOT_FOUND"
    assert not (await done(acting, its, "closeNeed", "need { open }", needId=need["id"]))["open"]
    place = await acting.tables.fetchval("select public_id from ksbb.place limit 1")
    assert (await refused(acting, its, "registerNeed", placeId=place, **NEED))[0] == "NOT_FOUND"
