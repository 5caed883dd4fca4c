"""Steps: institutions and their accreditation, from the directory over form G to the agreement and its end."""

from __future__ import annotations

import datetime as dt
from typing import Any

from commands.accreditation import (
    ApplyForAccreditation,
    AssessAccreditation,
    CompleteAccreditation,
    ReturnAccreditation,
    ReviewAccreditation,
)
from commands.agreement import (
    RenewAgreement,
    ResumeAccreditation,
    RevokeAccreditation,
    SignAgreement,
    SuspendAccreditation,
)
from commands.audit_report import SubmitAuditReport
from commands.form_g import FormGPaper
from commands.institution import RegisterInstitution, UpdateInstitution
from models.flow_codes import FormGItem
from models.reference.form_g import Required, required
from models.vocabulary import DocumentKind, InstitutionKind, PackageKind
from policy.viewer import Role, Viewer
from tests.sequences.giving import BIRO_KSD, REASON
from tests.sequences.steps import Order, drives
from tests.sequences.uploads import an_upload, evidence
from tests.sequences.world import World, institution

NPWP = "990000010000000"
_THEIRS = "t.institution_id <> all ($1)"
"""Of institutions that do not lend or distribute in the sequence: it goes on without what is stopped."""


def _speaker(kind: str, key: Any) -> Viewer:
    return institution(Role[kind], key)


def _players(world: World) -> list[str]:
    return [who.institution_id for who in (*world.players.fintechs, *world.players.fund_managers)]


async def _accreditation(world: World, *states: str) -> Any:
    """One that is not of a player; with what its institution is."""
    found = await world.pick("accreditation", f"{_THEIRS} and t.status = any ($2)", _players(world), list(states))
    if found is None or (str(found["institution_id"]) in _players(world) and world.chance(0.98)):
        return None
    kind = await world.tables.fetchval("select kind from ksbb.institution where id = $1", found["institution_id"])
    return {**found, "kind": kind}


# ---- the directory


@drives(RegisterInstitution)
async def register_institution(world: World) -> Order | None:
    kind = world.random.choice(list(InstitutionKind))
    entry = {"email": "contoh@contoh.example", "phone": "081200000001"}
    return BIRO_KSD, RegisterInstitution(kind=kind, name=f"Yayasan Contoh {world.next()}", **entry)


@drives(UpdateInstitution, often=4)
async def update_institution(world: World) -> Order | None:
    body = await world.pick("institution", "t.account = ''")
    return body and (
        _speaker(body["kind"], body["id"]),
        UpdateInstitution(
            account="Bank Contoh 1",
            contact_person="Contoh Narahubung",
            legal_form="Yayasan",
            permit_number=f"CONTOH-{world.next()}",
            regulator="Kementerian Contoh",
            tax_number=NPWP if world.chance(0.95) else "990000010000001",
        ),
    )


# ---- form G


@drives(ApplyForAccreditation, often=5)
async def apply_for_accreditation(world: World) -> Order | None:
    body = await world.pick(
        "institution", "not exists (select from ksbb.accreditation a where a.institution_id = t.id)"
    )
    if body is None:
        return None
    kind = InstitutionKind[body["kind"]]
    open_ = [p for p in PackageKind if required(kind, p)] if world.chance(0.95) else list(PackageKind)
    package = world.random.choice(open_)
    who = _speaker(kind.value, body["id"])
    papers = await _papers(world, who, [each for each in required(kind, package) if _is_there(world, each)])
    return who, ApplyForAccreditation(package_kind=package, papers=papers)


def _is_there(world: World, asked: Required) -> bool:
    return asked.document_kind is not None and world.chance(0.93)


async def _papers(world: World, who: Viewer, asked: list[Required]) -> tuple[FormGPaper, ...]:
    """A paper for each item, now and then one of another kind."""
    papers: list[FormGPaper] = []
    for each in asked:
        kind = DocumentKind.LAIN if each.document_kind is None or world.chance(0.01) else each.document_kind
        named = await an_upload(world, who, kind, [paper.document_id for paper in papers])
        papers.append(FormGPaper(item=each.item, document_id=named))
    return tuple(papers)


