"""Days are days in Jakarta, instants are UTC."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.clock import FixedClock, SystemClock, day_in_jakarta, start_of_day, today

NOON = dt.datetime(2020, 7, 2, 12, tzinfo=dt.UTC)


def test_the_day_changes_at_midnight_in_jakarta() -> None:
    assert day_in_jakarta(dt.datetime(2020, 7, 2, 16, 59, tzinfo=dt.UTC)) == dt.date(2020, 7, 2)
    assert day_in_jakarta(dt.datetime(2020, 7, 2, 17, 0, tzinfo=dt.UTC)) == dt.date(2020, 7, 3)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)))
def test_a_day_begins_on_that_day_and_a_moment_earlier_it_was_the_day_before(day: dt.date) -> None:
    start = start_of_day(day)
    assert day_in_jakarta(start) == day
    assert day_in_jakarta(start - dt.timedelta(microseconds=1)) == day - dt.timedelta(days=1)


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        day_in_jakarta(dt.datetime(2020, 7, 2))  # noqa: DTZ001  # the mistake under test


def test_a_fixed_clock_stands_still_until_it_is_moved() -> None:
    clock = FixedClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.move(dt.timedelta(hours=6))
    assert today(clock) == dt.date(2020, 7, 3)


def test_the_system_clock_tells_utc() -> None:
    assert SystemClock().now().utcoffset() == dt.timedelta()
