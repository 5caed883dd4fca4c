"""Random histories of a small city: what arrives, comes late, is corrected, erased, listed and taken back, by month.

Groups are around the threshold on purpose. Everything follows from one seed.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence
from random import Random
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import Base
from models.business import Business
from models.collaboration import Pledge
from models.complaint import Complaint, FollowUp
from models.delivery import Delivery, DeliveryRecipient, Validation
from models.discrepancy import Discrepancy
from models.handover import Handover, HandoverLoan, OnwardAid
from models.loan import Instalment, Loan, Repayment
from models.owner import Consent, Owner
from models.vocabulary import (
    ComplaintCategory,
    ComplaintStatus,
    ConsentPurpose,
    DeliveryStatus,
    DiscrepancyMeasure,
    DiscrepancyStatus,
    HandoverStatus,
    InstitutionKind,
    LoanStatus,
    PackageKind,
    Programme,
)
from tests.publishing.rows import MANGGARAI, SENEN, TEBET, City, row_of

KELURAHAN = (TEBET, MANGGARAI, "31.74.02.1001", SENEN)
FIRST_MONTH, MONTHS = dt.date(2020, 7, 1), 18
CATEGORIES = (ComplaintCategory.KUALITAS, ComplaintCategory.PUNGUTAN)
PROGRAMMES = (Programme.UMKM, Programme.PANGAN)
MILLION = 1_000_000
_TABLES = (
    *(Owner, Consent, Business, Pledge, Delivery, DeliveryRecipient, Loan, Validation, Instalment, Repayment),
    *(Complaint, FollowUp, Handover, HandoverLoan, OnwardAid, Discrepancy),
)


def month_after(number: int) -> dt.date:
    """The first day of a month of a history."""
    months = FIRST_MONTH.month - 1 + number
    return dt.date(FIRST_MONTH.year + months // 12, months % 12 + 1, 1)


class History:
    """A city to which things happen; `await month(n)` lets a month go by."""

    def __init__(self, seed: int) -> None:
        self._luck = Random(seed)
        self._rows: dict[type[Base], list[dict[str, Any]]] = defaultdict(list)
        self._owners: list[uuid.UUID] = []
        self._businesses: list[tuple[uuid.UUID, uuid.UUID, str]] = []
        self._loans: list[tuple[uuid.UUID, uuid.UUID, int]] = []
        self._repaid: list[tuple[uuid.UUID, uuid.UUID]] = []
        self._handed: list[tuple[uuid.UUID, uuid.UUID]] = []
        self._received: list[uuid.UUID] = []
        self._complaints: list[uuid.UUID] = []

    async def found(self, connection: AsyncConnection) -> None:
        """Who is there from the start: institutions and collaborations."""
        city, luck = City(connection), self._luck
        self._fintechs = [await city.institution(InstitutionKind.FINTECH, f"PT Dana {n}") for n in "AB"]
        self._manager = await city.institution(InstitutionKind.AGREGATOR, "Yayasan Riwayat")
        self._giving = []
        for number, programme in enumerate(PROGRAMMES):
            token = "".join(luck.choices("3456789", k=6))
            key = await city.collaboration(f"KSBB-UMK-2020-{token}", f"PT Riwayat {number}", programme=programme)
            self._giving.append((key, await city.donor(key)))
        more = {"package_kind": PackageKind.PINJAMAN_MODAL, "distributor_id": self._fintechs[0]}
        self._lending = await city.collaboration("KSBB-UMK-2020-ZZZZZZ", "PT Riwayat Modal", **more)

    async def month(self, number: int, connection: AsyncConnection) -> None:
        """Let a month go by: arrivals, some of them booked on an earlier day, then changes of what was there."""
        self._first, self._connection = month_after(number), connection
        for _ in range(self._luck.randint(1, 3)):
            self._delivery()
        for _ in range(self._luck.randint(0, 2)):
            self._lend()
        self._repay()
        self._hand_over()
        self._complain()
        self._disagree()
        await self._write()
        for change in (self._correct, self._list, self._erase, self._retract, self._cancel):
            await change()

    # ---- arrivals

    def _delivery(self) -> None:
        (collaboration, donor), on = self._luck.choice(self._giving), self._day()
        of = {"collaboration_id": collaboration, "collaborator_id": donor, "region_code": TEBET}
        pledge = self._add(Pledge, **of)
        delivery = self._add(
            Delivery, **of, pledge_id=pledge, status=DeliveryStatus.TERVALIDASI, validated_on=on, delivered_on=on
        )
        region, section = self._luck.choice(KELURAHAN), self._luck.choice("IIC")
        for owner, business, place in dict.fromkeys(self._people(region, section)):
            parties = {"business_id": business, "owner_id": owner, "region_code": place}
            of_it = {"collaboration_id": collaboration, "collaborator_id": donor, "delivery_id": delivery}
            self._received.append(self._add(DeliveryRecipient, **of_it, **parties, received_on=on))

    def _lend(self) -> None:
        fintech, region = self._luck.choice(self._fintechs), self._luck.choice(KELURAHAN)
        for owner, business, place in self._people(region, "I"):
            on = self._day()
            principal = self._luck.choice([5, 5, 8, 10, 100]) * MILLION
            parties = {"fintech_id": fintech, "owner_id": owner, "region_code": place}
            paid = {"status": LoanStatus.LUNAS, "disbursed_on": on, "principal": principal}
            loan = self._add(Loan, **parties, **paid, business_id=business, collaboration_id=self._lending)
            self._add(Validation, loan_id=loan, region_code=place, accepted=True, validated_on=on)
            due = {"schedule": 1, "number": 1, "due_on": on + dt.timedelta(30), "effective_on": None}
            self._add(Instalment, loan_id=loan, **parties, **due, principal=principal)
            self._loans.append((loan, fintech, principal))

    def _repay(self) -> None:
        """Some pay, in whole or in part; some of what was paid is taken back; some of it is reported late."""
        for loan, fintech, principal in self._loans:
            if self._luck.random() < 0.2:
                amount = self._luck.choice([principal, principal // 2, -principal // 4, 1])
                on = self._first + dt.timedelta(self._luck.randrange(28))
                late = dt.timedelta(self._luck.choice([0, 1, 3, 40]))
                reported = dt.datetime(on.year, on.month, on.day, 12, tzinfo=dt.UTC) + late
                of = {"loan_id": loan, "fintech_id": fintech, "owner_id": self._key(), "region_code": TEBET}
                self._add(Repayment, **of, paid_on=on, amount=amount, reported_at=reported)
                if amount == principal:
                    self._repaid.append((loan, fintech))

    def _hand_over(self) -> None:
        loans = sorted(set(self._repaid) - set(self._handed))
        for fintech in self._fintechs:
            of_it = [loan for loan in loans if loan[1] == fintech and self._luck.random() < 0.7]
            if not of_it:
                continue
            parties = {"fintech_id": fintech, "fund_manager_id": self._manager}
            amount = 5 * MILLION * len(of_it)
            received = {"status": HandoverStatus.DITERIMA, "received_on": self._day(), "amount": amount}
            handover = self._add(Handover, **parties, **received, received_amount=amount)
            for loan, _ in of_it:
                self._add(HandoverLoan, **parties, handover_id=handover, loan_id=loan, amount=5 * MILLION)
            self._handed += of_it
            for programme in self._luck.sample(PROGRAMMES, self._luck.randint(0, 2)):
                given = {"given_on": self._day(), "amount": amount // 2, "programme": programme}
                self._add(OnwardAid, **parties, **given, handover_id=handover)

    def _complain(self) -> None:
        """New complaints, some of them by the same person, some anonymous; closed ones are opened and closed again."""
        region = self._luck.choice(KELURAHAN)
        for _ in range(self._luck.choice([0, 3, 9, 14])):
            who = self._luck.choice([None, self._key(), *self._owners[:3]])
            of = {"region_code": region, "complainant_id": who}
            received = dt.datetime.combine(self._first, dt.time(3), dt.UTC)
            more = {"category": self._luck.choice(CATEGORIES), "status": ComplaintStatus.SELESAI}
            self._complaints.append(self._add(Complaint, **of, **more, received_at=received))
            self._close(self._complaints[-1], region)
        for complaint in self._luck.sample(self._complaints, min(3, len(self._complaints))):
            self._close(complaint, region)

    def _close(self, complaint: uuid.UUID, region: str) -> None:
        outcome = self._luck.choice([ComplaintStatus.SELESAI, ComplaintStatus.SELESAI, ComplaintStatus.DITOLAK])
        at = dt.datetime.combine(self._day(), dt.time(5), dt.UTC)
        self._add(FollowUp, complaint_id=complaint, region_code=region, taken_at=at, status=outcome)

    def _disagree(self) -> None:
        """Reports that do not agree, several on the same loan among them."""
        if not self._loans:
            return
        for _ in range(self._luck.choice([0, 4, 8])):
            loan, fintech, _ = self._luck.choice(self._loans[: self._luck.choice([3, len(self._loans)])])
            values = {"value_a": self._luck.randrange(1, 10**9), "value_b": self._luck.randrange(1, 10**9)}
            more = {"detected_on": self._day(), "status": DiscrepancyStatus.DITERIMA}
            measure = DiscrepancyMeasure.PENCAIRAN
            self._add(Discrepancy, loan_id=loan, institution_id=fintech, measure=measure, **values, **more)

    def _people(self, region: str, section: str) -> list[tuple[uuid.UUID, uuid.UUID, str]]:
        """New people with a business each, around the threshold; some who are known; some with another business."""
        found = []
        for _ in range(self._luck.choice([1, 4, 8, 9, 10, 11, 13, 18])):
            known = self._luck.random()
            if known < 0.15 and self._businesses:
                found.append(self._luck.choice(self._businesses))
                continue
            owner = self._luck.choice(self._owners) if known < 0.2 and self._owners else self._add(Owner)
            given = {"region_code": region, "kbli_code": "56102", "kbli_version": 2020, "kbli_section": section}
            listed = self._luck.random() < 0.1
            business = self._add(Business, owner_id=owner, scale_rule="UU 20/2008", listed=listed, **given)
            self._owners.append(owner)
            found.append((owner, business, region))
            self._businesses.append(found[-1])
        return found

    def _day(self) -> dt.date:
        """A day of this month; now and then one up to nine months before, as a late row has it."""
        back = self._luck.choice([0] * 8 + [40, 100, 190, 280])
        return self._first + dt.timedelta(self._luck.randrange(28) - back)

    # ---- changes of what is there

    async def _correct(self) -> None:
        """Other regions, lines of business and programmes."""
        for owner, business, _ in self._some(self._businesses, 4):
            region, section = self._luck.choice(KELURAHAN), self._luck.choice("IC")
            await self._set(Business, Business.id == business, region_code=region, kbli_section=section)
            await self._set(Loan, Loan.owner_id == owner, region_code=region)
        for complaint in self._some(self._complaints, 1):
            await self._set(Complaint, Complaint.id == complaint, region_code=self._luck.choice(KELURAHAN))

    async def _list(self) -> None:
        """Consent to be listed, given by many at once or taken back."""
        for owner, business, region in self._some(self._businesses, self._luck.choice([2, 15])):
            listed = self._luck.random() < 0.5
            await self._set(Business, Business.id == business, listed=listed)
            if listed:
                given = {"given_on": self._first, "region_code": region, "purpose": ConsentPurpose.TAMPIL_PUBLIK}
                self._add(Consent, owner_id=owner, **given)

    async def _erase(self) -> None:
        """What an erasure leaves: nobody is listed, and a complaint is nobody's."""
        for owner in self._some(self._owners, 2):
            await self._set(Business, Business.owner_id == owner, listed=False)
            await self._set(Complaint, Complaint.complainant_id == owner, complainant_id=None)

    async def _retract(self) -> None:
        """Shares of deliveries that were entered by mistake are gone."""
        for key in self._some(self._received, 2):
            self._received.remove(key)
            await self._connection.execute(delete(DeliveryRecipient).where(DeliveryRecipient.id == key))

    async def _cancel(self) -> None:
        """Loans that came to nothing after all."""
        for loan, _, _ in self._some(self._loans, 1):
            await self._set(Loan, Loan.id == loan, status=LoanStatus.BATAL)

    def _some(self, things: Sequence[Any], number: int) -> list[Any]:
        return self._luck.sample(things, min(number, len(things)))

    # ---- rows

    async def _set(self, model: type[Base], condition: Any, **values: Any) -> None:
        await self._connection.execute(update(model).where(condition).values(**values))

    def _add(self, model: type[Base], **given: Any) -> uuid.UUID:
        key = self._key()
        self._rows[model].append(row_of(model, key, given))
        return key

    def _key(self) -> uuid.UUID:
        return uuid.UUID(int=self._luck.getrandbits(128), version=4)

    async def _write(self) -> None:
        for model in _TABLES:
            shapes: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
            for row in self._rows.pop(model, []):
                shapes[tuple(sorted(row))].append(row)
            for rows in shapes.values():
                await self._connection.execute(insert(model), rows)