@drives(CompleteAccreditation, often=4)
async def complete_accreditation(world: World) -> Order | None:
    returned = await _accreditation(world, "KURANG_LENGKAP")
    if returned is None:
        return None
    who = _speaker(returned["kind"], returned["institution_id"])
    query = "select item from ksbb.accreditation_item where accreditation_id = $1 and met_on is null order by id"
    lacking = {row["item"] for row in await world.tables.fetch(query, returned["id"])}
    asked = required(InstitutionKind[returned["kind"]], PackageKind[returned["package_kind"]])
    papers = await _papers(world, who, [each for each in asked if each.item in lacking and _is_there(world, each)])
    return who, CompleteAccreditation(accreditation_id=returned["id"], papers=papers)


@drives(ReturnAccreditation, often=3)
async def return_accreditation(world: World) -> Order | None:
    applied = await _accreditation(world, "DIAJUKAN")
    named = (world.random.choice(list(FormGItem)),) if world.chance(0.2) else ()
    return applied and (BIRO_KSD, ReturnAccreditation(accreditation_id=applied["id"], missing=named, remark=REASON))


@drives(ReviewAccreditation, often=4)
async def review_accreditation(world: World) -> Order | None:
    applied = await _accreditation(world, "DIAJUKAN")
    return applied and (BIRO_KSD, ReviewAccreditation(accreditation_id=applied["id"]))


@drives(AssessAccreditation, often=4)
async def assess_accreditation(world: World) -> Order | None:
    reviewed, eligible = await _accreditation(world, "DITINJAU"), world.chance(0.85)
    command = reviewed and AssessAccreditation(accreditation_id=reviewed["id"], eligible=eligible, decision=REASON)
    return reviewed and (BIRO_KSD, command)


# ---- the agreement


async def _agreement(world: World) -> dict[str, Any]:
    number = world.next() if world.chance(0.95) else 1
    starts_on = world.day(20)
    return {
        "number": f"CONTOH/PKS/{number}",
        "starts_on": starts_on,
        "ends_on": starts_on + dt.timedelta(world.random.randint(0, 400)),
        "document_ids": await evidence(world, BIRO_KSD, [(DocumentKind.PKS,)]),
    }


@drives(SignAgreement, often=4)
async def sign_agreement(world: World) -> Order | None:
    discussed = await _accreditation(world, "PEMBAHASAN_PKS")
    if discussed is None:
        return None
    named = (discussed["id"],) * (2 if world.chance(0.03) else 1)
    return BIRO_KSD, SignAgreement(accreditation_ids=named, **await _agreement(world))


@drives(RenewAgreement)
async def renew_agreement(world: World) -> Order | None:
    body = await world.pick("institution")
    return body and (BIRO_KSD, RenewAgreement(institution_id=body["id"], **await _agreement(world)))


@drives(SuspendAccreditation)
async def suspend_accreditation(world: World) -> Order | None:
    active = await _accreditation(world, "AKTIF")
    return active and (BIRO_KSD, SuspendAccreditation(accreditation_id=active["id"], reason=REASON))


@drives(ResumeAccreditation, often=3)
async def resume_accreditation(world: World) -> Order | None:
    suspended = await _accreditation(world, "DIBEKUKAN")
    return suspended and (BIRO_KSD, ResumeAccreditation(accreditation_id=suspended["id"], reason=REASON))


@drives(RevokeAccreditation, often=1)
async def revoke_accreditation(world: World) -> Order | None:
    active = await _accreditation(world, "AKTIF", "DIBEKUKAN")
    return active and (BIRO_KSD, RevokeAccreditation(accreditation_id=active["id"], reason=REASON))


@drives(SubmitAuditReport)
async def submit_audit_report(world: World) -> Order | None:
    fintech = world.random.choice(world.players.fintechs)
    report = await evidence(world, fintech, [(DocumentKind.LAPORAN_AUDIT,)])
    year = world.random.randint(2020, 2021) if world.chance(0.95) else 2030
    return fintech, SubmitAuditReport(year=year, auditor="KAP Contoh", document_ids=report)
