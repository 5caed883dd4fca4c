"""A trader's file at the village: taken in, checked for completeness, completed (usulan BPUM).

Source: PAIS UMi SOP, Dinas Koperasi dan UKM Kabupaten Indragiri Hilir (2021), part D 4-5. What a file must hold is
listed on public pages about Permenkop 2/2021, not in the SOP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from commands.command import Command, Fact, Ref, Spelling, registered
from commands.evidence import attach
from commands.refusal import Refusal
from commands.work import Work
from geo.regions import KELURAHAN_LENGTH, Level, at_level
from kernel.errors import KsbbError
from kernel.family_card import read_family_card
from kernel.nik import read_nik
from models.intake import IntakeApplication, IntakeStep
from models.states import INTAKE
from models.vocabulary import IntakeLevel, IntakeStatus

_S = IntakeStatus
_PAPERS = "Papers that were uploaded (`requestUpload`), if there are any: the business letter, and others."


# ---- situations


class IncompleteFile(Refusal):
    """A file that lacks something every file must hold."""

    code = "INCOMPLETE_FILE"

    def __init__(self, missing: Sequence[str]) -> None:
        listed = ", ".join(missing)
        super().__init__(
            f"The file lacks or has unusable: {listed}.", f"Berkas kurang atau tidak sah: {listed}.", missing=[*missing]
        )


class NotEligible(Refusal):
    """An applicant whom the grant excludes."""

    code = "NOT_ELIGIBLE"

    def __init__(self) -> None:
        super().__init__(
            "Civil servants, army, police and staff of state enterprises, and whoever has a bank credit or KUR, cannot "
            "apply.",
            "ASN, TNI, Polri, pegawai BUMN/BUMD, dan penerima kredit bank atau KUR tidak dapat mengajukan.",
        )


class AppliedAlready(Refusal):
    """Somebody whose file is on its way, or was paid."""

    code = "APPLIED_ALREADY"

    def __init__(self) -> None:
        super().__init__(
            "A file with this NIK is on its way already, or was paid. One application per person; whoever was turned "
            "down may apply again.",
            "Usulan dengan NIK ini sedang diproses atau sudah dicairkan. Satu orang satu usulan; yang ditolak dapat "
            "mengajukan lagi.",
            path=("nik",),
        )


class NotYourArea(Refusal):
    """A place outside the officer's area, or at another level."""

    code = "NOT_YOUR_AREA"

    def __init__(self) -> None:
        super().__init__(
            "This region is not a kelurahan of your area, or your level does not take files in.",
            "Wilayah ini bukan kelurahan di wilayah Anda, atau tingkat Anda tidak menerima berkas.",
            path=("regionCode",),
        )


# ---- events


@dataclass(frozen=True, kw_only=True)
class IntakeMoved(Fact):
    """A file came in, or lies at another level or in another state (usulan BPUM berpindah tingkat atau status)."""

    tells: ClassVar = (IntakeApplication.level, IntakeApplication.status)

    status: IntakeStatus
    level: IntakeLevel


def application_moved(application: IntakeApplication) -> IntakeMoved:
    """The event of a file."""
    return IntakeMoved(
        subject=application,
        region_code=application.region_code,
        status=application.status,
        level=application.level,
    )


def note_step(
    work: Work, application: IntakeApplication, before: IntakeStatus | None, reason: str | None = None
) -> None:
    """Keep a move in the history of a file, and tell of it."""
    work.add(
        IntakeStep,
        intake_application_id=application.id,
        officer_id=UUID(work.viewer.person_id) if work.viewer.person_id else None,
        from_status=before,
        to_status=application.status,
        level=application.level,
        at=work.now,
        reason=reason,
    )
    work.tell(application_moved(application))


@dataclass(frozen=True, kw_only=True)
class ReceiveApplication(Command):
    """Take a trader's file in at the village (SOP D4); what is missing is named."""

    region_code: Annotated[str, Spelling("RegionCode"), "Kelurahan of the applicant (kode wilayah)."]
    applicant_name: Annotated[str, "Full name (nama lengkap)."]
    nik: Annotated[str, "NIK, 16 digits."]
    family_card: Annotated[str, "Number of the family card, 16 digits (nomor KK)."]
    address: Annotated[str, "Address (alamat)."]
    phone: Annotated[str, "Telephone (telepon)."]
    business_field: Annotated[str, "Field of business (bidang usaha)."]
    permit_number: Annotated[str | None, "NIB, or number of the business letter (SKU)."] = None
    is_public_employee: Annotated[bool, "Civil servant, army, police, or staff of a state enterprise."]
    has_bank_credit: Annotated[bool, "Has a bank credit or KUR."]
    document_ids: Annotated[tuple[UUID, ...], Ref("Document"), _PAPERS] = ()


