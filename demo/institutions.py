"""Fintechs and fund managers with their accreditations, agreements, periodic and audit reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

from demo.chance import Chance
from demo.evidence import PER_THING, document, sha256
from demo.names import anybody, email, phone
from demo.plan import LAUNCH, CityPlan
from demo.rows import Row
from kernel import luhn
from models.reference.form_g import required
from models.vocabulary import AccreditationStatus, DocumentKind, InstitutionKind, PackageKind

AGREEMENT_UNTIL = dt.date(2022, 12, 31)
EXPIRED_ON = dt.date(2021, 7, 31)
JAKARTA = "31"
_TURN = PER_THING - 2  # the place of an accreditation's paper among the documents of one number
_A = AccreditationStatus
_INCOMPLETE = {_A.DIAJUKAN, _A.KURANG_LENGKAP}
_MOST_ITEMS = 100  # more than form G ever asks for
_UNDECIDED = {_A.DIAJUKAN, _A.KURANG_LENGKAP, _A.DITINJAU, _A.PEMBAHASAN_PKS}
_OPEN_TO = {_A.AKTIF, _A.DIBEKUKAN, _A.BERAKHIR}  # those who signed an agreement once
_SIDE_APPLICATIONS = (
    _A.TIDAK_MEMENUHI,
    _A.DITINJAU,
    _A.KURANG_LENGKAP,
    _A.DIAJUKAN,
    _A.PEMBAHASAN_PKS,
    _A.DICABUT,
)
"""What came of the applications of fund managers for loans."""


def institution_rows(plan: CityPlan) -> Iterator[Row]:
    """All institutions, fintechs first."""
    for number in range(plan.size.fintechs + plan.size.fund_managers):
        yield _institution(plan, number)
        yield from _accreditations(plan, number)
        yield (
            "agreement",
            {
                "id": agreement_key(plan, number),
                "institution_id": plan.institution_key(number),
                "number": f"CONTOH/PKS/{number + 1:03}/2020",
                "starts_on": LAUNCH - dt.timedelta(10),
                "ends_on": EXPIRED_ON if main_status(plan, number) is _A.BERAKHIR else AGREEMENT_UNTIL,
                "file_sha256": sha256(plan.institution_key(number)),
            },
        )
        if number < plan.size.fintechs:
            yield _audit_report(plan, number)


def agreement_key(plan: CityPlan, institution: int) -> UUID:
    """The key of the agreement of an institution."""
    return plan.key("agreement", institution, LAUNCH)


def main_status(plan: CityPlan, institution: int) -> AccreditationStatus:
    """How an institution stands for what it does: all active, but for the last two fund managers."""
    last = plan.size.fintechs + plan.size.fund_managers - 1
    return {last: _A.BERAKHIR, last - 1: _A.DIBEKUKAN}.get(institution, _A.AKTIF)


def _institution(plan: CityPlan, number: int) -> Row:
    chance = plan.chance("institution", number)
    fintech = number < plan.size.fintechs
    name = f"PT Contoh Tekfin {number + 1}" if fintech else f"Yayasan Contoh Peduli {number + 1 - plan.size.fintechs}"
    return (
        "institution",
        {
            "id": plan.institution_key(number),
            "kind": InstitutionKind.FINTECH if fintech else InstitutionKind.AGREGATOR,
            "name": name,
            "legal_form": "Perseroan terbatas" if fintech else "Yayasan",
            "permit_number": f"CONTOH-{chance.digits(6)}",
            "regulator": "Otoritas Jasa Keuangan" if fintech else "Kementerian Sosial",
            "tax_number": _tax_number(chance),
            "account": f"Bank Contoh 99{chance.digits(8)}",
            "email": email(name),
            "phone": phone(90_000 + number),
            "contact_person": anybody(chance),
        },
    )


def _tax_number(chance: Chance) -> str:
    body = f"99{chance.digits(6)}"
    return f"{body}{luhn.check_character(body)}000000"


def _accreditations(plan: CityPlan, number: int) -> Iterator[Row]:
    if number < plan.size.fintechs:
        yield from _accreditation(plan, number, PackageKind.PINJAMAN_MODAL, main_status(plan, number))
        return
    for kind in (PackageKind.SARPRAS, PackageKind.PELATIHAN):
        yield from _accreditation(plan, number, kind, main_status(plan, number))
    turn = number - plan.size.fintechs
    if turn < len(_SIDE_APPLICATIONS):
        yield from _accreditation(plan, number, PackageKind.PINJAMAN_MODAL, _SIDE_APPLICATIONS[turn])


def _accreditation(plan: CityPlan, institution: int, kind: PackageKind, status: AccreditationStatus) -> Iterator[Row]:
    number = institution * len(PackageKind) + list(PackageKind).index(kind)
    key, institution_id = plan.key("accreditation", number, LAUNCH), plan.institution_key(institution)
    applied_on = LAUNCH - dt.timedelta(30 if status in _OPEN_TO else -90)
    decided_on = None if status in _UNDECIDED else LAUNCH - dt.timedelta(10 if status in _OPEN_TO else -130)
    stopped_on = {_A.BERAKHIR: EXPIRED_ON + dt.timedelta(1), _A.DIBEKUKAN: decided_on, _A.DICABUT: decided_on}
    yield (
        "accreditation",
        {
            "id": key,
            "institution_id": institution_id,
            "package_kind": kind,
            "status": status,
            "applied_on": applied_on,
            "decided_on": decided_on,
            "stopped_on": stopped_on.get(status),
            "decision": None if status in _UNDECIDED else f"Contoh keputusan: {status.label_id}",
        },
    )
    yield from _items(plan, institution, number, kind, status, applied_on)
    yield document(
        plan,
        2 * number * PER_THING + _TURN,
        DocumentKind.PERSYARATAN_LEMBAGA,
        applied_on,
        institution_id,
        JAKARTA,
        accreditation_id=key,
        institution_id=institution_id,
    )


def _items(
    plan: CityPlan, institution: int, number: int, package: PackageKind, status: AccreditationStatus, day: dt.date
) -> Iterator[Row]:
    """What form G asks for; whoever is not reviewed yet lacks the plan for the package."""
    kind = InstitutionKind.FINTECH if institution < plan.size.fintechs else InstitutionKind.AGREGATOR
    for asked in required(kind, package):
        is_there = status not in _INCOMPLETE or not asked.item.startswith("RENCANA")
        key = plan.key("accreditation_item", number * _MOST_ITEMS + asked.position, day)
        yield (
            "accreditation_item",
            {
                "id": key,
                "accreditation_id": plan.key("accreditation", number, LAUNCH),
                "institution_id": plan.institution_key(institution),
                "item": asked.item,
                "met_on": day if is_there else None,
                "file_sha256": sha256(key) if is_there and asked.document_kind is not None else None,
                "remark": "Contoh: rencana belum lengkap" if not is_there and status is _A.KURANG_LENGKAP else None,
            },
        )


def _audit_report(plan: CityPlan, fintech: int) -> Row:
    received_on = dt.date(2021, 4, 20 + fintech)
    return (
        "audit_report",
        {
            "id": plan.key("audit_report", fintech, received_on),
            "institution_id": plan.institution_key(fintech),
            "year": 2020,
            "version": 1,
            "replaced_on": None,
            "auditor": "KAP Contoh dan Rekan",
            "received_on": received_on,
            "file_sha256": sha256(plan.key("audit_report", fintech, received_on)),
        },
    )
