"""Time: the only place that asks what time it is. Instants are UTC, days are days in Jakarta."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

JAKARTA = ZoneInfo("Asia/Jakarta")


class Clock(Protocol):
    """Something that tells the time; passed by hand to whatever depends on it."""

    def now(self) -> dt.datetime:
        """This instant, in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> dt.datetime:
        """This instant, in UTC."""
        return dt.datetime.now(dt.UTC)


@dataclass
class FixedClock:
    """A clock that stands still until it is moved: for tests and for the demo city."""

    instant: dt.datetime

    def now(self) -> dt.datetime:
        """The instant at which the clock stands, in UTC."""
        return self.instant.astimezone(dt.UTC)

    def move(self, by: dt.timedelta) -> None:
        """Move the clock forward (or, with a negative span, back)."""
        self.instant += by


def today(clock: Clock) -> dt.date:
    """The day that it is in Jakarta."""
    return day_in_jakarta(clock.now())


def day_in_jakarta(instant: dt.datetime) -> dt.date:
    """The calendar day in Jakarta at an instant.

    Raises:
        ValueError: the instant does not say its time zone.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant must say its time zone")
    return instant.astimezone(JAKARTA).date()


def start_of_day(day: dt.date) -> dt.datetime:
    """The instant, in UTC, at which a day begins in Jakarta."""
    return dt.datetime.combine(day, dt.time(), JAKARTA).astimezone(dt.UTC)
