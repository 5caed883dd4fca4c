"""Measures of loans: the worked loan book on its four dates, and any other book against the rules said in Python.

Source of the rules: DOMAIN section 9; the numbers: `tests/data/pinjaman_uji.json`.
"""

from __future__ import annotations

import calendar
import datetime as dt
import json
from collections.abc import AsyncIterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.money import instalments
from tests.conftest import City
from tests.loan_books import Book, Due, LoanOfBook, Paid, an_empty_book

pytestmark = pytest.mark.asyncio(loop_scope="session")

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "pinjaman_uji.json").read_text("utf-8"))
DATES = list(GOLDEN["hasil"])
LIMITS = {"LPBBTI": GOLDEN["ambang_kol_lpbbti"], "BANK": GOLDEN["ambang_kol_bank"]}

LOANS = """
query ($on: Date!) {
  loans(first: 100) {
    nodes {
      principal disbursedOn
      lpbbti: measures(asOf: $on) {
        asOf disbursed repaid dueToDate outstanding daysPastDue collectability repaidInFull
      }
      bank: measures(asOf: $on, rule: BANK) { collectability }
      instalments(first: 100) { nodes { schedule number measures(asOf: $on) { coveredAmount status } } }
    }
  }
}
"""
PORTFOLIO = """
query ($on: Date!) {
  loanGroups(by: []) {
    count
    portfolio(asOf: $on) {
      asOf loans disbursed repaid outstanding overduePrincipal outstandingOver90Days
      twp90 tkb90 repaidInFull mayBeHandedOver
    }
  }
}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def book(walled_city: City) -> AsyncIterator[Book]:
    async with an_empty_book(walled_city, "loan_book") as empty:
        yield empty


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def golden_book(walled_city: City) -> AsyncIterator[Book]:
    async with an_empty_book(walled_city, "golden_loan_book") as empty:
        await empty.write([_golden_loan(row) for row in GOLDEN["pinjaman"]])
        yield empty


def _golden_loan(row: dict[str, Any]) -> LoanOfBook:
    return LoanOfBook(
        row["pokok_rp"],
        dt.date.fromisoformat(row["tanggal_cair"]),
        [Due(dt.date.fromisoformat(d["jatuh_tempo"]), d["pokok_rp"]) for d in row["jadwal"]],
        [Paid(dt.date.fromisoformat(p["tanggal"]), p["rp"]) for p in row["pembayaran"]],
    )


@pytest.mark.parametrize("on", DATES)
async def test_each_loan_of_the_worked_book_measures_what_it_should(golden_book: Book, on: str) -> None:
    # the worked book names its loans by number; principal and day of disbursement tell them apart here
    names = {(row["pokok_rp"], row["tanggal_cair"]): row["pinjaman_id"] for row in GOLDEN["pinjaman"]}
    assert len(names) == len(GOLDEN["pinjaman"])
    nodes = (await golden_book.ask(LOANS, on=on))["loans"]["nodes"]
    told = {names[n["principal"], n["disbursedOn"]]: _in_words_of_the_file(n) for n in nodes if n["lpbbti"]}
    assert told == GOLDEN["hasil"][on]["pinjaman"]


def _in_words_of_the_file(node: dict[str, Any]) -> dict[str, Any]:
    measures = node["lpbbti"]
    assert measures["disbursed"] == node["principal"]
    return {
        "dibayar_rp": measures["repaid"],
        "jatuh_tempo_kumulatif_rp": measures["dueToDate"],
        "sisa_pokok_rp": measures["outstanding"],
        "hari_tunggakan": measures["daysPastDue"],
        "kol_lpbbti": measures["collectability"],
        "kol_bank": node["bank"]["collectability"],
        "lunas": measures["repaidInFull"],
    }


@pytest.mark.parametrize("on", DATES)
async def test_the_portfolio_of_the_worked_book_measures_what_it_should(golden_book: Book, on: str) -> None:
    expected = GOLDEN["hasil"][on]
    (group,) = (await golden_book.ask(PORTFOLIO, on=on))["loanGroups"]
    overdue = group["portfolio"].pop("overduePrincipal")
    assert group["count"] == len(GOLDEN["pinjaman"])
    assert group["portfolio"] == {
        "asOf": on,
        "loans": expected["jumlah_pinjaman"],
        "disbursed": expected["tersalur_rp"],
        "repaid": expected["dibayar_rp"],
        "outstanding": expected["sisa_pokok_rp"],
        "outstandingOver90Days": expected["sisa_pokok_lebih_90_hari_rp"],
        "twp90": expected["twp90_persen"],
        "tkb90": expected["tkb90_persen"],
        "repaidInFull": expected["lunas"],
        "mayBeHandedOver": expected["dapat_diserahkan_ke_agregator_rp"],
    }
    loans = expected["pinjaman"].values()
    assert overdue == sum(max(0, loan["jatuh_tempo_kumulatif_rp"] - loan["dibayar_rp"]) for loan in loans)


async def test_a_book_that_has_not_begun_has_no_rates(golden_book: Book) -> None:
    (group,) = (await golden_book.ask(PORTFOLIO, on="2020-01-01"))["loanGroups"]
    assert group["portfolio"] == {
        "asOf": "2020-01-01",
        **dict.fromkeys(("loans", "disbursed", "repaid", "outstanding", "overduePrincipal"), 0),
        **dict.fromkeys(("outstandingOver90Days", "repaidInFull", "mayBeHandedOver"), 0),
        "twp90": None,
        "tkb90": None,
    }


# ---- any book


FIRST_DAY = dt.date(2020, 7, 1)
LAST_DAY = dt.date(2022, 6, 30)
_days = st.dates(FIRST_DAY, LAST_DAY)


def _schedule(start: dt.date, amount: int, count: int) -> list[Due]:
    return [Due(_months_after(start, n), part) for n, part in enumerate(instalments(amount, count), 1)]


def _months_after(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@st.composite
def a_loan(draw: st.DrawFn) -> LoanOfBook:
    """A loan with any payments that never exceed it, some of them reversed, and perhaps a restructuring."""
    principal = draw(st.integers(5_000_000, 10_000_000))
    disbursed_on = draw(st.dates(FIRST_DAY, dt.date(2021, 6, 30)))
    payments: list[Paid] = []
    days = sorted(draw(st.lists(st.dates(disbursed_on, LAST_DAY), max_size=8)))
    for day in days:
        left = principal - sum(p.amount for p in payments)
        paid = [p.amount for p in payments if p.amount > 0]
        if draw(st.booleans()) and sum(p.amount for p in payments) >= paid[-1] if paid else False:
            payments.append(Paid(day, -paid[-1]))
        elif left:
            payments.append(Paid(day, draw(st.sampled_from([left, min(left, principal // 10), min(left, 1)]))))
    restructured = None
    if draw(st.booleans()):
        on = draw(st.dates(disbursed_on + dt.timedelta(1), LAST_DAY))
        owed = principal - sum(p.amount for p in payments if p.on < on)
        if owed:
            restructured = on, _schedule(on, owed, draw(st.integers(1, 12)))
    tenor = draw(st.integers(1, 12))
    return LoanOfBook(principal, disbursed_on, _schedule(disbursed_on, principal, tenor), payments, restructured)


def _measured(loan: LoanOfBook, on: dt.date) -> dict[str, Any] | None:
    """The rules of DOMAIN section 9, one payment after the other."""
    if loan.disbursed_on > on:
        return None
    repaid = sum(p.amount for p in loan.payments if p.on <= on)
    schedule, before = loan.schedule, 0
    if loan.restructured and loan.restructured[0] <= on:
        effective_on, schedule = loan.restructured
        before = sum(p.amount for p in loan.payments if p.on < effective_on)
    oldest_open, left = None, repaid - before
    for due in schedule:
        left -= due.amount
        if left < 0:
            oldest_open = due.on
            break
    days = max(0, (on - oldest_open).days) if oldest_open else 0
    outstanding = loan.principal - repaid
    due_to_date = before + sum(due.amount for due in schedule if due.on <= on)
    return {
        "disbursed": loan.principal,
        "repaid": repaid,
        "dueToDate": due_to_date,
        "outstanding": outstanding,
        "daysPastDue": days,
        "LPBBTI": _class(days, "LPBBTI") if outstanding else None,
        "BANK": _class(days, "BANK") if outstanding else None,
        "overdue": max(0, due_to_date - repaid),
        "over90": outstanding if days > 90 else 0,
    }


def _instalments(loan: LoanOfBook, on: dt.date) -> dict[tuple[int, int], tuple[int, str]]:
    """Of each instalment in force, by schedule and number, what is covered and its state; oldest first."""
    if loan.disbursed_on > on:
        return {}
    number, schedule = 1, loan.schedule
    if loan.restructured and loan.restructured[0] <= on:
        number, schedule = 2, loan.restructured[1]
    left = sum(p.amount for p in loan.payments if p.on <= on) - loan.principal + sum(d.amount for d in schedule)
    told = {}
    for place, due in enumerate(schedule, 1):
        covered = min(max(left, 0), due.amount)
        left -= due.amount
        late = "JATUH_TEMPO" if due.on == on else "MENUNGGAK"
        ahead = "DIBAYAR_SEBAGIAN" if covered else "TERJADWAL"
        told[number, place] = covered, "DIBAYAR" if covered == due.amount else late if due.on <= on else ahead
    return told


def _class(days: int, rule: str) -> int:
    limits: list[int] = LIMITS[rule]
    return 1 + sum(days > limit for limit in limits)


def _portfolio(measured: Sequence[dict[str, Any]], on: dt.date) -> dict[str, Any]:
    def total(name: str) -> int:
        return sum(int(m[name]) for m in measured)

    full = [m for m in measured if m["outstanding"] == 0]
    twp90 = None
    if total("outstanding"):
        share = Decimal(100 * total("over90")) / total("outstanding")
        twp90 = share.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return {
        "asOf": on.isoformat(),
        "loans": len(measured),
        "disbursed": total("disbursed"),
        "repaid": total("repaid"),
        "outstanding": total("outstanding"),
        "overduePrincipal": total("overdue"),
        "outstandingOver90Days": total("over90"),
        "twp90": None if twp90 is None else str(twp90),
        "tkb90": None if twp90 is None else str(100 - twp90),
        "repaidInFull": len(full),
        "mayBeHandedOver": sum(m["repaid"] for m in full),
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(loans=st.lists(a_loan(), min_size=1, max_size=6, unique_by=lambda loan: loan.principal), on=_days)
async def test_any_loan_book_measures_what_the_rules_say(book: Book, loans: list[LoanOfBook], on: dt.date) -> None:
    await book.write(loans)
    nodes = (await book.ask(LOANS, on=on.isoformat()))["loans"]["nodes"]
    measured = {loan.principal: _measured(loan, on) for loan in loans}
    for node in nodes:
        expected = measured[node["principal"]]
        told = node["lpbbti"] and {
            **{name: node["lpbbti"][name] for name in ("disbursed", "repaid", "dueToDate", "outstanding")},
            "daysPastDue": node["lpbbti"]["daysPastDue"],
            "LPBBTI": node["lpbbti"]["collectability"],
            "BANK": node["bank"]["collectability"],
        }
        assert told == (expected and {name: expected[name] for name in told})
        loan = next(loan for loan in loans if loan.principal == node["principal"])
        states = {
            (i["schedule"], i["number"]): (i["measures"]["coveredAmount"], i["measures"]["status"])
            for i in node["instalments"]["nodes"]
            if i["measures"]
        }
        assert states == _instalments(loan, on)
    (group,) = (await book.ask(PORTFOLIO, on=on.isoformat()))["loanGroups"]
    assert group["portfolio"] == _portfolio([m for m in measured.values() if m], on)
