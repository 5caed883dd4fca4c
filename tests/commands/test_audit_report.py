"""Audited reports: one a year, newer versions beside the old ones, of the fintech itself."""

from __future__ import annotations

import asyncio

import pytest

from models.vocabulary import DocumentKind
from policy.viewer import Role
from tests.acting import Acting
from tests.commands.test_loan_journey import done, refused
from tests.uploading import an_upload

REPORTS = """query ($id: ID!) { institution(id: $id) { auditReports(first: 50, filter: {year: {eq: 2021}}) {
    nodes { version replacedOn auditor } } } }"""


async def test_a_newer_version_replaces_the_report_of_a_year_and_the_old_one_stays(acting: Acting) -> None:
    fintech = acting.city.viewer(Role.FINTECH)
    files = [await an_upload(acting, fintech, DocumentKind.LAPORAN_AUDIT) for _ in range(3)]
    given = {"year": 2021, "auditor": "KAP Contoh"}
    shown = "auditReport { version }"
    payloads = await asyncio.gather(
        *(acting.do(fintech, "submitAuditReport", shown, **given, documentIds=[file]) for file in files)
    )
    assert sorted(payload["auditReport"]["version"] for payload in payloads) == [1, 2, 3]
    identifier = acting.city.secrets.public_id("institution", acting.city.cast.fintech)
    for role in (Role.PUBLIK, Role.INSPEKTORAT):
        found = (await acting(role, REPORTS, {"id": identifier}))["data"]["institution"]["auditReports"]["nodes"]
        assert {row["version"]: row["replacedOn"] is None for row in found} == {1: False, 2: False, 3: True}


@pytest.mark.parametrize("year", [2019, 2022, 2030])
async def test_a_report_is_of_a_whole_year_of_the_programme(acting: Acting, year: int) -> None:
    fintech = acting.city.viewer(Role.FINTECH)
    file = await an_upload(acting, fintech, DocumentKind.LAPORAN_AUDIT)
    given = {"year": year, "auditor": "KAP Contoh", "documentIds": [file]}
    assert await refused(acting, fintech, "submitAuditReport", **given) == ("YEAR_NOT_OVER", ["year"])


async def test_another_paper_is_no_audited_report(acting: Acting) -> None:
    fintech = acting.city.viewer(Role.FINTECH)
    file = await an_upload(acting, fintech, DocumentKind.LAIN)
    given = {"year": 2020, "auditor": "KAP Contoh", "documentIds": [file]}
    assert (await refused(acting, fintech, "submitAuditReport", **given))[0] == "EVIDENCE_MISSING"


async def test_it_is_told_which_fintechs_were_silent_about_a_year(acting: Acting) -> None:
    entry = {"kind": "FINTECH", "name": "PT Contoh Diam", "email": "diam@contoh.example", "phone": "081200000009"}
    silent = await done(acting, Role.BIRO_KSD, "registerInstitution", "institution { id }", **entry)
    query = "{ institutions(filter: {kind: {eq: FINTECH}, auditReports: {none: {year: {eq: 2020}}}}) { nodes { id } } }"
    found = {node["id"] for node in (await acting(Role.PUBLIK, query))["data"]["institutions"]["nodes"]}
    assert silent["id"] in found
    assert acting.city.secrets.public_id("institution", acting.city.cast.fintech) not in found
