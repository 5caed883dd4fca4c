"""Corrections that a person asks for, decided by those who read what is proposed (hak perbaikan).

Source: UU 27/2022, art. 6 and 30: within 3 x 24 hours.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import select

from commands.command import Command, Ref, registered
from commands.refusal import Refusal
from commands.rights import asker, close, filed
from commands.work import Work, reason_given
from kernel.kbli import UnusableKbli, read_kbli
from models.business import Business
from models.owner import Owner
from models.release import KbliCode
from models.rights import RightsRequest
from models.vocabulary import BusinessStatus, CorrectionField, RightsRequestKind, RightsRequestStatus

PROPOSED = "rights_request.proposed"
LONGEST_VALUE = 200
_PHONE = re.compile(r"\+?[0-9]{8,15}")
_OF_A_BUSINESS = frozenset({CorrectionField.NAMA_USAHA, CorrectionField.ALAMAT_USAHA, CorrectionField.KBLI})
_COLUMNS: Mapping[CorrectionField, str] = {
    CorrectionField.NAMA: "name",
    CorrectionField.TELEPON: "phone",
    CorrectionField.ALAMAT: "address",
    CorrectionField.NAMA_USAHA: "trade_name",
    CorrectionField.ALAMAT_USAHA: "address",
    CorrectionField.KBLI: "kbli_code",
}


# ---- situations


class UnusableValue(Refusal):
    """A proposed value that the field cannot hold. It is not repeated."""

    code = "UNUSABLE_VALUE"

    def __init__(self, english: str, indonesian: str) -> None:
        super().__init__(
            f"This value cannot be used: {english}.", f"Nilai ini tidak dapat digunakan: {indonesian}.", path=("value",)
        )


class WhichBusiness(Refusal):
    """A correction of a business without saying of which, or of one that is not the person's."""

    code = "WHICH_BUSINESS"

    def __init__(self) -> None:
        super().__init__(
            "Say which of your businesses is meant (recipientId); leave it out for your name, telephone and address.",
            "Sebutkan usaha Anda yang dimaksud (recipientId); untuk nama, telepon, dan alamat Anda sendiri, kosongkan.",
            path=("recipientId",),
        )


# ---- commands


@dataclass(frozen=True, kw_only=True)
class RequestCorrection(Command):
    """Ask for a correction of what is held on you or your business (hak perbaikan, UU 27/2022 art. 6).

    The NIK is corrected at the desk, with a document.
    """

    field: Annotated[CorrectionField, "What is to be corrected (data yang diperbaiki)."]
    value: Annotated[str, "The right value (nilai yang benar). Kept encrypted until it is decided."]
    reason: Annotated[str, "Why it is to be corrected (alasan). Never public."]
    recipient_id: Annotated[UUID | None, Ref("Recipient"), "The business, where it is about one (UMKM)."] = None


@dataclass(frozen=True, kw_only=True)
class DecideCorrection(Command):
    """Accept or refuse a correction that a person asked for, within 72 hours."""

    request_id: Annotated[UUID, Ref("RightsRequest"), "The request (permohonan)."]
    accepted: Annotated[bool, "Whether the proposed value is right (diterima)."]
    reason: Annotated[str | None, "Why not (alasan); needed for a refusal. Read by the person."] = None


async def request_correction(command: RequestCorrection, work: Work) -> RightsRequest:
    """File a correction.

    Raises:
        WhichBusiness: a business is missing, not the person's, or named for nothing.
        UnusableValue: the field cannot hold the value.
    """
    owner = await asker(work)
    business = None
    if command.field in _OF_A_BUSINESS:
        business = await _own_business(work, owner, command.recipient_id)
    elif command.recipient_id is not None:
        raise WhichBusiness
    value = await _CHECKS.get(command.field, _text)(work, command.value.strip(), business)
    return await filed(
        work,
        owner,
        RightsRequestKind.PERBAIKAN,
        field=command.field,
        business_id=business.id if business else None,
        region_code=business.region_code if business else owner.region_code,
        proposed=work.secrets.encrypt(value, PROPOSED),
        reason=reason_given(command.reason),
    )


async def decide_correction(command: DecideCorrection, work: Work) -> RightsRequest:
    """DIAJUKAN -> DIPENUHI, with the new value in its place, or DITOLAK with the reason.

    The audit trail keeps the old value as a keyed hash: it can be compared, and not read.

    Raises:
        ReasonMissing: a refusal without reason.
    """
    request = await work.own(RightsRequest, command.request_id, ("requestId",))
    proposed = request.proposed
    if not command.accepted:
        request.decision_reason = reason_given(command.reason or "")
        close(work, request, RightsRequestStatus.DITOLAK)
        return request
    close(work, request, RightsRequestStatus.DIPENUHI)
    assert proposed is not None
    assert request.field is not None
    await _put(work, request, request.field, work.secrets.decrypt(proposed, PROPOSED))
    request.decision_reason = command.reason
    return request


async def _own_business(work: Work, owner: Owner, key: UUID | None) -> Business:
    own = await work.rows(Business, Business.owner_id == owner.id, Business.status != BusinessStatus.DUPLIKAT)
    meant = [business for business in own if key is None or business.id == key]
    if len(meant) != 1:
        raise WhichBusiness
    return meant[0]


async def _put(work: Work, request: RightsRequest, field: CorrectionField, value: str) -> None:
    row: Owner | Business | None
    if field in _OF_A_BUSINESS:
        row = await work.locked(Business, Business.id == request.business_id)
    else:
        row = await work.locked(Owner, Owner.id == request.owner_id)
    assert row is not None
    column = _COLUMNS[field]
    before = getattr(row, column)
    work.details["field"] = field.value
    work.details["before_hash"] = (
        None if before is None else work.secrets.blind(before, f"{row.__tablename__}.{column}").hex()
    )
    if isinstance(row, Business) and field is CorrectionField.KBLI:
        row.kbli_section = read_kbli(value, str(row.kbli_version)).section
    setattr(row, column, value)


# ---- what a field can hold


async def _text(_: Work, value: str, __: Business | None) -> str:
    if not 0 < len(value) <= LONGEST_VALUE or not value.isprintable():
        raise UnusableValue(
            f"write 1 to {LONGEST_VALUE} characters on one line",
            f"tulis 1 sampai {LONGEST_VALUE} karakter dalam satu baris",
        )
    return value


async def _phone(_: Work, value: str, __: Business | None) -> str:
    digits = re.sub(r"[ .()-]", "", value)
    if not _PHONE.fullmatch(digits):
        raise UnusableValue("a telephone number has 8 to 15 digits", "nomor telepon terdiri atas 8 sampai 15 digit")
    return digits


async def _kbli(work: Work, value: str, business: Business | None) -> str:
    assert business is not None
    known = select(KbliCode.code).where(KbliCode.version == business.kbli_version, KbliCode.code == value)
    try:
        read_kbli(value, str(business.kbli_version))
    except UnusableKbli:
        known = known.where(KbliCode.code.is_(None))
    if (await work.session.execute(known)).scalar_one_or_none() is None:
        raise UnusableValue(
            f"it is no code of KBLI {business.kbli_version}", f"bukan kode KBLI {business.kbli_version}"
        )
    return value


_Check = Callable[[Work, str, Business | None], Awaitable[str]]
_CHECKS: Mapping[CorrectionField, _Check] = {CorrectionField.TELEPON: _phone, CorrectionField.KBLI: _kbli}

COMMANDS = (
    registered(RequestCorrection, request_correction, answers="RightsRequest"),
    registered(DecideCorrection, decide_correction, answers="RightsRequest"),
)
