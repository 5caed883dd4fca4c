"""Periods: what is sealed when."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.period import GRACE_DAYS, PeriodState, cohorts, days_of, half_years, period_state, sealed_until

ENDS_ON = dt.date(2020, 12, 31)


@pytest.mark.parametrize(
    ("days", "state"),
    [
        (-1, PeriodState.OPEN),
        (0, PeriodState.OPEN),
        (1, PeriodState.CLOSING),
        (GRACE_DAYS, PeriodState.CLOSING),
        (GRACE_DAYS + 1, PeriodState.SEALED),
    ],
)
def test_a_period_is_sealed_after_its_days_of_grace(days: int, state: PeriodState) -> None:
    assert period_state(ENDS_ON, ENDS_ON + dt.timedelta(days=days), published=False) is state


@given(st.dates(dt.date(2019, 1, 1), dt.date(2035, 12, 31)), st.integers(-400, 400))
def test_a_period_that_was_published_stays_so(today: dt.date, days: int) -> None:
    assert period_state(today + dt.timedelta(days=days), today, published=True) is PeriodState.PUBLISHED


@given(st.dates(dt.date(2019, 1, 1), dt.date(2035, 12, 31)))
def test_what_ended_later_is_not_sealed(today: dt.date) -> None:
    last = sealed_until(today)
    assert period_state(last, today, published=False) is PeriodState.SEALED
    assert period_state(last + dt.timedelta(days=1), today, published=False) is PeriodState.CLOSING


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("202012", dt.date(2020, 7, 1), dt.date(2020, 12, 31)),
        ("202106", dt.date(2021, 1, 1), dt.date(2021, 6, 30)),
        ("202012/3", dt.date(2020, 10, 1), dt.date(2021, 3, 31)),
        ("202103/18", dt.date(2021, 1, 1), dt.date(2022, 9, 30)),
    ],
)
def test_a_period_is_written_as_its_last_month_and_its_age(period: str, first: dt.date, last: dt.date) -> None:
    assert days_of(period) == (first, last)


def test_the_periods_of_the_programme_follow_from_the_calendar() -> None:
    assert half_years(dt.date(2021, 6, 29)) == ["202006", "202012"]
    assert half_years(dt.date(2021, 6, 30)) == ["202006", "202012", "202106"]
    assert half_years(dt.date(2019, 6, 30)) == []
    assert cohorts([3, 12, 6], dt.date(2020, 12, 31)) == ["202006/3", "202006/6", "202009/3"]
