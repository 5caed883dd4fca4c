"""How things of persons are counted in SQL: by period and keys, with sums that tell of nobody; and who they are.

Pieces of the counting views (`policy/published_persons.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    extract,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import BIT, aggregate_order_by

from models.business import Business
from models.owner import Consent
from models.vocabulary import ConsentPurpose

BEGAN_ON = dt.date(2020, 4, 23)
"""The first day of the programme. Source: DOMAIN section 1."""

SINCE_IT_BEGAN = f"{BEGAN_ON:%Y%m}+"
"""The period of what is counted since then."""


def people(
    keys: Sequence[ColumnElement[Any]],
    cohort: ColumnElement[Any],
    person: ColumnElement[Any],
    is_unlisted: ColumnElement[bool],
    split: Sequence[ColumnElement[Any]] = (),
) -> Select[Any]:
    """Persons with the cohort and cell in which they are counted, as `counted_persons` has them."""
    return select(
        cohort.label("cohort"),
        _joined(keys).label("cell"),
        _joined(split).label("split"),
        _hash(person).label("person"),
        is_unlisted.label("is_unlisted"),
    )


def _joined(values: Sequence[ColumnElement[Any]]) -> ColumnElement[str]:
    """Values as one text, in the order of the names of their columns."""
    if not values:
        return literal("", Text)
    return func.concat_ws("|", *(func.coalesce(cast(v, Text), "None") for v in sorted(values, key=lambda v: v.name)))


def counted(
    each: FromClause, keys: Sequence[ColumnElement[Any]], *more: ColumnElement[Any], period: Any = None
) -> Select[Any]:
    """Rows of `each` counted by period and keys; it has `ends_on`, `is_unlisted` and `member`."""
    when = (yyyymm(each.c.ends_on) if period is None else period).label("period")
    counts = [func.count().label("persons"), func.count().filter(each.c.is_unlisted).label("unlisted")]
    counts.append(func.sum(_hash(each.c.member)).label("members"))
    return select(when, each.c.ends_on, *keys, *counts, *more).group_by(when, each.c.ends_on, *keys)


def summed(
    name: str, amount: ColumnElement[Any], is_unlisted: ColumnElement[bool], part: ColumnElement[Any] | None = None
) -> Sequence[ColumnElement[Any]]:
    """A sum over persons, its two largest parts, and how many unlisted persons have a part in it.

    `part` is what a person has of it, on one of its rows, where it may have several.
    """
    part = amount if part is None else part
    ranked = func.array_agg(aggregate_order_by(part, part.desc()), type_=ARRAY(BigInteger))
    has_part = func.count().filter(and_(part > 0, is_unlisted))
    return (
        cast(func.sum(amount), BigInteger).label(name),
        ranked[1].label(f"{name}_1"),
        ranked[2].label(f"{name}_2"),
        has_part.label(f"{name}_of"),
    )


def _hash(key: ColumnElement[Any]) -> ColumnElement[Any]:
    """60 bits of a hash of a key, as a number."""
    digest = func.encode(func.sha256(func.convert_to(cast(key, Text), "UTF8")), "hex")
    return cast(cast(literal("x") + func.left(digest, 15), BIT(60)), BigInteger)


def end_of_half_year(day: Any) -> ColumnElement[Any]:
    """The last day of the half-year of a day."""
    is_first = extract("month", day) <= 6
    month, last = case((is_first, 6), else_=12), case((is_first, 30), else_=31)
    return cast(func.make_date(cast(extract("year", day), Integer), month, last), Date)


def yyyymm(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """A month as Satu Data Jakarta writes it."""
    return func.to_char(day, "YYYYMM")


def was_listed() -> ColumnElement[bool]:
    """Whether a business is in the public list, or its owner ever consented to that: others keep what they saw."""
    consented = exists().where(Consent.owner_id == Business.owner_id, Consent.purpose == ConsentPurpose.TAMPIL_PUBLIK)
    return or_(Business.listed, consented)
