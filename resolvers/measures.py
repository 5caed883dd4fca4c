"""Measures of loans as of a date: what is repaid, owed and overdue, instalment by instalment and of a group.

Source: DOMAIN section 9; POJK 10/POJK.05/2022 (LPBBTI) and POJK 40/POJK.03/2019 (bank) for collectability.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Numeric,
    Select,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    select,
    true,
    tuple_,
)

from kernel.clock import SystemClock, today
from models.loan import Instalment, Loan, Repayment
from models.vocabulary import CollectabilityRule, InstalmentStatus, LoanStatus
from resolvers.binds import Leaf, Tree, Values
from resolvers.building import Building
from resolvers.catalogue import column_of
from resolvers.plan import Selection
from resolvers.sql import const

MADE_OF: Mapping[str, frozenset[str]] = {
    "Loan": frozenset({"id", "principal", "disbursed_on", "status"}),
    "Instalment": frozenset({"loan_id", "schedule", "number", "due_on", "principal"}),
}
"""The noun's own columns that its measures are made of."""

DEFAULTED_AFTER_DAYS = 90
"""Days past due beyond which a loan counts in TWP90."""

_LIMITS: Mapping[CollectabilityRule, tuple[int, ...]] = {
    CollectabilityRule.LPBBTI: (0, 30, 60, 90),
    CollectabilityRule.BANK: (0, 90, 120, 180),
}

Expression = ColumnElement[Any]


def as_of(b: Building, arguments: Mapping[str, Tree]) -> BindParameter[Any]:
    """The day of the measures: the argument, else today in Jakarta."""
    leaf = arguments.get("asOf")

    def read(values: Values) -> dt.date:
        return leaf.read(values) if isinstance(leaf, Leaf) else today(SystemClock())

    return b.binds.add(read, Date())


def rule_of(arguments: Mapping[str, Tree]) -> CollectabilityRule:
    """The collectability rule: the argument, else that of peer-to-peer lending."""
    given = arguments.get("rule")
    return CollectabilityRule[given] if isinstance(given, str) else CollectabilityRule.LPBBTI


def measures(b: Building, noun: str, source: FromClause, s: Selection) -> Any:
    """The selected measures of a row of a noun that has some, to be joined laterally to it."""
    return _loan_measures(b, source, s) if noun == "Loan" else _instalment_measures(b, source, s)


def _loan_measures(b: Building, loan: FromClause, s: Selection) -> Any:
    """The selected measures of one loan, to be joined to it; no row before its disbursement."""
    day = as_of(b, s.arguments)
    m = states(b, loan, day)
    available = {
        "asOf": day,
        "disbursed": m.c.principal,
        "repaid": m.c.repaid,
        "dueToDate": m.c.due_to_date,
        "outstanding": m.c.outstanding,
        "daysPastDue": m.c.days_past_due,
        "collectability": _collectability(m, rule_of(s.arguments)),
        "repaidInFull": m.c.outstanding == const(0),
        "__typename": const("LoanMeasures"),
    }
    columns = [available[part.name].label(part.key) for part in s.only]
    return select(*columns).select_from(m).lateral(b.name("measures"))


def _instalment_measures(b: Building, instalment: FromClause, s: Selection) -> Any:
    """The selected measures of one instalment; no row before the disbursement, or when another schedule is in force.

    What was paid covers the oldest instalment first (DOMAIN section 9). The state (status angsuran) is derived, never
    set: DOMAIN section 7.
    """
    day = as_of(b, s.arguments)
    b.used(column_of(Loan.principal))
    loan = b.views["loan"].alias(b.name("loan"))
    paid, planned = _paid(b, loan, day), _planned(b, instalment)
    left = paid.c.repaid - (loan.c.principal - planned.c.scheduled) - planned.c.before
    covered = func.least(func.greatest(left, const(0)), instalment.c.principal)
    available = {
        "asOf": day,
        "coveredAmount": covered,
        "status": _instalment_status(instalment, loan, covered, day),
        "__typename": const("InstalmentMeasures"),
    }
    columns = [available[part.name].label(part.key) for part in s.only]
    in_force = instalment.c.schedule == _schedule(b, loan, day)
    began = and_(loan.c.disbursed_on <= day, loan.c.status != const("BATAL"))
    rows = select(*columns).select_from(loan.join(paid, true()).join(planned, true()))
    return (
        rows.where(loan.c.id == instalment.c.loan_id, began, in_force).correlate(instalment).lateral(b.name("measures"))
    )


def _planned(b: Building, instalment: FromClause) -> Any:
    """What the schedule of an instalment asks for in all, and before it."""
    b.used(column_of(Instalment.principal))
    i = b.views["instalment"].alias(b.name("instalment"))
    earlier = tuple_(i.c.due_on, i.c.number) < tuple_(instalment.c.due_on, instalment.c.number)
    rows = select(
        func.sum(i.c.principal).label("scheduled"),
        func.coalesce(func.sum(i.c.principal).filter(earlier), const(0)).label("before"),
    ).where(i.c.loan_id == instalment.c.loan_id, i.c.schedule == instalment.c.schedule)
    return rows.correlate(instalment).lateral(b.name("planned"))


def _instalment_status(instalment: FromClause, loan: FromClause, covered: Expression, day: Expression) -> Expression:
    return case(
        (covered >= instalment.c.principal, const(InstalmentStatus.DIBAYAR)),
        (loan.c.status == const(LoanStatus.HAPUS), const(InstalmentStatus.DIHAPUS)),
        (instalment.c.due_on < day, const(InstalmentStatus.MENUNGGAK)),
        (instalment.c.due_on == day, const(InstalmentStatus.JATUH_TEMPO)),
        (covered > const(0), const(InstalmentStatus.DIBAYAR_SEBAGIAN)),
        else_=const(InstalmentStatus.TERJADWAL),
    )


