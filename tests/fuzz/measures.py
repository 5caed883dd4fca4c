"""Measures of loans over plain rows, from DOMAIN section 9."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from schema.nouns import CATALOGUE
from tests.fuzz.rows import Row, Rows

_CENT = Decimal("0.01")
_LIMITS = {"LPBBTI": (0, 30, 60, 90), "BANK": (0, 90, 120, 180)}


@dataclass(frozen=True)
class State:
    """A loan at the end of a day."""

    principal: int
    repaid: int
    due: int
    days: int

    @property
    def outstanding(self) -> int:
        """What is still owed."""
        return max(self.principal - self.repaid, 0)

    @property
    def over_90(self) -> int:
        """What is owed if more than 90 days late."""
        return self.outstanding if self.days > 90 else 0

    def collectability(self, rule: str) -> int | None:
        """Class 1 to 5."""
        return None if self.outstanding == 0 else 1 + sum(self.days > limit for limit in _LIMITS[rule])


def state(rows: Rows, loan: Row, day: dt.date) -> State | None:
    """The state of a loan; None before its disbursement."""
    if loan["disbursed_on"] is None or loan["disbursed_on"] > day or loan["status"] in {"BATAL", None}:
        return None
    paid = rows.where(CATALOGUE.nouns["Repayment"], "loan_id", loan.key)
    repaid = sum(r["amount"] for r in paid if r["paid_on"] <= day)
    plan = _schedule(rows.where(CATALOGUE.nouns["Instalment"], "loan_id", loan.key), day)
    covered = loan["principal"] - sum(i["principal"] for i in plan)
    due = covered + sum(i["principal"] for i in plan if i["due_on"] <= day) if plan else 0
    oldest = None
    for instalment in plan:
        covered += instalment["principal"]
        if covered > repaid:
            oldest = oldest or instalment["due_on"]
    is_late = loan["principal"] > repaid and oldest is not None and oldest < day
    return State(loan["principal"], repaid, due, (day - oldest).days if is_late and oldest else 0)


def _schedule(instalments: list[Row], day: dt.date) -> list[Row]:
    """The instalments in force."""
    known = [i for i in instalments if i["effective_on"] is None or i["effective_on"] <= day]
    latest = max((i["schedule"] for i in known), default=None)
    return sorted((i for i in instalments if i["schedule"] == latest), key=lambda i: (i["due_on"], i["number"]))


def of_a_loan(found: State, day: dt.date, rule: str) -> dict[str, Any]:
    """The fields of `measures`."""
    return {
        "asOf": day.isoformat(),
        "disbursed": found.principal,
        "repaid": found.repaid,
        "dueToDate": found.due,
        "outstanding": found.outstanding,
        "daysPastDue": found.days,
        "collectability": found.collectability(rule),
        "repaidInFull": found.outstanding == 0,
    }


def of_an_instalment(rows: Rows, instalment: Row, loan: Row | None, day: dt.date) -> dict[str, Any] | None:
    """The fields of an instalment's `measures`; None before the disbursement, or when another schedule is in force."""
    found = None if loan is None else state(rows, loan, day)
    plan = _schedule(rows.where(CATALOGUE.nouns["Instalment"], "loan_id", instalment["loan_id"]), day)
    if loan is None or found is None or instalment.key not in {i.key for i in plan}:
        return None
    left = found.repaid - found.principal + sum(i["principal"] for i in plan)
    place = [i.key for i in plan].index(instalment.key)
    left -= sum(i["principal"] for i in plan[:place])
    covered = min(max(left, 0), instalment["principal"])
    return {
        "asOf": day.isoformat(),
        "coveredAmount": covered,
        "status": _status(instalment, covered, day, is_written_off=loan["status"] == "HAPUS"),
    }


def _status(instalment: Row, covered: int, day: dt.date, *, is_written_off: bool) -> str:
    if covered == instalment["principal"]:
        return "DIBAYAR"
    if is_written_off:
        return "DIHAPUS"
    if instalment["due_on"] <= day:
        return "JATUH_TEMPO" if instalment["due_on"] == day else "MENUNGGAK"
    return "DIBAYAR_SEBAGIAN" if covered else "TERJADWAL"


def of_a_group(states: Iterable[State | None], day: dt.date) -> dict[str, Any]:
    """The fields of `portfolio`."""
    found = [s for s in states if s is not None]
    owed, late = sum(s.outstanding for s in found), sum(s.over_90 for s in found)
    full = [s for s in found if s.outstanding == 0]
    twp = rounded(Decimal(late) * 100 / owed) if owed else None
    return {
        "asOf": day.isoformat(),
        "loans": len(found),
        "disbursed": sum(s.principal for s in found),
        "repaid": sum(s.repaid for s in found),
        "outstanding": owed,
        "overduePrincipal": sum(max(s.due - s.repaid, 0) for s in found),
        "outstandingOver90Days": late,
        "twp90": None if twp is None else float(twp),
        "tkb90": None if twp is None else float(100 - twp),
        "repaidInFull": len(full),
        "mayBeHandedOver": sum(s.repaid for s in full),
    }


def rounded(value: Decimal) -> Decimal:
    """Two decimals, half away from zero."""
    return value.quantize(_CENT, ROUND_HALF_UP)