async def receive_application(command: ReceiveApplication, work: Work) -> IntakeApplication:
    """DITERIMA_DESA, or DILENGKAPI where only the business letter is missing.

    Raises:
        NotYourArea, NotEligible, IncompleteFile, AppliedAlready: the file is not taken in.
    """
    in_reach = command.region_code.startswith(work.viewer.area) and len(command.region_code) == KELURAHAN_LENGTH
    if work.viewer.level != IntakeLevel.DESA or not in_reach:
        raise NotYourArea
    if command.is_public_employee or command.has_bank_credit:
        raise NotEligible
    nik, family_card = _checked(command, work)
    hashed = work.secrets.blind(nik, "intake_application.nik")
    stands = IntakeApplication.status != _S.DITOLAK
    if await work.rows(IntakeApplication, IntakeApplication.nik_hash == hashed, stands):
        raise AppliedAlready
    application = work.add(
        IntakeApplication,
        number="",
        region_code=command.region_code,
        level=IntakeLevel.DESA,
        business_field=command.business_field.strip(),
        applicant_name=command.applicant_name.strip(),
        applicant_phone=command.phone.strip(),
        applicant_address=command.address.strip(),
        nik=work.secrets.encrypt(nik, "intake_application.nik"),
        nik_last4=nik[-4:],
        nik_hash=hashed,
        family_card=work.secrets.encrypt(family_card, "intake_application.family_card"),
        family_card_last4=family_card[-4:],
        permit_number=(command.permit_number or "").strip() or None,
        received_on=work.today,
    )
    application.number = f"BPUM/{work.today.year}/{application.public_id[-10:].upper()}"
    work.begin(application, INTAKE, _S.DITERIMA_DESA)
    await work.session.flush()  # the file comes before its history
    note_step(work, application, None)
    await _attach_papers(work, application, command.document_ids)
    if application.permit_number is None:
        work.move(application, INTAKE, _S.DILENGKAPI)
        application.return_reason = "NIB/SKU"
        note_step(work, application, _S.DITERIMA_DESA, application.return_reason)
    return application


async def _attach_papers(work: Work, application: IntakeApplication, document_ids: Sequence[UUID]) -> None:
    await attach(work, document_ids, region_code=application.region_code, intake_application_id=application.id)


def _checked(command: ReceiveApplication, work: Work) -> tuple[str, str]:
    """NIK and number of the family card as 16 digits."""
    kota = {region.code for region in at_level(Level.KOTA)}
    missing = [
        name
        for name, text in (
            ("applicantName", command.applicant_name),
            ("address", command.address),
            ("phone", command.phone),
            ("businessField", command.business_field),
        )
        if not text.strip()
    ]
    nik = family_card = ""
    try:
        nik = read_nik(command.nik, kota, work.today).digits
    except KsbbError:
        missing.append("nik")
    try:
        family_card = read_family_card(command.family_card, kota)
    except KsbbError:
        missing.append("familyCard")
    if missing:
        raise IncompleteFile(missing)
    return nik, family_card


@dataclass(frozen=True, kw_only=True)
class CompleteApplication(Command):
    """Add the business letter that was missing (SOP D5)."""

    application_id: Annotated[UUID, Ref("IntakeApplication"), "The file (usulan)."]
    permit_number: Annotated[str, "NIB, or number of the business letter (SKU)."]
    document_ids: Annotated[tuple[UUID, ...], Ref("Document"), _PAPERS] = ()


async def complete_application(command: CompleteApplication, work: Work) -> IntakeApplication:
    """DILENGKAPI -> DITERIMA_DESA.

    Raises:
        IncompleteFile: the letter is still missing.
    """
    if not command.permit_number.strip():
        raise IncompleteFile(["permitNumber"])
    application = await work.own(IntakeApplication, command.application_id, ("applicationId",))
    if application.status is not _S.DILENGKAPI:  # a kecamatan sends it back with a reason
        work.refuse(application, INTAKE, _S.DITERIMA_DESA)
    work.move(application, INTAKE, _S.DITERIMA_DESA)
    application.permit_number = command.permit_number.strip()
    application.return_reason = None
    note_step(work, application, _S.DILENGKAPI)
    await _attach_papers(work, application, command.document_ids)
    return application


COMMANDS = (
    registered(ReceiveApplication, receive_application, answers="IntakeApplication"),
    registered(CompleteApplication, complete_application, answers="IntakeApplication"),
)
