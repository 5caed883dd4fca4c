"""Agreements with DKI Jakarta (PKS), and accreditations that are suspended, resumed or revoked.

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 7; invariant 10 of DOMAIN section 8. An accreditation whose last
agreement passed ends by itself (`commands/clocks.py`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from commands.accreditation import OnAccreditation, accreditation_moved
from commands.command import Command, Fact, Ref, registered
from commands.evidence import attach
from commands.form_g import JAKARTA
from commands.guards import DateOutOfOrder
from commands.refusal import Refusal
from commands.work import Work, reason_given
from models.institution import Accreditation, Agreement, Institution
from models.states import ACCREDITATION
from models.vocabulary import AccreditationStatus, DocumentKind

LONGEST_NUMBER = 100
_IN_FORCE = (AccreditationStatus.AKTIF, AccreditationStatus.DIBEKUKAN)


# ---- situations


class UnusableNumber(Refusal):
    """An agreement without a number, or with an endless one."""

    code = "UNUSABLE_AGREEMENT_NUMBER"

    def __init__(self) -> None:
        super().__init__(
            f"Write the number of the agreement as it stands on it, in at most {LONGEST_NUMBER} characters.",
            f"Tuliskan nomor PKS seperti tercantum, paling banyak {LONGEST_NUMBER} karakter.",
            path=("number",),
        )


class NumberTaken(Refusal):
    """A number that another agreement has."""

    code = "AGREEMENT_NUMBER_TAKEN"

    def __init__(self) -> None:
        super().__init__(
            "Another agreement has this number. Compare it with the paper; a renewal has a number of its own.",
            "Nomor PKS ini sudah dipakai. Periksa dokumennya; perpanjangan memakai nomor sendiri.",
            path=("number",),
        )


class AccreditationsOfOneInstitution(Refusal):
    """An agreement over nothing, over something twice, or over the accreditations of several institutions."""

    code = "ACCREDITATIONS_OF_ONE_INSTITUTION"

    def __init__(self) -> None:
        super().__init__(
            "Name one or more different accreditations, all of the same institution.",
            "Sebutkan satu atau beberapa akreditasi berbeda dari lembaga yang sama.",
            path=("accreditationIds",),
        )


class NoAgreementToRenew(Refusal):
    """An institution without an accreditation in force signs anew: it is not renewed."""

    code = "NO_AGREEMENT_TO_RENEW"

    def __init__(self) -> None:
        super().__init__(
            "The institution has no accreditation in force. It applies anew, and signs with `signAgreement`.",
            "Lembaga tidak memiliki akreditasi yang berlaku. Lembaga mengajukan permohonan baru, lalu `signAgreement`.",
            path=("institutionId",),
        )


# ---- events


@dataclass(frozen=True, kw_only=True)
class AgreementSigned(Fact):
    """An agreement was signed or renewed (perjanjian kerja sama ditandatangani)."""

    tells: ClassVar = (Agreement.number, Agreement.starts_on, Agreement.ends_on)


# ---- signing


@dataclass(frozen=True, kw_only=True)
class _WithAgreement(Command):
    """What an agreement tells."""

    number: Annotated[str, "Number of the agreement (nomor PKS)."]
    starts_on: Annotated[dt.date, "First day (mulai)."]
    ends_on: Annotated[dt.date, "Last day (berakhir)."]
    document_ids: Annotated[
        tuple[UUID, ...], Ref("Document"), "Evidence that was uploaded (`requestUpload`): the signed agreement, a PKS."
    ]


@dataclass(frozen=True, kw_only=True)
class SignAgreement(_WithAgreement):
    """Record a signed agreement (PKS): the accreditations that it is for are in force."""

    accreditation_ids: Annotated[
        tuple[UUID, ...], Ref("Accreditation"), "The accreditations of one institution that it is for (akreditasi)."
    ]


@dataclass(frozen=True, kw_only=True)
class RenewAgreement(_WithAgreement):
    """Record the next agreement (PKS) of an institution whose accreditation is in force (perpanjangan)."""

    institution_id: Annotated[UUID, Ref("Institution"), "The institution (lembaga)."]


async def sign_agreement(command: SignAgreement, work: Work) -> Agreement:
    """PEMBAHASAN_PKS -> AKTIF, for one or more packages of an institution.

    Raises:
        AccreditationsOfOneInstitution: none, or those of several.
        UnusableNumber, NumberTaken, DateOutOfOrder, EvidenceMissing: a part of the agreement is wrong.
    """
    path = ("accreditationIds",)
    keys = sorted(set(command.accreditation_ids))
    accreditations = [await work.own(Accreditation, key, path) for key in keys]
    institutions = {accreditation.institution_id for accreditation in accreditations}
    if len(institutions) != 1 or len(keys) != len(command.accreditation_ids):
        raise AccreditationsOfOneInstitution
    agreement = await _agreed(command, work, institutions.pop(), accreditations[0])
    for accreditation in accreditations:
        _only_from(AccreditationStatus.PEMBAHASAN_PKS, work, accreditation)
        work.move(accreditation, ACCREDITATION, AccreditationStatus.AKTIF)
        work.tell(accreditation_moved(accreditation))
    return agreement


async def renew_agreement(command: RenewAgreement, work: Work) -> Agreement:
    """Add the next agreement; the accreditations do not end with the one before.

    Raises:
        NoAgreementToRenew: no accreditation of the institution is in force.
        UnusableNumber, NumberTaken, DateOutOfOrder, EvidenceMissing: a part of the agreement is wrong.
    """
    institution = await work.own(Institution, command.institution_id, ("institutionId",))
    of = Accreditation.institution_id == institution.id, Accreditation.status.in_(_IN_FORCE)
    in_force = select(Accreditation).where(*of).order_by(Accreditation.id).with_for_update()
    if not (found := (await work.session.execute(in_force)).scalars().all()):
        raise NoAgreementToRenew
    return await _agreed(command, work, institution.id, found[0])


async def _agreed(command: _WithAgreement, work: Work, institution_id: UUID, accreditation: Accreditation) -> Agreement:
    """A new agreement; its paper lies with one of the accreditations that it is for."""
    number = " ".join(command.number.split())
    if not 0 < len(number) <= LONGEST_NUMBER:
        raise UnusableNumber
    if command.ends_on < command.starts_on or command.ends_on < work.today:
        raise DateOutOfOrder(("endsOn",), "not before the first day, nor past", "tidak sebelum mulai atau hari ini")
    taken = select(Agreement.id).where(func.upper(Agreement.number) == number.upper())
    if (await work.session.execute(taken.limit(1))).scalar_one_or_none() is not None:
        raise NumberTaken
    proof = DocumentKind.PKS
    papers = await attach(
        work,
        command.document_ids,
        required=[(proof,)],
        region_code=JAKARTA,
        accreditation_id=accreditation.id,
        institution_id=institution_id,
    )
    agreement = work.add(
        Agreement,
        institution_id=institution_id,
        number=number,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        file_sha256=next(paper.sha256 for paper in papers if paper.kind is proof),
    )
    work.tell(AgreementSigned(subject=agreement, institutions=(institution_id,)))
    return agreement


# ---- stopping


@dataclass(frozen=True, kw_only=True)
class _WithReason(OnAccreditation):
    """A step that needs a reason."""

    reason: Annotated[str, "Why (alasan). Read by the institution, never public."]


@dataclass(frozen=True, kw_only=True)
class SuspendAccreditation(_WithReason):
    """Suspend an accreditation: no new commitments; what runs goes on and is reported (dibekukan)."""


@dataclass(frozen=True, kw_only=True)
class ResumeAccreditation(_WithReason):
    """Let a suspended accreditation be in force again."""


@dataclass(frozen=True, kw_only=True)
class RevokeAccreditation(_WithReason):
    """Revoke an accreditation for good; what runs goes on and is reported (dicabut)."""


async def suspend_accreditation(command: SuspendAccreditation, work: Work) -> Accreditation:
    """AKTIF -> DIBEKUKAN."""
    return await _moved(command, work, AccreditationStatus.DIBEKUKAN)


async def resume_accreditation(command: ResumeAccreditation, work: Work) -> Accreditation:
    """DIBEKUKAN -> AKTIF."""
    return await _moved(command, work, AccreditationStatus.AKTIF, only_from=AccreditationStatus.DIBEKUKAN)


async def revoke_accreditation(command: RevokeAccreditation, work: Work) -> Accreditation:
    """AKTIF or DIBEKUKAN -> DICABUT."""
    return await _moved(command, work, AccreditationStatus.DICABUT)


async def _moved(
    command: _WithReason, work: Work, after: AccreditationStatus, only_from: AccreditationStatus | None = None
) -> Accreditation:
    reason = reason_given(command.reason)
    accreditation = await work.own(Accreditation, command.accreditation_id, ("accreditationId",))
    if only_from is not None:
        _only_from(only_from, work, accreditation)
    work.move(accreditation, ACCREDITATION, after, reason=reason)
    accreditation.decision = reason
    accreditation.stopped_on = None if after is AccreditationStatus.AKTIF else accreditation.stopped_on or work.today
    work.tell(accreditation_moved(accreditation))
    return accreditation


def _only_from(before: AccreditationStatus, work: Work, accreditation: Accreditation) -> None:
    """AKTIF follows two states, by two commands: one with an agreement, the other with a reason."""
    if accreditation.status is not before:
        work.refuse(accreditation, ACCREDITATION, AccreditationStatus.AKTIF)


COMMANDS = (
    registered(SignAgreement, sign_agreement, answers="Agreement"),
    registered(RenewAgreement, renew_agreement, answers="Agreement"),
    registered(SuspendAccreditation, suspend_accreditation, answers="Accreditation"),
    registered(ResumeAccreditation, resume_accreditation, answers="Accreditation"),
    registered(RevokeAccreditation, revoke_accreditation, answers="Accreditation"),
)
