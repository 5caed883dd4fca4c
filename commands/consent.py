"""Consent of a person: bound to a purpose, dated, and withdrawn as easily as it was given (persetujuan).

Source: UU 27/2022, art. 20-22 and 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import false, func, select, update

from commands.command import Command, Fact, registered
from commands.loan import loan_moved
from commands.refusal import Refusal
from commands.work import Work
from models.business import Business, Need
from models.delivery import Delivery, DeliveryRecipient
from models.loan import Loan
from models.owner import Consent, Owner
from models.states import LOAN
from models.vocabulary import ConsentPurpose, LoanStatus

WITHDRAWN = "PERSETUJUAN_DITARIK"
"""Why a loan was called off (golongan alasan)."""
_BEFORE_A_CONTRACT = (LoanStatus.DIUSULKAN, LoanStatus.DISARING, LoanStatus.DITAWARKAN)


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
    """A person gave or withdrew a consent (persetujuan diberikan atau dicabut)."""

    tells: ClassVar = (Consent.purpose, Consent.given_on, Consent.withdrawn_on)

    purpose: ConsentPurpose


@dataclass(frozen=True, kw_only=True)
class GiveConsent(Command):
    """Consent to be listed in public, or to a photo being published."""

    purpose: Annotated[ConsentPurpose, "What for: TAMPIL_PUBLIK or FOTO (tujuan)."]


@dataclass(frozen=True, kw_only=True)
class WithdrawConsent(Command):
    """Withdraw a consent; from now on nothing is shown on its ground.

    Without the consent to a screening, proposals that have no contract yet are called off and the fintech no longer
    sees them; what is under contract is seen on the ground of the contract.
    """

    purpose: Annotated[ConsentPurpose, "Which one: TAMPIL_PUBLIK, FOTO or PENYARINGAN (tujuan)."]


async def give_consent(command: GiveConsent, work: Work) -> Consent:
    """Record a consent; one that stands is left as it is.

    Raises:
        ConsentByLoan: consent to screening is given per loan.
    """
    if command.purpose is ConsentPurpose.PENYARINGAN:
        raise ConsentByLoan
    owner = await work.own(Owner, UUID(work.viewer.person_id), ())
    for standing in await _standing(work, owner, command.purpose):
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
    """
    owner = await work.own(Owner, UUID(work.viewer.person_id), ())
    withdrawn = await end_consent(work, owner, command.purpose)
    if not withdrawn:
        raise NoConsentToWithdraw
    return withdrawn[0]


async def end_consent(work: Work, owner: Owner, purpose: ConsentPurpose) -> Sequence[Consent]:
    """Withdraw the consents of an owner that stand for a purpose, with what is shown on their ground."""
    standing = await _standing(work, owner, purpose)
    for consent in standing:
        consent.withdrawn_on = work.today
        work.tell(ConsentChanged(subject=consent, region_code=owner.region_code, purpose=purpose))
    if purpose is ConsentPurpose.PENYARINGAN:
        await _call_off(work, owner)
    else:
        await _show(work, owner, purpose, shown=False)
    return standing


async def _standing(work: Work, owner: Owner, purpose: ConsentPurpose) -> Sequence[Consent]:
    return await work.rows(
        Consent, Consent.owner_id == owner.id, Consent.purpose == purpose, Consent.withdrawn_on.is_(None)
    )


async def _call_off(work: Work, owner: Owner) -> None:
    """End what is not under contract; a proposal that nobody screened waits for another consent."""
    loans = select(Loan).where(Loan.owner_id == owner.id, Loan.status.in_(_BEFORE_A_CONTRACT)).order_by(Loan.id)
    for loan in (await work.session.execute(loans.with_for_update())).scalars():
        if loan.status is not LoanStatus.DIUSULKAN:
            work.move(loan, LOAN, LoanStatus.BATAL, reason=WITHDRAWN)
            loan.status_reason = WITHDRAWN
        loan.consented_on = None
        work.tell(loan_moved(loan))


async def _show(work: Work, owner: Owner, purpose: ConsentPurpose, *, shown: bool) -> None:
    """Let what the public sees of the owner's businesses follow the consent."""
    if purpose is ConsentPurpose.FOTO:
        await work.session.execute(update(Business).where(Business.owner_id == owner.id).values(photo_consented=shown))
        await _show_photos(work, owner)
        return
    await work.session.execute(update(Business).where(Business.owner_id == owner.id).values(listed=shown))
    await work.session.execute(update(Need).where(Need.owner_id == owner.id).values(listed=shown))


async def _show_photos(work: Work, owner: Owner) -> None:
    """Let photos of what the owner received be seen if now all consent who received it; whoever checks it waits."""
    received = select(DeliveryRecipient.delivery_id).where(DeliveryRecipient.owner_id == owner.id)
    locked = select(Delivery.id).where(Delivery.id.in_(received)).order_by(Delivery.id).with_for_update()
    keys = (await work.session.execute(locked)).scalars().all()
    all_consent = (
        select(func.coalesce(func.bool_and(Business.photo_consented), false()))
        .join(DeliveryRecipient, DeliveryRecipient.business_id == Business.id)
        .where(DeliveryRecipient.delivery_id == Delivery.id)
        .scalar_subquery()
    )
    await work.session.execute(update(Delivery).where(Delivery.id.in_(keys)).values(photos_consented=all_consent))


COMMANDS = (
    registered(GiveConsent, give_consent, answers="Consent"),
    registered(WithdrawConsent, withdraw_consent, answers="Consent"),
)
