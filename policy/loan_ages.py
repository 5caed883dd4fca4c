"""Loans at fixed ages of their cohort: their state at each, and what moved since the earlier ones, as SQL.

Two ages of a cohort stand side by side in open data, so that their difference is told as well: what became of some
persons in between. The publisher therefore counts who moved, and tells an age only where that is nobody or enough.

Source: DESIGN section 8 (two ages of one cohort are published together only when the difference is 0 or at least 10).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, FromClause, case, cast, func, literal

from models.loan import Instalment, Repayment
from models.loan_book import states

AGES_IN_MONTHS = (3, 6, 12, 18)
"""How old a cohort of loans is when its state is published."""
MONEY = ("repaid", "outstanding", "overdue", "on_time")
"""What is summed of the state of loans."""
SINCE_EARLIER_AGES = tuple(f"moved_{earlier}" for earlier in range(1, len(AGES_IN_MONTHS)))
"""What became of a cohort since the age before, since the one before that, and so on."""
LATE_DAYS = 15
"""What was reported by the start of this day after the end of a period counts in it: after the days of grace."""
_JAKARTA = "Asia/Jakarta"


def ages_with_earlier_ones() -> Sequence[tuple[int | None, ...]]:
    """Each age, followed by the one before, the one before that, and so on; by nothing where there is none."""
    return [
        tuple(AGES_IN_MONTHS[at - back] if at >= back else None for back in range(len(AGES_IN_MONTHS)))
        for at in range(len(AGES_IN_MONTHS))
    ]


def state_at(loan: FromClause, age: ColumnElement[Any], numbers: Iterator[int]) -> Any:
    """The state of loans at an age, to be joined laterally; nothing where there is no age."""
    day = months_later(loan.c.quarter_ends_on, age)
    in_time = func.timezone(_JAKARTA, cast(day + LATE_DAYS, DateTime))
    tables = {"repayment": Repayment.__table__, "instalment": Instalment.__table__}
    return states(loan, day, tables, lambda about: f"{about}_{next(numbers)}", in_time)


def money(state: Any) -> dict[str, ColumnElement[Any]]:
    """What is repaid and owed; and of what is owed, what is for too long and what is not."""
    left, late = func.coalesce(state.c.outstanding, 0), func.coalesce(state.c.outstanding_over_90, 0)
    repaid = func.coalesce(state.c.repaid, 0)
    return dict(zip(MONEY, (repaid, left, late, left - late), strict=True))


def moved(now: Any, then: Any, age: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    """By how much a sum of money is not what it was at an earlier age; 0 where there is none."""
    return case((age.is_not(None), func.abs(money(now)[name] - money(then)[name])), else_=0)


def months_later(day: ColumnElement[Any], months: Any) -> ColumnElement[Any]:
    """The last day of the month that comes so many months after that of a day."""
    after = func.date_trunc("month", cast(day, DateTime)) + func.make_interval(0, literal(1) + months)
    return cast(after - literal(dt.timedelta(days=1)), Date)
