"""A list of loan targets is proposed whole or not at all, and each that cannot be is named."""

from __future__ import annotations

from typing import Any

from models.vocabulary import DocumentKind
from policy.viewer import Role
from tests.acting import Acting
from tests.commands.test_loan_journey import PRINCIPAL, Parties, parties
from tests.uploading import an_upload

PROPOSED = "select count(*) from ksbb.loan where status = 'DIUSULKAN'"


def target(p: Parties, principal: int = PRINCIPAL) -> dict[str, Any]:
    """A business on the list."""
    return {"recipientId": p.business, "principal": principal, "tenorMonths": 4}


async def test_a_list_is_proposed_whole_with_the_recommendation_behind_it(acting: Acting) -> None:
    listed = [await parties(acting, skip) for skip in (40, 41, 42)]
    before = await acting.tables.fetchval(PROPOSED)
    file = await an_upload(acting, Role.DINAS, DocumentKind.REKOMENDASI)
    given: dict[str, Any] = {"fintechId": listed[0].fintech, "targets": [target(p) for p in listed]}
    (error,) = (await acting.do(Role.DINAS, "recommendLoans", **given))["userErrors"]
    assert (error["code"], await acting.tables.fetchval(PROPOSED)) == ("EVIDENCE_MISSING", before)
    given["documentIds"] = [file]
    payload = await acting.do(Role.DINAS, "recommendLoans", "loan { id } recommended", **given)
    assert (payload["userErrors"], payload["recommended"]) == ([], 3)
    assert await acting.tables.fetchval(PROPOSED) == before + 3
    query = "query ($id: ID!) { document(id: $id) { kind } }"
    assert (await acting(listed[0].lender, query, {"id": file}))["data"]["document"] is None
    assert (await acting(Role.BIRO_KSD, query, {"id": file}))["data"]["document"] == {"kind": "REKOMENDASI"}


async def test_every_target_that_cannot_be_proposed_is_named_and_none_is_proposed(acting: Acting) -> None:
    good, small, twice = [await parties(acting, skip) for skip in (44, 45, 46)]
    before = await acting.tables.fetchval(PROPOSED)
    given = {
        "fintechId": good.fintech,
        "targets": [target(good), target(small, 1), target(twice), target(twice), {**target(good), "tenorMonths": 99}],
    }
    payload = await acting.do(Role.DINAS, "recommendLoans", "loan { id } recommended", **given)
    told = [(error["code"], error["path"][:2]) for error in payload["userErrors"]]
    assert told == [
        ("AMOUNT_OUT_OF_RANGE", ["targets", "1"]),
        ("OWNER_HAS_A_LOAN", ["targets", "3"]),
        ("TENOR_OUT_OF_RANGE", ["targets", "4"]),
    ]
    assert (payload["loan"], payload["recommended"]) == (None, None)
    assert await acting.tables.fetchval(PROPOSED) == before


async def test_a_fintech_that_may_not_lend_is_told_once(acting: Acting) -> None:
    listed = [await parties(acting, skip) for skip in (47, 48)]
    given: dict[str, Any] = {"fintechId": listed[0].manager, "targets": [target(p) for p in listed]}
    (error,) = (await acting.do(Role.DINAS, "recommendLoans", **given))["userErrors"]
    assert (error["code"], error["path"]) == ("INSTITUTION_NOT_ACTIVE", ["fintechId"])
    empty: dict[str, Any] = {"fintechId": listed[0].fintech, "targets": []}
    (error,) = (await acting.do(Role.DINAS, "recommendLoans", **empty))["userErrors"]
    assert error["code"] == "UNUSABLE_LIST"
