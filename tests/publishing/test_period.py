"""Half-years: what is sealed when."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.period import GRACE_DAYS, HalfYear, half_year_of, last_sealed, read_half_year

DAYS = st.dates(dt.date(2019, 1, 1), dt.date(2035, 12, 31))


@given(DAYS)
def test_every_day_lies_in_its_half_year(day: dt.date) -> None:
    period = half_year_of(day)
    assert period.starts_on <= day <= period.ends_on
    assert read_half_year(str(period)) == period


@given(DAYS)
def test_the_last_sealed_period_is_over_and_the_next_is_not(today: dt.date) -> None:
    period = last_sealed(today)
    following = half_year_of(period.ends_on + dt.timedelta(days=1))
    assert period.is_sealed(today)
    assert not following.is_sealed(today)


@pytest.mark.parametrize(("days", "sealed"), [(0, False), (GRACE_DAYS, False), (GRACE_DAYS + 1, True)])
def test_a_period_is_sealed_after_its_days_of_grace(days: int, sealed: bool) -> None:
    period = HalfYear(2020, 2)
    assert period.is_sealed(period.ends_on + dt.timedelta(days=days)) is sealed


def test_a_period_is_written_as_its_last_month() -> None:
    assert [str(HalfYear(2020, 2)), str(HalfYear(2021, 1))] == ["202012", "202106"]
