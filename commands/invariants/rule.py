"""What an invariant is: rules that each find the rows which break it, and where it is upheld beside them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, cast, exists, false, func, select

from models.discrepancy import Discrepancy


@dataclass(frozen=True)
class Rule:
    """One sentence that holds for all rows, in English and Indonesian, and the rows for which it does not.

    `offending` gives one row for each: `id`, the public identifier of what breaks the rule, and `known`, whether a
    recorded discrepancy (selisih) says so already. Set-based: one statement whatever the number of rows.
    """

    name: str
    english: str
    indonesian: str
    offending: Select[Any]


@dataclass(frozen=True)
class Invariant:
    """A numbered invariant; `upheld_by` names the code or tests that uphold what is no property of data."""

    number: int
    english: str
    indonesian: str
    rules: tuple[Rule, ...] = ()
    upheld_by: tuple[str, ...] = ()


def found(id_: Any, known: ColumnElement[bool] | None = None) -> Select[Any]:
    """The start of `offending`: which identifier to name, and when the breach is known."""
    return select(id_.label("id"), (false() if known is None else known).label("known"))


def is_known(measure: str, subject: Any, of: Any) -> ColumnElement[bool]:
    """Whether a discrepancy of a measure is recorded about a row; `subject` is the column of `Discrepancy` for it."""
    return exists().where(subject == of, Discrepancy.measure.endswith(measure))


def total(amount: Any, *conditions: Any) -> ColumnElement[Any]:
    """The sum of a column of another table over rows that meet conditions; 0 for none."""
    return select(func.coalesce(func.sum(amount), 0)).where(*conditions).scalar_subquery()


def jakarta_day(instant: Any) -> ColumnElement[dt.date]:
    """The day in Jakarta of an instant."""
    return cast(func.timezone("Asia/Jakarta", instant), Date)