def portfolio(m: FromClause, name: str) -> Expression:
    """One measure over the loans of a group."""
    overdue = m.c.outstanding_over_90
    match name:
        case "loans":
            return func.count(m.c.principal)
        case "disbursed":
            return func.coalesce(func.sum(m.c.principal), const(0))
        case "repaid" | "outstanding":
            return func.coalesce(func.sum(m.c[name]), const(0))
        case "overduePrincipal":
            return func.coalesce(func.sum(m.c.overdue), const(0))
        case "outstandingOver90Days":
            return func.coalesce(func.sum(overdue), const(0))
        case "twp90":
            return _percent(func.sum(overdue), func.sum(m.c.outstanding))
        case "tkb90":
            return const(100) - _percent(func.sum(overdue), func.sum(m.c.outstanding))
        case "repaidInFull":
            return func.count(m.c.principal).filter(m.c.outstanding == const(0))
        case "mayBeHandedOver":
            return func.coalesce(func.sum(m.c.repaid).filter(m.c.outstanding == const(0)), const(0))
        case _:
            return const("LoanPortfolio")


def _percent(part: Expression, whole: Expression) -> Expression:
    """Two decimals, half up; nothing when there is no whole."""
    return func.round(cast(part, Numeric) * const(100) / func.nullif(whole, const(0)), const(2))


def _collectability(m: FromClause, rule: CollectabilityRule) -> Expression:
    """Class 1 to 5 by days past due; nothing when nothing is owed."""
    days = m.c.days_past_due
    classes = [(days <= const(limit), const(number)) for number, limit in enumerate(_LIMITS[rule], start=1)]
    return case((m.c.outstanding == const(0), cast(null(), Integer)), *classes, else_=const(5))


def states(b: Building, loan: FromClause, day: Expression) -> Any:
    """The state of a loan at the end of a day, to be joined laterally to it.

    Shape: one row per loan that was disbursed by that day, else none.
    Columns: principal, repaid, due_to_date, outstanding, overdue, outstanding_over_90 in rupiah; days_past_due.
    Repayments count with `paid_on <= day` and are allocated to the oldest instalment first.
    """
    paid = _paid(b, loan, day)
    due = _due(b, loan, day, paid)
    outstanding = func.greatest(loan.c.principal - paid.c.repaid, const(0))
    late = and_(outstanding > const(0), due.c.oldest_open < day)
    days = case((late, day - due.c.oldest_open), else_=const(0))
    measured = (
        select(
            loan.c.principal.label("principal"),
            paid.c.repaid.label("repaid"),
            due.c.due_to_date.label("due_to_date"),
            outstanding.label("outstanding"),
            func.greatest(due.c.due_to_date - paid.c.repaid, const(0)).label("overdue"),
            days.label("days_past_due"),
            case((days > const(DEFAULTED_AFTER_DAYS), outstanding), else_=const(0)).label("outstanding_over_90"),
        )
        .select_from(paid.join(due, true()))
        .where(loan.c.disbursed_on <= day, loan.c.status != const("BATAL"))
    )
    return measured.correlate(loan).lateral(b.name("state"))


def _paid(b: Building, loan: FromClause, day: Expression) -> Any:
    b.used(column_of(Repayment.amount))
    r = b.views["repayment"].alias(b.name("repayment"))
    repaid = func.coalesce(func.sum(r.c.amount), const(0)).label("repaid")
    rows = select(repaid).where(r.c.loan_id == loan.c.id, r.c.paid_on <= day)
    return rows.correlate(loan).lateral(b.name("paid"))


def _due(b: Building, loan: FromClause, day: Expression, paid: FromClause) -> Any:
    """What the schedule in force asked for: principal due by the day, and the oldest instalment not fully covered.

    A schedule made by a restructuring covers what was still owed then; what was paid before lies in front of it.
    """
    b.used(column_of(Instalment.principal))
    b.used(column_of(Loan.principal))
    i = b.views["instalment"].alias(b.name("instalment"))
    by_date = [i.c.due_on, i.c.number]
    rows = (
        select(
            i.c.due_on,
            i.c.principal,
            func.sum(i.c.principal).over(order_by=by_date).label("cumulated"),
            func.sum(i.c.principal).over().label("scheduled"),
        )
        .where(i.c.loan_id == loan.c.id, i.c.schedule == _schedule(b, loan, day))
        .correlate(loan)
        .subquery(b.name("schedule"))
    )
    before = loan.c.principal - rows.c.scheduled
    open_ = rows.c.cumulated + before > paid.c.repaid
    due = func.coalesce(func.sum(rows.c.principal).filter(rows.c.due_on <= day), const(0))
    columns: Select[Any] = select(
        (due + func.coalesce(func.max(before), const(0))).label("due_to_date"),
        func.min(rows.c.due_on).filter(open_).label("oldest_open"),
    )
    return columns.select_from(rows).correlate(loan, paid).lateral(b.name("due"))


def _schedule(b: Building, loan: FromClause, day: Expression) -> Expression:
    i = b.views["instalment"].alias(b.name("instalment"))
    in_force = or_(i.c.effective_on.is_(None), i.c.effective_on <= day)
    latest = select(func.max(i.c.schedule)).where(i.c.loan_id == loan.c.id, in_force)
    return latest.correlate(loan).scalar_subquery()
