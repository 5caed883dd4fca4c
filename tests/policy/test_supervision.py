"""Supervision can tell who checked, who handed in, and which file it was."""

from __future__ import annotations

import json
import re
from collections import Counter
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from policy.viewer import Role, Viewer
from schema.build import sdl
from tests.conftest import Asking, City
from tests.policy.conftest import owner_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

OFFICERS = """{
    validations(first: 50) { nodes { officer { id } region { code } } }
    mentoringVisits(first: 50) { nodes { officer { id } } }
    recipients(first: 50, filter: {verifiedOn: {isNull: false}}) { nodes { verifiedBy { id } } }
}"""
HASHES = """{
    documents(first: 5) { nodes { hash: sha256 } }
    agreements(first: 5) { nodes { hash: fileSha256 } }
    auditReports(first: 5) { nodes { hash: fileSha256 } }
    handovers(first: 5, filter: {status: {eq: DITERIMA}}) { nodes { hash: proofSha256 } }
    eContracts(first: 5) { nodes { hash: sha256 } }
}"""


def nodes(answer: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The rows of every list of an answer."""
    assert "errors" not in answer, answer["errors"]
    return {name: page["nodes"] for name, page in answer["data"].items()}


@pytest.mark.parametrize("role", [Role.INSPEKTORAT, Role.BIRO_KSD, Role.PENDAMPING])
async def test_checks_visits_and_verifications_name_the_account_of_the_officer(ask: Asking, role: Role) -> None:
    for name, rows in nodes(await ask(role, OFFICERS)).items():
        assert rows, name
        officers = {(row.get("officer") or row["verifiedBy"])["id"] for row in rows}
        assert all(officer.startswith("user_account_") for officer in officers)


async def test_officers_of_two_areas_are_told_apart(ask: Asking) -> None:
    rows = nodes(await ask(Role.BIRO_KSD, OFFICERS))["validations"]
    pairs = {(row["region"]["code"][:8], row["officer"]["id"]) for row in rows}
    assert len(pairs) == len({area for area, _ in pairs}) == len({officer for _, officer in pairs}) > 1


@pytest.mark.parametrize("role", [Role.INSPEKTORAT, Role.BIRO_KSD])
async def test_files_are_known_by_their_hashes(ask: Asking, role: Role) -> None:
    for name, rows in nodes(await ask(role, HASHES)).items():
        assert rows, name
        assert all(re.fullmatch("[0-9a-f]{64}", row["hash"]) for row in rows), name


async def test_the_public_checks_agreements_and_audited_reports_by_their_hashes(ask: Asking) -> None:
    query = "{ agreements(first: 5) { nodes { fileSha256 } } auditReports(first: 5) { nodes { fileSha256 } } }"
    assert all(row["fileSha256"] for rows in nodes(await ask(Role.PUBLIK, query)).values() for row in rows)


async def test_a_donor_sees_what_is_disputed_of_its_donations_and_single_loans_in_steps_only(
    walled_city: City, ask: Asking
) -> None:
    query = "{ discrepancies { nodes { measure valueA valueB status loan { id } collaborator { id } } } }"
    async with owner_of(walled_city.server) as owner:
        told = await owner.fetch(
            "select distinct collaborator_id from ksbb.discrepancy where collaborator_id is not null"
        )
    kinds = set()
    for (donor,) in told:
        rows = nodes(await ask(Viewer(Role.KOLABORATOR, institution_id=str(donor)), query))["discrepancies"]
        assert len({row["collaborator"]["id"] for row in rows}) == 1
        for row in rows:
            in_steps = row["valueA"] % 5_000_000 == row["valueB"] % 5_000_000 == 0
            assert row["measure"]
            assert row["status"]
            assert in_steps is (row["loan"] is not None), row
            kinds.add(row["loan"] is None)
    assert kinds == {True, False}


async def test_form_a_or_b_is_read_by_its_donor_and_by_supervision_and_by_no_other_donor(
    walled_city: City, ask: Asking
) -> None:
    query = "{ pledges(first: 100) { nodes { form collaborator { id } } } }"
    viewer = walled_city.viewer(Role.KOLABORATOR)
    donor = walled_city.secrets.public_id("collaborator", UUID(viewer.institution_id))
    rows = nodes(await ask(viewer, query))["pledges"]
    assert {row["collaborator"]["id"] == donor for row in rows} == {True, False}
    for row in rows:
        assert (row["form"] is not None) is (row["collaborator"]["id"] == donor)
    for role in (Role.BIRO_KSD, Role.INSPEKTORAT):
        forms = [json.loads(row["form"]) for row in nodes(await ask(role, query))["pledges"]]
        assert {form["formulir"] for form in forms} == {"A", "B"}


async def test_what_a_pledge_took_of_its_need_is_public(ask: Asking) -> None:
    query = "{ pledgeNeeds(first: 50) { nodes { quantity pledge { quantity need { id } } need { id } } } }"
    rows = nodes(await ask(Role.PUBLIK, query))["pledgeNeeds"]
    assert rows
    for row in rows:
        assert (row["pledge"]["quantity"], row["pledge"]["need"]) == (row["quantity"], row["need"])


async def test_papers_lie_with_what_they_are_for_and_those_of_the_intake_chain_stay_in_it(
    ask: Asking,
) -> None:
    papers = "{ documents(first: 200) { nodes { id } } }"
    of_files = "{ intakeApplications(first: 200) { nodes { documents { nodes { id } } steps { nodes { level } } } } }"
    files = nodes(await ask(Role.INSPEKTORAT, of_files))["intakeApplications"]
    intake = {row["id"] for file in files for row in file["documents"]["nodes"]}
    assert len(intake) == len(files)
    assert all(file["steps"]["nodes"] for file in files)
    own = nodes(await ask(Role.PETUGAS_INTAKE, papers))["documents"]
    assert {row["id"] for row in own} <= intake
    assert own
    for role in (Role.BIRO_KSD, Role.PENDAMPING):
        assert not intake & {row["id"] for row in nodes(await ask(role, papers))["documents"]}
    of_accreditations = "{ accreditations(first: 50) { nodes { documents { nodes { kind sha256 } } } } }"
    for accreditation in nodes(await ask(Role.BIRO_KSD, of_accreditations))["accreditations"]:
        assert accreditation["documents"]["nodes"]


@pytest.mark.parametrize("role", [Role.BIRO_KSD, Role.INSPEKTORAT, Role.DISKOMINFOTIK])
async def test_a_report_to_the_sekda_has_the_hash_of_what_it_says(ask: Asking, role: Role) -> None:
    rows = nodes(await ask(role, "{ sekdaReports { nodes { period fixedOn content fileSha256 } } }"))["sekdaReports"]
    assert rows
    assert all(sha256(row["content"].encode()).hexdigest() == row["fileSha256"] for row in rows)
    assert all(json.loads(row["content"])["periode"] == row["period"] for row in rows)


async def test_a_donor_counts_its_loans_by_status_and_reads_no_sum_of_what_was_repaid(
    walled_city: City, ask: Asking
) -> None:
    viewer = walled_city.viewer(Role.KOLABORATOR)
    query = "{ loanGroups(by: [COLLABORATION, STATUS]) { keys { collaborationId status } count } }"
    groups = (await ask(viewer, query))["data"]["loanGroups"]
    rows = nodes(await ask(viewer, "{ loans(first: 200) { nodes { status collaboration { id } } } }"))["loans"]
    told = Counter((row["collaboration"]["id"], row["status"]) for row in rows)
    assert told
    assert {(g["keys"]["collaborationId"], g["keys"]["status"]): g["count"] for g in groups} == told
    assert "repaid:" not in sdl(Role.KOLABORATOR)
