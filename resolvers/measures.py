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
    case,
    cast,
    null,
    select,
)

from kernel.clock import SystemClock, today
from models import loan_book
from models.constant import const
from models.loan import Instalment, Loan, Repayment
from models.vocabulary import CollectabilityRule
from resolvers.binds import Leaf, Tree, Values
from resolvers.building import Building
from resolvers.catalogue import column_of
from resolvers.plan import Selection

MADE_OF: Mapping[str, frozenset[str]] = {
    "Loan": frozenset({"id", "principal", "disbursed_on", "status"}),
    "Instalment": frozenset({"loan_id", "schedule", "number", "due_on", "principal"}),
}
"""The noun's own columns that its measures are made of."""

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
    """The selected measures of one instalment; no row before the disbursement, or when another schedule is in force."""
    day = as_of(b, s.arguments)
    loan = b.views["loan"].alias(b.name("loan"))
    m = loan_book.instalment_states(instalment, loan, day, _tables(b), b.name)
    available = {
        "asOf": day,
        "coveredAmount": m.c.covered,
        "status": m.c.status,
        "__typename": const("InstalmentMeasures"),
    }
    columns = [available[part.name].label(part.key) for part in s.only]
    return select(*columns).select_from(m).lateral(b.name("measures"))


def _collectability(m: FromClause, rule: CollectabilityRule) -> Expression:
    """Class 1 to 5 by days past due; nothing when nothing is owed."""
    days = m.c.days_past_due
    classes = [(days <= const(limit), const(number)) for number, limit in enumerate(_LIMITS[rule], start=1)]
    return case((m.c.outstanding == const(0), cast(null(), Integer)), *classes, else_=const(5))


def states(b: Building, loan: FromClause, day: Expression) -> Any:
    """The state of a loan at the end of a day, as the role's views tell it (`models/loan_book.py`)."""
    return loan_book.states(loan, day, _tables(b), b.name)


def _tables(b: Building) -> loan_book.Tables:
    for used in (Repayment.amount, Instalment.principal, Loan.principal):
        b.used(column_of(used))
    return {name: b.views[name] for name in ("repayment", "instalment")}
