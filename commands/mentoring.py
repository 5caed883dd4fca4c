"""Visits of the officer who accompanies a loan or a delivery (pendampingan).

Source: Instruksi Sekda DKI 56/2020, KESATU e.2-3 and Lampiran I no. 24-25.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select

from commands.command import Command, Fact, Ref, registered
from commands.evidence import attach
from commands.guards import DateOutOfOrder
from commands.refusal import NotFound, Refusal
from commands.upload import PHOTOS
from commands.work import Work
from models.delivery import Delivery, DeliveryRecipient, Document
from models.loan import Loan, MentoringVisit
from models.vocabulary import DeliveryStatus

_MADE = (DeliveryStatus.DILAPORKAN, DeliveryStatus.DIKEMBALIKAN, DeliveryStatus.TERVALIDASI)


class NothingToAccompany(Refusal):
    """A visit about a loan that was not paid out, or about a delivery that the business did not receive."""

    code = "NOTHING_TO_ACCOMPANY"

    def __init__(self) -> None:
        super().__init__(
            "Name a loan that was paid out (`loanId`), or a delivery with a recipient of it in your area "
            "(`deliveryId` and `recipientId`).",
            "Sebutkan pinjaman yang sudah cair (`loanId`), atau realisasi dengan penerimanya di wilayah Anda "
            "(`deliveryId` dan `recipientId`).",
            path=("loanId",),
        )


@dataclass(frozen=True, kw_only=True)
class MentoringVisited(Fact):
    """An officer visited an owner (kunjungan pendampingan dicatat)."""

    tells: ClassVar = (MentoringVisit.visited_on,)


@dataclass(frozen=True, kw_only=True)
class RecordMentoringVisit(Command):
    """Record a visit to an owner who has a loan or received something (pendampingan)."""

    loan_id: Annotated[UUID | None, Ref("Loan"), "The loan, or leave out (pinjaman)."] = None
    delivery_id: Annotated[UUID | None, Ref("Delivery"), "The delivery, or leave out (realisasi)."] = None
    recipient_id: Annotated[UUID | None, Ref("Recipient"), "With a delivery: who was visited (UMKM)."] = None
    visited_on: Annotated[dt.date, "Day of the visit (tanggal)."]
    outcome: Annotated[str, "What was found and advised (hasil). Never public."]
    document_ids: Annotated[
        tuple[UUID, ...], Ref("Document"), "Photos and reports of it that were uploaded (`requestUpload`)."
    ] = ()


async def record_mentoring_visit(command: RecordMentoringVisit, work: Work) -> MentoringVisit:
    """Add a visit by the officer who asks; `photo` is the first photo of it among the documents.

    Raises:
        NothingToAccompany: there is no such loan or delivery to accompany.
        DateOutOfOrder: before the loan or the delivery, or in the future.
    """
    if (command.loan_id is None) is (command.delivery_id is None):
        raise NothingToAccompany
    of, began_on = await (_of_a_loan if command.loan_id is not None else _of_a_delivery)(command, work)
    if not began_on <= command.visited_on <= work.today:
        raise DateOutOfOrder(
            ("visitedOn",), "a visit follows the aid and is not in the future", "antara penerimaan bantuan dan hari ini"
        )
    visit = work.add(
        MentoringVisit,
        **of,
        officer_id=UUID(work.viewer.person_id),
        visited_on=command.visited_on,
        outcome=command.outcome.strip() or None,
    )
    await work.session.flush()
    documents = await attach(work, command.document_ids, **of)
    visit.photo = next((d.public_id for d in documents if d.kind in PHOTOS), None)
    work.tell(MentoringVisited(subject=visit, region_code=visit.region_code))
    return visit


async def _of_a_loan(command: RecordMentoringVisit, work: Work) -> tuple[dict[str, Any], dt.date]:
    assert command.loan_id is not None
    loan = await work.own(Loan, command.loan_id, ("loanId",))
    if loan.disbursed_on is None:
        raise NothingToAccompany
    return {"loan_id": loan.id, "owner_id": loan.owner_id, "region_code": loan.region_code}, loan.disbursed_on


async def _of_a_delivery(command: RecordMentoringVisit, work: Work) -> tuple[dict[str, Any], dt.date]:
    """The share of the visited business; that business lies in the officer's area, wherever the handover was."""
    assert command.delivery_id is not None
    delivery = await work.own(Delivery, command.delivery_id, ("deliveryId",))
    share = await _seen_share(work, delivery, command.recipient_id)
    if share is None or share.received_on is None or delivery.status not in _MADE:
        raise NothingToAccompany
    return (
        {"delivery_id": delivery.id, "owner_id": share.owner_id, "region_code": share.region_code},
        share.received_on,
    )


def is_of_a_visit() -> ColumnElement[bool]:
    """Documents that an officer brought from a visit: they are no evidence of the report that the officer checks."""
    of_the_same = or_(MentoringVisit.loan_id == Document.loan_id, MentoringVisit.delivery_id == Document.delivery_id)
    before = MentoringVisit.visited_on <= Document.uploaded_on
    return exists().where(MentoringVisit.officer_id == Document.uploaded_by, of_the_same, before).correlate(Document)


async def _seen_share(work: Work, delivery: Delivery, business_id: UUID | None) -> DeliveryRecipient | None:
    """The share of a business that the officer sees; of others it is not told whether they received anything."""
    query = select(DeliveryRecipient.id).where(
        DeliveryRecipient.delivery_id == delivery.id, DeliveryRecipient.business_id == business_id
    )
    key = (await work.session.execute(query)).scalar_one_or_none()
    try:
        return None if key is None else await work.seen(DeliveryRecipient, key, ("recipientId",))
    except NotFound:
        return None


COMMANDS = (registered(RecordMentoringVisit, record_mentoring_visit, answers="MentoringVisit"),)
