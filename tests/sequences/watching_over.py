"""Steps: complaints, discrepancies, consent, and the intake chain."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from commands.application import CompleteApplication, ReceiveApplication
from commands.complaint import (
    FileComplaint,
    FollowUpComplaint,
    ForwardComplaint,
    RejectComplaint,
    ResolveComplaint,
    VerifyComplaint,
)
from commands.consent import GiveConsent, WithdrawConsent
from commands.discrepancy import ExplainDiscrepancy, NotifyDiscrepancy, ReportCorrection, SettleDiscrepancy
from commands.intake import CompileRecap, ForwardApplications, RejectApplication, ReturnApplication
from commands.tracking import ReopenComplaint
from models.vocabulary import ComplaintCategory, ConsentPurpose, DocumentKind
from policy.viewer import Role, Viewer
from tests.sequences.giving import BIRO_KSD, DINAS, REASON
from tests.sequences.steps import Order, drives
from tests.sequences.uploads import evidence
from tests.sequences.world import World, institution, owner

KELURAHAN = "31.73.03.1008"
AREA_OF = {
    "DESA": KELURAHAN,
    "KECAMATAN": KELURAHAN[:8],
    "DINAS_KABUPATEN": KELURAHAN[:5],
    "DINAS_PROVINSI": "31",
    "KEMENTERIAN": "31",
}
INSPECTOR = Viewer(Role.INSPEKTORAT, "inspektorat")


# ---- complaints


@drives(FileComplaint, often=3)
async def file_complaint(world: World) -> Order | None:
    category = world.random.choice(list(ComplaintCategory))
    region = world.random.choice(world.players.areas)
    return world.anybody(), FileComplaint(category=category, region_code=region, text="Contoh pengaduan")


@drives(ReopenComplaint, often=5)
async def reopen_complaint(world: World) -> Order | None:
    closed = await world.pick("complaint", "t.status = 'SELESAI' and t.public_id = any ($1)", list(world.codes))
    if closed is None and world.chance(0.8):
        return None
    code = world.codes.get(closed["public_id"], "0" * 16) if closed else "0" * 16
    return world.anybody(), ReopenComplaint(tracking_code=code, reason=REASON)


async def _complaint(world: World, *states: str) -> Any:
    return await world.pick("complaint", "t.status = any ($1)", list(states))


def _handler(world: World, complaint: Any) -> Viewer:
    """Mostly somebody who works on it."""
    if complaint["assigned_agency"] == "INSPEKTORAT" and world.chance(0.9):
        return INSPECTOR
    near = [one for one in world.players.desks if one.area and complaint["region_code"].startswith(one.area)]
    return world.random.choice((DINAS, DINAS, INSPECTOR, *near))


@drives(VerifyComplaint, often=7)
async def verify_complaint(world: World) -> Order | None:
    complaint = await _complaint(world, "DITERIMA")
    return complaint and (_handler(world, complaint), VerifyComplaint(complaint_id=complaint["id"]))


@drives(ForwardComplaint, often=7)
async def forward_complaint(world: World) -> Order | None:
    complaint = await _complaint(world, "DIVERIFIKASI")
    return complaint and (
        _handler(world, complaint),
        ForwardComplaint(complaint_id=complaint["id"], agency="DINAS_PPKUKM"),
    )


@drives(FollowUpComplaint, often=7)
async def follow_up_complaint(world: World) -> Order | None:
    complaint = await _complaint(world, "DITERUSKAN", "DIBUKA_KEMBALI")
    return complaint and (_handler(world, complaint), FollowUpComplaint(complaint_id=complaint["id"], note="Contoh"))


@drives(ResolveComplaint, often=7)
async def resolve_complaint(world: World) -> Order | None:
    complaint = await _complaint(world, "DITINDAKLANJUTI")
    return complaint and (_handler(world, complaint), ResolveComplaint(complaint_id=complaint["id"]))


@drives(RejectComplaint, often=4)
async def reject_complaint(world: World) -> Order | None:
    complaint = await _complaint(world, "DITINDAKLANJUTI")
    return complaint and (_handler(world, complaint), RejectComplaint(complaint_id=complaint["id"], reason=REASON))


# ---- discrepancies


async def _discrepancy(world: World, *states: str) -> Any:
    return await world.pick("discrepancy", "t.status = any ($1)", list(states))


def _told(row: Any) -> Viewer:
    role = Role.FINTECH if row["loan_id"] or row["handover_id"] else Role.AGREGATOR
    return institution(role, row["institution_id"] or row["collaborator_id"])


@drives(NotifyDiscrepancy, often=6)
async def notify_discrepancy(world: World) -> Order | None:
    found = await _discrepancy(world, "TERDETEKSI")
    return found and (BIRO_KSD, NotifyDiscrepancy(discrepancy_id=found["id"]))


@drives(ExplainDiscrepancy)
async def explain_discrepancy(world: World) -> Order | None:
    found = await _discrepancy(world, "DIBERITAHUKAN")
    return found and (_told(found), ExplainDiscrepancy(discrepancy_id=found["id"], explanation="Contoh penjelasan"))


@drives(ReportCorrection, often=1)
async def report_correction(world: World) -> Order | None:
    found = await _discrepancy(world, "DIBERITAHUKAN")
    return found and (_told(found), ReportCorrection(discrepancy_id=found["id"], explanation="Contoh koreksi"))


@drives(SettleDiscrepancy)
async def settle_discrepancy(world: World) -> Order | None:
    found = await _discrepancy(world, "DIJELASKAN", "DIKOREKSI", "DIESKALASI")
    who = world.random.choice((BIRO_KSD, INSPECTOR))
    return found and (who, SettleDiscrepancy(discrepancy_id=found["id"]))


# ---- consent


async def _owner(world: World) -> Any:
    return await world.pick("owner", "exists (select from ksbb.business b where b.owner_id = t.id)")


@drives(GiveConsent, often=1)
async def give_consent(world: World) -> Order | None:
    person = await _owner(world)
    return person and (owner(person["id"]), GiveConsent(purpose=world.random.choice(list(ConsentPurpose))))


@drives(WithdrawConsent, often=1)
async def withdraw_consent(world: World) -> Order | None:
    person = await _owner(world)
    return person and (owner(person["id"]), WithdrawConsent(purpose=world.random.choice(list(ConsentPurpose))))


# ---- the intake chain


def desk(level: str) -> Viewer:
    """The officer of a level."""
    return Viewer(Role.PETUGAS_INTAKE, f"intake-{level}", area=AREA_OF[level], level=level)


async def _file(world: World, right: str = "t.status not in ('DITOLAK', 'DITERIMA_DESA')") -> Any:
    file = await world.pick("intake_application", f"{right} and t.region_code = $1", KELURAHAN)
    return file if file and file["region_code"] == KELURAHAN else None


@drives(ReceiveApplication, often=3)
async def receive_application(world: World) -> Order | None:
    number = world.random.randint(1, 60)
    command = ReceiveApplication(
        region_code=KELURAHAN,
        applicant_name="Contoh Pedagang",
        nik=f"31730301018099{number:02}",
        family_card=f"31730301011099{number:02}",
        address="Contoh jalan 1",
        phone="081200000001",
        business_field="Contoh warung",
        permit_number="CONTOH/SKU" if world.chance(0.8) else None,
        is_public_employee=world.chance(0.05),
        has_bank_credit=world.chance(0.05),
        document_ids=await _papers(world),
    )
    return desk("DESA"), command


async def _papers(world: World) -> tuple[UUID, ...]:
    """A paper of a file, if there is one."""
    return await evidence(world, desk("DESA"), [(DocumentKind.LAIN,)] if world.chance(0.3) else [])


@drives(CompleteApplication, often=3)
async def complete_application(world: World) -> Order | None:
    file = await _file(world, "t.status = 'DILENGKAPI'")
    papers = await _papers(world) if file else ()
    return file and (
        desk("DESA"),
        CompleteApplication(application_id=file["id"], permit_number="CONTOH/SKU", document_ids=papers),
    )


@drives(ForwardApplications, often=10)
async def forward_applications(world: World) -> Order | None:
    file = await _file(world, "t.status not in ('DITOLAK', 'DILENGKAPI', 'DICAIRKAN')")
    if file is None:
        return None
    alike = "t.status = $1 and t.region_code = $2"
    files = await world.some("intake_application", alike, file["status"], file["region_code"])
    return desk(file["level"]), ForwardApplications(application_ids=tuple(files))


@drives(CompileRecap, often=3)
async def compile_recap(world: World) -> Order | None:
    return desk("KECAMATAN" if world.chance(0.9) else "DESA"), CompileRecap()


@drives(ReturnApplication)
async def return_application(world: World) -> Order | None:
    file = await _file(world)
    return file and (desk(file["level"]), ReturnApplication(application_id=file["id"], reason=REASON))


@drives(RejectApplication, often=1)
async def reject_application(world: World) -> Order | None:
    file = await _file(world)
    return file and (desk(file["level"]), RejectApplication(application_id=file["id"], reason=REASON))
