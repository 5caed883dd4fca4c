"""Hand-made rows: whatever a test does not say is filled in, with a canary where the public may not read."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Enum, Integer, LargeBinary, Text, Uuid, insert
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.ext.asyncio import AsyncConnection

from geo.regions import regions
from models.base import Base, Point
from models.business import Business
from models.collaboration import Collaboration, Pledge
from models.collaborator import Collaborator
from models.complaint import Complaint, FollowUp
from models.delivery import Delivery, DeliveryRecipient, Validation
from models.handover import Handover, HandoverLoan
from models.institution import Accreditation, Agreement, Institution
from models.loan import Instalment, Loan, Repayment
from models.owner import Owner
from models.privacy import Privacy, privacy_of
from models.region import Region
from models.release import FigureCheck, FigureMention, ReportedFigure
from models.vocabulary import (
    AccreditationStatus,
    CollaborationStatus,
    CollaboratorKind,
    ComplaintCategory,
    ComplaintStatus,
    DeliveryStatus,
    HandoverStatus,
    InstitutionKind,
    LoanStatus,
    PackageKind,
    Programme,
)

CANARY = "KENARI"
CANARY_AMOUNT = 7_654_321
TEBET, MANGGARAI = "31.74.01.1001", "31.74.01.1003"
SENEN = "31.71.04.1001"
AUTUMN_2020 = dt.date(2020, 10, 15)
SPRING_2021 = dt.date(2021, 3, 15)
REPORTED = dt.datetime(2020, 11, 16, tzinfo=dt.UTC)


class City:
    """Writes rows; each method gives the key of what it made."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def regions(self) -> None:
        """All regions of Jakarta."""
        rows = [
            {
                "code": region.code,
                "level": region.level.value,
                "name": region.name,
                "bps_code": region.bps_code,
                "parent_code": region.parent_code or None,
                "centre": (region.lon, region.lat),
            }
            for region in regions().values()
        ]
        await self._connection.execute(insert(Region), rows)

    async def institution(self, kind: InstitutionKind, name: str) -> uuid.UUID:
        """An accredited institution with an agreement."""
        key = await self.row(Institution, kind=kind, name=name)
        await self.row(Accreditation, institution_id=key, status=AccreditationStatus.AKTIF)
        await self.row(Agreement, institution_id=key, number=f"PKS {name}")
        return key

    async def collaboration(self, number: str | None, name: str, **more: Any) -> uuid.UUID:
        """A collaboration with its donor; parts of the donor are named `donor_...`."""
        donor = {part.removeprefix("donor_"): more.pop(part) for part in list(more) if part.startswith("donor_")}
        donor = {"kind": CollaboratorKind.DUNIA_USAHA, **donor}
        collaborator = await self.row(Collaborator, name=name, **donor)
        given = {"programme": Programme.UMKM, "package_kind": PackageKind.SARPRAS, "region_code": TEBET, **more}
        given = {"status": CollaborationStatus.BERJALAN, "collaborator_kind": donor["kind"], **given}
        return await self.row(Collaboration, number=number, collaborator_id=collaborator, **given)

    async def recipients(
        self, collaboration: uuid.UUID, count: int, region: str, section: str = "I", **more: Any
    ) -> list[uuid.UUID]:
        """People who received in one delivery, each with one business; the keys of the people."""
        delivery = await self._delivery(collaboration, **more)
        return [await self.recipient(delivery, region, section) for _ in range(count)]

    async def recipient(
        self, delivery: uuid.UUID, region: str, section: str = "I", owner: uuid.UUID | None = None
    ) -> uuid.UUID:
        """A person who received through a business."""
        owner = owner or await self.row(Owner, region_code=SENEN)
        business = await self.business(owner, region, section)
        await self.row(
            DeliveryRecipient,
            delivery_id=delivery,
            collaboration_id=await self._of_delivery(delivery, Delivery.collaboration_id),
            collaborator_id=await self._of_delivery(delivery, Delivery.collaborator_id),
            business_id=business,
            owner_id=owner,
            region_code=region,
            received_on=AUTUMN_2020,
        )
        return owner

    async def business(self, owner: uuid.UUID, region: str, section: str) -> uuid.UUID:
        """A micro business."""
        kbli = {"kbli_code": "56102", "kbli_version": 2020, "kbli_section": section}
        return await self.row(Business, owner_id=owner, region_code=region, scale_rule="UU 20/2008", **kbli)

    async def borrower(self, collaboration: uuid.UUID, fintech: uuid.UUID, region: str, **validation: Any) -> uuid.UUID:
        """A person who was paid a loan, as an officer validated; the key of the loan."""
        owner = await self.row(Owner, region_code=SENEN)
        business = await self.business(owner, region, "I")
        parties = {"collaboration_id": collaboration, "fintech_id": fintech, "business_id": business, "owner_id": owner}
        paid = {"status": LoanStatus.BERJALAN, "disbursed_on": AUTUMN_2020, "region_code": region}
        loan = await self.row(Loan, **parties, **paid)
        accepted = {"accepted": True, "validated_on": AUTUMN_2020, **validation}
        await self.row(Validation, loan_id=loan, region_code=region, **accepted)
        return loan

    async def schedule(self, loan: uuid.UUID, paid: int, reported: dt.datetime = REPORTED) -> None:
        """A loan that is due at once after a month, of which so much was paid by then."""
        parties = {"loan_id": loan, "fintech_id": uuid.uuid4(), "owner_id": uuid.uuid4(), "region_code": TEBET}
        due = {"schedule": 1, "number": 1, "due_on": dt.date(2020, 11, 15), "effective_on": None}
        await self.row(Instalment, **parties, **due, principal=CANARY_AMOUNT)
        if paid:
            await self.row(Repayment, **parties, paid_on=due["due_on"], amount=paid, reported_at=reported)

    async def handed_over(self, fintech: uuid.UUID, manager: uuid.UUID, loans: Sequence[uuid.UUID]) -> uuid.UUID:
        """Repaid loans whose money a fund manager confirmed; the key of the handover."""
        amount = CANARY_AMOUNT * len(loans)
        parties = {"fintech_id": fintech, "fund_manager_id": manager}
        received = {"status": HandoverStatus.DITERIMA, "received_on": AUTUMN_2020, "received_amount": amount}
        handover = await self.row(Handover, **parties, **received, amount=amount)
        for loan in loans:
            await self.row(HandoverLoan, **parties, handover_id=handover, loan_id=loan, amount=CANARY_AMOUNT)
        return handover

    async def complaint(self, region: str, days: int, **more: Any) -> None:
        """A complaint that was resolved after so many days."""
        received = dt.datetime(2020, 10, 1, 3, tzinfo=dt.UTC)
        given = {"category": ComplaintCategory.KUALITAS, "status": ComplaintStatus.SELESAI, **more}
        complaint = await self.row(Complaint, region_code=region, received_at=received, **given)
        taken_at = received + dt.timedelta(days=days)
        of_it = {"complaint_id": complaint, "region_code": region, "taken_at": taken_at}
        await self.row(FollowUp, **of_it, status=ComplaintStatus.SELESAI)

    async def _delivery(self, collaboration: uuid.UUID, **more: Any) -> uuid.UUID:
        of = {"collaboration_id": collaboration, "collaborator_id": await self.donor(collaboration)}
        pledge = await self.row(Pledge, **of, region_code=TEBET)
        given = {"status": DeliveryStatus.TERVALIDASI, "validated_on": AUTUMN_2020, **more}
        return await self.row(Delivery, **of, pledge_id=pledge, region_code=TEBET, **given)

    async def delivery(self, collaboration: uuid.UUID, **more: Any) -> uuid.UUID:
        """A validated delivery without recipients yet."""
        return await self._delivery(collaboration, **more)

    async def donor(self, collaboration: uuid.UUID) -> uuid.UUID:
        """Who gives in a collaboration."""
        table = Collaboration.__table__
        found = await self._connection.execute(table.select().where(table.c.id == collaboration))
        return uuid.UUID(str(found.one().collaborator_id))

    async def _of_delivery(self, delivery: uuid.UUID, attribute: Any) -> uuid.UUID:
        table = Delivery.__table__
        found = await self._connection.execute(table.select().where(table.c.id == delivery))
        return uuid.UUID(str(found.one()._mapping[attribute.key]))

    async def figures(self, *tables: Iterable[dict[str, Any]]) -> None:
        """Reported figures, their checks, and which of them a check names."""
        for model, rows in zip((ReportedFigure, FigureCheck, FigureMention), tables, strict=True):
            await self._connection.execute(insert(model), list(rows))

    async def row(self, model: type[Base], **given: Any) -> uuid.UUID:
        """A row of any table."""
        key = uuid.uuid4()
        await self._connection.execute(insert(model), [row_of(model, key, given)])
        return key


def row_of(model: type[Base], key: uuid.UUID, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row of any table: those that are given, and fillers for the others that it needs."""
    needed = [c for c in model.__mapper__.columns if not c.nullable and c.computed is None]
    return {c.key: _filler(c, key) for c in needed} | {"id": key} | dict(given)


def _filler(column: Column[Any], key: uuid.UUID) -> Any:
    """A value for a column that a test says nothing about."""
    match column.type:
        case Enum():
            return column.type.enums[0]
        case Text():
            return f"contoh-{key}" if privacy_of(column) is Privacy.PUBLIC else f"{CANARY}-{key}"
        case Uuid():
            return uuid.uuid4()
        case Boolean():
            return False
        case Date():
            return AUTUMN_2020
        case DateTime():
            return dt.datetime(2020, 10, 15, tzinfo=dt.UTC)
        case LargeBinary():
            return hashlib.sha256(key.bytes).digest()
        case Point():
            return (106.123456, -6.123456)
        case JSON():
            return {CANARY: CANARY}
        case Integer():
            return CANARY_AMOUNT if privacy_of(column) is Privacy.FINANCE else 1
        case _:
            raise TypeError(f"no filler for {column}")
