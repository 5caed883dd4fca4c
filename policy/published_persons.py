"""What the publisher may count of persons: views that group inside the database, so that no row of a person leaves it.

Each has columns `period`, `ends_on` (the last day of the period), what is counted by, `persons`, and of them `unlisted`
(those whose business nobody knows from the public list of consenting businesses, as it is or was), and `members`, a
sum of hashes of their keys: it is the same for the same persons only, and tells nothing of any of them. A measure that
is summed over persons has its sum, the two largest parts of it, and how many unlisted persons have a part in it: `x`,
`x_1`, `x_2`, `x_of`; a state has how many are in it: `x`, `x_unlisted`.

Facts belong to the period in which they were validated. Source: DESIGN section 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    column,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
    values,
)
from sqlalchemy.orm import aliased

from models.business import Business
from models.complaint import Complaint, FollowUp
from models.delivery import Validation
from models.discrepancy import Discrepancy
from models.handover import Handover, HandoverLoan, OnwardAid
from models.institution import Institution
from models.loan import Loan
from models.loan_book import DEFAULTED_AFTER_DAYS
from models.vocabulary import ComplaintStatus, HandoverStatus, LoanStatus
from policy.counting import BEGAN_ON, SINCE_IT_BEGAN, counted, end_of_half_year, people, summed, was_listed, yyyymm
from policy.loan_ages import (
    MONEY,
    SINCE_EARLIER_AGES,
    ages_with_earlier_ones,
    money,
    months_later,
    moved,
    state_at,
)
from policy.pseudonym import institution_code
from policy.received import KEYS_OF_RECIPIENTS, first_help, received_each_time

_JAKARTA = "Asia/Jakarta"


@dataclass(frozen=True)
class Counting:
    """A counting view, and the persons whom it counts, which nobody may read: see `counted_persons`."""

    counts: Select[Any]
    persons: Select[Any]


def counting_views() -> dict[str, Select[Any]]:
    """The views over persons, by name."""
    return {
        **{name: counting.counts for name, counting in _countings().items()},
        "recipient_aid_counts": _recipients_by_aid(),
    }


def counted_persons() -> Select[Any]:
    """Whom each counting view counts, for the functions of the register of told groups; no login reads it.

    Columns: `source` (the view), `cohort` (the period without its age), `cell` (the values of its keys, in the order of
    the names of their columns, joined by `|`), `split` (values by which rows of persons tell more of a cell, likewise),
    `person` (a hash of a key), `is_unlisted`. A person may stand in a cell several times.
    """
    named = [select(literal(name, Text).label("source"), one.persons.subquery()) for name, one in _countings().items()]
    return select(union_all(*named).subquery("person"))


def _countings() -> dict[str, Counting]:
    return {
        "recipient_counts": _recipients(),
        "recipient_totals": _recipients_ever(),
        "loan_counts": _loans(),
        "handover_counts": _handovers(),
        "onward_aid_counts": _onward_aid(),
        "complaint_counts": _complaints(),
        "discrepancy_counts": _discrepancies(),
    }


def _recipients() -> Counting:
    """Distinct owners who received something, by half-year of validation and the business that received it."""
    once = first_help()
    keys, is_first = _of_recipients(once), once.c.place == 1
    who = people(keys, yyyymm(once.c.ends_on), once.c.member, once.c.is_unlisted, split=[once.c.sex, once.c.aid])
    return Counting(counted(once, keys).where(is_first), who.where(is_first))


def _recipients_ever() -> Counting:
    """Distinct owners who received something since the programme began, whatever it was and however often."""
    received = received_each_time()
    ever = (
        select(
            received.c.owner_id.label("member"),
            func.bool_and(~was_listed()).label("is_unlisted"),
            literal(BEGAN_ON).label("ends_on"),
        )
        .join(Business, Business.id == received.c.business_id)
        .where(end_of_half_year(received.c.validated_on) >= BEGAN_ON)
        .group_by(received.c.owner_id)
        .subquery("ever")
    )
    since = cast(literal(SINCE_IT_BEGAN), Text)
    who = people([], since, ever.c.member, ever.c.is_unlisted)
    return Counting(counted(ever, [], period=since), who)


def _recipients_by_aid() -> Select[Any]:
    """The persons of `recipient_counts`, each in the same cell, counted by sex and by what they received first as well.

    Sex is a personal fact: it leaves here as a count, and is told of classes that are safe (`publishing/control`).
    """
    once = first_help()
    return counted(once, [*_of_recipients(once), once.c.sex, once.c.aid]).where(once.c.place == 1)


def _of_recipients(once: Subquery) -> list[ColumnElement[Any]]:
    """What recipients are counted by."""
    return [once.c.programme, *(once.c[attribute.key] for attribute in KEYS_OF_RECIPIENTS)]


def _loans() -> Counting:
    """Loans by quarter in which their disbursement was validated, and their state at fixed ages of that quarter.

    An owner with two loans in a quarter counts with the first. Repayments count that were reported in time. What moved
    since each of the earlier ages is summed like a sum over persons: `repaid_moved_1`, ...
    """
    cohort, numbers = _cohort(), count(1)
    ages = values(*(column(name, Integer) for name in ("age", *SINCE_EARLIER_AGES)), name="ages").data(
        ages_with_earlier_ones()
    )
    aged = select(cohort, *ages.c, months_later(cohort.c.quarter_ends_on, ages.c.age).label("ends_on"))
    loan = aged.join(ages, true()).where(cohort.c.place == 1).subquery("aged")
    now, *before = (state_at(loan, loan.c[age], numbers) for age in ("age", *SINCE_EARLIER_AGES))
    then = dict(zip(SINCE_EARLIER_AGES, before, strict=True))
    since = [(name, earlier) for name in MONEY for earlier in SINCE_EARLIER_AGES]
    joined: FromClause = loan
    for state in (now, *before):
        joined = joined.outerjoin(state, true())
    each = (
        select(
            *(loan.c.fintech_code, loan.c.region_code, loan.c.is_unlisted, loan.c.quarter_ends_on, loan.c.age),
            *(loan.c.id.label("member"), loan.c.ends_on, loan.c.principal.label("disbursed")),
            *(value.label(name) for name, value in money(now).items()),
            (func.coalesce(now.c.days_past_due, 0) > DEFAULTED_AFTER_DAYS).label("is_late"),
            *(moved(now, then[earlier], loan.c[earlier], n).label(f"{n}_{earlier}") for n, earlier in since),
        )
        .select_from(joined)
        .subquery("each")
    )
    sums = ["disbursed", *MONEY, *(f"{name}_{earlier}" for name, earlier in since)]
    counts = counted(
        each,
        [each.c.fintech_code, each.c.region_code],
        *(part for name in sums for part in summed(name, each.c[name], each.c.is_unlisted)),
        func.count().filter(each.c.is_late).label("late"),
        func.count().filter(each.c.is_late, each.c.is_unlisted).label("late_unlisted"),
        period=yyyymm(each.c.quarter_ends_on) + "/" + cast(each.c.age, Text),
    )
    keys = [cohort.c.fintech_code, cohort.c.region_code]
    who = people(keys, yyyymm(cohort.c.quarter_ends_on), cohort.c.person, cohort.c.is_unlisted)
    return Counting(counts, who.where(cohort.c.place == 1))


def _cohort() -> Subquery:
    """Every loan whose disbursement was validated, with that quarter and its place among those of its owner in it."""
    validated = (
        select(Validation.loan_id, func.min(Validation.validated_on).label("day"))
        .where(Validation.accepted, Validation.loan_id.is_not(None))
        .group_by(Validation.loan_id)
        .subquery("validated")
    )
    quarter = cast(func.date_trunc("quarter", cast(validated.c.day, DateTime)), Date)
    quarter_ends_on = months_later(quarter, 2)
    place = func.row_number().over(
        partition_by=[quarter_ends_on, Loan.owner_id], order_by=[validated.c.day, Loan.disbursed_on, Loan.id]
    )
    return (
        select(
            *(Loan.id, Loan.principal, Loan.disbursed_on, Loan.status, Loan.region_code),
            Loan.owner_id.label("person"),
            institution_code(Institution.id, Institution.kind).label("fintech_code"),
            *((~was_listed()).label("is_unlisted"), quarter_ends_on.label("quarter_ends_on"), place.label("place")),
        )
        .join(validated, validated.c.loan_id == Loan.id)
        .join(Business, Business.id == Loan.business_id)
        .join(Institution, Institution.id == Loan.fintech_id)
        .where(Loan.disbursed_on.is_not(None), Loan.status != LoanStatus.BATAL)
        .subquery("cohort")
    )


def _handovers() -> Counting:
    """Repaid loans whose money a fund manager confirmed to have received, by half-year of that."""
    fintech, manager = aliased(Institution), aliased(Institution)
    loans = (
        select(
            institution_code(fintech.id, fintech.kind).label("fintech_code"),
            institution_code(manager.id, manager.kind).label("fund_manager_code"),
            end_of_half_year(Handover.received_on).label("ends_on"),
            *(HandoverLoan.amount.label("amount"), was_listed().label("listed"), Loan.id.label("member")),
            Loan.owner_id.label("person"),
        )
        .select_from(HandoverLoan)
        .join(Handover, Handover.id == HandoverLoan.handover_id)
        .join(Loan, Loan.id == HandoverLoan.loan_id)
        .join(Business, Business.id == Loan.business_id)
        .join(fintech, fintech.id == Handover.fintech_id)
        .join(manager, manager.id == Handover.fund_manager_id)
        .where(Handover.status == HandoverStatus.DITERIMA, Handover.received_on.is_not(None))
        .subquery("loans")
    )
    return _counted_by_person(loans, ["fintech_code", "fund_manager_code"])


def _onward_aid() -> Counting:
    """Money passed on, by half-year, with the loans whose repayment it came from; each has its share of it."""
    share = OnwardAid.amount * HandoverLoan.amount / Handover.amount
    ends_on = end_of_half_year(OnwardAid.given_on)
    code = institution_code(Institution.id, Institution.kind)
    loans = (
        select(
            *(code.label("fund_manager_code"), OnwardAid.programme, ends_on.label("ends_on")),
            *(cast(func.sum(share), BigInteger).label("amount"), was_listed().label("listed")),
            *(Loan.id.label("member"), Loan.owner_id.label("person")),
        )
        .select_from(OnwardAid)
        .join(Handover, Handover.id == OnwardAid.handover_id)
        .join(HandoverLoan, HandoverLoan.handover_id == Handover.id)
        .join(Loan, Loan.id == HandoverLoan.loan_id)
        .join(Business, Business.id == Loan.business_id)
        .join(Institution, Institution.id == OnwardAid.fund_manager_id)
        .group_by(code, OnwardAid.programme, ends_on, Loan.id, Business.id)
        .subquery("loans")
    )
    return _counted_by_person(loans, ["fund_manager_code", "programme"])


def _complaints() -> Counting:
    """Complaints by half-year in which they were closed, where, about what and how; and the days that it took.

    One that is opened again and closed again in a half-year counts once, with the last end. Of several complaints of
    one person only the first counts as that of an unknown person.
    """
    closed_on = cast(func.timezone(_JAKARTA, FollowUp.taken_at), Date)
    received_on = cast(func.timezone(_JAKARTA, Complaint.received_at), Date)
    ends_on = end_of_half_year(closed_on)
    last = func.row_number().over(
        partition_by=[ends_on, Complaint.id], order_by=[FollowUp.taken_at.desc(), FollowUp.id.desc()]
    )
    ended = (
        select(
            *(Complaint.id, Complaint.complainant_id, Complaint.region_code, Complaint.category),
            *(FollowUp.status.label("outcome"), (closed_on - received_on).label("days")),
            *(ends_on.label("ends_on"), last.label("place")),
        )
        .join(Complaint, Complaint.id == FollowUp.complaint_id)
        .where(FollowUp.status.in_([ComplaintStatus.SELESAI, ComplaintStatus.DITOLAK]))
        .subquery("ended")
    )
    of_person = func.row_number().over(partition_by=[ended.c.ends_on, ended.c.complainant_id], order_by=ended.c.id)
    each = (
        select(
            ended,
            ended.c.id.label("member"),
            or_(ended.c.complainant_id.is_(None), of_person == 1).label("is_unlisted"),
        )
        .where(ended.c.place == 1)
        .subquery("each")
    )
    keys = [each.c.region_code, each.c.category, each.c.outcome]
    person = func.coalesce(each.c.complainant_id, each.c.id)
    counts = counted(each, keys, each.c.days).group_by(each.c.days)
    return Counting(counts, people(keys, yyyymm(each.c.ends_on), person, true()))


def _discrepancies() -> Counting:
    """Discrepancies found in a half-year, by institution and what was reported, and how many rupiah lie between them.

    What is counted in pieces has no rupiah. One that is about no loan is about nobody whom we know.
    """
    apart = func.abs(Discrepancy.value_a - Discrepancy.value_b)
    found = (
        select(
            institution_code(Institution.id, Institution.kind).label("institution_code"),
            *(Discrepancy.measure, end_of_half_year(Discrepancy.detected_on).label("ends_on")),
            case((Discrepancy.measure.startswith("JUMLAH_"), 0), else_=apart).label("amount"),
            *(func.coalesce(was_listed(), false()).label("listed"), Discrepancy.id.label("member")),
            func.coalesce(Loan.owner_id, Discrepancy.id).label("person"),
        )
        .select_from(Discrepancy)
        .join(Institution, Institution.id == Discrepancy.institution_id)
        .outerjoin(Loan, Loan.id == Discrepancy.loan_id)
        .outerjoin(Business, Business.id == Loan.business_id)
        .subquery("found")
    )
    return _counted_by_person(found, ["institution_code", "measure"])


def _counted_by_person(rows: Subquery, names: Sequence[str]) -> Counting:
    """Rows with an `amount`, counted by period and keys, where a `person` may have several.

    A person counts as unlisted once in a cell, and nowhere in it if one of its businesses there is `listed`; what a
    person has a part of is the sum of its amounts in the cell.
    """
    of_person = [rows.c.ends_on, *(rows.c[name] for name in names), rows.c.person]
    is_first = func.row_number().over(partition_by=of_person, order_by=rows.c.member) == 1
    is_listed = func.bool_or(rows.c.listed).over(partition_by=of_person)
    part = func.sum(rows.c.amount).over(partition_by=of_person)
    each = select(
        rows, and_(is_first, ~is_listed).label("is_unlisted"), case((is_first, part), else_=0).label("part")
    ).subquery("each")
    amount = summed("amount", each.c.amount, each.c.is_unlisted, each.c.part)
    who = people([rows.c[name] for name in names], yyyymm(rows.c.ends_on), rows.c.person, ~rows.c.listed)
    return Counting(counted(each, [each.c[name] for name in names], *amount), who)
