"""Sealed periods: figures on persons are published once a period is over and late reports had their time.

A period is open until its last day, closing for `GRACE_DAYS` more, then sealed; once published it never changes.
Facts belong to the period in which they were validated. Which periods are sealed follows from the calendar alone: a
period in which nobody was counted is sealed like one with a few, so that none tells from the other.

Source: DESIGN section 8.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum

from policy.counting import BEGAN_ON as BEGAN_ON
from policy.counting import SINCE_IT_BEGAN as SINCE_IT_BEGAN

GRACE_DAYS = 14
"""How long after its end a period stays open for what was validated in time and reported late."""

REVISED_IN = 3
"""The month of the yearly revision: what is released from then on has it."""
_HALF_YEAR, _QUARTER = 6, 3


class PeriodState(StrEnum):
    """How far a period has come."""

    OPEN = "TERBUKA"
    CLOSING = "PENUTUPAN"
    SEALED = "TERSEGEL"
    PUBLISHED = "TERBIT"


def period_state(ends_on: dt.date, today: dt.date, *, published: bool) -> PeriodState:
    """The state of a period that ends on a day."""
    if published:
        return PeriodState.PUBLISHED
    if ends_on <= sealed_until(today):
        return PeriodState.SEALED
    return PeriodState.OPEN if today <= ends_on else PeriodState.CLOSING


def sealed_until(today: dt.date) -> dt.date:
    """Periods that ended on this day or before are sealed."""
    return today - dt.timedelta(days=GRACE_DAYS + 1)


class Revision(StrEnum):
    """How often a sealed figure may follow what has changed since."""

    NEVER = "TIDAK_PERNAH"
    YEARLY = "TAHUNAN"
    MONTHLY = "BULANAN"


def last_revision(how_often: Revision, until: dt.date) -> int:
    """The last revision by a day: the year, or year and month (YYYYMM); 0 when there is none."""
    match how_often:
        case Revision.NEVER:
            return 0
        case Revision.YEARLY:
            return until.year if until.month >= REVISED_IN else until.year - 1
        case Revision.MONTHLY:
            return until.year * 100 + until.month


def half_years(until: dt.date) -> list[str]:
    """The half-years of the programme that ended by a day, in their order."""
    return [period for period in _every(_HALF_YEAR, until) if days_of(period)[1] <= until]


def cohorts(ages: Iterable[int], until: dt.date) -> list[str]:
    """The quarters of the programme, each at those ages in months that it had reached by a day, in their order."""
    aged = [f"{quarter}/{age}" for quarter in _every(_QUARTER, until) for age in sorted(ages)]
    return [period for period in aged if days_of(period)[1] <= until]


def days_of(period: str) -> tuple[dt.date, dt.date]:
    """First and last day of a period as it is written: `202012` for a half-year, by its last month, or one with an age.

    `202012/3` is October to December 2020 and what became of it in three months: until the end of March 2021. Of
    `SINCE_IT_BEGAN`, which does not end, the day on which it began is the last as well.
    """
    if period == SINCE_IT_BEGAN:
        return BEGAN_ON, BEGAN_ON
    month, _, age = period.partition("/")
    last = int(month[:4]) * 12 + int(month[4:]) - 1
    return _first_day(last - (2 if age else 5)), _first_day(last + int(age or 0) + 1) - dt.timedelta(days=1)


def covered(periods: Iterable[str]) -> tuple[dt.date, dt.date] | None:
    """First and last day that some periods cover together; None when there are none, or one does not end."""
    spans = [days_of(period) for period in periods if period != SINCE_IT_BEGAN]
    return (min(first for first, _ in spans), max(last for _, last in spans)) if spans else None


def _first_day(month: int) -> dt.date:
    """The first day of a month, which is counted from the year 0."""
    return dt.date(month // 12, month % 12 + 1, 1)


def _every(months: int, until: dt.date) -> list[str]:
    """Each period of so many months from that in which the programme began, as it is written, to that of a day."""
    first, last = ((day.year * 12 + day.month - 1) // months for day in (BEGAN_ON, until))
    ends = [(number + 1) * months - 1 for number in range(first, last + 1)]
    return [f"{month // 12}{month % 12 + 1:02}" for month in ends]
