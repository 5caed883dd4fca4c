"""Consent of a person: bound to a purpose, dated, and withdrawn as easily as it was given (persetujuan).

Source: UU 27/2022, art. 20-22 and 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import update

from commands.command import Command, Fact, registered
from commands.refusal import Refusal
from commands.work import Work
from models.business import Business, Need
from models.owner import Consent, Owner
from models.vocabulary import ConsentPurpose


class ConsentByLoan(Refusal):
    """Consent to a screening belongs to one proposed loan."""

    code = "CONSENT_BY_LOAN"

    def __init__(self) -> None:
        super().__init__(
            "Consent to a screening is given for one proposed loan: use `consentToScreening`.",
            "Persetujuan penyaringan diberikan untuk satu usulan pinjaman: gunakan `consentToScreening`.",
            path=("purpose",),
        )


class NoConsentToWithdraw(Refusal):
    """A consent that was not given, or was withdrawn."""

    code = "NO_CONSENT_TO_WITHDRAW"

    def __init__(self) -> None:
        super().__init__(
            "There is no consent of yours for this purpose.",
            "Tidak ada persetujuan Anda untuk tujuan ini.",
            path=("purpose",),
        )


@dataclass(frozen=True, kw_only=True)
class ConsentChanged(Fact):
    """A person gave or withdrew a consent."""

    purpose: ConsentPurpose


@dataclass(frozen=True, kw_only=True)
class GiveConsent(Command):
    """Consent to be listed in public, or to a photo being published."""

    purpose: Annotated[ConsentPurpose, "What for: TAMPIL_PUBLIK or FOTO (tujuan)."]


@dataclass(frozen=True, kw_only=True)
class WithdrawConsent(Command):
    """Withdraw a consent; from now on nothing is shown on its ground."""

    purpose: Annotated[ConsentPurpose, "Which one: TAMPIL_PUBLIK or FOTO (tujuan)."]


async def give_consent(command: GiveConsent, work: Work) -> Consent:
    """Record a consent; one that stands is left as it is.

    Raises:
        ConsentByLoan: consent to screening is given per loan.
    """
    owner, standing = await _standing(command.purpose, work)
    if standing is not None:
        return standing
    consent = work.add(
        Consent, owner_id=owner.id, region_code=owner.region_code, purpose=command.purpose, given_on=work.today
    )
    await _show(work, owner, command.purpose, shown=True)
    work.tell(ConsentChanged(subject=consent, region_code=owner.region_code, purpose=command.purpose))
    return consent


async def withdraw_consent(command: WithdrawConsent, work: Work) -> Consent:
    """Record the withdrawal.

    Raises:
        NoConsentToWithdraw: none stands.
        ConsentByLoan: consent to screening is given per loan.
    """
    owner, standing = await _standing(command.purpose, work)
    if standing is None:
        raise NoConsentToWithdraw
    standing.withdrawn_on = work.today
    await _show(work, owner, command.purpose, shown=False)
    work.tell(ConsentChanged(subject=standing, region_code=owner.region_code, purpose=command.purpose))
    return standing


async def _standing(purpose: ConsentPurpose, work: Work) -> tuple[Owner, Consent | None]:
    if purpose is ConsentPurpose.PENYARINGAN:
        raise ConsentByLoan
    owner = await work.own(Owner, UUID(work.viewer.person_id), ())
    found = await work.rows(
        Consent, Consent.owner_id == owner.id, Consent.purpose == purpose, Consent.withdrawn_on.is_(None)
    )
    return owner, found[0] if found else None


async def _show(work: Work, owner: Owner, purpose: ConsentPurpose, *, shown: bool) -> None:
    """Let what the public sees of the owner's businesses follow the consent."""
    if purpose is ConsentPurpose.FOTO:
        await work.session.execute(update(Business).where(Business.owner_id == owner.id).values(photo_consented=shown))
        return
    await work.session.execute(update(Business).where(Business.owner_id == owner.id).values(listed=shown))
    await work.session.execute(update(Need).where(Need.owner_id == owner.id).values(listed=shown))


COMMANDS = (
    registered(GiveConsent, give_consent, answers="Consent"),
    registered(WithdrawConsent, withdraw_consent, answers="Consent"),
)
