"""What has to be known of the whole plan before the first row is written; a few bytes for each business."""

from __future__ import annotations

import datetime as dt
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from demo.collaboration_plan import collaborations
from demo.goods import SARPRAS, Good
from demo.loan_life import LoanLife
from demo.plan import CUT_OFF, CityPlan
from kernel.money import Rupiah
from models.vocabulary import HandoverStatus, PackageKind

TOUCHED, RECEIVED = 1, 3
_DAYS = 1 << 20  # more than the ordinal of any day
DISPUTED_HANDOVERS = 2
SAME_AID_DAYS = 90


class Batch(NamedTuple):
    """The repaid loans that a fintech hands over to a fund manager for one month."""

    fintech: int
    manager: int
    month: dt.date


@dataclass
class Handing:
    """A handover: its number, dates, sum and state."""

    number: int
    sent_on: dt.date
    received_on: dt.date | None
    status: HandoverStatus
    amount: Rupiah


class Survey:
    """Who receives something and when, and what is handed over."""

    def __init__(self, plan: CityPlan) -> None:
        self._plan = plan
        self._marks = bytearray(plan.size.businesses)
        self._receipts = array("q")
        self._goods = array("q")
        self._sums: dict[Batch, Rupiah] = {}
        self._walk()
        self.handovers = self._handovers()

    def is_touched(self, business: int) -> bool:
        """Whether the programme has anything to do with a business."""
        return self._marks[business] != 0

    def has_received(self, business: int) -> bool:
        """Whether a business received goods or a training. A loan does not count: that would tell who owes."""
        return self._marks[business] == RECEIVED

    def days_since_previous(self, business: int, day: dt.date) -> int | None:
        """Days since the last earlier day on which a business received goods or a training."""
        here = business * _DAYS + day.toordinal()
        place = bisect_left(self._receipts, here)
        if not place:
            return None
        before, ordinal = divmod(self._receipts[place - 1], _DAYS)
        return day.toordinal() - ordinal if before == business else None

    def handover_of(self, life: LoanLife) -> tuple[Batch, Handing] | None:
        """The handover in which a repaid loan is."""
        batch = _batch(self._plan, life)
        handing = batch and self.handovers.get(batch)
        return (batch, handing) if batch and handing else None

    def received_the_same(self, business: int, good: Good, day: dt.date) -> bool:
        """Whether a business received the same goods on that day from another, or in the days before it."""
        here = _receipt(business, good, day)
        first = bisect_left(self._goods, here - SAME_AID_DAYS)
        return bisect_right(self._goods, here) - first > 1

    def _walk(self) -> None:
        receipts: list[int] = []
        goods: list[int] = []
        for made in collaborations(self._plan):
            for pledge in made.pledges:
                if pledge.need_of is not None:
                    self._marks[pledge.need_of] |= TOUCHED
                for delivery in pledge.deliveries:
                    for business in delivery.recipients:
                        self._marks[business] |= RECEIVED if delivery.received else TOUCHED
                    if delivery.received and delivery.delivered_on:
                        day = delivery.delivered_on.toordinal()
                        receipts.extend(business * _DAYS + day for business in delivery.recipients)
                        if made.kind is PackageKind.SARPRAS:
                            on = delivery.delivered_on
                            goods.extend(_receipt(business, pledge.good, on) for business in delivery.recipients)
            for life in made.loans:
                self._marks[life.business] |= TOUCHED
                if batch := _batch(self._plan, life):
                    self._sums[batch] = self._sums.get(batch, 0) + life.principal
        receipts.sort()
        self._receipts = array("q", receipts)
        goods.sort()
        self._goods = array("q", goods)

    def _handovers(self) -> dict[Batch, Handing]:
        made: dict[Batch, Handing] = {}
        for number, (batch, amount) in enumerate(sorted(self._sums.items())):
            sent_on = (batch.month + dt.timedelta(32)).replace(day=20)
            received_on = sent_on + dt.timedelta(15 if batch.manager % 3 == 2 else 3)
            if received_on <= CUT_OFF:
                made[batch] = Handing(number, sent_on, received_on, HandoverStatus.DITERIMA, amount)
            elif sent_on <= CUT_OFF:
                made[batch] = Handing(number, sent_on, None, HandoverStatus.DIKIRIM, amount)
            elif batch.fintech == 0:
                made[batch] = Handing(number, CUT_OFF, None, HandoverStatus.DRAF, amount)
        confirmed = [h for h in made.values() if h.status is HandoverStatus.DITERIMA]
        for handing in confirmed[:: max(1, len(confirmed) // DISPUTED_HANDOVERS)][:DISPUTED_HANDOVERS]:
            handing.status, handing.received_on = HandoverStatus.DIBANTAH, None
        return made


def _receipt(business: int, good: Good, day: dt.date) -> int:
    return (business * len(SARPRAS) + SARPRAS.index(good)) * _DAYS + day.toordinal()


def _batch(plan: CityPlan, life: LoanLife) -> Batch | None:
    if life.repaid_on is None:
        return None
    managers = plan.active_managers()
    return Batch(life.fintech, managers[life.number % len(managers)], life.repaid_on.replace(day=1))
