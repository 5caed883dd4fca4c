"""Institutions in the directory (lembaga): their entry, and what they themselves keep up to date.

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 5; Lampiran II A: donors choose a fund manager from the directory.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, ClassVar

from commands.accreditation import own_institution
from commands.command import Command, Fact, registered
from commands.refusal import Path, Refusal
from commands.work import Work
from geo.regions import regions
from kernel.npwp import UnusableNpwp, read_npwp
from models.institution import Accreditation, Institution
from models.vocabulary import AccreditationStatus, InstitutionKind

LONGEST_TEXT = 300
_ASSESSED = ("legal_form", "permit_number", "regulator", "tax_number")
"""What an accreditation was given for."""
_UNDER_ASSESSMENT = (
    AccreditationStatus.DITINJAU,
    AccreditationStatus.PEMBAHASAN_PKS,
    AccreditationStatus.AKTIF,
    AccreditationStatus.DIBEKUKAN,
)


# ---- situations


class UnusableEntry(Refusal):
    """A text of the directory that is empty or endless."""

    code = "UNUSABLE_ENTRY"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Write 1 to {LONGEST_TEXT} characters, or leave the field out.",
            f"Tuliskan 1 sampai {LONGEST_TEXT} karakter, atau kosongkan isian ini.",
            path=path,
        )


class TaxNumberWrong(Refusal):
    """A tax number that cannot be one."""

    code = "UNUSABLE_NPWP"

    def __init__(self) -> None:
        super().__init__(
            "This tax number cannot be one. Compare it with the card: 15 digits, or 16 since 2024.",
            "NPWP ini tidak mungkin benar. Cocokkan dengan kartunya: 15 digit, atau 16 digit sejak 2024.",
            path=("taxNumber",),
        )


class AssessedAlready(Refusal):
    """A change of what an accreditation was, or is just being, given for."""

    code = "ASSESSED_ALREADY"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "This was assessed for an accreditation of yours. Ask the collaboration division (Biro KSD) to return the "
            "application, or apply anew.",
            "Isian ini sudah dinilai untuk akreditasi Anda. Minta Bidang Kolaborasi (Biro KSD) mengembalikan "
            "permohonan, atau ajukan permohonan baru.",
            path=path,
        )


# ---- events


@dataclass(frozen=True, kw_only=True)
class InstitutionUpdated(Fact):
    """An institution came into the directory, or changed its entry (data lembaga berubah).

    `changed` names the fields, never their values.
    """

    tells: ClassVar = (
        *(Institution.name, Institution.email, Institution.phone, Institution.account),
        *(Institution.legal_form, Institution.permit_number, Institution.regulator, Institution.tax_number),
    )

    changed: str


@dataclass(frozen=True, kw_only=True)
class InstitutionContactChanged(Fact):
    """An institution named another contact person (narahubung lembaga berubah)."""

    tells: ClassVar = (Institution.contact_person,)


# ---- the entry


@dataclass(frozen=True, kw_only=True)
class RegisterInstitution(Command):
    """Enter a would-be fund manager or fintech, so that it can fill in form G (lembaga)."""

    kind: Annotated[InstitutionKind, "Fund manager or fintech (jenis lembaga)."]
    name: Annotated[str, "Name (nama lembaga)."]
    email: Annotated[str, "E-mail of the body (surel). Public."]
    phone: Annotated[str, "Telephone of the body (telepon). Public."]


@dataclass(frozen=True, kw_only=True)
class UpdateInstitution(Command):
    """Keep the entry of one's own institution up to date; what is left out stays as it is."""

    email: Annotated[str | None, "E-mail of the body (surel). Public."] = None
    phone: Annotated[str | None, "Telephone of the body (telepon). Public."] = None
    account: Annotated[str | None, "Account in the name of the body (rekening). Public."] = None
    contact_person: Annotated[str | None, "Contact person (narahubung). Never public."] = None
    legal_form: Annotated[str | None, "Legal form (bentuk hukum). Public."] = None
    permit_number: Annotated[str | None, "Number of the permit (nomor izin). Public."] = None
    regulator: Annotated[str | None, "Authority that supervises it (instansi pengawas). Public."] = None
    tax_number: Annotated[str | None, "Tax number of the body (NPWP). Public."] = None


async def register_institution(command: RegisterInstitution, work: Work) -> Institution:
    """Add an entry; the institution fills in the rest.

    Raises:
        UnusableEntry: a text is empty or endless.
    """
    given = {field: _usable(getattr(command, field), (field,)) for field in ("name", "email", "phone")}
    empty = dict.fromkeys((*_ASSESSED, "account", "contact_person"), "")
    institution = work.add(Institution, kind=command.kind, **given, **empty)
    work.tell(InstitutionUpdated(subject=institution, institutions=(institution.id,), changed=", ".join(given)))
    return institution


async def update_institution(command: UpdateInstitution, work: Work) -> Institution:
    """Change what was given. What was assessed stays until the application is returned.

    Raises:
        UnusableEntry, TaxNumberWrong: a value cannot be used.
        AssessedAlready: a value was assessed for an accreditation.
    """
    institution = await own_institution(work)
    given = {field: getattr(command, field) for field in _FIELDS if getattr(command, field) is not None}
    changed = {field: text for field, text in given.items() if text != getattr(institution, field)}
    if assessed := [field for field in _ASSESSED if field in changed]:
        of = Accreditation.institution_id == institution.id, Accreditation.status.in_(_UNDER_ASSESSMENT)
        if await work.rows(Accreditation, *of):
            raise AssessedAlready((_FIELDS[assessed[0]],))
    for field, text in changed.items():
        usable = _usable(text, (_FIELDS[field],))
        setattr(institution, field, _tax_number(usable, work.today) if field == "tax_number" else usable)
    _tell(work, institution, list(changed))
    return institution


def _tell(work: Work, institution: Institution, changed: list[str]) -> None:
    """The events of a change: the directory's, and the one of who is behind it, which fewer may hear."""
    concerned = (institution.id,)
    if listed := [field for field in changed if field != "contact_person"]:
        work.tell(InstitutionUpdated(subject=institution, institutions=concerned, changed=", ".join(listed)))
    if "contact_person" in changed:
        work.tell(InstitutionContactChanged(subject=institution, institutions=concerned))


_FIELDS = {
    "email": "email",
    "phone": "phone",
    "account": "account",
    "contact_person": "contactPerson",
    "legal_form": "legalForm",
    "permit_number": "permitNumber",
    "regulator": "regulator",
    "tax_number": "taxNumber",
}
"""What an institution may change, and how the input spells it."""


def _usable(text: str, path: Path) -> str:
    stripped = text.strip()
    if not 0 < len(stripped) <= LONGEST_TEXT:
        raise UnusableEntry(path)
    return stripped


def _tax_number(text: str, today: dt.date) -> str:
    try:
        return read_npwp(text, regions(), today)
    except UnusableNpwp:
        raise TaxNumberWrong from None


COMMANDS = (
    registered(RegisterInstitution, register_institution, answers="Institution"),
    registered(UpdateInstitution, update_institution, answers="Institution"),
)
