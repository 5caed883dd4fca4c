"""Conditions that several commands share: who takes part, and what may still be promised."""

from __future__ import annotations

import datetime as dt
import re
from uuid import UUID

from sqlalchemy import select, true

from commands.refusal import Path, Refusal
from commands.work import Work
from models.collaboration import Collaboration
from models.institution import Accreditation, Agreement, Institution
from models.vocabulary import AccreditationStatus, InstitutionKind, PackageKind


class InstitutionNotActive(Refusal):
    """An institution whose accreditation for the package or whose agreement (PKS) is not in force today."""

    code = "INSTITUTION_NOT_ACTIVE"

    def __init__(self, package: PackageKind | None, path: Path) -> None:
        what, apa = package or "any package", package or "paket mana pun"
        super().__init__(
            f"The institution (lembaga) has no accreditation and agreement (PKS) in force for {what}. "
            "Choose one whose status is AKTIF.",
            f"Lembaga ini tidak memiliki akreditasi dan PKS yang berlaku untuk {apa}. Pilih yang berstatus AKTIF.",
            path=path,
        )


class DateOutOfOrder(Refusal):
    """A day that lies before what it follows, or in the future."""

    code = "DATE_OUT_OF_ORDER"

    def __init__(self, path: Path, what: str, apa: str) -> None:
        super().__init__(f"This day is not possible: {what}.", f"Tanggal ini tidak mungkin: {apa}.", path=path)


class NotAMonth(Refusal):
    """A period that is no month."""

    code = "NOT_A_MONTH"

    def __init__(self) -> None:
        super().__init__(
            "A period is a year and a month as YYYYMM, such as 202112.",
            "Periode ditulis tahun dan bulan sebagai YYYYMM, misalnya 202112.",
            path=("period",),
        )


class NotASha256(Refusal):
    """A text that is no SHA-256."""

    code = "NOT_A_SHA256"

    def __init__(self) -> None:
        super().__init__(
            "A SHA-256 has 64 hex digits.", "SHA-256 terdiri atas 64 digit heksadesimal.", path=("sha256",)
        )


class ProgrammeEnded(Refusal):
    """A new commitment after the last day of the programme (DOMAIN section 8, invariant 18)."""

    code = "PROGRAMME_ENDED"

    def __init__(self, ends_on: dt.date) -> None:
        super().__init__(
            f"The programme took new commitments until {ends_on}. What was promised is still reported.",
            f"Program menerima komitmen baru sampai {ends_on}. Yang sudah dijanjikan tetap dilaporkan.",
            ends_on=ends_on.isoformat(),
        )


def require_programme_open(work: Work) -> None:
    """Make sure that new commitments are still taken; reports are, whatever the day.

    The end is a setting: Instruksi Sekda DKI 56/2020, KEDUA, names 31 July 2021, and it went on.

    Raises:
        ProgrammeEnded: the last day has passed.
    """
    ends_on = work.settings.programme_ends_on
    if ends_on is not None and work.today > ends_on:
        raise ProgrammeEnded(ends_on)


def month_given(text: str) -> str:
    """A period as YYYYMM, of this century.

    Raises:
        NotAMonth: something else.
    """
    period = text.strip()
    if re.fullmatch("20[0-9]{2}(0[1-9]|1[0-2])", period) is None:
        raise NotAMonth
    return period


def sha256_given(text: str) -> str:
    """A SHA-256 in lower case.

    Raises:
        NotASha256: something else.
    """
    digits = text.strip().lower()
    if len(digits) != 64 or not set(digits) <= set("0123456789abcdef"):
        raise NotASha256
    return digits


async def require_active(
    work: Work, institution_id: UUID, kind: InstitutionKind, package: PackageKind | None, path: Path
) -> UUID:
    """Make sure that an institution may take part in a package, None: in any; the agreement (PKS) by which it may.

    Nobody suspends, revokes or ends the accreditation until the transaction is over (DOMAIN section 8, invariant 10).

    Raises:
        InstitutionNotActive: it may not, is of another kind, or does not exist.
    """
    query = (
        select(Agreement.id)
        .select_from(Institution)
        .join(Accreditation, Accreditation.institution_id == Institution.id)
        .join(Agreement, Agreement.institution_id == Institution.id)
        .where(
            Institution.id == institution_id,
            Institution.kind == kind,
            true() if package is None else Accreditation.package_kind == package,
            Accreditation.status == AccreditationStatus.AKTIF,
            Agreement.starts_on <= work.today,
            Agreement.ends_on >= work.today,
        )
    )
    last = query.order_by(Agreement.ends_on.desc(), Agreement.id, Accreditation.id).limit(1)
    agreement_id = (await work.session.execute(last.with_for_update(read=True, of=Accreditation))).scalar_one_or_none()
    if agreement_id is None:
        raise InstitutionNotActive(package, path)
    return agreement_id


async def stand_by_agreement(work: Work, collaboration: Collaboration, path: Path) -> None:
    """Make sure that who distributes may take new commitments today, and name the agreement (PKS) by which it may.

    Raises:
        InstitutionNotActive: it may not.
    """
    if collaboration.distributor_id is not None:
        package = collaboration.package_kind
        lends = package is PackageKind.PINJAMAN_MODAL
        kind = InstitutionKind.FINTECH if lends else InstitutionKind.AGREGATOR
        collaboration.agreement_id = await require_active(work, collaboration.distributor_id, kind, package, path)
