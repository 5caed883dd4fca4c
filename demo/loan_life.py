"""One loan from proposal to the cut-off day: dates, schedule, payments and the status that follows from them."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from demo.chance import Chance
from demo.plan import CUT_OFF, SECOND_BUSINESS_EVERY, CityPlan
from kernel.money import Rupiah, instalments
from models.vocabulary import LoanStatus

DEFAULT_AFTER_DAYS = 91
WRITTEN_OFF_AFTER_DAYS = 60  # after the default
SECOND_LOAN_EVERY = 10
LAGS = ((1, 3), (4, 12))  # days from payment to report: the second fintech is slow


class Card(Enum):
    """What becomes of a loan, given the time."""

    ON_TIME = auto()
    LATE = auto()
    PARTIAL = auto()
    EARLY = auto()
    REVERSED = auto()
    DEFAULTED = auto()
    RESTRUCTURED = auto()
    RECOVERED = auto()
    WRITTEN_OFF = auto()
    SCREENED_OUT = auto()
    CANCELLED = auto()
    BOUNCED = auto()


_COUNTS = {
    Card.ON_TIME: 45,
    Card.LATE: 20,
    Card.PARTIAL: 8,
    Card.EARLY: 8,
    Card.REVERSED: 3,
    Card.DEFAULTED: 3,
    Card.RESTRUCTURED: 2,
    Card.RECOVERED: 1,
    Card.WRITTEN_OFF: 1,
    Card.SCREENED_OUT: 6,
    Card.CANCELLED: 2,
    Card.BOUNCED: 1,
}
_IN_ORDER = [card for card, count in _COUNTS.items() for _ in range(count)]
DECK = [_IN_ORDER[i * 37 % len(_IN_ORDER)] for i in range(len(_IN_ORDER))]
"""A hundred cards, dealt in turn: every fate occurs among any hundred loans."""

STOPS_PAYING = {Card.DEFAULTED, Card.RESTRUCTURED, Card.RECOVERED, Card.WRITTEN_OFF}


class Due(NamedTuple):
    """An instalment."""

    due_on: dt.date
    principal: Rupiah


class Payment(NamedTuple):
    """A repayment or, with a negative amount and a reason, its reversal."""

    paid_on: dt.date
    reported_on: dt.date
    amount: Rupiah
    reason: str | None = None


@dataclass(slots=True)
class LoanLife:
    """What is known of a loan on the cut-off day. A date of what has not happened by then is None."""

    number: int
    card: Card
    business: int
    fintech: int
    principal: Rupiah
    fees: tuple[Rupiah, Rupiah, Rupiah]
    tenor: int
    proposed_on: dt.date
    consented_on: dt.date | None = None
    listed_on: dt.date | None = None
    signed_on: dt.date | None = None
    disbursed_on: dt.date | None = None
    validated_on: dt.date | None = None
    defaulted_on: dt.date | None = None
    restructured_on: dt.date | None = None
    written_off_on: dt.date | None = None
    repaid_on: dt.date | None = None
    schedules: list[list[Due]] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    status: LoanStatus = LoanStatus.DIUSULKAN

    @property
    def bounced(self) -> bool:
        """Whether the transfer came back."""
        return self.card is Card.BOUNCED and self.disbursed_on is not None

    @property
    def received(self) -> bool:
        """Whether the business got the money."""
        return self.disbursed_on is not None and not self.bounced


def loan_life(plan: CityPlan, number: int, fintech: int) -> LoanLife:
    """The life of loan `number`; the same whenever it is asked for."""
    chance = plan.chance("loan", number)
    principal = chance.rounded(5_000_000, 10_000_000, 250_000)
    life = LoanLife(
        number=number,
        card=DECK[number % len(DECK)],
        business=borrower(plan, number),
        fintech=fintech,
        principal=principal,
        fees=(50_000, principal // 100, chance.rounded(0, 75_000, 25_000)),
        tenor=chance.pick(plan.size.tenors),
        proposed_on=proposed_on(plan, number),
    )
    _prepare(life, chance)
    if life.disbursed_on:
        _repay(life, life.disbursed_on, chance)
    life.status = _status(life)
    return life


def proposed_on(plan: CityPlan, number: int) -> dt.date:
    """The day a loan is proposed; later for higher numbers."""
    return plan.pace(number / plan.size.loans)


def borrower(plan: CityPlan, number: int) -> int:
    """The business of a loan: its own, or for a few late loans one that has repaid an earlier one."""
    earlier = number - plan.size.loans * 3 // 4
    if earlier >= 0 and number % SECOND_LOAN_EVERY == SECOND_LOAN_EVERY - 1:
        first = loan_life(plan, earlier, 0)
        if first.repaid_on and first.repaid_on + dt.timedelta(max(LAGS)[1]) < proposed_on(plan, number):
            return first.business
    business = number * plan.size.businesses // plan.size.loans
    return business - (business % SECOND_BUSINESS_EVERY == SECOND_BUSINESS_EVERY - 1)


def _prepare(life: LoanLife, chance: Chance) -> None:
    """From proposal to validated disbursement, as far as the cut-off day allows."""
    life.consented_on = _known(life.proposed_on + dt.timedelta(chance.between(6, 10)))
    life.listed_on = _known(life.proposed_on + dt.timedelta(chance.between(14, 20)))
    signed_on = life.proposed_on + dt.timedelta(chance.between(24, 31))
    disbursed_on = signed_on + dt.timedelta(chance.between(3, 9))
    if life.card is Card.SCREENED_OUT:
        return
    life.signed_on = _known(signed_on)
    if life.card is Card.CANCELLED:
        return
    life.disbursed_on = _known(disbursed_on + dt.timedelta(2)) and disbursed_on
    if life.received:
        life.validated_on = _known(disbursed_on + dt.timedelta(chance.between(5, 14)))


def _repay(life: LoanLife, disbursed_on: dt.date, chance: Chance) -> None:
    """The schedule and what is paid on it."""
    if life.bounced:
        return
    schedule = _schedule(disbursed_on, life.principal, life.tenor)
    life.schedules.append(schedule)
    paying = len(schedule) if life.card not in STOPS_PAYING else max(1, len(schedule) // 3)
    for payment in _payments(life, schedule[:paying], chance):
        _add(life, payment)
    if paying < len(schedule):
        _stop(life, schedule[paying].due_on, chance)
    if sum(p.amount for p in life.payments) == life.principal:
        life.repaid_on = max(p.paid_on for p in life.payments)


def _payments(life: LoanLife, schedule: list[Due], chance: Chance) -> list[Payment]:
    """What is paid on a schedule, whatever day it is."""
    low, high = LAGS[life.fintech % len(LAGS)]
    paid: list[Payment] = []

    def pay(day: dt.date, amount: Rupiah, reason: str | None = None) -> None:
        paid.append(Payment(day, day + dt.timedelta(chance.between(low, high)), amount, reason))

    for number, due in enumerate(schedule):
        match life.card:
            case Card.LATE:
                pay(due.due_on + dt.timedelta(chance.between(0, 27)), due.principal)
            case Card.PARTIAL:
                pay(due.due_on, due.principal // 2)
                pay(due.due_on + dt.timedelta(chance.between(5, 15)), due.principal - due.principal // 2)
            case Card.EARLY if number == len(schedule) // 2:
                pay(due.due_on, sum(d.principal for d in schedule[number:]))
                return paid
            case Card.REVERSED if number == 1:
                pay(due.due_on, due.principal)
                pay(due.due_on, due.principal)
                pay(due.due_on + dt.timedelta(3), -due.principal, "Contoh: pembayaran tercatat dua kali")
            case _:
                pay(due.due_on - dt.timedelta(chance.between(0, 3)), due.principal)
    return paid


def _stop(life: LoanLife, missed: dt.date, chance: Chance) -> None:
    """What follows when nobody pays any more."""
    life.defaulted_on = _known(missed + dt.timedelta(DEFAULT_AFTER_DAYS + chance.between(0, 9)))
    left = life.principal - sum(p.amount for p in life.payments)
    if life.defaulted_on is None:
        return
    if life.card is Card.WRITTEN_OFF:
        life.written_off_on = _known(life.defaulted_on + dt.timedelta(WRITTEN_OFF_AFTER_DAYS))
    if life.card is Card.RECOVERED:
        paid_on = life.defaulted_on + dt.timedelta(chance.between(20, 60))
        _add(life, Payment(paid_on, paid_on + dt.timedelta(2), left))
    if life.card is Card.RESTRUCTURED:
        pays = life.number // len(DECK) % 2 == 1
        wanted = life.defaulted_on + dt.timedelta(20) if pays else CUT_OFF - dt.timedelta(chance.between(5, 25))
        life.restructured_on = _known(max(life.defaulted_on, wanted))
        if life.restructured_on:
            schedule = _schedule(life.restructured_on, left, life.tenor)
            life.schedules.append(schedule)
            for due in schedule if pays else ():
                _add(life, Payment(due.due_on, due.due_on + dt.timedelta(2), due.principal))


def _status(life: LoanLife) -> LoanStatus:
    match life:
        case LoanLife(disbursed_on=dt.date()):
            return _status_after_disbursement(life)
        case LoanLife(card=Card.CANCELLED, signed_on=dt.date()):
            return LoanStatus.BATAL
        case LoanLife(signed_on=dt.date()):
            return LoanStatus.TERKONTRAK
        case LoanLife(listed_on=dt.date()):
            return LoanStatus.TIDAK_LOLOS if life.card is Card.SCREENED_OUT else LoanStatus.DITAWARKAN
        case LoanLife(consented_on=dt.date()):
            return LoanStatus.DISARING
        case _:
            return LoanStatus.DIUSULKAN


def _status_after_disbursement(life: LoanLife) -> LoanStatus:
    if life.bounced:
        return LoanStatus.BATAL
    if life.repaid_on:
        return LoanStatus.LUNAS
    if life.written_off_on:
        return LoanStatus.HAPUS
    if life.restructured_on:
        resumed = any(p.paid_on > life.restructured_on for p in life.payments)
        return LoanStatus.BERJALAN if resumed else LoanStatus.RESTRUKTURISASI
    if life.defaulted_on:
        return LoanStatus.GAGAL_BAYAR
    return LoanStatus.BERJALAN if life.validated_on else LoanStatus.CAIR


def _schedule(start: dt.date, principal: Rupiah, count: int) -> list[Due]:
    return [Due(_months_after(start, n), part) for n, part in enumerate(instalments(principal, count), 1)]


def _months_after(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _add(life: LoanLife, payment: Payment) -> None:
    if payment.reported_on <= CUT_OFF:
        life.payments.append(payment)


def _known(day: dt.date) -> dt.date | None:
    return day if day <= CUT_OFF else None
