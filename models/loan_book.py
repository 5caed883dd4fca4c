"""The state of loans at the end of a day, and the measures of a portfolio: SQL over the tables, or over views of them.

Source: DOMAIN section 9; TWP90 and TKB90 after the rules on peer-to-peer lending (LPBBTI).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Numeric, Select, and_, case, cast, func, or_, select, true, tuple_

from models.constant import const
from models.loan import Instalment, Loan, Repayment
from models.vocabulary import InstalmentStatus, LoanStatus

DEFAULTED_AFTER_DAYS = 90
"""Days past due beyond which a loan counts in TWP90."""

Expression = ColumnElement[Any]
Tables = Mapping[str, Any]
Namer = Callable[[str], str]


def of_tables(day: Expression, loan: Any = None, known_before: Expression | None = None) -> Any:
    """The state of each row of `loan` (or of what stands in for it), over the tables themselves; see `states`."""
    numbers = count(1)
    tables = {"repayment": Repayment.__table__, "instalment": Instalment.__table__}
    source = Loan.__table__ if loan is None else loan
    return states(source, day, tables, lambda about: f"{about}_{next(numbers)}", known_before)


def states(
    loan: FromClause, day: Expression, tables: Tables, name: Namer, known_before: Expression | None = None
) -> Any:
    """The state of a loan at the end of a day, to be joined laterally to it.

    Shape: one row per loan that was disbursed by that day, else none.
    Columns: principal, repaid, due_to_date, outstanding, overdue, outstanding_over_90 in rupiah; days_past_due.
    Repayments count with `paid_on <= day`, and where `known_before` is given only if they were reported before that
    instant; they are allocated to the oldest instalment first. `tables` are `repayment` and `instalment`, or views of
    them; `name` makes a new name for a FROM.
    """
    paid = _paid(loan, day, tables, name, known_before)
    due = _due(loan, day, paid, tables, name)
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
        .where(loan.c.disbursed_on <= day, loan.c.status != const(LoanStatus.BATAL))
    )
    return measured.correlate(loan).lateral(name("state"))


def instalment_states(instalment: FromClause, loan: FromClause, day: Expression, tables: Tables, name: Namer) -> Any:
    """How far an instalment is covered at the end of a day, to be joined laterally to it; `loan` is a FROM of its own.

    Shape: one row where its schedule is in force on the day and the loan was disbursed by then, else none.
    Columns: covered in rupiah (the oldest instalment is covered first); status, derived and never set (DOMAIN
    section 7).
    """
    paid, planned = _paid(loan, day, tables, name, None), _planned(instalment, tables, name)
    left = paid.c.repaid - (loan.c.principal - planned.c.scheduled) - planned.c.before
    covered = func.least(func.greatest(left, const(0)), instalment.c.principal)
    rows = (
        select(covered.label("covered"), _instalment_status(instalment, loan, covered, day).label("status"))
        .select_from(loan.join(paid, true()).join(planned, true()))
        .where(
            loan.c.id == instalment.c.loan_id,
            loan.c.disbursed_on <= day,
            loan.c.status != const(LoanStatus.BATAL),
            instalment.c.schedule == _schedule(loan, day, tables, name),
        )
    )
    return rows.correlate(instalment).lateral(name("state"))


def _planned(instalment: FromClause, tables: Tables, name: Namer) -> Any:
    """What the schedule of an instalment asks for in all, and before it."""
    i = tables["instalment"].alias(name("instalment"))
    earlier = tuple_(i.c.due_on, i.c.number) < tuple_(instalment.c.due_on, instalment.c.number)
    rows = select(
        func.sum(i.c.principal).label("scheduled"),
        func.coalesce(func.sum(i.c.principal).filter(earlier), const(0)).label("before"),
    ).where(i.c.loan_id == instalment.c.loan_id, i.c.schedule == instalment.c.schedule)
    return rows.correlate(instalment).lateral(name("planned"))


def _instalment_status(instalment: FromClause, loan: FromClause, covered: Expression, day: Expression) -> Expression:
    return case(
        (covered >= instalment.c.principal, const(InstalmentStatus.DIBAYAR)),
        (loan.c.status == const(LoanStatus.HAPUS), const(InstalmentStatus.DIHAPUS)),
        (instalment.c.due_on < day, const(InstalmentStatus.MENUNGGAK)),
        (instalment.c.due_on == day, const(InstalmentStatus.JATUH_TEMPO)),
        (covered > const(0), const(InstalmentStatus.DIBAYAR_SEBAGIAN)),
        else_=const(InstalmentStatus.TERJADWAL),
    )


def _paid(loan: FromClause, day: Expression, tables: Tables, name: Namer, known_before: Expression | None) -> Any:
    r = tables["repayment"].alias(name("repayment"))
    repaid = func.coalesce(func.sum(r.c.amount), const(0)).label("repaid")
    rows = select(repaid).where(r.c.loan_id == loan.c.id, r.c.paid_on <= day)
    if known_before is not None:
        rows = rows.where(r.c.reported_at < known_before)
    return rows.correlate(loan).lateral(name("paid"))


def _due(loan: FromClause, day: Expression, paid: FromClause, tables: Tables, name: Namer) -> Any:
    """What the schedule in force asked for: principal due by the day, and the oldest instalment not fully covered.

    A schedule made by a restructuring covers what was still owed then; what was paid before lies in front of it.
    """
    i = tables["instalment"].alias(name("instalment"))
    by_date = [i.c.due_on, i.c.number]
    rows = (
        select(
            i.c.due_on,
            i.c.principal,
            func.sum(i.c.principal).over(order_by=by_date).label("cumulated"),
            func.sum(i.c.principal).over().label("scheduled"),
        )
        .where(i.c.loan_id == loan.c.id, i.c.schedule == _schedule(loan, day, tables, name))
        .correlate(loan)
        .subquery(name("schedule"))
    )
    before = loan.c.principal - rows.c.scheduled
    open_ = rows.c.cumulated + before > paid.c.repaid
    due = func.coalesce(func.sum(rows.c.principal).filter(rows.c.due_on <= day), const(0))
    columns: Select[Any] = select(
        (due + func.coalesce(func.max(before), const(0))).label("due_to_date"),
        func.min(rows.c.due_on).filter(open_).label("oldest_open"),
    )
    return columns.select_from(rows).correlate(loan, paid).lateral(name("due"))


def _schedule(loan: FromClause, day: Expression, tables: Tables, name: Namer) -> Expression:
    i = tables["instalment"].alias(name("instalment"))
    in_force = or_(i.c.effective_on.is_(None), i.c.effective_on <= day)
    latest = select(func.max(i.c.schedule)).where(i.c.loan_id == loan.c.id, in_force)
    return latest.correlate(loan).scalar_subquery()


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
